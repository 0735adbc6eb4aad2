import { describe, expect, it } from 'vitest'
import { cosineOf, shrinkVector, VectorTable } from './vectors.ts'

const DIMENSION = 256

/** Always the same numbers, as random as they need to be here. */
function createNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

const next = createNumbers(7)
const anyVector = () => unit(Float32Array.from({ length: DIMENSION }, next))
const near = (vector: Float32Array, noise: number) => {
  const other = anyVector()
  return unit(vector.map((value, place) => value + noise * (other[place] ?? 0)))
}
const dot = (left: Float32Array, right: Float32Array) =>
  left.reduce((sum, value, place) => sum + value * (right[place] ?? 0), 0)

describe('a table of vectors', () => {
  it('tells cosines within three thousandths, in a byte a number', () => {
    const vectors = Array.from({ length: 200 }, anyVector)
    const table = new VectorTable(DIMENSION, vectors.length)
    for (const [index, vector] of vectors.entries()) table.add(`${index}`, shrinkVector(vector))
    const question = near(vectors[3] ?? anyVector(), 0.8)
    const query = table.query(question)
    for (const [row, vector] of vectors.entries()) {
      const exact = dot(question, vector)
      expect(Math.abs(table.cosine(query, row) - exact)).toBeLessThan(0.003)
      expect(Math.abs(cosineOf(query, vector) - exact)).toBeLessThan(0.003)
    }
  })

  it('keeps the first vector of a key, and takes no more than it was made for', () => {
    const table = new VectorTable(2, 2)
    table.add('a', shrinkVector(Float32Array.of(1, 0)))
    table.add('a', shrinkVector(Float32Array.of(0, 1)))
    table.add('b', shrinkVector(Float32Array.of(0, 1)))
    expect(table.cosine(table.query(Float32Array.of(1, 0)), table.rowOf('a') ?? -1)).toBeCloseTo(1)
    expect(table.size).toBe(2)
    expect(() => table.add('c', shrinkVector(Float32Array.of(1, 0)))).toThrow(RangeError)
    expect(() => new VectorTable(2, 1).add('d', shrinkVector(Float32Array.of(1)))).toThrow(
      RangeError,
    )
  })

  it('finds the nearest rows of many by their signs', () => {
    const count = 9_000
    const question = anyVector()
    const table = new VectorTable(DIMENSION, count)
    for (let row = 0; row < count; row += 1) {
      // One in five hundred has to do with the question.
      const vector = row % 500 === 0 ? near(question, 1 + row / 9_000) : anyVector()
      table.add(`${row}`, shrinkVector(vector))
    }
    const rows = Uint32Array.from({ length: count }, (_, row) => row)
    const query = table.query(question)
    const candidates = new Set(table.candidates(query, rows))
    const best = [...rows]
      .toSorted((left, right) => table.cosine(query, right) - table.cosine(query, left))
      .slice(0, 18)
    expect(candidates.size).toBeLessThan(count / 2)
    expect(best.filter((row) => !candidates.has(row))).toEqual([])
  })

  it('takes any vector, those without a direction too', () => {
    const table = new VectorTable(3, 1)
    table.add('zero', shrinkVector(new Float32Array(3)))
    expect(table.cosine(table.query(Float32Array.of(1, 0, 0)), 0)).toBe(0)
  })
})
