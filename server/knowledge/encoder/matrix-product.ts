/**
 * `matrix-product.wat`, assembled; the test says what to write here when that file has changed. It asks for
 * nothing but SIMD, which every engine has, and computes the same on every machine.
 */
export const MODULE =
  'AGFzbQEAAAABOAdgAn9/AX9gAn9/AX1gAn99AXtgBX9/f39/AGAFe3t7e3sBe2AGf3t7e397AGAIf39/f39/f30AAhMBBGhv' +
  'c3QGbWVtb3J5AgMBgIAEAwgHAAECAwQFBgcUAgVyb3VuZAADCG11bHRpcGx5AAYKswcHDAAgACABIAAgAUkbC0gBAXsDQCAC' +
  'IAD9AAQA/eAB/esBIQIgAEEQaiEAIAAgAUkNAAtDAMB/RENgQqINIAL9HwAgAv0fAZcgAv0fAiAC/R8Dl5eXlQsUACAA/QAE' +
  'ACAB/RP95gH9av34AQvGAgMFfwR9AnsgA0ECdCEDIAAgASACQQFrbGohBQNAIAAgAWogBRAAIQcgByABaiAFEAAhCCAIIAFq' +
  'IAUQACEJIAAgACADahABIQogByAHIANqEAEhCyAIIAggA2oQASEMIAkgCSADahABIQ0gACADaiEGA0AgACAKEAIgByALEAL9' +
  'hQEhDiAIIAwQAiAJIA0QAv2FASEPIAQgDiAP/Q0AAQIDCAkKCxAREhMYGRob/QsEACAEIA4gD/0NBAUGBwwNDg8UFRYXHB0e' +
  'H/0LBBAgBEEgaiEEIAdBEGohByAIQRBqIQggCUEQaiEJIABBEGohACAAIAZJDQALIARDAACAPyAKlTgCACAEQwAAgD8gC5U4' +
  'AgQgBEMAAIA/IAyVOAIIIARDAACAPyANlTgCDCAEQRBqIQQgCSABIANraiEAIAAgBU0NAAsLGwAgBCADIAIgASAA/foB/eYB' +
  '/eYB/eQB/esBCzYAIAAgASADIAT9AAQAIAT9AAQgIAUQBP0LBAAgACACIAMgBP0ABBAgBP0ABDAgBRAE/QsEEAuqAwIIfw17' +
  'IAf9EyEQIAUgBiABQQFrbGohDwNAIAMgAkEFdGohCiAAIQggBSELA0AgESEVIBEhFiARIRcgESEYIBEhGSARIRogESEbIBEh' +
  'HCADIQkDQCAJ/QAEACETIAn9AAQQIRQgCP0JAgAhEiAVIBIgE/26Af2uASEVIBYgEiAU/boB/a4BIRYgCP0JAgQhEiAXIBIg' +
  'E/26Af2uASEXIBggEiAU/boB/a4BIRggCP0JAgghEiAZIBIgE/26Af2uASEZIBogEiAU/boB/a4BIRogCP0JAgwhEiAbIBIg' +
  'E/26Af2uASEbIBwgEiAU/boB/a4BIRwgCEEQaiEIIAlBIGohCSAJIApJDQALIAsgBmogDxAAIQwgDCAGaiAPEAAhDSANIAZq' +
  'IA8QACEOIAsgFSAWIAj9CQIAIAkgEBAFIAwgFyAYIAj9CQIEIAkgEBAFIA0gGSAaIAj9CQIIIAkgEBAFIA4gGyAcIAj9CQIM' +
  'IAkgEBAFIAhBEGohCCAOIAZqIQsgCyAPTQ0ACyAKQcAAaiEDIAVBIGohBSAPQSBqIQ8gBEEBayIEDQALCw=='

/** Memory of the module, which several threads can have at once. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
}

/** The global as this file uses it; Node's types have none. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number
    readonly maximum: number
    readonly shared: true
  }) => SharedMemory
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

/** Makes memory of so many bytes; what is never written to costs nothing. */
export function createMemory(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  // It never grows: arrays would lose it.
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

/** Bytes of a block: its numbers, and a step and a bias for each column. */
const blockBytes = (rows: number) => BLOCK * (roundUp(rows) * NUMBER_BYTES + 2 * FLOAT_BYTES)

const addressOf = ({ values, start }: Floats) => values.byteOffset + start * FLOAT_BYTES

/**
 * Multiplies matrices fast enough for a neural network: rounded to 11 bits, by SIMD instructions. Threads that
 * share the memory and ask for room in the same order are given the same places.
 * @param thread which of `most.threads` this is; each has a left-hand side of its own
 * @param most how many rows and columns left-hand sides have at most
 */
export function createMatrixProduct(
  memory: SharedMemory,
  thread: number,
  most: { readonly threads: number; readonly rows: number; readonly columns: number },
): MatrixProduct {
  const leftRows = Math.ceil(most.rows / BLOCK_ROWS) * BLOCK_ROWS
  const leftBytes = leftRows * (roundUp(most.columns) * NUMBER_BYTES + FLOAT_BYTES)
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
  const leftAddress = take(most.threads * leftBytes) + thread * leftBytes

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
        const first = block / NUMBER_BYTES + 2 * lane
        // Past the last row, a number is multiplied by a zero of the left-hand side.
        for (let row = 0, to = first; row < rows; row += 2, to += 2 * BLOCK) {
          const place = from + row * rowStride
          numbers[to] = round((values[place] ?? 0) * factor)
          numbers[to + 1] = round((values[place + rowStride] ?? 0) * factor)
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
