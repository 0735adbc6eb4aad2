/** What changed from one state of a record to the next: little, however long the conversation is. */
import { z } from 'zod'
import type { Message } from '../../core/ports/index.ts'
import {
  conversationSchema,
  messageSchema,
  providerThreadSchema,
  turnKeySchema,
  type ConversationRecord,
} from '../records.ts'

/** From place `at` on, so many go and these come. */
interface Splice<T> {
  readonly at: number
  readonly drop: number
  readonly add: readonly T[]
}

/** Parts that are missing stay as they are. */
export interface RecordDelta {
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

export const recordDeltaSchema = z.object({
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

export function deltaBetween(before: ConversationRecord, next: ConversationRecord): RecordDelta {
  const messages = spliceBetween(before.messages, next.messages)
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

/** The record must have the revision that the delta is from. */
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
  return before.messages.slice(messages.at, messages.at + messages.drop).some((message) => {
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
 * What a delta may still say once the record is a later one: messages are as they are there, and empty
 * where they are there no more. What comes of all deltas together stays the same.
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
