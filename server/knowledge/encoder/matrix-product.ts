/**
 * `matrix-product.wat`, assembled; the test says what to write here when that file has changed. It asks for
 * nothing but SIMD, which every engine has, and computes the same on every machine.
 */
export const MODULE =
  'AGFzbQEAAAABOAdgAn9/AX9gAn9/AX1gAn99AXtgBX9/f39/AGAFe3t7e3sBe2AGf3t7e397AGAIf39/f39/f30AAhABBGhv' +
  'c3QGbWVtb3J5AgABAwgHAAECAwQFBgcUAgVyb3VuZAADCG11bHRpcGx5AAYKmwcHDAAgACABIAAgAUkbC0gBAXsDQCACIAD9' +
  'AAQA/eAB/ekBIQIgAEEQaiEAIAAgAUkNAAtDYEKiDSAC/R8AIAL9HwGXIAL9HwIgAv0fA5eXQwDAf0SVlwsUACAA/QAEACAB' +
  '/RP95wH9av34AQuuAgMFfwR9AnsgA0ECdCEDIAAgASACQQFrbGohBQNAIAAgAWogBRAAIQcgByABaiAFEAAhCCAIIAFqIAUQ' +
  'ACEJIAAgACADahABIQogByAHIANqEAEhCyAIIAggA2oQASEMIAkgCSADahABIQ0gACADaiEGA0AgACAKEAIgByALEAL9hQEh' +
  'DiAIIAwQAiAJIA0QAv2FASEPIAQgDiAP/Q0AAQIDCAkKCxAREhMYGRob/QsEACAEIA4gD/0NBAUGBwwNDg8UFRYXHB0eH/0L' +
  'BBAgBEEgaiEEIAdBEGohByAIQRBqIQggCUEQaiEJIABBEGohACAAIAZJDQALIAQgCjgCACAEIAs4AgQgBCAMOAIIIAQgDTgC' +
  'DCAEQRBqIQQgCSABIANraiEAIAAgBU0NAAsLGwAgBCADIAIgASAA/foB/eYB/eYB/eQB/ekBCzYAIAAgASADIAT9AAQAIAT9' +
  'AAQgIAUQBP0LBAAgACACIAMgBP0ABBAgBP0ABDAgBRAE/QsEEAuqAwIIfw17IAf9EyEQIAUgBiABQQFrbGohDwNAIAMgAkEF' +
  'dGohCiAAIQggBSELA0AgESEVIBEhFiARIRcgESEYIBEhGSARIRogESEbIBEhHCADIQkDQCAJ/QAEACETIAn9AAQQIRQgCP0J' +
  'AgAhEiAVIBIgE/26Af2uASEVIBYgEiAU/boB/a4BIRYgCP0JAgQhEiAXIBIgE/26Af2uASEXIBggEiAU/boB/a4BIRggCP0J' +
  'AgghEiAZIBIgE/26Af2uASEZIBogEiAU/boB/a4BIRogCP0JAgwhEiAbIBIgE/26Af2uASEbIBwgEiAU/boB/a4BIRwgCEEQ' +
  'aiEIIAlBIGohCSAJIApJDQALIAsgBmogDxAAIQwgDCAGaiAPEAAhDSANIAZqIA8QACEOIAsgFSAWIAj9CQIAIAkgEBAFIAwg' +
  'FyAYIAj9CQIEIAkgEBAFIA0gGSAaIAj9CQIIIAkgEBAFIA4gGyAcIAj9CQIMIAkgEBAFIAhBEGohCCAOIAZqIQsgCyAPTQ0A' +
  'CyAKQcAAaiEDIAVBIGohBSAPQSBqIQ8gBEEBayIEDQALCw=='

/** The global as this file uses it; Node's types have none. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => {
    readonly exports: {
      round(from: number, stride: number, rows: number, width: number, to: number): void
      multiply(
        a: number,
        rows: number,
        pairs: number,
        b: number,
        blocks: number,
        result: number,
        stride: number,
        least: number,
      ): void
    }
  }
}

const PAGE_BYTES = 65_536
/** What a SIMD instruction takes at once. */
const VECTOR_BYTES = 16
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT
/** Rows of a block of a left-hand side. */
const BLOCK_ROWS = 4
/** Columns of a block of a right-hand side; a left-hand side has a multiple of as many. */
const BLOCK = 8
/** Numbers have 16 bits and stand in pairs. */
const NUMBER_BYTES = 2
/**
 * Numbers are stored as whole ones from −LARGEST to LARGEST, times a step that each row of a left-hand and
 * each column of a right-hand side has to itself. No sum of 2,000 products can leave 32 bits.
 */
const LARGEST = 1023

/** Floating-point numbers that form a matrix, in whatever array they stand. */
export interface Floats {
  readonly values: Float32Array
  /** Where the first one stands. */
  readonly start: number
  /** How far away the next row is, and the next column. */
  readonly rowStride: number
  readonly columnStride: number
}

