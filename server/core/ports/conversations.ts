/** Ports of what is kept: conversations with their messages and files, drafts of answers. */
import type { FeedbackBody } from '../../protocol/api.ts'
import type { AnswerOutcome, Citation, FinishReason, Source } from '../../protocol/events.ts'
import type { Cancellable } from './system.ts'

/** A file that a visitor sent with a message. */
export interface Attachment {
  readonly id: string
  /** A bare name: no folders, nothing that cannot be seen. */
  readonly filename: string
  /** Of images and texts what their bytes say; of others what their sender says. */
  readonly contentType: string
  readonly sizeBytes: number
}

/** A file on its way into the store. */
export interface NewAttachment extends Attachment {
  readonly bytes: Uint8Array
}

/** Whose files, and of which conversation. */
export interface AttachmentPlace {
  readonly ownerId: string
  readonly conversationId: string
}

/** What a place has, by ids. */
export interface StoredAttachments extends AttachmentPlace {
  readonly ids: readonly string[]
}

/** Texts of files that are none themselves: of PDFs. */
export interface FileTexts {
  /**
   * The text of a file; its bytes are asked for where the text is not at hand. Who has files waiting already is
   * behind those who have none.
   * @throws Error whose message says why there is none, to go on behind the file's name; ChatError when it can be
   * read later
   */
  text(
    file: { readonly id: string; readonly ownerId: string },
    read: () => Promise<Uint8Array | undefined>,
  ): Promise<string>
}

/** Keeps the bytes of files; what else is known of them stands in their messages. */
export interface AttachmentStore {
  /**
   * Resolves when every file would survive a power cut; when it rejects, none is there.
   * @throws ChatError `too_large` when the owner would have more than one may keep
   */
  save(place: AttachmentPlace, files: readonly NewAttachment[]): Promise<void>
  /** Resolves to `undefined` when there is no such file. */
  read(place: AttachmentPlace, id: string): Promise<Uint8Array | undefined>
  /** The conversation of the owner that a file belongs to. */
  conversationOf(ownerId: string, id: string): Promise<string | undefined>
  /** Without ids: everything of the place. What is not there is gone already. */
  remove(place: AttachmentPlace, ids?: readonly string[]): Promise<void>
  /** Erases everything the owner has. */
  removeOwner(ownerId: string): Promise<void>
  /**
   * Goes through everything that is kept, a place at a time, and erases what is not wanted: `wanted` gives
   * the ids of a place that are. May run beside everything else: what is saved after its beginning is left
   * alone. Ends early when the signal aborts.
   */
  sweep(
    wanted: (stored: StoredAttachments) => Promise<ReadonlySet<string>>,
    options: Cancellable,
  ): Promise<void>
}

/** What clients keep with a thread or a message: a JSON object, as it came. */
export type Metadata = Readonly<Record<string, unknown>>

export interface Conversation {
  readonly id: string
  readonly ownerId: string
  /** `null` until the first message, unless one was given. */
  readonly title: string | null
  /** Somebody chose the title by renaming; it is never replaced by the first message. */
  readonly renamed: boolean
  readonly modelTag: string
  readonly isFavorited: boolean
  /** What a client has written down of it; none in those that have never been a thread. */
  readonly summary?: string | null
  readonly metadata?: Metadata
  /** ISO 8601, UTC. It is not there any more for anybody but the list of threads that asks for such. */
  readonly deletedAt?: string
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string
  readonly updatedAt: string
}

