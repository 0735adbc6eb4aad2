/**
 * What a turn is to do: from a request and the conversation as it stands to the plan that runs. `openMessage` and
 * `openAnswer` say what the turn begins with, and `planTurn` adds what the model is to answer from.
 */
import type { GenerationOptionsBody } from '../../protocol/api.ts'
import { ChatError } from '../errors.ts'
import {
  fitGrounding,
  type GroundedQuestion,
  type GroundingWish,
  groundQuestion,
  OPTIONAL_GROUNDING,
} from '../grounding.ts'
import { modelOf, openingOf, type OpeningMessage, PROVIDER, titleFrom } from '../metadata.ts'
import type {
  Attachment,
  AttachmentStore,
  Conversation,
  ConversationStore,
  DraftStore,
  FileTexts,
  Inference,
  Knowledge,
  Logger,
  Message,
  Metadata,
  NewAttachment,
  RequestTrace,
  ThreadOpening,
  Tool,
  ToolDefinition,
  TurnLog,
  TurnObserver,
} from '../ports/index.ts'
import type { Environment, ToolLimits, TurnSettings } from '../settings.ts'
import { checkContinues } from './continuation.ts'
import { awaitedPasswords, hidePasswords } from './interrupts.ts'
import type { ClientTools } from './tools.ts'
import {
  checkLength,
  longestMessage,
  placeQuestion,
  type QuestionPlace,
  roomBeside,
} from './user-message.ts'

/** What all turns work with. */
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

/** A request for an answer to the last message. */
export interface RegenerateInput {
  readonly ownerId: string
  readonly conversationId: string
  readonly options: GenerationOptionsBody
  /** Tools of the page that the model may call. */
  readonly pageTools?: readonly ToolDefinition[] | undefined
  /** Whose documents come first; where an answer has to rest on documents, `grounding` says so. */
  readonly creator?: string | undefined
  /** The request's `Idempotency-Key`. */
  readonly key?: string | undefined
  /**
   * Takes what a turn costs its caller: called once the turn is sure to begin, and never for a request
   * that attaches to another one's. When it throws, nothing begins.
   */
  readonly admit?: (() => Promise<void>) | undefined
  /** The message is one of a thread. */
  readonly thread?: ThreadMessage | undefined
  readonly trace: RequestTrace
}

/** The same, for one that may go on instead. */
export interface AnswerInput extends RegenerateInput {
  /** The last answer goes on where its length limit cut it off, and is not made anew. */
  readonly continues?: boolean | undefined
}

/** A request that brings its message. */
export interface SendInput extends RegenerateInput, QuestionPlace {
  readonly content: string
  /** What the request calls the text, for the sentence that refuses one which is too long; `content` otherwise. */
  readonly field?: string | undefined
  /** The answer is to rest on passages of the documents, which are looked for before the turn. */
  readonly grounding?: GroundingWish | undefined
}

/** What a client of threads says with its message besides; without a model, the thread's is asked. */
interface ThreadMessage extends Omit<OpeningMessage, 'text'> {
  readonly metadata?: Metadata | undefined
  readonly correlationId?: string | undefined
}

/** The conversation as it stands when the turn begins. */
export interface Found {
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly Message[]
}

/** What a turn begins with. */
export interface Opening {
  readonly userMessage: Message
  /** The message came with the request and is to be stored. */
  readonly isNew: boolean
  readonly title?: string | undefined
  /** What the thread becomes by its first message. */
  readonly opening?: ThreadOpening | undefined
  /** What the message says in the history alone, and is kept nowhere. */
  readonly secrets?: readonly string[]
  /** Files of the message, to be stored before it. */
  readonly files?: readonly NewAttachment[] | undefined
  /** Oldest first; the last one is the user's. */
  readonly history: readonly Message[]
  /** What goes when the message is stored. */
  readonly dropped?: readonly Message[]
  readonly droppedFiles?: readonly Attachment[]
  /** The answer that goes when the new one is stored. */
  readonly replaces?: string | undefined
  /** The answer that goes on. */
  readonly continues?: Message | undefined
  readonly grounding?: GroundingWish | undefined
}

/**
 * A new message, at the end or in the place of another one.
 * @throws ChatError `invalid_request`, `not_found` or `too_large` with what cannot be said
 */
export function openMessage(
  input: SendInput,
  { conversation, messages }: Found,
  { inference, settings, environment }: TurnDependencies,
): Opening {
  const { conversationId, content, field = 'content', files, grounding } = input
  const { replaces, repeats, keepFiles, thread } = input
  checkLength(content, longestMessage(inference, settings.prompts), field)
  const { metadata, correlationId } = thread ?? {}
  const id = environment.createId()
  const createdAt = new Date(environment.now()).toISOString()
  const said = { content, metadata, correlationId }
  const place = { replaces, repeats, files, keepFiles }
  const question = { id, conversationId, createdAt, ...place, ...said }
  const { kept, userMessage, ...placed } = placeQuestion(messages, question)
  const hidden = hidePasswords(said, awaitedPasswords(kept))
  return {
    ...placed,
    ...titlesOf(conversation, kept, { text: hidden.kept.content, ...thread }, thread),
    userMessage: {
      ...userMessage,
      content: hidden.kept.content,
      ...(hidden.kept.metadata && { metadata: hidden.kept.metadata }),
    },
    secrets: hidden.secrets,
    isNew: true,
    files,
    grounding,
    history: [...kept, userMessage],
  }
}

