/**
 * `matrix-product.wat`, assembled; the test says what to write here when that file has changed. It asks for
 * nothing but SIMD, which every engine has, and whole numbers add up to the same on every machine.
 */
export const MODULE =
  'AGFzbQEAAAABCgFgBn9/f39/fwACEAEEaG9zdAZtZW1vcnkCAAEDAgEABxMBD211bHRpcGx5QnlCbG9jawAACtcCAdQC' +
  'AgJ/DHsDQCAIIQwgCCENIAghDiAIIQ8gCCEQIAghESAIIRIgCCETIAIhBiACIANBBXRqIQcDQCAG/QAEACEKIAb9AAQQ' +
  'IQsgAP0JAgAhCSAMIAkgCv26Af2uASEMIA0gCSAL/boB/a4BIQ0gAP0JAgQhCSAOIAkgCv26Af2uASEOIA8gCSAL/boB' +
  '/a4BIQ8gAP0JAgghCSAQIAkgCv26Af2uASEQIBEgCSAL/boB/a4BIREgAP0JAgwhCSASIAkgCv26Af2uASESIBMgCSAL' +
  '/boB/a4BIRMgAEEQaiEAIAZBIGohBiAGIAdJDQALIAQgDP0LBAAgBCAN/QsEECAEIAVqIQQgBCAO/QsEACAEIA/9CwQQ' +
  'IAQgBWohBCAEIBD9CwQAIAQgEf0LBBAgBCAFaiEEIAQgEv0LBAAgBCAT/QsEECAEIAVqIQQgAUEBayIBDQALCw=='

/** The global as this file uses it; Node's types have none. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => {
    readonly exports: {
      multiplyByBlock(
        a: number,
        blocks: number,
        b: number,
        pairs: number,
        sums: number,
        stride: number,
      ): void
    }
  }
}

const BLOCK_ROWS = 4
const BLOCK_COLUMNS = 8
/** Numbers have 16 bits and stand in pairs; sums have 32. */
const NUMBER_BYTES = 2
const PAIR_BYTES = 4
const SUM_BYTES = 4
const PAGE_BYTES = 65_536

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

/** A right-hand side as the module reads it. */
export interface PackedMatrix {
  readonly address: number
  readonly rows: number
  readonly columns: number
  /** The step of each column. */
  readonly steps: Float32Array
}

export interface MatrixProduct {
  /** Makes room for a right-hand side; returns its address. */
  allocate(rows: number, columns: number): number
  /** Stores a right-hand side, in place of what was at the address. */
  pack(b: Floats, rows: number, columns: number, address: number): PackedMatrix
  /** Writes A·B, plus a bias for each column, into `result`, whose columns are side by side. */
  multiply(a: Floats, rows: number, b: PackedMatrix, result: Floats, bias?: Float32Array): void
}

/** Rows of a left-hand or columns of a right-hand side: what stands side by side in a block. */
interface Lanes {
  readonly count: number
  readonly stride: number
  readonly perBlock: number
}

/** The numbers of a lane: those along the dimension that both sides share. */
interface Depth {
  readonly count: number
  readonly stride: number
}

const pairsOf = (depth: number) => Math.ceil(depth / 2)

const roundUp = (count: number, unit: number) => Math.ceil(count / unit) * unit

/** Cuts off what is positive: four times as fast as Math.round, where all numbers are this small. */
const round = (value: number) => ((value + LARGEST + 0.5) | 0) - LARGEST

/** The step that keeps the whole range in use. */
function stepOf(values: Float32Array, start: number, { count, stride }: Depth): number {
  let largest = 0
  for (let i = 0, from = start; i < count; i++, from += stride) {
    const size = Math.abs(values[from] ?? 0)
    if (size > largest) largest = size
  }
  return largest / LARGEST || 1
}

