/**
 * Meaning beside words: vectors of the pieces of all passages, made in the background and kept on the disk, and
 * questions compared with them. Whatever fails here, words go on alone.
 */
import { setImmediate } from 'node:timers/promises'
import type { Embedder, Logger, MeaningStatus, Passage } from '../core/ports/index.ts'
import { quotablesOf } from '../text/quotables.ts'
import { scaleOf, SCALE_TEXTS, createPatientEmbedder } from './embedder.ts'
import {
  createVectorFile,
  keyOf,
  type VectorFile,
  type VectorRecord,
  cosineOf,
  shrinkVector,
  VectorTable,
  type QueryVector,
} from './vectors.ts'

/** Texts that are embedded at once: what a process that is killed loses. */
const BATCH_SIZE = 32
/** Passages that are cut, or rows copied, before other work gets its turn. */
const SLICE = 10
/** A file may have so many vectors that nobody wants any more, and as many as are wanted. */
const UNWANTED = 2_000
/** With so many of the pieces there, a changed document takes meaning from no other. */
const ENOUGH = 0.9
/** Characters of a question that are compared: what is longer tells no more, and costs time. */
const LONGEST_QUESTION = 1_000
/** Of what has no vector. */
const NO_KEY = ''
const FOREIGN = 'the documents are in no language that the encoder knows'

export interface MeaningOptions {
  /** Gives the encoder; called when there are passages, and again when it fails. */
  readonly createEmbedder: () => Promise<Embedder>
  /** Whether it knows the language of a text; without it, it knows all. */
  readonly understands?: (text: string) => boolean
  /** Whether it is another encoder than the one that comes along, with cosines on a scale of its own. */
  readonly hasOwnScale?: boolean
  /** Where vectors are kept; without it they live as long as the process. */
  readonly folder: string | undefined
  /** Milliseconds that a question waits for its vector. */
  readonly patience: number
  /** Nothing is prepared before the first question. */
  readonly isLazy?: boolean
  /** Why meaning is not compared while the encoder fails, for anybody to read. */
  readonly whenDown: string
  readonly logger: Logger
}

/** How near a passage is to a question: cosines of what there is of it. */
export interface PassageCosines {
  /** Of the piece that is nearest. */
  readonly piece: number
  /** Of all pieces together: what the passage is about. */
  readonly whole: number
  /** Of its headings, from the document's title on. */
  readonly path: number
  /** Of the last one of them. */
  readonly heading: number
}

/** How near passages are to a question; each by its place among them. */
export interface Nearness {
  /** `undefined` for a passage that has no vectors. */
  of(place: number): PassageCosines | undefined
  /** Passages with the nearest pieces, best first. */
  nearest(limit: number): readonly number[]
}

/** Meaning of some passages. Nothing here rejects. */
export interface PassageMeaning {
  /** Looks among the passages that are wanted; `undefined` while there is nothing to compare with. */
  near(question: string, isWanted?: (place: number) => boolean): Promise<Nearness | undefined>
  /** As `Knowledge.compare`. */
  compare(question: string, texts: readonly string[]): Promise<readonly number[] | undefined>
  /** As `Knowledge.meaning`. */
  status(): MeaningStatus
  /** As `Knowledge.settled`. */
  settled(): Promise<void>
}

export interface Meaning {
  /** Prepares these passages; what was being prepared before is left. */
  of(passages: readonly Passage[]): PassageMeaning
  close(): Promise<void>
}

/** The pieces of a passage that have a vector each. */
export const piecesOf = ({ text }: Passage): readonly string[] =>
  quotablesOf(text).map((quotable) => quotable.text)

const headingsOf = ({ documentTitle, section }: Passage): readonly string[] => [
  documentTitle,
  ...(section?.split(' › ') ?? []),
]

/** What questions are compared with. */
interface Prepared {
  readonly table: VectorTable
  /** Rows of all pieces, passage after passage. */
  readonly rows: Uint32Array
  /** The passage of each of them. */
  readonly places: Uint32Array
  /** Where each passage begins among them; one more for the end. */
  readonly starts: Uint32Array
  /** Rows of the headings of each passage. */
  readonly paths: readonly (number | undefined)[]
  readonly headings: readonly (number | undefined)[]
  /** Lengths of the sums of each passage's vectors. */
  readonly lengths: Float32Array
  /** A cosine on the scale of the encoder that comes along. */
  readonly scaled: (cosine: number) => number
}

