/**
 * Vectors of many texts, a byte a number, and the search for those that are near to a question: signs alone
 * tell which rows are worth a look, which takes a fraction of the time that all numbers would take.
 */
import { createHash } from 'node:crypto'
import { appendFile, mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { jsonLines, replaceFile, undefinedIfMissing } from './disk.ts'

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

// Vectors on the disk, so that no text is embedded twice. One file an encoder, which is only ever appended to
// or replaced whole: a line of JSON that says whose vectors these are, then records of one length.

/** Bytes of a key: the beginning of a hash of a text. */
const KEY_BYTES = 16
const SCALE_BYTES = 4
const CHECKSUM_BYTES = 4
const READ_RECORDS = 512
const LONGEST_HEADER = 4_096
/** Files of an encoder that nobody has used for so long (ms) go. */
const UNUSED_MS = 30 * 24 * 60 * 60 * 1_000

const Header = z.object({
  samosa_vectors: z.literal(1),
  encoder: z.string(),
  dimension: z.int().min(1).max(65_536),
})

/** A text's key, in Latin-1. */
export type VectorRecord = SmallVector & { readonly key: string }

interface ReadVectors {
  readonly dimension: number
  /** Records that the file has, whole ones and damaged ones. */
  readonly count: number
  /** Damaged ones among them, which are left out. */
  readonly damaged: number
}

/** Takes vectors a part at a time; before the first one, `start` is told how many to expect. */
interface VectorTaker {
  start(dimension: number, count: number): void
  take(record: VectorRecord): void
}

export type VectorFile = ReturnType<typeof createVectorFile>

/** A key for a text. */
export function keyOf(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, KEY_BYTES).toString('latin1')
}

/** @throws what the disk throws, by each of its functions */
export function createVectorFile(folder: string, encoder: string) {
  const name = `vectors-${createHash('sha256').update(encoder).digest('hex').slice(0, 12)}.bin`
  const path = join(folder, name)
  let exists = false

  /** Puts these vectors in the place of all others. */
  const replace = async (dimension: number, records: Iterable<VectorRecord>) => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await replaceFile(path, contentOf(encoder, dimension, records), { mode: 0o600 })
    exists = true
  }

  return {
    /** `undefined` when there is no file. */
    async read(taker: VectorTaker): Promise<ReadVectors | undefined> {
      const file = await open(path, 'r').catch(undefinedIfMissing)
      if (!file) return undefined
      try {
        const beginning = Buffer.alloc(LONGEST_HEADER)
        const { buffer, bytesRead } = await file.read(beginning, 0, LONGEST_HEADER, 0)
        const end = buffer.subarray(0, bytesRead).indexOf('\n')
        const [header] = jsonLines(buffer.toString('utf8', 0, Math.max(0, end)), Header)
        exists = true
        if (header?.encoder !== encoder) return { dimension: 0, count: 0, damaged: 1 }
        const now = new Date()
        await utimes(path, now, now)
        const { dimension } = header
        const size = recordBytes(dimension)
        const { size: bytes } = await file.stat()
        const count = Math.ceil((bytes - end - 1) / size)
        taker.start(dimension, count)
        let damaged = 0
        const chunk = Buffer.alloc(size * READ_RECORDS)
        for (let position = end + 1; ;) {
          const part = await file.read(chunk, 0, chunk.length, position)
          if (part.bytesRead === 0) return { dimension, count, damaged }
          position += part.bytesRead
          damaged += takeRecords(chunk.subarray(0, part.bytesRead), dimension, taker.take)
          await setImmediate()
        }
      } finally {
        await file.close()
      }
    },
    /** Adds vectors behind the others; a process that is killed meanwhile leaves a damaged record at most. */
    async append(dimension: number, records: readonly VectorRecord[]) {
      if (!exists) return await replace(dimension, records)
      // One write of a file that is opened anew: another process may have put a new one in its place.
      await appendFile(path, bytesOf(dimension, records), { mode: 0o600 })
    },
    replace,
    /** Removes what other encoders have left, when nobody has used it for a month. */
    async sweep() {
      const names = await readdir(folder).catch(() => [])
      for (const other of names.filter((found) =>
        /^(?:vectors-.*|\.[\da-f]+)\.(?:bin|tmp)$/.test(found),
      )) {
        const found = await stat(join(folder, other)).catch(undefinedIfMissing)
        const isOld = found && Date.now() - found.mtimeMs > UNUSED_MS
        if (isOld && other !== name) await rm(join(folder, other), { force: true })
      }
    },
  }
}

function* contentOf(
  encoder: string,
  dimension: number,
  records: Iterable<VectorRecord>,
): Generator<string | Uint8Array> {
  yield `${JSON.stringify({ samosa_vectors: 1, encoder, dimension })}\n`
  let batch: VectorRecord[] = []
  for (const record of records) {
    batch.push(record)
    if (batch.length < READ_RECORDS) continue
    yield bytesOf(dimension, batch)
    batch = []
  }
  yield bytesOf(dimension, batch)
}

// Records: key, scale, numbers, checksum of all of them.

const recordBytes = (dimension: number) => KEY_BYTES + SCALE_BYTES + dimension + CHECKSUM_BYTES

function bytesOf(dimension: number, records: readonly VectorRecord[]): Buffer {
  const size = recordBytes(dimension)
  const bytes = Buffer.alloc(size * records.length)
  for (const [index, { key, scale, values }] of records.entries()) {
    const record = bytes.subarray(index * size, (index + 1) * size)
    record.write(key, 0, 'latin1')
    record.writeFloatLE(scale, KEY_BYTES)
    record.set(new Uint8Array(values.buffer, values.byteOffset, dimension), KEY_BYTES + SCALE_BYTES)
    record.writeUInt32LE(crc32(record.subarray(0, -CHECKSUM_BYTES)), size - CHECKSUM_BYTES)
  }
  return bytes
}

/** How many of them are damaged; the numbers of the others are good until the next ones are taken. */
function takeRecords(
  bytes: Buffer,
  dimension: number,
  take: (record: VectorRecord) => void,
): number {
  const size = recordBytes(dimension)
  let damaged = 0
  for (let start = 0; start < bytes.length; start += size) {
    const record = bytes.subarray(start, start + size)
    const isWhole =
      record.length === size &&
      record.readUInt32LE(size - CHECKSUM_BYTES) === crc32(record.subarray(0, -CHECKSUM_BYTES))
    if (!isWhole) {
      damaged += 1
      continue
    }
    take({
      key: record.toString('latin1', 0, KEY_BYTES),
      scale: record.readFloatLE(KEY_BYTES),
      values: new Int8Array(record.buffer, record.byteOffset + KEY_BYTES + SCALE_BYTES, dimension),
    })
  }
  return damaged
}