/** Stores numbers in the order that `matrix-product.wat` describes; returns the step of each lane. */
function store(
  { values, start }: Floats,
  lanes: Lanes,
  depth: Depth,
  numbers: Int16Array,
  address: number,
): Float32Array {
  const { perBlock } = lanes
  const blockLength = pairsOf(depth.count) * 2 * perBlock
  const steps = new Float32Array(lanes.count)
  for (let lane = 0; lane < lanes.count; lane++) {
    let from = start + lane * lanes.stride
    let to = address / NUMBER_BYTES
    to += Math.floor(lane / perBlock) * blockLength + (lane % perBlock) * 2
    const step = stepOf(values, from, depth)
    const factor = 1 / step
    steps[lane] = step
    for (let i = 1; i < depth.count; i += 2, from += 2 * depth.stride, to += 2 * perBlock) {
      numbers[to] = round((values[from] ?? 0) * factor)
      numbers[to + 1] = round((values[from + depth.stride] ?? 0) * factor)
    }
    // A last one that is alone gets a zero beside it.
    if (depth.count % 2 === 1) {
      numbers[to] = round((values[from] ?? 0) * factor)
      numbers[to + 1] = 0
    }
  }
  return steps
}

/** Writes what the sums are worth. */
function scale(
  sums: Int32Array,
  sumStride: number,
  rowSteps: Float32Array,
  columnSteps: Float32Array,
  bias: Float32Array,
  { values, start, rowStride }: Floats,
): void {
  const columns = columnSteps.length
  for (const [row, step] of rowSteps.entries()) {
    const from = row * sumStride
    const to = start + row * rowStride
    for (let i = 0; i < columns; i++) {
      values[to + i] = (sums[from + i] ?? 0) * step * (columnSteps[i] ?? 0) + (bias[i] ?? 0)
    }
  }
}

/**
 * Multiplies matrices fast enough for a neural network: rounded to 11 bits, by SIMD instructions.
 * @param most how many rows left-hand sides have at most, and how many columns either side has
 */
export function createMatrixProduct(most: {
  readonly rows: number
  readonly columns: number
}): MatrixProduct {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const module = new WebAssembly.Module(Buffer.from(MODULE, 'base64'))
  const { multiplyByBlock } = new WebAssembly.Instance(module, { host: { memory } }).exports
  const noBias = new Float32Array(most.columns)

  let bytes = 0
  function take(count: number): number {
    const address = bytes
    bytes += count
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES)
    if (missing > 0) memory.grow(missing)
    return address
  }

  const mostRows = roundUp(most.rows, BLOCK_ROWS)
  const leftAddress = take(mostRows * pairsOf(most.columns) * PAIR_BYTES)
  const sumsAddress = take(mostRows * roundUp(most.columns, BLOCK_COLUMNS) * SUM_BYTES)

  return {
    allocate: (rows, columns) => take(pairsOf(rows) * roundUp(columns, BLOCK_COLUMNS) * PAIR_BYTES),

    pack(b, rows, columns, address) {
      const lanes = { count: columns, stride: b.columnStride, perBlock: BLOCK_COLUMNS }
      const depth = { count: rows, stride: b.rowStride }
      const steps = store(b, lanes, depth, new Int16Array(memory.buffer), address)
      return { address, rows, columns, steps }
    },

    multiply(a, rows, b, result, bias = noBias) {
      const lanes = { count: rows, stride: a.rowStride, perBlock: BLOCK_ROWS }
      const depth = { count: b.rows, stride: a.columnStride }
      const steps = store(a, lanes, depth, new Int16Array(memory.buffer), leftAddress)
      const blocks = Math.ceil(rows / BLOCK_ROWS)
      const pairs = pairsOf(b.rows)
      const stride = roundUp(b.columns, BLOCK_COLUMNS)
      for (let column = 0; column < b.columns; column += BLOCK_COLUMNS) {
        const block = b.address + column * pairs * PAIR_BYTES
        const sums = sumsAddress + column * SUM_BYTES
        multiplyByBlock(leftAddress, blocks, block, pairs, sums, stride * SUM_BYTES)
      }
      scale(new Int32Array(memory.buffer, sumsAddress), stride, steps, b.steps, bias, result)
    },
  }
}
