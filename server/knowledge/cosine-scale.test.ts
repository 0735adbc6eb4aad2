import { describe, expect, it } from 'vitest'
import { createBuiltinEmbedder } from './encoder/index.ts'
import { SCALE_TEXTS, scaleOf } from './embedder.ts'
import { keyOf, shrinkVector, VectorTable } from './vectors.ts'

const { signal } = new AbortController()

function tableOf(texts: readonly string[], vectors: readonly Float32Array[]): VectorTable {
  const table = new VectorTable(vectors[0]?.length ?? 1, texts.length)
  for (const [index, text] of texts.entries()) {
    const vector = vectors[index]
    if (vector) table.add(keyOf(text), shrinkVector(vector))
  }
  return table
}

/** As a model has them for which all texts are much alike: one direction that they share, and the rest small. */
function crowd(vector: Float32Array): Float32Array {
  const crowded = Float32Array.of(...vector.map((value) => value * 0.5), 1)
  const length = Math.hypot(...crowded)
  return crowded.map((value) => value / length)
}

describe('the scale of cosines', () => {
  it('is the one of the encoder that comes along, for it and for a model that says .8 of anything', async () => {
    const embedder = createBuiltinEmbedder()
    const vectors = await embedder.embed(SCALE_TEXTS, { signal })
    const [question, answer, other] = await embedder.embed(
      ['How long is the bridge?', 'The bridge is two miles long.', 'Soap is made of oil.'],
      { signal },
    )
    await embedder.close()
    if (!question || !answer || !other) throw new Error('no vectors')
    const plain = tableOf(SCALE_TEXTS, vectors)
    const crowded = tableOf(SCALE_TEXTS, vectors.map(crowd))
    for (const vector of [answer, other]) {
      const exact = cosine(question, vector)
      expect(scaleOf(plain)(exact)).toBeCloseTo(exact, 1)
      const crowdedCosine = cosine(crowd(question), crowd(vector))
      expect(crowdedCosine).toBeGreaterThan(0.75)
      expect(scaleOf(crowded)(crowdedCosine)).toBeCloseTo(exact, 1)
    }
  })

  it('leaves cosines as they are where there is nothing to go by', () => {
    expect(scaleOf(new VectorTable(2, 0))(0.3)).toBe(0.3)
    const alike = SCALE_TEXTS.map(() => Float32Array.of(1, 0))
    expect(scaleOf(tableOf(SCALE_TEXTS, alike))(0.3)).toBe(0.3)
  })
})

function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, place) => sum + value * (right[place] ?? 0), 0)
}
