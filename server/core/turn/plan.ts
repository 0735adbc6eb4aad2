/** What a turn is made of: what all of them work with, and what one of them is to do. */
import type { GenerationOptionsBody } from '../../protocol/api.ts'
import type { ClientTools } from './tools.ts'
import type { GroundedQuestion, GroundingWish } from '../grounding.ts'
import type {
  AttachmentStore,
  ConversationStore,
  DraftStore,
  FileTexts,
  Inference,
  Knowledge,
  Logger,
  Message,
  RequestTrace,
  Tool,
  ToolDefinition,
  TurnLog,
  TurnObserver,
} from '../ports/index.ts'
import type { Environment, ToolLimits, TurnSettings } from '../settings.ts'

export interface TurnDependencies {
  readonly store: ConversationStore
  readonly drafts: DraftStore
  /** Without it, messages have no files. */
  readonly attachments?: AttachmentStore
  /** Reads PDFs for models; without it they are named. */
  readonly texts?: FileTexts | undefined
  /** Milliseconds between two drafts of an answer; tests set it. */
  readonly draftInterval?: number
  readonly log: TurnLog
  /** Milliseconds that a new turn waits for the readers of the running one to leave; tests set it. */
  readonly leaving?: number
  readonly inference: Inference
  readonly knowledge: Knowledge
  readonly tools: readonly Tool[]
  readonly clientTools: ClientTools
  /** Tests set it. */
  readonly toolLimits?: ToolLimits
  /** What the answers to requests that ask for no documents are to rest on; without it, on none. */
  readonly grounding?: GroundingWish | undefined
  readonly settings: TurnSettings
  /** False: messages that ask a model are refused. */
  readonly asksModels?: boolean
  readonly environment: Environment
  readonly logger: Logger
  readonly observers?: readonly TurnObserver[]
}

/** Everything that one run needs to know. */
export interface TurnPlan {
  readonly turnId: string
  readonly ownerId: string
  readonly conversationId: string
  readonly userMessage: Message
  /** The id the answer gets. */
  readonly messageId: string
  readonly options: GenerationOptionsBody
  /** Tools of the page that the model may call. */
  readonly pageTools: readonly ToolDefinition[]
  readonly trace: RequestTrace
  /** Milliseconds since 1970: when the request came. */
  readonly startedAt: number
  /** Oldest first; the last one is the user's. */
  readonly history: readonly Message[]
  readonly modelTag: string
  /** The answer that this turn replaces when it succeeds. */
  readonly replaces?: string | undefined
  /** The answer that goes on; the turn tells all of it, and takes its place. */
  readonly continues?: Message | undefined
  /** Whose documents come first. */
  readonly creator?: string | undefined
  /** What the answer is to rest on. */
  readonly grounding?: GroundedQuestion | undefined
  /** The turn is one of a thread. */
  readonly thread?: ThreadPlan | undefined
  /** Of the visitor's message; they are kept nowhere. */
  readonly secrets: readonly string[]
}

/** What a turn of a thread needs besides. */
export interface ThreadPlan {
  /** What the provider has called the thread. */
  readonly conversationId: string | null
}
