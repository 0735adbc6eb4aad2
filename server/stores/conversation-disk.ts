/**
 * The file of one conversation. A short conversation is one JSON object. A longer one is JSON Lines, so that its newest
 * messages, and a turn, cost the same however long it gets:
 *
 *     {"lines":1}                              which of the two it is
 *     {"message":{…}}                          the older messages, oldest first
 *     {"record":{…},"at":…,"older":…,…}        all else, with the newest messages; the last such line counts
 *
 * A turn appends what is new, and the record behind it. What takes words away or changes an older message writes the
 * file anew, so that nothing is in it that the conversation has no more. Whoever copies the file meanwhile has it as it
 * was, or with an end that does not count yet.
 */
import { basename, dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { ChatError } from '../core/errors.ts'
import type { Message } from '../core/ports/index.ts'
import {
  type AtomicFile,
  checkShape,
  type Parsed,
  parseJson,
  replaceFile,
  setAside,
  type StoreContext,
} from './disk/atomic-file.ts'
import { wholeLines } from './disk/append-log.ts'
import type { FileStamp } from './disk/file-system.ts'
import { deltaBetween, losesText } from './journal/journal-lines.ts'
import { type ConversationRecord, countMessages, messageSchema, writeRecord } from './records.ts'

/** What is done otherwise with long conversations than with short ones; tests set it. In messages, but for `chunk`. */
export interface LongConversations {
  /** Up to so many, a conversation is one object. */
  readonly above: number
  /** The newest ones stand in the record: a rating, or an answer that goes on, then writes no other one anew. */
  readonly newest: number
  /** The newest ones are read first and stay in memory; up to twice as many, so that they leave it in one go. */
  readonly loaded: number
  /** Bytes that are read first from the end of a file; a shorter one is read whole. */
  readonly chunk: number
}

/**
 * An object is written with every turn: with 200 messages of 2 kB it takes 4 ms of the processor's time, with 5,000 it
 * took 106.
 */
const USUAL: LongConversations = { above: 200, newest: 4, loaded: 100, chunk: 64 * 1024 }

/** Bytes of records that do not count any more, which are no reason yet to write a file anew. */
const MOST_SPENT = 64 * 1024
/** Messages that are written in one go; about a millisecond, so that streams of other visitors do not stall. */
const SLICE = 50

const LINE_END = 0x0a
const FORM = '{"lines":1}\n'
const MESSAGE = '{"message":'
const RECORD = '{"record":'

/** What a file of lines holds, and where. */
interface Lines {
  /** Bytes up to which it counts. */
  readonly length: number
  /** Where the record begins that counts, in bytes. */
  readonly at: number
  /** Messages that are lines. */
  readonly older: number
  /** Bytes of records before that one. */
  readonly spent: number
}

interface Read {
  readonly record: ConversationRecord
  /** None: the file is one object. */
  readonly lines?: Lines
}

/** Which messages, of those that are lines. */
interface OlderPage {
  readonly limit: number
  readonly before?: string | undefined
}

/** A lowdb adapter for one conversation; null stands for no file. Calls must not overlap. */
export interface ConversationDisk extends AtomicFile<ConversationRecord> {
  /** Resolves to the newest messages of a long conversation, and how many are older. */
  read(): Promise<ConversationRecord | null>
  /** All messages that are older than those of the record, of which the file has the rest. */
  readOlder(record: ConversationRecord): Promise<readonly Message[]>
  /** The newest of these, oldest first; `undefined` when there is no such message to be before. */
  readOlderPage(
    record: ConversationRecord,
    page: OlderPage,
  ): Promise<readonly Message[] | undefined>
  /** What is written next has come from this record, which says the same as the file. */
  rebase(record: ConversationRecord): void
  /** The record that was written, without the messages that need not stay in memory; what is next has come from it. */
  settle(record: ConversationRecord): ConversationRecord
}

export function createConversationDisk(
  context: StoreContext,
  path: string,
  schema: z.ZodType<ConversationRecord>,
  long = USUAL,
): ConversationDisk {
  const { files, logger } = context
  let stamp: FileStamp | undefined
  /** What the file holds, if that is lines. */
  let lines: Lines | undefined
  /** The record that it was read as, or written from. */
  let known: ConversationRecord | undefined

  const source: Source = {
    read: (start, length) => files.readPart(path, start, length),
    chunk: long.chunk,
  }

  /** The end of a long file; `undefined` when it has to be read whole. */
  const readEnd = async (size: number) =>
    size > long.chunk && isLines(await source.read(0, FORM.length))
      ? await readLines(source, size, schema, long.loaded)
      : undefined

  const readFile = async () => {
    const before = await files.stamp(path)
    if (!before) return undefined
    const end = await readEnd(before.size)
    if (end?.value) return { ...end, stamp: before }
    const found = await files.read(path)
    return found && { ...(await readBytes(found.bytes, schema)), stamp: found.stamp }
  }

  const writeAnew = async (record: ConversationRecord) => {
    const old = record.older ? (await files.read(path))?.bytes : undefined
    let written: Omit<Lines, 'length'> | undefined
    const text = textOf(record, { old, newest: long.newest }, (found) => {
      written = found
    })
    stamp = await replaceFile(context, path, text)
    lines = written && { ...written, length: stamp.size }
  }

  const append = async (record: ConversationRecord, to: Lines) => {
    const { messages, line, after } = additionTo(to, record, long.newest)
    const file = await files.grow(path)
    try {
      // The record counts what is above it, which has to be there first.
      if (messages !== '') {
        file.append(Buffer.from(messages))
        await file.sync()
      }
      file.append(Buffer.from(line))
      await file.sync()
    } finally {
      await file.close()
    }
    stamp = await files.stamp(path)
    lines = after
  }

  const writeLong = async (record: ConversationRecord) => {
    const to = lines
    // An append that came to nothing half way, or a hand, may have left something behind the end.
    const isWhole = to !== undefined && (await files.stamp(path))?.size === to.length
    if (isWhole && known && mayAppend(to, known, record)) await append(record, to)
    else await writeAnew(record)
  }

  return {
    get stamp() {
      return stamp
    },
    async read() {
      const found = await readFile()
      stamp = found?.value && found.stamp
      lines = found?.value?.lines
      known = found?.value?.record
      if (found?.problem !== undefined) {
        const target = await setAside(context, path)
        logger.error(
          { file: path, set_aside: basename(target), problem: found.problem },
          'a stored file could not be understood and was set aside',
        )
      }
      return known ?? null
    },
    async write(record) {
      if (record === null) {
        if (await files.remove(path)) await files.syncFolder(dirname(path))
        stamp = undefined
        lines = undefined
      } else if (countMessages(record) > long.above || record.older) {
        await writeLong(record)
      } else {
        stamp = await replaceFile(context, path, writeRecord(record))
        lines = undefined
      }
      known = record ?? undefined
    },
    async readOlder({ older = 0 }) {
      const bytes = older > 0 ? (await files.read(path))?.bytes : undefined
      const messages: Message[] = []
      for (const line of messageLines(bytes ?? new Uint8Array(), older)) {
        if (messages.length % SLICE === SLICE - 1) await setImmediate()
        messages.push(messageIn(line))
      }
      if (messages.length < older) throw lacksMessages()
      return messages
    },
    async readOlderPage({ older = 0 }, { limit, before }) {
      /** Lines at the end that the record has already. */
      let had = (lines?.older ?? 0) - older
      let isBehind = before !== undefined
      const messages: Message[] = []
      for await (const { bytes } of linesFromEnd(source, lines?.length ?? 0)) {
        if (!beginsWith(bytes, MESSAGE)) continue
        had -= 1
        if (had >= 0) continue
        if (!isBehind && messages.length === limit) break
        if (!isBehind) messages.push(messageIn(bytes))
        else if (bytes.includes(JSON.stringify(before))) isBehind = messageIn(bytes).id !== before
      }
      return isBehind ? undefined : messages.toReversed()
    },
    rebase(record) {
      known = record
    },
    settle(record) {
      known = lines ? withNewest(record, long) : record
      return known
    },
  }
}

function withNewest(record: ConversationRecord, { newest, loaded }: LongConversations) {
  const { messages, older = 0 } = record
  if (messages.length <= 2 * loaded) return record
  const from = messages.length - Math.max(newest, loaded)
  return { ...record, older: older + from, messages: messages.slice(from) }
}

/** The conversation that a file holds, with all its messages. */
export async function parseConversation(
  bytes: Uint8Array,
  schema: z.ZodType<ConversationRecord>,
): Promise<Parsed<ConversationRecord>> {
  const { value, problem } = await readBytes(bytes, schema)
  return value ? { value: value.record } : { problem: problem ?? '' }
}

// Reading.

async function readBytes(
  bytes: Uint8Array,
  schema: z.ZodType<ConversationRecord>,
): Promise<Parsed<Read>> {
  if (isLines(bytes)) {
    const whole = { read: async () => bytes, chunk: bytes.length }
    return await readLines(whole, bytes.length, schema)
  }
  const { value: record, problem } = parseJson(bytes, schema)
  return record ? { value: { record } } : { problem: problem ?? '' }
}

/** Where lines are read from. */
interface Source {
  read(start: number, length: number): Promise<Uint8Array>
  /** Bytes that are read first. */
  readonly chunk: number
}

const place = z.int().nonnegative()
const recordLine = z.object({ record: z.unknown(), at: place, older: place, spent: place })
const messageLine = z.object({ message: messageSchema })

/**
 * The record that counts, with so many of the messages above it, or with all. What a hand has changed has all and is no
 * longer said to be lines: the next time it is written anew.
 */
async function readLines(
  source: Source,
  size: number,
  schema: z.ZodType<ConversationRecord>,
  most = Infinity,
): Promise<Parsed<Read>> {
  let lines: Lines | undefined
  let newest: ConversationRecord | undefined
  let isAsWritten = true
  const above: Message[] = []
  for await (const { start, bytes } of linesFromEnd(source, size)) {
    if (!lines) {
      // Half a line, as a power cut leaves it, counts as little as what is behind the last record.
      const line = beginsWith(bytes, RECORD) ? parseJson(bytes, recordLine).value : undefined
      if (!line) continue
      const { value, problem } = checkShape(line.record, schema)
      if (!value) return { problem: problem ?? '' }
      newest = value
      lines = { at: start, length: start + bytes.length + 1, older: line.older, spent: line.spent }
      isAsWritten = line.at === start
      if (!isAsWritten && most < Infinity) return { problem: 'it was changed by hand' }
    } else if (beginsWith(bytes, MESSAGE)) {
      if (above.length === most) break
      if (above.length % SLICE === SLICE - 1) await setImmediate()
      const { value, problem } = parseJson(bytes, messageLine)
      if (!value) return { problem: problem ?? '' }
      above.push(value.message)
    }
  }
  if (!newest || !lines) return { problem: 'it has no line that counts' }
  const older = lines.older - above.length
  const record = { ...newest, messages: [...above.toReversed(), ...newest.messages] }
  if (most === Infinity) {
    return { value: { record, ...(isAsWritten && older === 0 && { lines }) } }
  }
  return { value: { record: { ...record, older: Math.max(0, older) }, lines } }
}

const beginsWith = (bytes: Uint8Array, text: string) =>
  Buffer.from(text).equals(bytes.subarray(0, text.length))

const isLines = (bytes: Uint8Array) => beginsWith(bytes, FORM)

/** @throws ChatError when a hand has made something else of it */
function messageIn(bytes: Uint8Array): Message {
  const { value, problem } = parseJson(bytes, messageLine)
  if (value) return value.message
  throw new ChatError('internal', `A message of the conversation cannot be read: ${problem}.`)
}

/** The first lines that are messages. */
function* messageLines(bytes: Uint8Array, most: number): Generator<Uint8Array> {
  let left = most
  for (const line of wholeLines(bytes)) {
    if (!beginsWith(line.bytes, MESSAGE)) continue
    if (left === 0) return
    left -= 1
    yield line.bytes
  }
}

/** Lines without their ends, the last one first; what is behind the last end is none. */
async function* linesFromEnd(source: Source, size: number) {
  /** Where what was read begins, and what of it has no beginning yet. */
  let start = size
  let rest: Buffer = Buffer.alloc(0)
  let isEndFound = false
  for (let { chunk } = source; start > 0; chunk *= 2) {
    const length = Math.min(chunk, start)
    start -= length
    rest = Buffer.concat([await source.read(start, length), rest])
    if (!isEndFound) {
      rest = rest.subarray(0, rest.lastIndexOf(LINE_END) + 1)
      isEndFound = rest.length > 0
    }
    for (;;) {
      const last = rest.length - 1
      const begin = last < 1 ? 0 : rest.lastIndexOf(LINE_END, last - 1) + 1
      if (last < 0 || (begin === 0 && start > 0)) break
      yield { start: start + begin, bytes: rest.subarray(begin, last) }
      rest = rest.subarray(0, begin)
    }
  }
}

const lacksMessages = () =>
  new ChatError('internal', 'The file of the conversation lacks messages that it had.')

// Writing.

const lineOf = (message: Message) => `${JSON.stringify({ message })}\n`

function recordLineOf(
  record: ConversationRecord,
  messages: readonly Message[],
  { at, older, spent }: Omit<Lines, 'length'>,
): string {
  const said = { ...record, older: undefined, messages }
  return `${JSON.stringify({ record: said, at, older, spent })}\n`
}

/** The lines of the file, a slice at a time; `onDone` is told where they are when the last one is made. */
async function* textOf(
  record: ConversationRecord,
  { old, newest }: { readonly old: Uint8Array | undefined; readonly newest: number },
  onDone: (written: Omit<Lines, 'length'>) => void,
): AsyncGenerator<string> {
  let at = 0
  let older = 0
  let slice = FORM
  const flush = () => {
    const text = slice
    at += Buffer.byteLength(text)
    slice = ''
    return text
  }
  const ofLines = Math.max(0, record.messages.length - newest)
  for (const line of linesOf(record, ofLines, old)) {
    slice += line
    older += 1
    if (older % SLICE > 0) continue
    yield flush()
    await setImmediate()
  }
  yield flush()
  const written = { at, older, spent: 0 }
  onDone(written)
  yield recordLineOf(record, record.messages.slice(ofLines), written)
}

/** @throws ChatError where a hand has taken some of the old ones: nothing is written then that lacks them */
function* linesOf(record: ConversationRecord, count: number, old: Uint8Array = new Uint8Array()) {
  const { messages, older = 0 } = record
  let missing = older
  for (const line of messageLines(old, older)) {
    yield `${Buffer.from(line).toString()}\n`
    missing -= 1
  }
  if (missing > 0) throw lacksMessages()
  for (const message of messages.slice(0, count)) yield lineOf(message)
}

/** Whether the file may stay as it is, with what is new behind it: it has no word that the conversation has lost. */
function mayAppend(
  { length, at, older, spent }: Lines,
  before: ConversationRecord,
  record: ConversationRecord,
): boolean {
  if ((before.older ?? 0) !== (record.older ?? 0)) return false
  const delta = deltaBetween(before, record)
  if (delta.messages && delta.messages.at < older) return false
  const spentThen = spent + length - at
  return !losesText(before, delta) && spentThen <= Math.max(MOST_SPENT, length / 2)
}

function additionTo(to: Lines, record: ConversationRecord, newest: number) {
  const { messages, older = 0 } = record
  const from = to.older - older
  const upTo = Math.max(from, messages.length - newest)
  const added = messages.slice(from, upTo).map(lineOf).join('')
  const at = to.length + Buffer.byteLength(added)
  const after = { at, older: older + upTo, spent: to.spent + to.length - to.at }
  const line = recordLineOf(record, messages.slice(upTo), after)
  return {
    messages: added,
    line,
    after: { ...after, length: at + Buffer.byteLength(line) } satisfies Lines,
  }
}