export interface Message {
  readonly id: string
  readonly conversationId: string
  /** `system`: a client of threads wrote it to the model; no model answered and nobody asked. */
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string
  readonly tokenCount: number | null
  readonly modelTag: string | null
  readonly inferenceTimeMs: number | null
  readonly finishReason: FinishReason | null
  readonly feedback: FeedbackBody | null
  readonly sources: readonly Source[]
  /** What the content cites of them, where that was checked. */
  readonly citations?: readonly Citation[]
  /** Of an answer. */
  readonly outcome?: AnswerOutcome
  /** Questions that may follow the answer. */
  readonly suggestions?: readonly string[]
  /** Of a visitor's message. */
  readonly attachments?: readonly Attachment[]
  /** Without one it is ready. An answer that is being written is not stored yet. */
  readonly status?: MessageStatus
  /** Why it came to nothing, for its sender. */
  readonly errorCode?: string | null
  readonly metadata?: Metadata
  /** What the provider calls its answer, or a client its message. */
  readonly correlationId?: string | null
  /** ISO 8601, UTC; without one it is as it was at `createdAt`. */
  readonly updatedAt?: string
  readonly createdAt: string
}

export const MESSAGE_STATUSES = ['queued', 'processing', 'ready', 'error'] as const
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

/** Parts that are missing stay as they are. */
export type MessageChanges = Partial<
  Pick<
    Message,
    'content' | 'status' | 'errorCode' | 'tokenCount' | 'metadata' | 'correlationId' | 'updatedAt'
  >
>

/** What the provider of a thread's answers calls it, and what else is kept for that provider. */
export interface ProviderThread {
  readonly id: string
  readonly provider: string
  /** Sent with the next message. */
  readonly conversationId: string | null
  readonly payload: Metadata | null
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly updatedAt: string
}

/** What becomes of a provider's thread; parts that are missing stay as they are, and are `null` in a new one. */
export interface ProviderThreadChanges
  extends
    Pick<ProviderThread, 'provider' | 'updatedAt'>,
    Partial<Pick<ProviderThread, 'conversationId' | 'payload'>> {
  /** The id it gets when it is new. */
  readonly newId: string
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
  readonly summary?: string | null
  readonly metadata?: Metadata
  /** Takes it away from everybody, for good; see Conversation. */
  readonly deletedAt?: string
}

/** What a thread becomes by its first message. */
export interface ThreadOpening {
  /** Gives way to one that somebody chose by renaming. */
  readonly title: string
  readonly metadata: Metadata
}

export interface MessageAddition {
  /** `null` records only the rest (a regenerate's turn key). One that is there already keeps its `feedback` where this has none. */
  readonly message: Message | null
  /** Messages that this one replaces. */
  readonly dropMessageIds?: readonly string[]
  readonly changes?: ConversationChanges
  /** What the thread becomes when it has no message before this one. */
  readonly opening?: ThreadOpening | undefined
  readonly turnKey?: TurnKey
  /** The turn that begins with this: what follows soon may be written together with it. */
  readonly beginsTurn?: string
  /**
   * The turn that ends with this. Two servers may both believe that it is theirs to end: a store that several share
   * writes nothing the second time, and answers `undefined`.
   */
  readonly endsTurn?: string
  /** Changes of messages that are there already. */
  readonly updates?: readonly { readonly messageId: string; readonly changes: MessageChanges }[]
  readonly providerThread?: ProviderThreadChanges
}

/**
 * Keeps conversations. Every method that writes resolves only when the write would survive a power cut.
 * `updatedAt` of a conversation rises strictly with every write. One with a `deletedAt` is there only where
 * a method says so.
 */
