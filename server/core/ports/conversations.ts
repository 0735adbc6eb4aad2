import type { FeedbackBody } from '../../protocol/api.ts'
import type { FinishReason, Source } from '../../protocol/events.ts'

export interface Conversation {
  readonly id: string
  readonly ownerId: string
  /** `null` until the first message, unless one was given. */
  readonly title: string | null
  /** Somebody chose the title by renaming; it is never replaced by the first message. */
  readonly renamed: boolean
  readonly modelTag: string
  readonly isFavorited: boolean
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string
  readonly updatedAt: string
}

export interface Message {
  readonly id: string
  readonly conversationId: string
  readonly role: 'user' | 'assistant'
  readonly content: string
  readonly tokenCount: number | null
  readonly modelTag: string | null
  readonly inferenceTimeMs: number | null
  readonly finishReason: FinishReason | null
  readonly feedback: FeedbackBody | null
  readonly sources: readonly Source[]
  readonly createdAt: string
}

/** What an `Idempotency-Key` of a conversation stands for; forgotten after 24 h. */
export interface TurnKey {
  readonly key: string
  readonly turnId: string
  readonly userMessageId: string
  readonly messageId: string
  readonly createdAt: string
}

export interface ConversationChanges {
  readonly title?: string | null
  /** A title that gives way to one that somebody chose, however late the choice came. */
  readonly titleUnlessRenamed?: string
  readonly renamed?: boolean
  readonly isFavorited?: boolean
}

export interface MessageAddition {
  /** `null` records only the rest (a regenerate's turn key). */
  readonly message: Message | null
  /** Messages that this one replaces. */
  readonly dropMessageIds?: readonly string[]
  readonly changes?: ConversationChanges
  readonly turnKey?: TurnKey
}

/**
 * Keeps conversations. Every method that writes resolves only when the write would survive a power cut.
 * `updatedAt` of a conversation rises strictly with every write.
 */
export interface ConversationStore {
  create(conversation: Conversation): Promise<void>
  find(ownerId: string, id: string): Promise<Conversation | undefined>
  /** Newest `updatedAt` first. */
  list(
    ownerId: string,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly items: readonly Conversation[]; readonly total: number }>
  /** Resolves to `undefined` when there is no such conversation. */
  update(
    ownerId: string,
    id: string,
    changes: ConversationChanges,
  ): Promise<Conversation | undefined>
  /** Resolves to false when there was none. */
  remove(ownerId: string, id: string): Promise<boolean>
  /** Ids of every conversation the owner has. */
  conversationIds(ownerId: string): Promise<readonly string[]>
  /** Erases everything the owner has. */
  removeOwner(ownerId: string): Promise<void>
  /** Oldest first; `undefined` when there is no such conversation. */
  messages(ownerId: string, id: string): Promise<readonly Message[] | undefined>
  /**
   * One atomic write; resolves to `undefined`, and writes nothing, when there is no such conversation.
   * `onWritten` is called once the write would survive the end of this process, which may be earlier than
   * the power cut. When the promise is rejected after that, nothing of the write stays.
   */
  addMessage(
    ownerId: string,
    id: string,
    addition: MessageAddition,
    onWritten?: (conversation: Conversation) => void,
  ): Promise<Conversation | undefined>
  findTurnKey(ownerId: string, id: string, key: string): Promise<TurnKey | undefined>
  /** Resolves to the message as it is then; `undefined` when there is none. `updatedAt` stays. */
  setFeedback(
    ownerId: string,
    id: string,
    messageId: string,
    feedback: FeedbackBody | null,
  ): Promise<Message | undefined>
  /** Everybody who has a conversation, in no order. */
  owners(): Promise<readonly OwnerTotals[]>
  isReady(): Promise<boolean>
  close(): Promise<void>
}

/** How much one owner has. */
export interface OwnerTotals {
  readonly ownerId: string
  readonly conversations: number
  readonly messages: number
}