const asItIs = (cosine: number) => cosine

interface Preparation {
  readonly passages: readonly Passage[]
  readonly abort: AbortController
  progress: { readonly done: number; readonly of: number }
  prepared: Prepared | undefined
  /** Nothing of the passages is in a language that the encoder knows. */
  isEmpty: boolean
  readonly settled: PromiseWithResolvers<void>
}

export function createMeaning(options: MeaningOptions): Meaning {
  const { folder, logger, isLazy = false, understands = () => true, hasOwnScale = false } = options
  let current: Preparation | undefined
  const embedder = createPatientEmbedder({
    ...options,
    create: options.createEmbedder,
    onDown: () => current?.settled.resolve(),
  })
  let working: Promise<void> = Promise.resolve()
  /** Those of the last preparation, so that the next one makes only what is new. */
  let latest: VectorTable | undefined

  const prepare = async (preparation: Preparation, isFresh: boolean): Promise<void> => {
    const { passages, abort } = preparation
    const { signal } = abort
    const pieces = await cutPassages(passages, understands, signal)
    const { texts } = pieces
    if (texts.size === 0) {
      preparation.isEmpty = true
      return
    }
    if (hasOwnScale) for (const text of SCALE_TEXTS) texts.set(keyOf(text), text)
    const name = await embedder.name({ signal })
    const store = createStore(
      folder === undefined ? undefined : createVectorFile(folder, name),
      logger,
    )
    let table = isFresh ? store.startAnew() : await store.load(texts, latest, signal)
    const missing = [...texts].filter(([key]) => table?.rowOf(key) === undefined)
    const known = texts.size - missing.length
    const publish = async () => {
      latest = table
      if (!table) return
      const scaled = hasOwnScale ? scaleOf(table) : asItIs
      preparation.prepared = { ...(await arrange(pieces, table, signal)), scaled }
    }
    if (known >= texts.size * ENOUGH) await publish()
    for (let start = 0; start < missing.length; start += BATCH_SIZE) {
      preparation.progress = { done: known + start, of: texts.size }
      const batch = missing.slice(start, start + BATCH_SIZE)
      const vectors = await embedder.embed(
        batch.map(([, text]) => text),
        { signal },
      )
      const records = batch.flatMap(([key], index): readonly VectorRecord[] => {
        const vector = vectors[index]
        return vector ? [{ key, ...shrinkVector(vector) }] : []
      })
      const dimension = records[0]?.values.length
      if (dimension === undefined) continue
      if (table && table.dimension !== dimension) return await prepare(preparation, true)
      table ??= new VectorTable(dimension, texts.size)
      for (const { key, ...vector } of records) table.add(key, vector)
      await store.append(table, records)
    }
    await publish()
    if (table) await store.tidy(table)
  }

  const start = (passages: readonly Passage[], isFresh = false): Preparation => {
    const preparation: Preparation = {
      passages,
      abort: new AbortController(),
      progress: { done: 0, of: 0 },
      prepared: undefined,
      isEmpty: false,
      settled: Promise.withResolvers(),
    }
    current?.abort.abort()
    current?.settled.resolve(preparation.settled.promise)
    current = preparation
    working = working
      .then(() => prepare(preparation, isFresh))
      .then(
        () => preparation.settled.resolve(),
        (error: unknown) => {
          if (preparation.abort.signal.aborted) return
          logger.error({ err: error }, 'Meaning could not be prepared: words alone decide')
          preparation.settled.resolve()
        },
      )
    return preparation
  }

  return {
    of(passages) {
      let started = isLazy && !current ? undefined : start(passages)
      const preparationOf = () => (started ??= start(passages))

      /** What there is to compare with, and the question as it is compared. */
      const ask = async (question: string) => {
        if (question.trim() === '' || !understands(question)) return undefined
        const preparation = preparationOf()
        if (!preparation.prepared) return undefined
        const vector = await embedder.embedQuestion(question.slice(0, LONGEST_QUESTION))
        const { prepared } = preparation
        if (!vector || !prepared) return undefined
        if (vector.length !== prepared.table.dimension) {
          // The service has another model under the same name: nothing that it made before is of use.
          if (preparation === current) started = start(passages, true)
          return undefined
        }
        return { ...prepared, query: prepared.table.query(vector) }
      }

      return {
        async near(question, isWanted) {
          const asked = await ask(question)
          return asked && nearnessOf(asked, isWanted)
        },
        async compare(question, texts) {
          const asked = await ask(question)
          if (!asked) return undefined
          const { table, query, scaled } = asked
          const rows = texts.map((text) => table.rowOf(keyOf(text)))
          const unknown = texts.filter((text, index) => rows[index] === undefined && text !== '')
          const vectors = unknown.length === 0 ? [] : await embedder.embedNow(unknown)
          if (!vectors) return undefined
          const others = new Map(unknown.map((text, index) => [text, vectors[index]]))
          return texts.map((text, index) => {
            const row = rows[index]
            const vector = others.get(text)
            if (row !== undefined) return scaled(table.cosine(query, row))
            return vector ? scaled(cosineOf(query, vector)) : 0
          })
        },
        status() {
          if (!started) return { kind: 'waiting' }
          const { prepared, progress, isEmpty } = started
          if (isEmpty && passages.length > 0) return { kind: 'unavailable', because: FOREIGN }
          if (embedder.isDown()) return { kind: 'unavailable', because: options.whenDown }
          return prepared || isEmpty ? { kind: 'on' } : { kind: 'preparing', ...progress }
        },
        settled: () => preparationOf().settled.promise,
      }
    },
    async close() {
      current?.abort.abort()
      current?.settled.resolve()
      await embedder.close()
      await working
    },
  }
}