/** A right-hand side as the module reads it, with what is added to each column of a product. */
export interface PackedMatrix {
  readonly address: number
  readonly rows: number
  readonly columns: number
}

export interface MatrixProduct {
  /** Makes room for numbers that can be multiplied, or be written by a multiplication. */
  newFloats(count: number): Float32Array
  /** Makes room for a right-hand side; returns its address. */
  allocate(rows: number, columns: number): number
  /** Stores a right-hand side and a bias for each column, in place of what was at the address. */
  pack(b: Floats, rows: number, columns: number, address: number, bias?: Float32Array): PackedMatrix
  /**
   * Writes A·B, plus the biases, into `result`. Both stand in numbers from `newFloats`, and their columns
   * side by side. Where B has not a multiple of 8 rows, A has zeros beside its columns up to it; where B has
   * not a multiple of 8 columns, zeros are written beside those of the result.
   * @param least what is written in place of smaller numbers
   */
  multiply(a: Floats, rows: number, b: PackedMatrix, result: Floats, least?: number): void
}

/** The multiple of 8 that has room for so many rows or columns. */
export const roundUp = (count: number) => Math.ceil(count / BLOCK) * BLOCK

/** Cuts off what is positive: four times as fast as Math.round, where all numbers are this small. */
const round = (value: number) => ((value + LARGEST + 0.5) | 0) - LARGEST

/** The step that keeps the whole range in use. */
function stepOf(values: Float32Array, start: number, count: number, stride: number): number {
  let largest = 0
  for (let i = 0, from = start; i < count; i++, from += stride) {
    const size = Math.abs(values[from] ?? 0)
    if (size > largest) largest = size
  }
  return largest / LARGEST || 1
}

/** Bytes of a block: its numbers, and a step and a bias for each column. */
const blockBytes = (rows: number) => BLOCK * (roundUp(rows) * NUMBER_BYTES + 2 * FLOAT_BYTES)

const addressOf = ({ values, start }: Floats) => values.byteOffset + start * FLOAT_BYTES

/**
 * Multiplies matrices fast enough for a neural network: rounded to 11 bits, by SIMD instructions.
 * @param most how many rows and columns left-hand sides have at most, and how many bytes all numbers and
 *   right-hand sides take together; memory that is never written to costs nothing
 */
export function createMatrixProduct(most: {
  readonly rows: number
  readonly columns: number
  readonly bytes: number
}): MatrixProduct {
  const leftRows = Math.ceil(most.rows / BLOCK_ROWS) * BLOCK_ROWS
  const leftBytes = leftRows * (roundUp(most.columns) * NUMBER_BYTES + FLOAT_BYTES)
  const pages = Math.ceil((leftBytes + most.bytes) / PAGE_BYTES)
  // It never grows: arrays would lose it.
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const module = new WebAssembly.Module(Buffer.from(MODULE, 'base64'))
  const { exports } = new WebAssembly.Instance(module, { host: { memory } })
  const numbers = new Int16Array(memory.buffer)
  const floats = new Float32Array(memory.buffer)

  let used = 0
  function take(bytes: number): number {
    const address = used
    used += Math.ceil(bytes / VECTOR_BYTES) * VECTOR_BYTES
    if (used > memory.buffer.byteLength) throw new RangeError('The memory for numbers is full.')
    return address
  }
  const leftAddress = take(leftBytes)

  return {
    newFloats: (count) => new Float32Array(memory.buffer, take(count * FLOAT_BYTES), count),

    allocate: (rows, columns) => take((roundUp(columns) / BLOCK) * blockBytes(rows)),

    pack({ values, start, rowStride, columnStride }, rows, columns, address, bias) {
      const stepsOffset = BLOCK * roundUp(rows) * NUMBER_BYTES
      for (let column = 0; column < roundUp(columns); column++) {
        const lane = column % BLOCK
        const block = address + Math.floor(column / BLOCK) * blockBytes(rows)
        const from = start + column * columnStride
        // A column that is not there is worth nothing, whatever its numbers are.
        const step = column < columns ? stepOf(values, from, rows, rowStride) : 0
        const steps = (block + stepsOffset) / FLOAT_BYTES
        floats[steps + lane] = step
        floats[steps + BLOCK + lane] = bias?.[column] ?? 0
        if (step === 0) continue
        const factor = 1 / step
        const to = block / NUMBER_BYTES + 2 * lane
        for (let row = 0; row < rows; row++) {
          const place = to + (row >> 1) * 2 * BLOCK + (row & 1)
          numbers[place] = round((values[from + row * rowStride] ?? 0) * factor)
        }
      }
      return { address, rows, columns }
    },

    multiply(a, rows, b, result, least = -Infinity) {
      const depth = roundUp(b.rows)
      exports.round(addressOf(a), a.rowStride * FLOAT_BYTES, rows, depth, leftAddress)
      exports.multiply(
        leftAddress,
        rows,
        depth / 2,
        b.address,
        roundUp(b.columns) / BLOCK,
        addressOf(result),
        result.rowStride * FLOAT_BYTES,
        least,
      )
    },
  }
}
