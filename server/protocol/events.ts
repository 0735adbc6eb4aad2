/**
 * What happens in a turn: one visitor message and the answer to it. The turn log keeps these events in
 * order, every dialect writes them in its own wire form, and the element rebuilds the answer from them.
 */

/** Why an answer ended. `stopped`: by the visitor; `interrupted`: the server went down under it. */
export const FINISH_REASONS = [
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'stopped',
  'error',
  'interrupted',
] as const
export type FinishReason = (typeof FINISH_REASONS)[number]

/**
 * What came of a question, where that asks for a way on: `unanswered`, the answer says that there is none, or was
 * withheld; `wants_person`, the visitor asks for a human, whatever was answered.
 */
export const ANSWER_OUTCOMES = ['unanswered', 'wants_person'] as const
export type AnswerOutcome = (typeof ANSWER_OUTCOMES)[number]

/** Every way a request or a turn can fail, as clients see it. */
export const ERROR_CODES = [
  'invalid_request',
  'malformed_json',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'too_large',
  'unsupported_media_type',
  'unreadable_file',
  'rate_limited',
  'budget_exhausted',
  'inference_error',
  'inference_unreachable',
  'inference_timeout',
  'inference_interrupted',
  'inference_misconfigured',
  'inference_length',
  'inference_filtered',
  'auth_unreachable',
  'storage_unreachable',
  'interrupted',
  'internal',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** A passage that the answer rests on; `number` is what the text cites as `[1]`. */
export interface Source {
  readonly number: number
  readonly title: string
  readonly url: string | null
  readonly creator: string | null
  readonly section: string | null
  readonly snippet: string
  readonly score: number
  /** Opens the document at the passage: `url` with an anchor, a page, or words to find. */
  readonly open_url?: string
  /** Of a PDF, counted from 1. */
  readonly page?: number
}

/** One number of a `[n]` in the text of an answer. */
export interface Citation {
  readonly number: number
  /** Numbers, names and quoted words of its sentence that the passage does not have, as they are written. */
  readonly unproven?: readonly string[]
}

/** Tokens that the model server counted. */
export interface Usage {
  readonly prompt_tokens?: number
  readonly completion_tokens?: number
  readonly total_tokens?: number
}

export interface TurnStartEvent {
  readonly type: 'start'
  readonly turn_id: string
  readonly user_message_id: string
  /** The id the answer gets when it is stored. */
  readonly message_id: string
}

/** Whose documents an answer rests on, where it was looked for from the nearest to the farthest. */
export const CASCADE_TIERS = ['creator', 'domain', 'global', 'none'] as const
export type CascadeTier = (typeof CASCADE_TIERS)[number]

export interface SourcesEvent {
  readonly type: 'sources'
  readonly sources: readonly Source[]
  /** Where there was a cascade. */
  readonly tier?: CascadeTier | undefined
}

/** What the text cites, in its order, checked against the passages; just before the end. */
export interface CitationsEvent {
  readonly type: 'citations'
  readonly citations: readonly Citation[]
}

/** The conversation got its title. */
export interface TitleEvent {
  readonly type: 'title'
  readonly title: string
}

/** A piece of tagged text (see tags.ts), as the model server cut it. */
export interface TokenEvent {
  readonly type: 'token'
  readonly text: string
  /** Further keys of the model server's own event (`gpu`, …), passed through. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/**
 * What a provider sent for a part of its answer, which clients of threads get as it came. There is none in
 * other turns, and other dialects leave it out: the tokens beside it say the same.
 */
export interface ChunkEvent {
  readonly type: 'chunk'
  /** JSON text of an object. */
  readonly data: string
  /** Its `agent_status`, where it has one. */
  readonly status?: string | undefined
  readonly hasChoices: boolean
}

/**
 * The model calls a tool of the page: the page runs it and posts what it gave. The call's tag stands in
 * the text already, its result follows there.
 */
export interface ToolRequestEvent {
  readonly type: 'tool_request'
  readonly call_id: string
  readonly tool: string
  /** A JSON object, parsed; broken ones never get as far as the page. */
  readonly arguments: unknown
  /** Milliseconds that the turn waits for the result. */
  readonly timeout_ms: number
}

/** A tool request of this turn was taken on by a page, or is over (answered, or nobody came in time). */
export interface ToolProgressEvent {
  readonly type: 'tool_progress'
  readonly call_id: string
  readonly state: 'claimed' | 'settled'
  /** The page that runs it; `null` when none does. */
  readonly claimant: string | null
}

/** What the server does before the model speaks; of `total`, so much is `done`. */
export const PROGRESS_STEPS = ['searching', 'reading'] as const
export type ProgressStep = (typeof PROGRESS_STEPS)[number]

export interface ProgressEvent {
  readonly type: 'progress'
  readonly step: ProgressStep
  /** Of the tool, or of the file that is read. */
  readonly name?: string
  readonly done?: number
  readonly total?: number
}

/** Questions that may follow, just before the end; stored with the answer. */
export interface SuggestionsEvent {
  readonly type: 'suggestions'
  /** At most 4, of at most 120 code points. */
  readonly suggestions: readonly string[]
}

export interface TurnErrorEvent {
  readonly type: 'error'
  /** One sentence for a person. */
  readonly message: string
  readonly code: ErrorCode
  /** Whether asking again may help. */
  readonly retryable: boolean
  /** Seconds after which it may, where the model server said so. */
  readonly retry_after?: number
}

/** Always the last event of a turn; what it says is stored already. */
export interface TurnDoneEvent {
  readonly type: 'done'
  readonly message_id: string
  readonly finish_reason: FinishReason
  /** Number of token events. */
  readonly token_count: number
  /** From the request to the end. */
  readonly inference_time_ms: number
  readonly usage?: Usage
  readonly outcome?: AnswerOutcome
}

export type TurnEvent =
  | TurnStartEvent
  | SourcesEvent
  | CitationsEvent
  | TitleEvent
  | TokenEvent
  | ChunkEvent
  | ToolRequestEvent
  | ToolProgressEvent
  | ProgressEvent
  | SuggestionsEvent
  | TurnErrorEvent
  | TurnDoneEvent

/* How an answer stands on the wire of dialect A: the head of the response, and the frame of an event. */

/**
 * `no-store` is for the reader: Chromium hands over an answer that it may not store in as few pieces as
 * have gathered, and any other one piece by piece. `no-cache` and `no-transform` are for proxies.
 */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store, no-transform',
  'x-accel-buffering': 'no',
} as const

/** One event, `data` being its JSON; `seq` counts the events of the turn from 1. */
export const writeEvent = (turnId: string, seq: number, data: string) =>
  `id: ${turnId}.${seq}\ndata: ${data}\n\n`
