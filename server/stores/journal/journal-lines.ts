/** A line of the journal: whose conversation changed, and how. */
import { z } from 'zod'
import { wholeLines } from '../disk/append-log.ts'
import { parseJson } from '../disk/atomic-file.ts'
import { canonicalId } from '../disk/paths.ts'
import type { Message } from '../../core/ports/index.ts'
import {
  conversationSchema,
  messageSchema,
  providerThreadSchema,
  turnKeySchema,
  type ConversationRecord,
} from '../records.ts'

// What changed from one state of a record to the next: little, however long the conversation is.

/** From place `at` on, of all that there are, so many go and these come. */
interface Splice<T> {
  readonly at: number
  readonly drop: number
  readonly add: readonly T[]
}

/** Parts that are missing stay as they are. */
interface RecordDelta {
  /** The revision that it changes, and no other. */
  readonly from: number
  readonly to: number
  readonly conversation?: ConversationRecord['conversation'] | undefined
  readonly messages?: Splice<ConversationRecord['messages'][number]> | undefined
  readonly turnKeys?: Splice<ConversationRecord['turnKeys'][number]> | undefined
  /** All of them: there are few. */
  readonly providerThreads?: ConversationRecord['providerThreads'] | undefined
}

const place = z.int().nonnegative()

const spliceSchema = <T>(item: z.ZodType<T>) =>
  z.object({ at: place, drop: place, add: z.array(item) })

const recordDeltaSchema = z.object({
  from: z.number(),
  to: z.number(),
  conversation: conversationSchema.optional(),
  messages: spliceSchema(messageSchema).optional(),
  turnKeys: spliceSchema(turnKeySchema).optional(),
  providerThreads: z.array(providerThreadSchema).optional(),
})

/** Items are never changed in place, so those that stay are the same objects. */
function spliceBetween<T>(before: readonly T[], next: readonly T[]): Splice<T> | undefined {
  const shorter = Math.min(before.length, next.length)
  let at = 0
  while (at < shorter && before[at] === next[at]) at += 1
  if (at === before.length && at === next.length) return undefined
  let after = 0
  while (after < shorter - at && before.at(-1 - after) === next.at(-1 - after)) after += 1
  return { at, drop: before.length - at - after, add: next.slice(at, next.length - after) }
}

/** Both have the same messages in memory and in the file, but for what has changed. */
export function deltaBetween(before: ConversationRecord, next: ConversationRecord): RecordDelta {
  const { older = 0 } = before
  const splice = spliceBetween(before.messages, next.messages)
  const messages = splice && { ...splice, at: older + splice.at }
  const turnKeys = spliceBetween(before.turnKeys, next.turnKeys)
  return {
    from: before.revision,
    to: next.revision,
    ...(before.conversation !== next.conversation && { conversation: next.conversation }),
    ...(messages && { messages }),
    ...(turnKeys && { turnKeys }),
    ...(before.providerThreads !== next.providerThreads && {
      providerThreads: next.providerThreads,
    }),
  }
}

function spliced<T>(items: readonly T[], splice: Splice<T> | undefined): readonly T[] {
  return splice ? items.toSpliced(splice.at, splice.drop, ...splice.add) : items
}

/** The record must have all its messages, and the revision that the delta is from. */
export function applyDelta(record: ConversationRecord, delta: RecordDelta): ConversationRecord {
  const { providerThreads = record.providerThreads } = delta
  return {
    ...record,
    ...(providerThreads && { providerThreads }),
    revision: delta.to,
    conversation: delta.conversation ?? record.conversation,
    messages: spliced(record.messages, delta.messages),
    turnKeys: spliced(record.turnKeys, delta.turnKeys),
  }
}

/** Whether something that a person has written, or a model, is no longer in the record. */
export function losesText(before: ConversationRecord, delta: RecordDelta): boolean {
  const { messages, conversation, providerThreads } = delta
  const { title, summary, metadata } = before.conversation
  if (conversation && title !== null && conversation.title !== title) return true
  if (conversation && summary && conversation.summary !== summary) return true
  if (conversation && metadata && conversation.metadata !== metadata) return true
  if (providerThreads && (before.providerThreads ?? []).some(({ payload }) => payload)) return true
  if (!messages) return false
  const added = new Map(messages.add.map((message) => [message.id, message]))
  const at = messages.at - (before.older ?? 0)
  return before.messages.slice(at, at + messages.drop).some((message) => {
    const next = added.get(message.id)
    const comment = message.feedback?.comment ?? null
    return (
      next?.content !== message.content ||
      (comment !== null && next.feedback?.comment !== comment) ||
      (message.metadata !== undefined && next.metadata !== message.metadata)
    )
  })
}