/** What a first message makes of a conversation, or of a thread. */
function titlesOf(
  conversation: Conversation,
  kept: readonly Message[],
  message: OpeningMessage,
  thread: ThreadMessage | undefined,
): Pick<Opening, 'title' | 'opening'> {
  if (thread) return { opening: openingOf(conversation, kept, message) }
  return { title: titleFrom(conversation, kept, message.text) }
}

/**
 * The last message once more, or its answer further on.
 * @throws ChatError `invalid_request` when there is no user message, or no answer that could go on
 */
export function openAnswer(
  { continues }: AnswerInput,
  { messages }: Found,
  { inference, settings }: TurnDependencies,
): Opening {
  const at = messages.findLastIndex((message) => message.role === 'user')
  const userMessage = messages[at]
  if (!userMessage) {
    throw new ChatError('invalid_request', 'There is no message to answer yet.', { status: 400 })
  }
  checkLength(userMessage.content, longestMessage(inference, settings.prompts), 'content')
  const answers = messages.slice(at + 1).filter((message) => message.role === 'assistant')
  const last = answers.at(-1)
  return {
    userMessage,
    isNew: false,
    history: messages.slice(0, at + 1),
    ...(continues ? { continues: checkContinues(last) } : { replaces: last?.id }),
  }
}

/** Everything that one run needs to know: of the request, of what it begins with, and what was found for it. */
export interface TurnPlan
  extends
    Pick<RegenerateInput, 'ownerId' | 'conversationId' | 'options' | 'trace' | 'creator'>,
    Pick<Opening, 'userMessage' | 'history' | 'replaces' | 'continues'> {
  readonly turnId: string
  /** The id the answer gets. */
  readonly messageId: string
  /** Tools of the page that the model may call. */
  readonly pageTools: readonly ToolDefinition[]
  /** Milliseconds since 1970: when the request came. */
  readonly startedAt: number
  readonly modelTag: string
  /** What the answer is to rest on. */
  readonly grounding: GroundedQuestion | undefined
  /** The turn is one of a thread: what the provider has called that. */
  readonly thread: { readonly conversationId: string | null } | undefined
  /** Of the visitor's message; they are kept nowhere. */
  readonly secrets: readonly string[]
}

/** What a plan is made from. */
interface TurnMaterial {
  readonly turnId: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly conversation: Conversation
  readonly opening: Opening
}

/** Looks for the passages that the answer is to rest on, and for what the provider calls the thread. */
export async function planTurn(
  input: RegenerateInput,
  { turnId, startedAt, conversation, opening }: TurnMaterial,
  dependencies: TurnDependencies,
): Promise<TurnPlan> {
  const { ownerId, conversationId, options, pageTools = [], trace, thread, creator } = input
  const { userMessage, history, replaces, continues, secrets = [] } = opening
  const messageId = continues?.id ?? dependencies.environment.createId()
  const grounding = await groundingOf(input, opening, dependencies)
  const known =
    thread && (await dependencies.store.providerThread(ownerId, conversationId, PROVIDER))
  return {
    turnId,
    ownerId,
    conversationId,
    messageId,
    startedAt,
    trace,
    options,
    pageTools,
    creator,
    modelTag: thread?.model ?? modelOf(conversation),
    userMessage,
    history,
    replaces,
    continues,
    secrets,
    grounding,
    thread: thread && { conversationId: known?.conversationId ?? null },
  }
}

/** The passages for the question, as many as fit beside it; `undefined` where the model needs none. */
async function groundingOf(
  { thread, creator }: RegenerateInput,
  { grounding, history }: Opening,
  { knowledge, inference, settings, grounding: ofSite }: TurnDependencies,
): Promise<GroundedQuestion | undefined> {
  // The provider of a thread is asked what its client says, and nothing besides.
  const usual = creator === undefined ? ofSite : { ...OPTIONAL_GROUNDING, creator }
  const wish = grounding ?? (thread ? undefined : usual)
  const looked = wish && (await groundQuestion(knowledge, history, wish))
  // An engine that quotes says what comes nearest; a model has no use for that.
  const isNeeded = !looked?.isOptional || inference.quotesPassages || looked.passages.length > 0
  if (!looked || !isNeeded) return undefined
  return fitGrounding(
    looked,
    roomBeside(history.at(-1)?.content ?? '', inference, settings.prompts),
  )
}