interface CutPassages {
  /** Keys of all pieces, passage after passage. */
  readonly keys: readonly string[]
  /** Where each passage begins among them; one more for the end. */
  readonly starts: Uint32Array
  /** Keys of each passage's headings. */
  readonly paths: readonly string[]
  readonly headings: readonly string[]
  /** All texts by their keys: what stands in several places is there once. */
  readonly texts: Map<string, string>
}

async function cutPassages(
  passages: readonly Passage[],
  understands: (text: string) => boolean,
  signal: AbortSignal,
): Promise<CutPassages> {
  const starts = new Uint32Array(passages.length + 1)
  const texts = new Map<string, string>()
  const keyFor = (text: string) => {
    if (text.trim() === '') return NO_KEY
    const key = keyOf(text)
    texts.set(key, text)
    return key
  }
  const keys: string[] = []
  const paths: string[] = []
  const headings: string[] = []
  for (const [place, passage] of passages.entries()) {
    const isUnderstood = understands(passage.text)
    if (isUnderstood) keys.push(...piecesOf(passage).map(keyFor))
    starts[place + 1] = keys.length
    const path = isUnderstood ? headingsOf(passage) : []
    paths.push(keyFor(path.join('. ')))
    headings.push(keyFor(path.at(-1) ?? ''))
    if (place % SLICE === 0) await breathe(signal)
  }
  return { keys, starts, paths, headings, texts }
}

/** Lets other work have its turn. @throws when `signal` is aborted */
async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}

async function arrange(
  cut: CutPassages,
  table: VectorTable,
  signal: AbortSignal,
): Promise<Omit<Prepared, 'scaled'>> {
  const rows: number[] = []
  const places: number[] = []
  const starts = new Uint32Array(cut.starts.length)
  const lengths = new Float32Array(cut.paths.length)
  for (const place of cut.paths.keys()) {
    const keys = cut.keys.slice(cut.starts[place], cut.starts[place + 1])
    const own = keys.flatMap((key) => table.rowOf(key) ?? [])
    rows.push(...own)
    places.push(...own.map(() => place))
    starts[place + 1] = rows.length
    lengths[place] = table.lengthOfSum(own)
    if (place % SLICE === 0) await breathe(signal)
  }
  return {
    table,
    rows: Uint32Array.from(rows),
    places: Uint32Array.from(places),
    starts,
    paths: cut.paths.map((key) => table.rowOf(key)),
    headings: cut.headings.map((key) => table.rowOf(key)),
    lengths,
  }
}

