import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from 'watr'
import { createMatrixProduct, MODULE, type Floats } from './matrix-product.ts'

const LARGEST = 3

const random = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed) * LARGEST)

const rowMajor = (values: Float32Array, width: number): Floats => ({
  values,
  start: 0,
  rowStride: width,
  columnStride: 1,
})

const at = ({ values, start, rowStride, columnStride }: Floats, row: number, column: number) =>
  values[start + row * rowStride + column * columnStride]!

/** Rounding takes at most half a 1023rd of the largest number from each factor. */
function expectNear(actual: Float32Array, expected: Float32Array, depth: number) {
  const most = 0.001 * depth * LARGEST * LARGEST
  for (const [i, value] of expected.entries())
    expect(Math.abs(actual[i]! - value)).toBeLessThan(most)
}

function plainProduct(a: Floats, rows: number, b: Floats, depth: number, columns: number) {
  const result = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < depth; i++)
        result[row * columns + column]! += at(a, row, i) * at(b, i, column)
    }
  }
  return result
}

describe('the WebAssembly module', () => {
  it('is what its text says', async () => {
    const path = new URL('matrix-product.wat', import.meta.url)
    const assembled = Buffer.from(compile(await readFile(path, 'utf8'))).toString('base64')
    expect(MODULE, 'the constant MODULE of matrix-product.ts').toBe(assembled)
  })
})

describe('a product of matrices', () => {
  const product = createMatrixProduct({ rows: 20, columns: 64 })
  const address = product.allocate(64, 64)

  it('is near the one of floating-point numbers, whatever the sizes', () => {
    const size = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(
        size,
        fc.integer({ min: 1, max: 64 }),
        size,
        fc.nat(99),
        (rows, depth, columns, seed) => {
          const a = rowMajor(random(rows * depth, seed), depth)
          const b = rowMajor(random(depth * columns, seed + 0.5), columns)
          const result = rowMajor(new Float32Array(rows * columns), columns)
          product.multiply(a, rows, product.pack(b, depth, columns, address), result)
          const expected = plainProduct(a, rows, b, depth, columns)
          expectNear(result.values, expected, depth)
        },
      ),
    )
  })

  it('reads a matrix inside of another and a transposed one, and writes into a part of a third', () => {
    const [rows, depth, columns] = [5, 7, 9]
    const a = { values: random(20 * 64, 1), start: 3, rowStride: 64, columnStride: 1 }
    const b = { values: random(20 * 64, 2), start: 11, rowStride: 1, columnStride: 64 }
    const result = { values: new Float32Array(rows * 20), start: 4, rowStride: 20, columnStride: 1 }
    product.multiply(a, rows, product.pack(b, depth, columns, address), result)
    const part = Float32Array.from({ length: rows * columns }, (_, i) =>
      at(result, Math.floor(i / columns), i % columns),
    )
    expectNear(part, plainProduct(a, rows, b, depth, columns), depth)
    expect(result.values.filter((value) => value !== 0)).toHaveLength(rows * columns)
  })

  it('adds a bias to each column, and is nothing but that where all is 0', () => {
    const zeros = rowMajor(new Float32Array(64), 8)
    const result = rowMajor(new Float32Array(16), 8)
    const bias = random(8, 3)
    product.multiply(zeros, 2, product.pack(zeros, 8, 8, address), result, bias)
    expect(result.values).toEqual(Float32Array.from([...bias, ...bias]))
  })

  it('does not leave 32 bits where a network is deepest', () => {
    const deep = createMatrixProduct({ rows: 1, columns: 2000 })
    const ones = rowMajor(new Float32Array(2000 * 8).fill(1), 8)
    const result = rowMajor(new Float32Array(8), 8)
    const row = rowMajor(new Float32Array(2000).fill(1), 2000)
    deep.multiply(row, 1, deep.pack(ones, 2000, 8, deep.allocate(2000, 8)), result)
    for (const value of result.values) expect(value).toBeCloseTo(2000, 1)
  })
})
