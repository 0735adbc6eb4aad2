/** The model of the encoder, computed here on plain arrays, on one thread or two. */
import {
  createMatrixProduct,
  createMemory,
  roundUp,
  type Floats,
  type PackedMatrix,
  type SharedMemory,
} from './matrix-product.ts'

/** Fills `values` with the weights of that name. @throws when there are none, or not so many */
export type ReadWeights = (name: string, values: Float32Array) => void

/** The most tokens that the model looks at together. */
export const MAX_TOKENS = 128
/** Numbers in the vector of a text. */
export const DIMENSIONS = 512

/** Tokens that have an embedding. */
const TOKENS = 8002
const HEADS = 4
/** Numbers a token has before the first layer, after each, and inside their feed-forward networks. */
const EMBEDDING = 256
const WIDTH = 512
const HIDDEN = 1536
/** Numbers that all rows of one text have, with some to spare. */
const WORKSPACE = 11_000 * MAX_TOKENS
/** Threads that can compute at the same time. */
export const MOST_THREADS = 2
/** Bytes of all weights, and of what each thread needs. */
const MEMORY = 19_000_000 + MOST_THREADS * 7_000_000
/** Keeps layer normalisation from dividing by nothing. */
const EPSILON = 1e-6

const ENCODER = 'Encoder_en'
const TRANSFORMER = `${ENCODER}/KonaTransformer/Encode`
/** How TensorFlow names weights that it keeps, that it has joined, and that it has reshaped. */
const kept = (name: string) => `module/${name}`
const joined = (name: string) => `module_apply_default/${name}/ConcatPartitions/concat`
const reshaped = (name: string) => `module_apply_default/${name}/Tensordot/Reshape_1`
const TIMING_SIGNAL = `module_apply_default/${TRANSFORMER}/TransformerStack/Layer_0/AddTimingSignal/TimingSignal`

/** Numbers of so many rows; each row is a token's. */
interface Rows {
  readonly values: Float32Array
  readonly count: number
  readonly width: number
}

/** A thread's part in the weights that all have together. */
export interface Share {
  readonly memory: SharedMemory
  /** Which one it is, from 0 on. */
  readonly thread: number
  /** Whether another one has put the weights there. */
  readonly isFilled: boolean
}

/** Of the first thread. */
export const firstShare = (): Share => ({
  memory: createMemory(MEMORY),
  thread: 0,
  isFilled: false,
})

interface Norm {
  readonly scale: Float32Array
  readonly bias: Float32Array
}

/** Some columns of rows, from the one named on. */
const columnsOf = ({ values, width }: Rows, first = 0): Floats => ({
  values,
  start: first,
  rowStride: width,
  columnStride: 1,
})

const transposed = ({ values, start, rowStride, columnStride }: Floats): Floats => ({
  values,
  start,
  rowStride: columnStride,
  columnStride: rowStride,
})

/** Adds in place. */
function add({ values: sum }: Rows, { values: more }: Rows): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (more[i] ?? 0)
}

/** What is added to a token for its place in the text, by which the model tells the order of words. */
function positionsOf(frequencies: Float32Array): Float32Array {
  const positions = new Float32Array(MAX_TOKENS * EMBEDDING)
  for (let position = 0; position < MAX_TOKENS; position++) {
    for (const [i, frequency] of frequencies.entries()) {
      const sine = position * EMBEDDING + i
      positions[sine] = Math.sin(position * frequency)
      positions[sine + EMBEDDING / 2] = Math.cos(position * frequency)
    }
  }
  return positions
}

/** The mean of all rows, written into `mean`. */
function meanOf({ values, count, width }: Rows, mean: Rows): Rows {
  mean.values.fill(0)
  for (let start = 0; start < values.length; start += width) {
    for (let i = 0; i < width; i++) {
      mean.values[i] = (mean.values[i] ?? 0) + (values[start + i] ?? 0)
    }
  }
  for (let i = 0; i < width; i++) mean.values[i] = (mean.values[i] ?? 0) / count
  return mean
}

