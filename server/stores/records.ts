/**
 * What the files of the store hold. Objects are loose: keys that a newer version added are kept when this
 * version writes the file again.
 */
import { z } from 'zod'
import { isMetadata, isNestedWithin } from '../core/metadata.ts'
import type {
  Conversation,
  Message,
  Metadata,
  ProviderThread,
  TurnKey,
  ConversationChanges,
  MessageAddition,
  MessageChanges,
  ProviderThreadChanges,
} from '../core/ports/index.ts'
import { MESSAGE_STATUSES } from '../core/ports/conversations.ts'
import { ANSWER_OUTCOMES, FINISH_REASONS } from '../protocol/events.ts'
import { ChatError } from '../core/errors.ts'

export interface ConversationRecord {
  readonly version: 1
  /** Rises with every change; tells which lines of the journal a file has taken in. */
  readonly revision: number
  readonly conversation: Conversation
  /** Oldest first; of a long conversation the newest ones, as a rule. */
  readonly messages: readonly Message[]
  /** How many messages there are before these, which only its file has. */
  readonly older?: number
  readonly turnKeys: readonly TurnKey[]
  /** One for each provider. */
  readonly providerThreads?: readonly ProviderThread[]
}

/** Any form of time that JavaScript understands: a file must not become unreadable over a missing zero. */
const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'not a time')

/** Levels of lists and objects that can be written again, whatever stands around them. */
const DEEPEST = 1_000

/**
 * The same object, so that no name in it is lost. What somebody has put there that could not be written
 * again must not cost the conversation.
 */
const metadata = z
  .custom<Metadata>((value) => isMetadata(value) && isNestedWithin(value, DEEPEST))
  .catch({})

export const conversationSchema = z.looseObject({
  id: z.string(),
  ownerId: z.string(),
  title: z.string().nullable(),
  renamed: z.boolean(),
  modelTag: z.string(),
  isFavorited: z.boolean(),
  summary: z.exactOptional(z.string().nullable()),
  metadata: z.exactOptional(metadata),
  deletedAt: z.exactOptional(time),
  createdAt: time,
  updatedAt: time,
})

const source = z.looseObject({
  number: z.number(),
  title: z.string(),
  url: z.string().nullable(),
  creator: z.string().nullable(),
  section: z.string().nullable(),
  snippet: z.string(),
  // JSON has no NaN: a score that was none must not cost the conversation.
  score: z.number().catch(0),
  open_url: z.exactOptional(z.string()),
  page: z.exactOptional(z.number()),
})

const citation = z.looseObject({
  number: z.number(),
  unproven: z.exactOptional(z.array(z.string())),
})

const attachment = z.looseObject({
  id: z.string(),
  filename: z.string(),
  contentType: z.string(),
  sizeBytes: z.number(),
})

export const messageSchema = z.looseObject({
  id: z.string(),
  conversationId: z.string(),
  role: z.enum(['user', 'assistant', 'system']),
  content: z.string(),
  tokenCount: z.number().nullable(),
  modelTag: z.string().nullable(),
  inferenceTimeMs: z.number().nullable(),
  finishReason: z.enum(FINISH_REASONS).nullable(),
  feedback: z
    .looseObject({ rating: z.enum(['up', 'down']), comment: z.string().nullable() })
    .nullable(),
  sources: z.array(source),
  citations: z.exactOptional(z.array(citation)),
  outcome: z.exactOptional(z.enum(ANSWER_OUTCOMES)),
  suggestions: z.exactOptional(z.array(z.string())),
  attachments: z.exactOptional(z.array(attachment)),
  status: z.exactOptional(z.enum(MESSAGE_STATUSES)),
  errorCode: z.exactOptional(z.string().nullable()),
  metadata: z.exactOptional(metadata),
  correlationId: z.exactOptional(z.string().nullable()),
  updatedAt: z.exactOptional(time),
  createdAt: time,
})

/** A draft, whole. */
export const draftSchema = z.looseObject({
  ownerId: z.string(),
  message: messageSchema,
  userMessageId: z.string().optional(),
  turnId: z.string().optional(),
})

export const providerThreadSchema = z.looseObject({
  id: z.string(),
  provider: z.string(),
  conversationId: z.string().nullable(),
  payload: z.union([z.null(), metadata]),
  createdAt: time,
  updatedAt: time,
})

export const turnKeySchema = z.looseObject({
  key: z.string(),
  turnId: z.string(),
  userMessageId: z.string(),
  messageId: z.string(),
  createdAt: time,
})

const conversationRecord = z.looseObject({
  version: z.literal(1),
  // Files of versions without a journal have none.
  revision: z.number().default(0),
  conversation: conversationSchema,
  messages: z.array(messageSchema),
  // No file says so of itself: what is missing in its messages is missing.
  older: z.exactOptional(z.literal(0).catch(0)),
  turnKeys: z.array(turnKeySchema),
  providerThreads: z.exactOptional(z.array(providerThreadSchema)),
})

