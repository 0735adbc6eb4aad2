import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from 'watr'
import {
  createMatrixProduct,
  createMemory,
  MODULE,
  roundUp,
  type Floats,
} from './matrix-product.ts'

const LARGEST = 3

const random = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed) * LARGEST)

const rowMajor = (values: Float32Array, width: number): Floats => ({
  values,
  start: 0,
  rowStride: width,
  columnStride: 1,
})

const MOST = { threads: 1, rows: 20, columns: 64 }
/** Puts numbers where they can be multiplied; what is beside them is 0. */
const product = createMatrixProduct(createMemory(100_000), 0, MOST)
const leftSide = product.newFloats(MOST.rows * MOST.columns)
const written = product.newFloats(MOST.rows * MOST.columns)
const address = product.allocate(64, 64)

function leftOf(values: Float32Array, width: number): Floats {
  const padded = roundUp(width)
  leftSide.fill(0)
  for (let i = 0; i < values.length; i++) {
    leftSide[Math.floor(i / width) * padded + (i % width)] = values[i]!
  }
  return rowMajor(leftSide, padded)
}

const resultOf = (columns: number): Floats => rowMajor(written.fill(NaN), roundUp(columns))

function partOf(result: Floats, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) =>
    at(result, Math.floor(i / columns), i % columns),
  )
}

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
  it('is near the one of floating-point numbers, whatever the sizes', () => {
    const size = fc.integer({ min: 1, max: 20 })
    const width = fc.integer({ min: 1, max: 64 })
    fc.assert(
      fc.property(size, width, width, fc.nat(99), (rows, depth, columns, seed) => {
        const values = random(rows * depth, seed)
        const b = rowMajor(random(depth * columns, seed + 0.5), columns)
        const result = resultOf(columns)
        const packed = product.pack(b, depth, columns, address)
        product.multiply(leftOf(values, depth), rows, packed, result)
        const expected = plainProduct(rowMajor(values, depth), rows, b, depth, columns)
        expectNear(partOf(result, rows, columns), expected, depth)
        // Beside the columns there are zeros, below the rows nothing is touched.
        const padded = roundUp(columns)
        for (let i = 0; i < written.length; i++) {
          if (i >= rows * padded) expect(written[i]).toBeNaN()
          else if (i % padded >= columns) expect(Math.abs(written[i]!)).toBe(0)
        }
      }),
    )
  })

  it('gives a row the same result alone and among others', () => {
    const values = random(7 * 64, 5)
    const packed = product.pack(rowMajor(random(64 * 16, 6), 16), 64, 16, address)
    const together = resultOf(16)
    product.multiply(leftOf(values, 64), 7, packed, together)
    const expected = partOf(together, 7, 16)
    for (let row = 0; row < 7; row++) {
      const alone = resultOf(16)
      product.multiply(leftOf(values.subarray(row * 64, (row + 1) * 64), 64), 1, packed, alone)
      expect(partOf(alone, 1, 16)).toEqual(expected.subarray(row * 16, (row + 1) * 16))
    }
  })

  it('reads a matrix inside of another and a transposed one, and writes into a part of a third', () => {
    const [rows, depth, columns] = [5, 8, 16]
    const a = { ...rowMajor(leftSide, 64), start: 3 }
    leftSide.set(random(leftSide.length, 1))
    const b = { values: random(20 * 64, 2), start: 11, rowStride: 1, columnStride: 64 }
    const result = { ...rowMajor(written.fill(0), 20), start: 4 }
    product.multiply(a, rows, product.pack(b, depth, columns, address), result)
    const expected = plainProduct(a, rows, b, depth, columns)
    expectNear(partOf(result, rows, columns), expected, depth)
    expect(written.filter((value) => value !== 0)).toHaveLength(rows * columns)
  })

  it('adds a bias to each column, and is nothing but that where all is 0', () => {
    const zeros = new Float32Array(64)
    const bias = random(8, 3)
    const result = resultOf(8)
    const packed = product.pack(rowMajor(zeros, 8), 8, 8, address, bias)
    product.multiply(leftOf(zeros.subarray(0, 16), 8), 2, packed, result)
    expect(partOf(result, 2, 8)).toEqual(Float32Array.from([...bias, ...bias]))
  })

  it('writes no number smaller than it is told', () => {
    const bias = random(8, 3)
    const result = resultOf(8)
    const zeros = new Float32Array(64)
    const packed = product.pack(rowMajor(zeros, 8), 8, 8, address, bias)
    product.multiply(leftOf(zeros.subarray(0, 8), 8), 1, packed, result, 0)
    expect(partOf(result, 1, 8)).toEqual(bias.map((value) => Math.max(value, 0)))
  })

  it('does not leave 32 bits where a network is deepest', () => {
    const deep = createMatrixProduct(createMemory(100_000), 0, {
      threads: 1,
      rows: 1,
      columns: 2000,
    })
    const ones = rowMajor(new Float32Array(2000 * 8).fill(1), 8)
    const result = rowMajor(deep.newFloats(8), 8)
    const row = rowMajor(deep.newFloats(2000).fill(1), 2000)
    deep.multiply(row, 1, deep.pack(ones, 2000, 8, deep.allocate(2000, 8)), result)
    for (const value of result.values) expect(value).toBeCloseTo(2000, 1)
  })

  it('takes no more memory than it was told to', () => {
    const small = createMatrixProduct(createMemory(100_000), 0, MOST)
    expect(() => small.newFloats(100_000)).toThrow('memory')
  })
})