export interface ConversationStore {
  create(conversation: Conversation): Promise<void>
  find(ownerId: string, id: string): Promise<Conversation | undefined>
  /** A conversation with a `deletedAt`. */
  findDeleted(ownerId: string, id: string): Promise<Conversation | undefined>
  /** Whether anybody has a conversation of that id, or had it and has deleted it. */
  exists(id: string): Promise<boolean>
  /** Newest `updatedAt` first. */
  list(ownerId: string, page: ListPage): Promise<ConversationPage>
  /** Newest `createdAt` first: those with a title and a message, or all of them, deleted ones too. */
  listThreads(ownerId: string, page: ThreadsPage): Promise<ConversationPage>
  /**
   * The conversations with every word of the query in their title or in what was said, the best first. How
   * good one is depends on nothing but itself, so that pages fit together while others change.
   */
  search(ownerId: string, search: ConversationSearch): Promise<FoundPage>
  /**
   * Conversations with their messages, newest `updatedAt` first: those that are wanted, or all. Each is read when it
   * is asked for.
   */
  readAll(
    ownerId: string,
    isWanted?: (conversation: Conversation) => boolean,
  ): AsyncIterable<ConversationWithMessages>
  /** Makes anew what searches use, of every owner. @throws also when `signal` is aborted */
  reindex(options: ReindexOptions): Promise<void>
  /**
   * Resolves to what it is then, deleted perhaps; `undefined` when there is no such conversation.
   */
  update(
    ownerId: string,
    id: string,
    changes: ConversationChanges,
  ): Promise<Conversation | undefined>
  /**
   * Resolves to false when there was none. With a time (ISO 8601, UTC) it is removed only if nothing has changed in it
   * from then on: false, too, where something has.
   */
  remove(ownerId: string, id: string, unchangedSince?: string): Promise<boolean>
  /**
   * Conversations of all owners, deleted ones too, in which nothing has changed from a time on (ISO 8601, UTC), in no
   * order; whoever cannot be looked at is left out. It may take long: each is looked for when it is asked for, and
   * whoever asks for the next is done with the one before.
   */
  unchangedSince(time: string): AsyncIterable<ConversationReference>
  /** Ids of every conversation the owner has, deleted ones too. */
  conversationIds(ownerId: string): Promise<readonly string[]>
  /** Erases everything the owner has. */
  removeOwner(ownerId: string): Promise<void>
  /** Oldest first; `undefined` when there is no such conversation. */
  messages(ownerId: string, id: string): Promise<readonly Message[] | undefined>
  /**
   * The newest messages, or the newest of those before one of them, oldest first: whatever the conversation has besides
   * costs nothing. `undefined` when there is no such conversation, or no such message in it.
   */
  newestMessages(
    ownerId: string,
    id: string,
    query: NewestMessagesQuery,
  ): Promise<NewestMessages | undefined>
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
  /** Resolves to the message as it is then; `undefined` when there is none. */
  updateMessage(
    ownerId: string,
    id: string,
    messageId: string,
    changes: MessageChanges,
  ): Promise<Message | undefined>
  providerThread(ownerId: string, id: string, provider: string): Promise<ProviderThread | undefined>
  /** Changes that provider's, or begins it; the conversation's `updatedAt` stays. */
  updateProviderThread(
    ownerId: string,
    id: string,
    changes: ProviderThreadChanges,
  ): Promise<ProviderThread | undefined>
  /** Answers of all owners that were rated or whose question needs a way on, newest first. */
  notedAnswers(query: NotedAnswersQuery): Promise<NotedAnswersPage>
  /** Everybody who has a conversation, in no order. */
  owners(): Promise<readonly OwnerTotals[]>
  isReady(): Promise<boolean>
  close(): Promise<void>
}

/** Which conversation is meant, and whose it is. */
export interface ConversationReference {
  readonly ownerId: string
  readonly conversationId: string
}

/** Where a page of the list ended. What follows is the next page, whatever changed before it. */
export interface ListPlace {
  /** ISO 8601, UTC, milliseconds. */
  readonly updatedAt: string
  readonly id: string
}

export interface ListPage {
  readonly limit: number
  /** Entries that are passed over first. */
  readonly offset: number
  /** The page before ended here. */
  readonly after?: ListPlace | undefined
}

/** Which messages of a conversation. */
export interface NewestMessagesQuery {
  readonly limit: number
  /** The id of a message; only those before it. */
  readonly before?: string | undefined
}

export interface NewestMessages {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Whether there are older ones than these. */
  readonly hasMore: boolean
}

export interface ThreadsPage {
  readonly limit: number
  /** Entries that are passed over first. */
  readonly offset: number
  /** All that there are: deleted ones, and those without a title or a message. */
  readonly includeDeleted: boolean
}