/** The file of any conversation; whose it is, it says itself. */
export const anyConversationRecord: z.ZodType<ConversationRecord> = conversationRecord

/** The file of one conversation; a file that says it is another's does not pass. */
export function conversationRecordSchema(
  ownerId: string,
  id: string,
): z.ZodType<ConversationRecord> {
  return conversationRecord
    .refine((record) => record.conversation.id === id, {
      path: ['conversation', 'id'],
      message: 'another conversation',
    })
    .refine((record) => record.conversation.ownerId === ownerId, {
      path: ['conversation', 'ownerId'],
      message: 'another owner',
    })
}

/** How many messages the conversation has. */
export const countMessages = ({ messages, older = 0 }: ConversationRecord): number =>
  older + messages.length

/**
 * What the file of a short conversation says: indented for people, unless it holds something nested that a client sent.
 * Spaces in front of each line of that could take a hundred times the room of what was sent.
 */
export function writeRecord(record: ConversationRecord): string {
  const { conversation, messages, providerThreads = [] } = record
  const isPlain =
    isNestedWithin(conversation.metadata, 1) &&
    messages.every((message) => isNestedWithin(message.metadata, 1)) &&
    providerThreads.every(({ payload }) => isNestedWithin(payload, 1))
  return `${JSON.stringify(record, null, isPlain ? 2 : 0)}\n`
}

/** What the index knows of a conversation, and which state of its file says so. */
export const indexEntrySchema = z.object({
  conversation: conversationSchema,
  /** How many; an index of a version that did not count is made again. */
  messages: z.number(),
  stamp: z.object({ inode: z.number(), size: z.number(), modifiedMs: z.number() }),
})

// Every change of a conversation's record, as a pure function.

/** What a change makes of the record (`undefined`: none), and what the caller learns. */
interface Outcome<T> {
  readonly next: ConversationRecord | undefined
  readonly result: T
}

export interface Change<T> {
  (current: ConversationRecord | undefined): Outcome<T>
  /** Messages that it looks for: it needs all of a conversation in whose newest ones they are not. */
  readonly looksFor?: readonly string[]
  /** A turn begins with it, or ends. */
  readonly turn?: 'begins' | 'ends' | undefined
}

const lookingFor = <T>(looksFor: readonly string[], change: Change<T>): Change<T> =>
  Object.assign((current: ConversationRecord | undefined) => change(current), { looksFor })

/** Whether the record has all that the change looks for. */
export const isEnoughFor = (
  { messages, older = 0 }: ConversationRecord,
  looksFor: readonly string[],
): boolean =>
  older === 0 || looksFor.every((wanted) => messages.findLast(({ id }) => id === wanted))

/** The record, unless its conversation is deleted: then nobody changes it any more. */
export const livingRecord = (
  record: ConversationRecord | undefined,
): ConversationRecord | undefined => (record?.conversation.deletedAt ? undefined : record)

/** Nothing changes where there is no conversation, or none any more. */
function ofLiving<T>(change: (current: ConversationRecord) => Outcome<T>): Change<T | undefined> {
  return (current) => {
    const living = livingRecord(current)
    return living ? change(living) : { next: current, result: undefined }
  }
}

export const TURN_KEY_LIFETIME_MS = 24 * 60 * 60 * 1000

/** Whether an idempotency key still stands for its turn. */
export function isTurnKeyAlive(turnKey: Pick<TurnKey, 'createdAt'>, now: number): boolean {
  return now - Date.parse(turnKey.createdAt) < TURN_KEY_LIFETIME_MS
}

/** A server that stood still has come too late: the request that it was given was sent again, to another one. */
export const begunAlready = () =>
  new ChatError('conflict', 'This message has been sent already, and is being answered.')

/** @throws ChatError `conflict` when there is one already. */
export function createRecord(conversation: Conversation): Change<void> {
  return (current) => {
    if (current) {
      throw new ChatError('conflict', 'There is a conversation with this id already.')
    }
    return {
      next: { version: 1, revision: 0, conversation, messages: [], turnKeys: [] },
      result: undefined,
    }
  }
}

/** What changes make of a conversation. Clocks stand still and go back; `updatedAt` must not. */
export function touched(
  conversation: Conversation,
  changes: ConversationChanges | undefined,
  now: number,
): Conversation {
  const updatedAt = Math.max(now, Date.parse(conversation.updatedAt) + 1)
  const { titleUnlessRenamed, ...rest } = changes ?? {}
  const titled = titleUnlessRenamed !== undefined && !conversation.renamed
  return {
    ...conversation,
    ...(titled && { title: titleUnlessRenamed }),
    ...rest,
    updatedAt: new Date(updatedAt).toISOString(),
  }
}

export function updateRecord(
  changes: ConversationChanges,
  now: number,
): Change<Conversation | undefined> {
  return ofLiving((current) => {
    const conversation = touched(current.conversation, changes, now)
    return { next: { ...current, conversation }, result: conversation }
  })
}