function nearnessOf(
  prepared: Prepared & { readonly query: QueryVector },
  isWanted: ((place: number) => boolean) | undefined,
): Nearness {
  const { table, query, rows, places, starts, scaled } = prepared
  const cosine = (row: number | undefined) =>
    row === undefined ? 0 : scaled(table.cosine(query, row))
  return {
    of(place) {
      const own = rows.subarray(starts[place], starts[place + 1])
      if (own.length === 0) return undefined
      let piece = -1
      let sum = 0
      for (const row of own) {
        const found = table.cosine(query, row)
        piece = Math.max(piece, found)
        sum += found
      }
      return {
        piece: scaled(piece),
        whole: scaled(sum / (prepared.lengths[place] || 1)),
        path: cosine(prepared.paths[place]),
        heading: cosine(prepared.headings[place]),
      }
    },
    nearest(limit) {
      const best = new Map<number, number>()
      const ats =
        isWanted && Uint32Array.from(places.keys()).filter((at) => isWanted(places[at] ?? 0))
      const among = ats?.map((at) => rows[at] ?? 0) ?? rows
      for (const index of table.candidates(query, among)) {
        const place = places[ats?.[index] ?? index] ?? 0
        const found = table.cosine(query, among[index] ?? 0)
        if (found > (best.get(place) ?? -1)) best.set(place, found)
      }
      return [...best]
        .toSorted(([, left], [, right]) => right - left)
        .slice(0, limit)
        .map(([place]) => place)
    },
  }
}

/** Vectors of one encoder in memory and on the disk. A disk that fails costs time at the next start, no more. */
function createStore(file: VectorFile | undefined, logger: Logger) {
  /** Records in the file. */
  let stored = 0
  /** Nothing can be added to the file: it is to be written anew. */
  let isBroken = false
  /** Vectors that there are to be before that is tried again: a full disk is not written to all the time. */
  let rewriteFrom = 0
  let hasFailed = false

  const onDisk = async (task: (file: VectorFile) => Promise<void>) => {
    if (!file) return
    try {
      await task(file)
    } catch (error) {
      const text = 'Vectors cannot be kept on the disk: they are made again after a restart'
      if (!hasFailed) logger.warn({ err: error }, text)
      hasFailed = true
    }
  }

  const rewrite = async (writable: VectorFile, table: VectorTable) => {
    await writable.replace(table.dimension, recordsOf(table))
    stored = table.size
    isBroken = false
  }

  return {
    /** Vectors of texts by their keys, of those at hand and then of the file; `undefined` when there are none. */
    async load(
      texts: ReadonlyMap<string, string>,
      atHand: VectorTable | undefined,
      signal: AbortSignal,
    ): Promise<VectorTable | undefined> {
      let table = atHand && (await pick(atHand, texts, signal))
      await onDisk(async (readable) => {
        const read = await readable.read({
          start(dimension) {
            table ??= new VectorTable(dimension, texts.size)
          },
          take({ key, ...vector }) {
            if (texts.has(key) && vector.values.length === table?.dimension) table.add(key, vector)
          },
        })
        stored = read?.count ?? 0
        isBroken = read !== undefined && (read.damaged > 0 || read.dimension !== table?.dimension)
        if (isBroken) logger.warn({}, 'A file of vectors is damaged: what is lost is made again')
        // Somebody has removed it, while its vectors were at hand.
        if (!read && table && table.size > 0) isBroken = true
      })
      return table
    },

    /** What the file has is of no use. */
    startAnew(): undefined {
      isBroken = true
    },

    async append(table: VectorTable, records: readonly VectorRecord[]): Promise<void> {
      await onDisk(async (writable) => {
        if (isBroken && table.size < rewriteFrom) return
        rewriteFrom = 2 * table.size
        if (isBroken) return await rewrite(writable, table)
        // Until it has succeeded: a disk that fills up may take half of a record.
        isBroken = true
        await writable.append(table.dimension, records)
        isBroken = false
        stored += records.length
      })
    },

    /** Takes out what nobody wants, when it has become much, and what other encoders have left. */
    async tidy(table: VectorTable): Promise<void> {
      await onDisk(async (writable) => {
        if (isBroken || stored > table.size * 2 + UNWANTED) await rewrite(writable, table)
        await writable.sweep()
      })
    },
  }
}

/** Another table of those vectors that are wanted. */
async function pick(
  table: VectorTable,
  texts: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<VectorTable> {
  const picked = new VectorTable(table.dimension, texts.size)
  let count = 0
  for (const [key, row] of table.entries()) {
    if (texts.has(key)) picked.add(key, table.at(row))
    count += 1
    if (count % SLICE === 0) await breathe(signal)
  }
  return picked
}

function* recordsOf(table: VectorTable): Iterable<VectorRecord> {
  for (const [key, row] of table.entries()) yield { key, ...table.at(row) }
}