/**
 * What a delta may still say once the record is a later one, which has all its messages: they are as they are there,
 * and empty where they are there no more. What comes of all deltas together stays the same.
 */
export function trimDelta(delta: RecordDelta, record: ConversationRecord): RecordDelta {
  if (delta.to > record.revision) return delta
  const { conversation, messages, providerThreads } = delta
  const left = new Map(record.messages.map((message) => [message.id, message]))
  return {
    ...delta,
    ...(conversation && { conversation: record.conversation }),
    ...(providerThreads && { providerThreads: record.providerThreads }),
    ...(messages && {
      messages: {
        ...messages,
        add: messages.add.map((message) => left.get(message.id) ?? emptied(message)),
      },
    }),
  }
}

function emptied(message: Message): Message {
  const {
    attachments: _,
    citations: _citations,
    suggestions: _suggestions,
    metadata: _metadata,
    ...rest
  } = message
  return { ...rest, content: '', sources: [], feedback: null }
}

export interface JournalLine {
  readonly owner: string
  readonly id: string
  readonly delta: RecordDelta
}

/** A line, and where it stands among the others, in bytes. */
export interface PlacedLine extends JournalLine {
  readonly start: number
  readonly length: number
}

const lineSchema = z.object({
  owner: z.string(),
  id: z.string().refine((id) => canonicalId(id) === id, 'not an id'),
  delta: recordDeltaSchema,
})

/** The owner stands first, so that it can be read without the rest. */
export const writeJournalLine = ({ owner, id, delta }: JournalLine): string =>
  JSON.stringify({ owner, id, delta })

/** Nothing when the line makes no sense. */
export function readJournalLine(bytes: Uint8Array): JournalLine | undefined {
  return parseJson(bytes, lineSchema).value
}

/** Whole lines, up to the zeros that a killed process leaves behind them: no line has one. */
function linesBeforeZeros(content: Uint8Array) {
  const zero = content.indexOf(0)
  return wholeLines(zero < 0 ? content : content.subarray(0, zero))
}

export function readJournalLines(content: Uint8Array): {
  readonly lines: readonly PlacedLine[]
  /** How many lines make no sense. */
  readonly senseless: number
} {
  const lines: PlacedLine[] = []
  let senseless = 0
  for (const { start, bytes } of linesBeforeZeros(content)) {
    const line = readJournalLine(bytes)
    if (line) lines.push({ ...line, start, length: bytes.length })
    else senseless += 1
  }
  return { lines, senseless }
}

/** In a JSON string no quote stands alone, so this is no part of an owner. */
const AFTER_OWNER = Buffer.from(',"id":')

/** Nothing when the line does not begin as ours do. */
function ownerOf(bytes: Uint8Array): string | undefined {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const text = line.toString('utf8', 0, Math.max(0, line.indexOf(AFTER_OWNER)))
  const [, owner] = /^\{"owner":("(?:[^"\\]|\\.)*")/.exec(text) ?? []
  return owner === undefined ? undefined : z.string().safeParse(JSON.parse(owner)).data
}

export type LineChange = (line: JournalLine) => JournalLine | undefined

/**
 * The lines with a change to those of some owners, of which `undefined` takes a line away. Lines that make
 * no sense go with them: nobody can tell what is in those.
 */
export function changeJournalLines(
  content: Uint8Array,
  changes: ReadonlyMap<string, LineChange>,
): {
  readonly content: Uint8Array
  readonly isChanged: boolean
  /** Whose lines there are now. */
  readonly owners: ReadonlySet<string>
} {
  const kept: Uint8Array[] = []
  const owners = new Set<string>()
  const lineEnd = Buffer.from('\n')
  let isChanged = false
  for (const { bytes } of linesBeforeZeros(content)) {
    const owner = ownerOf(bytes)
    const change = owner === undefined ? undefined : changes.get(owner)
    const next = change ? changedLine(bytes, change) : bytes
    if (next !== bytes) isChanged = true
    if (owner === undefined || !next) continue
    owners.add(owner)
    kept.push(next, lineEnd)
  }
  return { content: isChanged ? Buffer.concat(kept) : content, isChanged, owners }
}

function changedLine(bytes: Uint8Array, change: LineChange): Uint8Array | undefined {
  const line = readJournalLine(bytes)
  const changed = line && change(line)
  const written = changed && Buffer.from(writeJournalLine(changed))
  return written?.equals(bytes) ? bytes : written
}