/** Each row with the mean 0 and the variance 1, then scaled and biased, written into `result`. */
function normalise({ values, width }: Rows, { scale, bias }: Norm, result: Rows): Rows {
  for (let start = 0; start < values.length; start += width) {
    let sum = 0
    for (let i = 0; i < width; i++) sum += values[start + i] ?? 0
    const mean = sum / width
    let squares = 0
    for (let i = 0; i < width; i++) squares += ((values[start + i] ?? 0) - mean) ** 2
    const factor = 1 / Math.sqrt(squares / width + EPSILON)
    for (let i = 0; i < width; i++) {
      const centred = (values[start + i] ?? 0) - mean
      result.values[start + i] = centred * factor * (scale[i] ?? 0) + (bias[i] ?? 0)
    }
  }
  return result
}

/** Turns the first `count` numbers of each row, times a factor, into probabilities, in place. */
function softmax({ values, width }: Rows, count: number, factor: number): void {
  for (let start = 0; start < values.length; start += width) {
    let largest = -Infinity
    for (let i = 0; i < count; i++) largest = Math.max(largest, values[start + i] ?? 0)
    let sum = 0
    for (let i = 0; i < count; i++) {
      const power = Math.exp(((values[start + i] ?? 0) - largest) * factor)
      values[start + i] = power
      sum += power
    }
    for (let i = 0; i < count; i++) values[start + i] = (values[start + i] ?? 0) / sum
  }
}

/** Makes a vector's length 1, in place. */
export function scaleToUnit(vector: Float32Array): void {
  let squares = 0
  for (const value of vector) squares += value ** 2
  const length = Math.sqrt(squares)
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length
}

/**
 * The network of the Universal Sentence Encoder lite (Cer et al., https://arxiv.org/abs/1803.11175), as the
 * graph in `model.json` has it: two layers of a Transformer (Vaswani et al., https://arxiv.org/abs/1706.03762)
 * with normalisation before attention and before each feed-forward network, the mean over all tokens, and one
 * layer of tanh. Takes 1 to 128 numbers of the pieces; returns a vector of length 1.
 */
