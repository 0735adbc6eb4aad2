/** What the core needs from outside. Adapters implement these; the core never names one. */
import type { FeedbackBody } from '../protocol/api.ts'
import type { FinishReason, Source, TurnEvent, Usage } from '../protocol/events.ts'

export interface Cancellable {
  readonly signal: AbortSignal
}

// ── inference ────────────────────────────────────────────────────────────────────────────────────

export interface HistoryMessage {
  readonly role: 'user' | 'assistant'
  /** Tagged text, as stored. */
  readonly content: string
}

/** Who and what a request belongs to; passed on to services that we call. */
export interface RequestTrace {
  readonly traceId: string
  readonly sessionTraceId?: string | undefined
  readonly userId: string
}

export interface GenerateRequest {
  /** Oldest first, cut to the history budget; the last one is the visitor's. */
  readonly messages: readonly HistoryMessage[]
  /** Adapters put it where their protocol wants it. */
  readonly systemPrompt: string
  /** `null`: the server's default. */
  readonly model: string | null
  readonly temperature: number
  readonly maxTokens: number
  readonly topK: number
  readonly thinkingMode: boolean
  readonly forceWebSearch: boolean
  readonly trace: RequestTrace
}

export type InferenceEvent =
  | { readonly type: 'sources'; readonly sources: readonly Source[] }
  | {
      readonly type: 'token'
      readonly text: string
      readonly extra?: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage?: Usage }

/** A model server. */
export interface Inference {
  readonly kind: 'openai' | 'nanochat' | 'builtin'
  /**
   * Streams one answer as tagged text; a batch holds what arrived together. A whole answer ends with
   * a `finish` event.
   * @throws ChatError `inference_error`, `inference_unreachable`, `inference_timeout`, or
   * `inference_interrupted` when the stream ends without saying that it is complete.
   */
  generate(request: GenerateRequest, options: Cancellable): AsyncIterable<readonly InferenceEvent[]>
  /** The body of `GET /api/models`. @throws ChatError as generate does. */
  models(options: Cancellable): Promise<unknown>
  isReady(options: Cancellable): Promise<boolean>
  close(): Promise<void>
}

// ── conversations ────────────────────────────────────────────────────────────────────────────────

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
  /** One atomic write; resolves to `undefined`, and writes nothing, when there is no such conversation. */
  addMessage(
    ownerId: string,
    id: string,
    addition: MessageAddition,
  ): Promise<Conversation | undefined>
  findTurnKey(ownerId: string, id: string, key: string): Promise<TurnKey | undefined>
  isReady(): Promise<boolean>
  close(): Promise<void>
}

/** An answer that is being written, as it was a moment ago. */
export interface Draft {
  readonly ownerId: string
  readonly message: Message
}

/**
 * Keeps drafts, so that a killed server loses the last seconds of an answer and not all of it. Need not
 * survive a power cut.
 */
export interface DraftStore {
  save(draft: Draft): Promise<void>
  remove(messageId: string): Promise<void>
  /** What a server that was killed has left. */
  all(): Promise<readonly Draft[]>
}

// ── turn log ─────────────────────────────────────────────────────────────────────────────────────

export interface LoggedEvent {
  /** 1, 2, 3, … within the turn. */
  readonly seq: number
  readonly event: TurnEvent
}

export interface LoggedTurn {
  readonly turnId: string
  readonly conversationId: string
  readonly running: boolean
  /** How many events there are so far: the `seq` of the newest. */
  readonly events: number
}

/**
 * The one thing that readers of a turn read. A slow or gone reader never slows the writer.
 * Ended turns stay readable for some minutes.
 */
export interface TurnLog {
  /** Claims the conversation for a turn; only one runs at a time. */
  begin(
    turnId: string,
    conversationId: string,
  ): Promise<
    { readonly started: true } | { readonly started: false; readonly runningTurnId: string }
  >
  append(turnId: string, events: readonly TurnEvent[]): void
  /** Resolves when everything appended can be read and the conversation is free for the next turn. */
  end(turnId: string): Promise<void>
  /** Gives up a claim as though `begin` had never been called. */
  abandon(turnId: string): Promise<void>
  /**
   * Everything after `afterSeq` (0: all), then live, until the turn ends or the signal aborts (then it
   * returns, it does not throw). A batch holds what was appended together.
   */
  read(
    turnId: string,
    afterSeq: number,
    options: Cancellable,
  ): AsyncIterable<readonly LoggedEvent[]>
  find(turnId: string): Promise<LoggedTurn | undefined>
  /** The running or most recently ended turn of a conversation. */
  latest(conversationId: string): Promise<LoggedTurn | undefined>
  /** Drops the ended turns of a conversation that is erased. */
  forget(conversationId: string): Promise<void>
  close(): Promise<void>
}

// ── knowledge and tools ──────────────────────────────────────────────────────────────────────────

export interface Passage {
  readonly id: string
  readonly documentTitle: string
  readonly url: string | null
  readonly creator: string | null
  readonly domain: string | null
  /** Heading path below the document's title, ` › ` between levels; `null` above the first heading. */
  readonly section: string | null
  /** Plain text; only code keeps its marks, and list items their `- ` at the start of a line. */
  readonly text: string
}

export interface KnowledgeHit {
  readonly passage: Passage
  /** 0–1, comparable within one query. */
  readonly score: number
  /** Words of the query that the passage has. */
  readonly matchedTerms: readonly string[]
}

export interface Knowledge {
  /** Best first. */
  search(query: string, options: { readonly limit: number }): readonly KnowledgeHit[]
  readonly documentTitles: readonly string[]
  readonly size: { readonly documents: number; readonly passages: number }
}

export type ToolResult =
  | { readonly success: true; readonly output: unknown }
  | { readonly success: false; readonly error: string }

/** Something a model may call. It reports failure as a result and never throws for bad arguments. */
export interface Tool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
  run(args: unknown, options: Cancellable): Promise<ToolResult>
}

/** Structured log lines; never message content, keys or tokens. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
