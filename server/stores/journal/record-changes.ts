/** Every change of a conversation's record, as a pure function. */
import { ChatError } from '../../core/errors.ts'
import type {
  Conversation,
  ConversationChanges,
  Message,
  MessageAddition,
  MessageChanges,
  ProviderThread,
  ProviderThreadChanges,
  TurnKey,
} from '../../core/ports/index.ts'
import type { ConversationRecord } from '../records.ts'

/** What a change makes of the record (`undefined`: none), and what the caller learns. */
export interface Outcome<T> {
  readonly next: ConversationRecord | undefined
  readonly result: T
}

export type Change<T> = (current: ConversationRecord | undefined) => Outcome<T>

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

const TURN_KEY_LIFETIME_MS = 24 * 60 * 60 * 1000

/** Whether an idempotency key still stands for its turn. */
export function isTurnKeyAlive(turnKey: TurnKey, now: number): boolean {
  return now - Date.parse(turnKey.createdAt) < TURN_KEY_LIFETIME_MS
}

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

/** Clocks stand still and go back; `updatedAt` must not. */
function touched(
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
  // keeps what was said of it meanwhile.
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
  { messages }: ConversationRecord,
  { changes, opening }: MessageAddition,
): ConversationChanges | undefined =>
  opening && messages.length === 0
    ? { ...changes, titleUnlessRenamed: opening.title, metadata: opening.metadata }
    : changes

export function addMessageToRecord(
  addition: MessageAddition,
  now: number,
): Change<Conversation | undefined> {
  return ofLiving((current) => {
    const { turnKey, providerThread } = addition
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
}

export function updateMessageInRecord(
  messageId: string,
  changes: MessageChanges,
  now: number,
): Change<Message | undefined> {
  return ofLiving((current) => {
    const messages = withChanges(current.messages, messageId, changes)
    const result = messages.find(({ id }) => id === messageId)
    if (!result) return { next: current, result: undefined }
    const conversation = touched(current.conversation, undefined, now)
    return { next: { ...current, conversation, messages }, result }
  })
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
  return ofLiving((current) => {
    const index = current.messages.findIndex(({ id }) => id === messageId)
    const message = current.messages[index]
    if (!message) return { next: current, result: undefined }
    const rated = { ...message, feedback }
    return { next: { ...current, messages: current.messages.with(index, rated) }, result: rated }
  })
}

export const removeRecord: Change<boolean> = (current) => ({
  next: undefined,
  result: current !== undefined,
})
