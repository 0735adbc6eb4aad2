/** An encoder for tests that knows a few things by several names, and remembers what it was asked. */
import type { Embedder } from '../core/ports/index.ts'

/** Each line is one thing. */
const THINGS = [
  ['refund', 'refunds', 'money', 'reimburse'],
  ['parcel', 'parcels', 'package', 'shipment'],
  ['linen', 'cloth', 'fabric'],
  ['bleach', 'whiten'],
  ['shop', 'store'],
  ['norway', 'oslo'],
  ['day', 'days', 'week'],
]
const THING_OF = new Map(THINGS.flatMap((names, thing) => names.map((name) => [name, thing])))
/** Other words go into the places behind those of the things. */
const OTHERS = 25

export interface FakeEmbedder extends Embedder {
  /** What has been embedded, question by question and batch by batch. */
  readonly asked: readonly { readonly texts: readonly string[]; readonly urgent: boolean }[]
  /** Called before each answer, with all that has been asked so far. */
  answer: (texts: readonly string[]) => Promise<void>
}

/** A vector of length 1, by what the words of a text stand for. */
export function vectorOf(text: string, dimension = THINGS.length + OTHERS): Float32Array {
  const vector = new Float32Array(dimension)
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    const thing = THING_OF.get(word)
    const sum = [...word].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0)
    const place = thing ?? THINGS.length + (sum % (dimension - THINGS.length))
    vector[place] = (vector[place] ?? 0) + (thing === undefined ? 0.3 : 1)
  }
  const length = Math.hypot(...vector)
  if (length === 0) vector[0] = 1
  return length === 0 ? vector : vector.map((value) => value / length)
}

export function createFakeEmbedder(name = 'fake', dimension?: number): FakeEmbedder {
  const asked: { readonly texts: readonly string[]; readonly urgent: boolean }[] = []
  const fake: FakeEmbedder = {
    name,
    asked,
    answer: async () => {},
    async embed(texts, { signal, urgent = false }) {
      asked.push({ texts, urgent })
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('not wanted any more')))
      })
      await Promise.race([fake.answer(texts), aborted])
      signal.throwIfAborted()
      return texts.map((text) => vectorOf(text, dimension))
    },
    close: async () => {},
  }
  return fake
}
