/** Ports of whoever writes answers, and of the tools that are called on the way. */
import type {
  ChunkEvent,
  FinishReason,
  ProgressEvent,
  SourcesEvent,
  SuggestionsEvent,
  Usage,
  ProgressStep,
} from '../../protocol/events.ts'
import type { Interrupt } from '../turn/interrupts.ts'
import type { Cancellable } from './system.ts'
import type { Metadata } from './conversations.ts'
import type { Grounding, KnowledgeHit } from './knowledge.ts'

export type ToolResult =
  | { readonly success: true; readonly output: unknown }
  | { readonly success: false; readonly error: string }

/** What a model is told of a tool. */
export interface ToolDefinition {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface ToolOptions extends Cancellable {
  /** Makes sources of passages that a model gets to read; resolves to the numbers that cite them. */
  cite(hits: readonly KnowledgeHit[]): readonly number[]
  /** Whose documents come first. */
  readonly creator?: string | undefined
}

/** Something a model may call. It reports failure as a result and never throws for bad arguments. */
export interface Tool extends ToolDefinition {
  /** What visitors see while it runs, besides the call. */
  readonly step?: ProgressStep
  /** It looks into the site's documents; an answer that must rest on given passages goes without. */
  readonly readsDocuments?: boolean
  run(args: unknown, options: ToolOptions): Promise<ToolResult>
}

/** A call that the model makes. Its tag stands in the answer's text already. */
export interface ToolCall {
  /** Unique within the turn. */
  readonly id: string
  readonly name: string
  /** JSON text as the model wrote it; empty for none. */
  readonly arguments: string
  /** What the adapter wants to have back with the call; nobody else reads it. */
  readonly carry?: Readonly<Record<string, unknown>>
}

/** One answer of the model that ended in tool calls, and what the tools gave. */
export interface ToolRound {
  /** Tagged text of the answer. */
  readonly text: string
  readonly calls: readonly ToolCall[]
  /** One for each call, in the same order. */
  readonly results: readonly ToolResult[]
  /** What the adapter wants to have back with the answer (its reasoning); nobody else reads it. */
  readonly carry?: Readonly<Record<string, unknown>>
}

/** A file of a visitor's message, as far as a model gets to see it. */
export type HistoryFile =
  | {
      readonly kind: 'text'
      readonly name: string
      readonly text: string
      /** Of the whole file. */
      readonly sizeBytes: number
      /** The text is only its beginning. */
      readonly isCut: boolean
      /** As it was sent, where the provider of a thread gets it so. */
      readonly source?: FileSource | undefined
    }
  /** `binary`: neither text nor an image; only providers of threads get such a file. */
  | (FileSource & { readonly kind: 'image' | 'binary'; readonly name: string })
  /** Not shown; `reason` follows the name. */
  | { readonly kind: 'left_out'; readonly name: string; readonly reason: string }

/** A file as it was sent. */
export interface FileSource {
  readonly contentType: string
  /** Never throws: `undefined` when it cannot be read. Files are large, so nobody keeps one. */
  readonly read: () => Promise<Uint8Array | undefined>
}

export interface HistoryMessage {
  /** `system`: what a client of threads wrote to the model; protocols that know no such messages get none. */
  readonly role: 'user' | 'assistant' | 'system'
  /** Tagged text, as stored. */
  readonly content: string
  /** What stands beside the text; see withFiles. */
  readonly files?: readonly HistoryFile[]
  /** For the provider of a thread. */
  readonly metadata?: Metadata | undefined
}

/** Who and what a request belongs to; passed on to services that we call. */
export interface RequestTrace {
  readonly traceId: string
  readonly sessionTraceId?: string | undefined
  readonly userId: string
}

/** What the provider of a thread is told of it. */
export interface ThreadReference {
  /** Whose it is. */
  readonly user: string
  /** What the provider itself has called it last. */
  readonly conversationId: string | null
}

export interface GenerateRequest {
  /** Oldest first, cut to the history budget; the last one is the visitor's. */
  readonly messages: readonly HistoryMessage[]
  /** What the last question has been answered already, where the answer goes on; see messagesToAnswer. */
  readonly continues?: string | undefined
  /** Adapters put it where their protocol wants it. */
  readonly systemPrompt: string
  /** `null`: the server's default. */
  readonly model: string | null
  readonly temperature: number
  readonly maxTokens: number
  readonly topK: number
  readonly thinkingMode: boolean
  /** What was found for the question, for an engine that quotes; for a model it stands in the prompt. */
  readonly grounding?: Grounding | undefined
  readonly forceWebSearch: boolean
  /** What the model may call; empty where the server runs its own tools. */
  readonly tools: readonly ToolDefinition[]
  /** False: the tools stand there because earlier rounds used them, and none may be called any more. */
  readonly mayCallTools: boolean
  /** What the model has called in this turn already, oldest first. */
  readonly rounds: readonly ToolRound[]
  /**
   * The turn is one of a thread: what the provider sends is passed on beside the tokens, where there are
   * such chunks, and it may be silent for long.
   */
  readonly thread?: ThreadReference | undefined
  readonly trace: RequestTrace
}

/** A file that a provider sends with its answer, not decoded yet. */
export interface ProvidedFile {
  readonly filename: string
  readonly contentType: string
  readonly base64: string
}

/** A chunk with files: it is to be passed on when they are stored. */
export interface FilesEvent {
  readonly type: 'files'
  readonly files: readonly ProvidedFile[]
  /** The chunk with a link for each file, in their order; without one, a file is left out. */
  readonly chunk: (links: readonly (string | undefined)[]) => ChunkEvent
}

export type InferenceEvent =
  | SourcesEvent
  | ChunkEvent
  | FilesEvent
  /** What the provider calls its answer, or the conversation. */
  | {
      readonly type: 'provider'
      readonly responseId: string | undefined
      readonly conversationId: string | undefined
    }
  /** The answer ends in a question of the agent's, whose words are in the tokens. */
  | { readonly type: 'interrupt'; readonly interrupt: Interrupt }
  | {
      readonly type: 'token'
      readonly text: string
      readonly extra?: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  | ProgressEvent
  | SuggestionsEvent
  | {
      readonly type: 'finish'
      readonly reason: FinishReason
      /** What it says is that it gives no answer. */
      readonly declines?: boolean
      readonly usage?: Usage
      /** See ToolRound. */
      readonly carry?: Readonly<Record<string, unknown>>
    }

/** What arrived together. */
export type EventBatch = readonly InferenceEvent[]

/** Takes what arrived together; false: no more is wanted. */
export type TakeBatch = (batch: EventBatch) => boolean

/** Events without a promise for each batch: this is what every token costs. */
export interface PushedAnswer {
  /** Hands over every batch as it comes, until the end or until no more are wanted. Rejects as an iteration does. */
  push(take: TakeBatch): Promise<void>
}

/** The events of one answer, for one reader; see takeAll. */
export type AnswerEvents = PushedAnswer | AsyncIterable<EventBatch>

/** A model server. */
export interface Inference {
  readonly kind: 'openai' | 'nanochat' | 'builtin'
  /** Whether its models call tools that run here; the others run their own or need none. */
  readonly callsTools: boolean
  /** Whether images may be sent to its models; one that takes none still answers. */
  readonly takesImages?: boolean
  /** Unicode code points that one message may have, with the prompt in front of it; absent where none are known. */
  readonly messageLimit?: number | undefined
  /** Finds out what the server is, where that is not known yet. @throws ChatError as generate does */
  learn?(options: Cancellable): Promise<void>
  /** Whether it answers from `grounding` itself, and says which of the passages it has used. */
  readonly quotesPassages?: boolean
  /**
   * Streams one answer as tagged text; a batch holds what arrived together. A whole answer ends with
   * a `finish` event.
   * @throws ChatError `inference_error`, `inference_unreachable`, `inference_timeout`, or
   * `inference_interrupted` when the stream ends without saying that it is complete.
   */
  generate(request: GenerateRequest, options: Cancellable): AnswerEvents
  /** The body of `GET /api/models`. @throws ChatError as generate does. */
  models(options: Cancellable): Promise<unknown>
  /** Has the server load another model, and gives its answer; absent where a server cannot. */
  swapModel?(modelTag: string, options: Cancellable): Promise<unknown>
  isReady(options: Cancellable): Promise<boolean>
  close(): Promise<void>
}
