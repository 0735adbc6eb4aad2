/**
 * Vectors of many texts, a byte a number, and the search for those that are near to a question: signs alone
 * tell which rows are worth a look, which takes a fraction of the time that all numbers would take.
 */

/** A vector of length 1 as whole numbers from -127 to 127, times a scale. */
export interface SmallVector {
  readonly values: Int8Array
  readonly scale: number
}

/** Rows that are looked at whole, of those whose signs are like the question's. */
const CANDIDATES = 2_000

const SIGNS_OF_WORD = 32

export function shrinkVector(vector: Float32Array): SmallVector {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const scale = largest / 127 || 1
  return { values: Int8Array.from(vector, (value) => Math.round(value / scale)), scale }
}

/** A question, as rows are compared with it. */
export interface QueryVector {
  readonly values: Int32Array
  readonly scale: number
  readonly signs: Uint32Array
}

/** Rows of one dimension under keys; made for a number of them, which it cannot grow beyond. */
export class VectorTable {
  readonly dimension: number
  readonly #values: Int8Array
  readonly #scales: Float32Array
  readonly #signs: Uint32Array
  readonly #words: number
  readonly #rows = new Map<string, number>()
  readonly #capacity: number

  constructor(dimension: number, capacity: number) {
    this.dimension = dimension
    this.#capacity = capacity
    this.#words = Math.ceil(dimension / SIGNS_OF_WORD)
    this.#values = new Int8Array(capacity * dimension)
    this.#scales = new Float32Array(capacity)
    this.#signs = new Uint32Array(capacity * this.#words)
  }

  get size(): number {
    return this.#rows.size
  }

  get room(): number {
    return this.#capacity - this.#rows.size
  }

  rowOf(key: string): number | undefined {
    return this.#rows.get(key)
  }

  entries(): Iterable<readonly [key: string, row: number]> {
    return this.#rows.entries()
  }

  at(row: number): SmallVector {
    const start = row * this.dimension
    return {
      values: this.#values.subarray(start, start + this.dimension),
      scale: this.#scales[row] ?? 0,
    }
  }

  /** Puts a vector in; one that is there already stays. @throws RangeError when it is full, or of another dimension */
  add(key: string, { values, scale }: SmallVector): void {
    if (this.#rows.has(key)) return
    if (this.room === 0 || values.length !== this.dimension) throw new RangeError('no such row')
    const row = this.#rows.size
    this.#values.set(values, row * this.dimension)
    this.#scales[row] = scale
    writeSigns(values, this.#signs, row * this.#words)
    this.#rows.set(key, row)
  }

  /** How long the sum of some rows is: as long as there are rows where all point the same way. */
  lengthOfSum(rows: readonly number[]): number {
    const sum = new Float64Array(this.dimension)
    for (const row of rows) {
      const { values, scale } = this.at(row)
      for (let place = 0; place < sum.length; place += 1) {
        sum[place] = (sum[place] ?? 0) + (values[place] ?? 0) * scale
      }
    }
    return Math.sqrt(sum.reduce((total, value) => total + value * value, 0))
  }

  /** A vector as its rows are compared with it. */
  query(vector: Float32Array): QueryVector {
    const { values, scale } = shrinkVector(vector)
    const signs = new Uint32Array(this.#words)
    writeSigns(values, signs, 0)
    return { values: Int32Array.from(values), scale, signs }
  }

  cosine(query: QueryVector, row: number): number {
    const table = this.#values
    const asked = query.values
    const start = row * this.dimension
    let sum = 0
    for (let place = 0; place < asked.length; place += 1) {
      sum = (sum + Math.imul(table[start + place] ?? 0, asked[place] ?? 0)) | 0
    }
    return sum * query.scale * (this.#scales[row] ?? 0)
  }

  /** Places in `rows` that may be near, best ones surely among them; all of them when they are few. */
  candidates(query: QueryVector, rows: Uint32Array): Uint32Array {
    if (rows.length <= CANDIDATES) return Uint32Array.from(rows.keys())
    const distances = this.#signDistances(query, rows)
    const counts = new Uint32Array(this.dimension + 1)
    for (const distance of distances) counts[distance] = (counts[distance] ?? 0) + 1
    let farthest = 0
    for (let taken = counts[0] ?? 0; taken < CANDIDATES; taken += counts[farthest] ?? 0) {
      farthest += 1
    }
    const places: number[] = []
    for (const [place, distance] of distances.entries()) {
      if (distance <= farthest) places.push(place)
    }
    return Uint32Array.from(places)
  }

  /** In how many signs each row differs. */
  #signDistances({ signs }: QueryVector, rows: Uint32Array): Uint16Array {
    const table = this.#signs
    const distances = new Uint16Array(rows.length)
    for (let place = 0; place < rows.length; place += 1) {
      const start = (rows[place] ?? 0) * this.#words
      let distance = 0
      for (let word = 0; word < signs.length; word += 1) {
        distance += countOnes((table[start + word] ?? 0) ^ (signs[word] ?? 0))
      }
      distances[place] = distance
    }
    return distances
  }
}

/** The cosine of a question and a vector of length 1 that is in no table. */
export function cosineOf({ values, scale }: QueryVector, vector: Float32Array): number {
  return vector.reduce((sum, value, place) => sum + value * (values[place] ?? 0), 0) * scale
}

function writeSigns(values: Int8Array, signs: Uint32Array, start: number): void {
  for (let place = 0; place < values.length; place += 1) {
    if ((values[place] ?? 0) <= 0) continue
    const word = start + Math.floor(place / SIGNS_OF_WORD)
    signs[word] = (signs[word] ?? 0) | (1 << (place % SIGNS_OF_WORD))
  }
}

/** Of a 32-bit word, by adding up neighbours: pairs, fours, bytes. */
function countOnes(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