export function createTransformer(
  readWeights: ReadWeights,
  { memory, thread, isFilled }: Share,
): (tokens: readonly number[]) => Float32Array {
  const most = { threads: MOST_THREADS, rows: MAX_TOKENS, columns: HIDDEN }
  const product = createMatrixProduct(memory, thread, most)

  function load(name: string, count: number): Float32Array {
    const values = product.newFloats(count)
    if (!isFilled) readWeights(name, values)
    return values
  }

  /** x·matrix + bias. */
  function loadLinear(
    matrixName: string,
    biasName: string,
    rows: number,
    columns: number,
  ): PackedMatrix {
    const address = product.allocate(rows, columns)
    if (isFilled) return { address, rows, columns }
    const values = new Float32Array(rows * columns)
    readWeights(matrixName, values)
    const bias = new Float32Array(columns)
    readWeights(biasName, bias)
    const floats = columnsOf({ values, count: rows, width: columns })
    return product.pack(floats, rows, columns, address, bias)
  }

  const loadNorm = (name: string, width: number): Norm => ({
    scale: load(joined(`${name}/layer_norm/layer_norm_scale`), width),
    bias: load(joined(`${name}/layer_norm/layer_norm_bias`), width),
  })

  function loadLayer(number: number, width: number) {
    const name = `${TRANSFORMER}/Layer_${number}/TransformerLayer`
    const stack = `${TRANSFORMER}/TransformerStack/Layer_${number}/TransformerLayer`
    const attention = (part: string, to: number) =>
      loadLinear(
        kept(`${name}/MultiheadAttention/${part}/kernel/part_0`),
        joined(`${name}/MultiheadAttention/${part}/bias`),
        width,
        to,
      )
    const feedForward = (part: string, from: number, to: number) =>
      loadLinear(reshaped(`${stack}/FFN/${part}`), joined(`${name}/FFN/${part}/bias`), from, to)
    return {
      attention: {
        norm: loadNorm(`${name}/layer_prepostprocess`, width),
        input: attention('qkv_transform_single', 3 * width),
        output: attention('output_transform_single', WIDTH),
      },
      feedForward: {
        norm: loadNorm(`${name}/FFN/layer_prepostprocess`, WIDTH),
        input: feedForward('conv1', WIDTH, HIDDEN),
        output: feedForward('conv2', HIDDEN, WIDTH),
      },
    }
  }
  type Layer = ReturnType<typeof loadLayer>

  const embeddings = load(kept('Embeddings_en'), TOKENS * EMBEDDING)
  const positions = positionsOf(load(`${TIMING_SIGNAL}/ExpandDims_1`, EMBEDDING / 2))
  const first = loadLayer(0, EMBEDDING)
  const second = loadLayer(1, WIDTH)
  /** Takes the first layer's residual connection from its input's width to that of its output. */
  const widen = loadLinear(
    joined(`${TRANSFORMER}/Layer_0/TransformerLayer/dense/kernel`),
    joined(`${TRANSFORMER}/Layer_0/TransformerLayer/dense/bias`),
    EMBEDDING,
    WIDTH,
  )
  const last = loadLinear(
    kept(`${ENCODER}/hidden_layers/tanh_layer_0/weights`),
    kept(`${ENCODER}/hidden_layers/tanh_layer_0/bias`),
    WIDTH,
    DIMENSIONS,
  )
  const places = Array.from({ length: MOST_THREADS }, () => ({
    keysAddress: product.allocate(WIDTH / HEADS, MAX_TOKENS),
    valuesAddress: product.allocate(MAX_TOKENS, WIDTH / HEADS),
    /** All rows of one text stand here, and then those of the next: memory that nobody has to collect. */
    workspace: product.newFloats(WORKSPACE),
  }))
  const own = places[thread]
  if (!own) throw new RangeError('There are more threads than places.')
  const { keysAddress, valuesAddress, workspace } = own
  let used = 0

  function newRows(count: number, width: number): Rows {
    const start = used
    used += count * width
    if (used > WORKSPACE) throw new RangeError('The workspace is too small for a text.')
    return { values: workspace.subarray(start, used), count, width }
  }

  function apply(linear: PackedMatrix, rows: Rows, least?: number): Rows {
    const result = newRows(rows.count, linear.columns)
    product.multiply(columnsOf(rows), rows.count, linear, columnsOf(result), least)
    return result
  }

  /** The vectors of the tokens, twice, as the model was trained, and where each stands in the text. */
  function embed(tokens: readonly number[]): Rows {
    const rows = newRows(tokens.length, EMBEDDING)
    for (const [position, token] of tokens.entries()) {
      const start = position * EMBEDDING
      for (let i = 0; i < EMBEDDING; i++) {
        rows.values[start + i] =
          2 * (embeddings[token * EMBEDDING + i] ?? 0) + (positions[start + i] ?? 0)
      }
    }
    return rows
  }

  /** What each token takes from the others. */
  function attend({ norm, input, output }: Layer['attention'], rows: Rows): Rows {
    const { count, width } = rows
    const headWidth = width / HEADS
    // Each row: the queries of all heads, then their keys, then their values.
    const projected = apply(input, normalise(rows, norm, newRows(count, width)))
    const taken = newRows(count, width)
    const weights = newRows(count, roundUp(count))
    for (let head = 0; head < width; head += headWidth) {
      const queries = columnsOf(projected, head)
      const keys = transposed(columnsOf(projected, width + head))
      const values = columnsOf(projected, 2 * width + head)
      const packedKeys = product.pack(keys, headWidth, count, keysAddress)
      product.multiply(queries, count, packedKeys, columnsOf(weights))
      softmax(weights, count, 1 / Math.sqrt(headWidth))
      const packedValues = product.pack(values, count, headWidth, valuesAddress)
      product.multiply(columnsOf(weights), count, packedValues, columnsOf(taken, head))
    }
    return apply(output, taken)
  }

  function hiddenOf({ norm, input }: Layer['feedForward'], rows: Rows): Rows {
    return apply(input, normalise(rows, norm, newRows(rows.count, rows.width)), 0)
  }

  return (tokens) => {
    used = 0
    const embedded = embed(tokens)
    const rows = apply(widen, embedded)
    add(rows, attend(first.attention, embedded))
    add(rows, apply(first.feedForward.output, hiddenOf(first.feedForward, rows)))

    add(rows, attend(second.attention, rows))
    const text = meanOf(rows, newRows(1, WIDTH))
    // What a linear map makes of the mean is the mean of what it makes: a sixth of all work less.
    const hidden = meanOf(hiddenOf(second.feedForward, rows), newRows(1, HIDDEN))
    add(text, apply(second.feedForward.output, hidden))

    const vector = apply(last, text).values.map(Math.tanh)
    scaleToUnit(vector)
    return vector
  }
}