export interface ConversationPage {
  readonly items: readonly Conversation[]
  /** How many there are in all. */
  readonly total: number
  /** Whether something follows this page. */
  readonly hasMore: boolean
}

/** Where a page of a search ended. */
export interface FoundPlace extends ListPlace {
  readonly score: number
}

export interface ConversationSearch {
  /** What somebody typed; a part of a word will do, accents and capitals do not matter. */
  readonly query: string
  readonly limit: number
  readonly offset: number
  readonly after?: FoundPlace | undefined
  /** Only those that this model answers, or has answered in. */
  readonly modelTag?: string | undefined
  /** Those that lack some words will do too, if they have what tells most; then others count for the score. */
  readonly mostWords?: boolean
  /** Without them, a search has fewer conversations to read. */
  readonly snippets?: boolean
}

export interface ConversationWithMessages {
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly Message[]
}

export interface ReindexOptions extends Cancellable {
  readonly onProgress: (progress: { readonly done: number; readonly of: number }) => void
}

export interface FoundConversation {
  readonly conversation: Conversation
  /** A whole number up to a million: the more, the better it fits the query. */
  readonly score: number
  /** Where a message says it, cut; `null` when the title has it all. */
  readonly snippet: string | null
}

export interface FoundPage {
  readonly found: readonly FoundConversation[]
  readonly hasMore: boolean
  /** How many there are in all. */
  readonly total: number
}

export interface NotedAnswersQuery {
  readonly limit: number
  readonly offset: number
  /** Only those with this rating. */
  readonly rating?: FeedbackBody['rating'] | undefined
  /** Only those with one of these. */
  readonly outcomes?: readonly AnswerOutcome[] | undefined
  /** Only those that are not older: ISO 8601, UTC. */
  readonly since?: string | undefined
  /** Only those that are older. */
  readonly until?: string | undefined
}

export interface NotedAnswer {
  readonly conversation: Conversation
  readonly answer: Message
  /** What it answers; `null` when that is not there any more. */
  readonly question: Message | null
}

export interface NotedAnswersPage {
  readonly items: readonly NotedAnswer[]
  /** How many there are in all. */
  readonly total: number
}

/** How much one owner has. */
export interface OwnerTotals {
  readonly ownerId: string
  readonly conversations: number
  readonly messages: number
}

/** An answer that is being written, as it was a moment ago. */
export interface Draft {
  readonly ownerId: string
  readonly message: Message
  /** What it answers; earlier versions did not say. */
  readonly userMessageId?: string | undefined
  /** The turn that writes it; earlier versions did not say. */
  readonly turnId?: string | undefined
}

/**
 * Keeps drafts, so that a killed server loses the last seconds of an answer and not all of it. Need not
 * survive a power cut.
 */
export interface DraftStore {
  save(draft: Draft): Promise<void>
  remove(messageId: string): Promise<void>
  /**
   * Erases whatever was saved of an owner's answers, those that are done included: of one
   * conversation, or of all.
   */
  erase(ownerId: string, conversationId?: string): Promise<void>
  /** What servers have left that were killed; of a server that others know to live, nothing. */
  all(): Promise<readonly Draft[]>
  close(): Promise<void>
}

/** Files that are made for a reader; the API's own JSON is no matter of theirs. */
export const DOCUMENT_FORMATS = ['markdown', 'pdf', 'docx'] as const
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number]

/** A conversation as it goes into a file. */
export interface ExportedConversation {
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** What stands in front of links to files: scheme, host and path of this server, as far as they are known. */
  readonly base: string
}

/** Writes conversations as files, away from whatever else goes on. */
export interface Exporter {
  /**
   * The whole file, or its text in pieces that are made while it is sent.
   * @throws ChatError `rate_limited` while too many are being made; `too_large` when it would take too much
   */
  write(
    format: DocumentFormat,
    exported: ExportedConversation,
  ): Promise<Uint8Array | Iterable<string>>
  /** What is being made is not made to its end. */
  close(): Promise<void>
}