function withMessage(
  current: ConversationRecord,
  { message, dropMessageIds = [], updates = [] }: MessageAddition,
): ConversationRecord['messages'] {
  let kept =
    dropMessageIds.length === 0
      ? current.messages
      : current.messages.filter(({ id }) => !dropMessageIds.includes(id))
  for (const { messageId, changes } of updates) kept = withChanges(kept, messageId, changes)
  if (!message) return kept
  // Storing the same message twice (a retry after an unclear failure) leaves it there once; one that was written on
  // keeps what was said of it meanwhile. Neither is among the older ones by then.
  const index = kept.findIndex(({ id }) => id === message.id)
  const present = kept[index]
  return present
    ? kept.with(index, { ...message, feedback: message.feedback ?? present.feedback })
    : [...kept, message]
}

function withChanges(
  messages: readonly Message[],
  messageId: string,
  changes: MessageChanges,
): readonly Message[] {
  // From the end: it is the newest ones that change.
  const index = messages.findLastIndex(({ id }) => id === messageId)
  const message = messages[index]
  return message ? messages.with(index, { ...message, ...changes }) : messages
}

function providerThreadOf(
  { providerThreads }: ConversationRecord,
  { newId, ...changes }: ProviderThreadChanges,
): ProviderThread {
  const known = providerThreads?.find(({ provider }) => provider === changes.provider)
  const begun = { id: newId, conversationId: null, payload: null, createdAt: changes.updatedAt }
  return { ...begun, ...known, ...changes }
}

const withProviderThread = (
  { providerThreads = [] }: ConversationRecord,
  thread: ProviderThread,
): readonly ProviderThread[] => [
  ...providerThreads.filter(({ provider }) => provider !== thread.provider),
  thread,
]

/** Of messages that come at once, one alone is the first: the one that is written first. */
const changesBy = (
  record: ConversationRecord,
  { changes, opening }: MessageAddition,
): ConversationChanges | undefined =>
  opening && countMessages(record) === 0
    ? { ...changes, titleUnlessRenamed: opening.title, metadata: opening.metadata }
    : changes

export function addMessageToRecord(
  addition: MessageAddition,
  now: number,
): Change<Conversation | undefined> {
  const { dropMessageIds = [], updates = [] } = addition
  const looksFor = [...dropMessageIds, ...updates.map(({ messageId }) => messageId)]
  const add = ofLiving((current) => {
    const { turnKey, providerThread } = addition
    const isBegun = current.turnKeys.some(
      ({ key, turnId, ...known }) =>
        key === turnKey?.key && turnId !== turnKey.turnId && isTurnKeyAlive(known, now),
    )
    if (isBegun) throw begunAlready()
    const conversation = touched(current.conversation, changesBy(current, addition), now)
    const turnKeys = current.turnKeys.filter(
      (known) => known.key !== turnKey?.key && isTurnKeyAlive(known, now),
    )
    if (turnKey) turnKeys.push(turnKey)
    return {
      next: {
        ...current,
        conversation,
        messages: withMessage(current, addition),
        turnKeys,
        ...(providerThread && {
          providerThreads: withProviderThread(current, providerThreadOf(current, providerThread)),
        }),
      },
      result: conversation,
    }
  })
  const turn =
    addition.endsTurn !== undefined
      ? 'ends'
      : addition.beginsTurn !== undefined
        ? 'begins'
        : undefined
  return Object.assign(lookingFor(looksFor, add), { turn } as const)
}

export function updateMessageInRecord(
  messageId: string,
  changes: MessageChanges,
  now: number,
): Change<Message | undefined> {
  const update = ofLiving((current) => {
    const messages = withChanges(current.messages, messageId, changes)
    const result = messages.find(({ id }) => id === messageId)
    if (!result) return { next: current, result: undefined }
    const conversation = touched(current.conversation, undefined, now)
    return { next: { ...current, conversation, messages }, result }
  })
  return lookingFor([messageId], update)
}

export function updateProviderThreadInRecord(
  changes: ProviderThreadChanges,
): Change<ProviderThread | undefined> {
  return ofLiving((current) => {
    const thread = providerThreadOf(current, changes)
    return {
      next: { ...current, providerThreads: withProviderThread(current, thread) },
      result: thread,
    }
  })
}

export function setFeedbackInRecord(
  messageId: string,
  feedback: Message['feedback'],
): Change<Message | undefined> {
  const rate = ofLiving((current) => {
    const index = current.messages.findIndex(({ id }) => id === messageId)
    const message = current.messages[index]
    if (!message) return { next: current, result: undefined }
    const rated = { ...message, feedback }
    return { next: { ...current, messages: current.messages.with(index, rated) }, result: rated }
  })
  return lookingFor([messageId], rate)
}

export const removeRecord: Change<boolean> = (current) => ({
  next: undefined,
  result: current !== undefined,
})

/** Removes it if nothing has changed in it from a time on (ISO 8601, UTC). */
export const removeUnchanged =
  (since: string): Change<boolean> =>
  (current) =>
    current && Date.parse(current.conversation.updatedAt) < Date.parse(since)
      ? { next: undefined, result: true }
      : { next: current, result: false }
