/**
 * One turn from its plan to its end: what the model says is gathered, judged, stored, and told in the log.
 * Begin with `runTurn`; the model is asked in generate.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnswerOutcome, Citation, SuggestionsEvent, TurnEvent } from '../../protocol/events.ts'
import { firstCodePoints } from '../../text/code-points.ts'
import { ChatError, OperatorNotice, ownWordsOf, toChatError, withoutOwnWords } from '../errors.ts'
import { CitablePassages } from '../grounding.ts'
import { isKeepable, PROVIDER } from '../metadata.ts'
import type {
  GenerateRequest,
  Logger,
  Message,
  MessageAddition,
  MessageChanges,
  Metadata,
  ProviderThreadChanges,
  TurnObserver,
  TurnOutcome,
} from '../ports/index.ts'
import { TOOL_LIMITS, type Environment } from '../settings.ts'
import { type AnswerFiles, AnswerSoFar, TurnOutput } from './answer.ts'
import { checkCitations } from './citations.ts'
import { DRAFT_INTERVAL, keepDraft } from './drafts.ts'
import { generateAnswer, type GenerationResult, outcomeOf } from './generate.ts'
import { withoutSecrets, type Interrupt } from './interrupts.ts'
import type { TurnDependencies, TurnPlan } from './plan.ts'
import { promptCharactersOf, requestOf } from './request.ts'
import { createTurnTools } from './tools.ts'

/** Code points. */
const LONGEST_ERROR_CODE = 128
const LONGEST_CORRELATION = 255
const LONGEST_QUESTION = 8_000
const MOST_PASSWORDS = 50

/** A turn on its way. */
export interface TurnRun {
  readonly signal: AbortSignal
  /** Of the answer. */
  readonly files: AnswerFiles
  /** Whether the turn counts. */
  readonly acknowledged: Promise<boolean>
  /** What cannot be stored by then is left to whoever finds it. */
  readonly givesUp: AbortSignal
  /** Another server has ended the turn: nothing of it is stored or told here any more. */
  readonly isLost: () => boolean
}

/**
 * Generates the answer, stores it, and ends the turn in the log, whatever happens; the model is asked at
 * once. Until the turn is acknowledged, nothing is stored or can be read; when it is not (false), nothing
 * ever is. Never throws.
 */
export async function runTurn(
  plan: TurnPlan,
  run: TurnRun,
  dependencies: TurnDependencies,
): Promise<void> {
  const { log, logger } = dependencies
  const { acknowledged } = run
  const names = namesOf(plan)
  void acknowledged.then((counts) => {
    if (counts) tellObservers(dependencies, names, (observer) => observer.turnStarted())
  })
  let outcome: TurnOutcome
  let isLeft = false
  try {
    const told = await answerAndStore({ plan, run, dependencies })
    if (!told) return
    ;({ outcome, isLeft } = told)
  } catch (error) {
    if (!(await acknowledged)) return
    const failure = toChatError(error)
    logger.error({ ...names, err: error }, 'a turn broke')
    outcome = brokenOutcome(plan, failure, dependencies.environment)
    log.writer(plan.turnId).append([
      errorEvent(failure),
      {
        type: 'done',
        message_id: plan.messageId,
        finish_reason: 'error',
        token_count: 0,
        inference_time_ms: outcome.totalMs,
      },
    ])
  }
  // Before readers learn of the end: what they ask next finds it counted.
  tellObservers(dependencies, names, (observer) => observer.turnEnded(outcome))
  // What could not be stored is not over: a server that finds it stores it.
  if (isLeft) return
  try {
    await log.end(plan.turnId)
  } catch (error) {
    logger.error({ ...names, err: error }, 'a turn could not be ended')
  }
}

/** What log lines of a turn carry. */
const namesOf = ({ trace, turnId, conversationId }: TurnPlan) => ({
  traceId: trace.traceId,
  turnId,
  conversationId,
})

const brokenOutcome = (
  plan: TurnPlan,
  failure: ChatError,
  environment: Environment,
): TurnOutcome => ({
  ownerId: plan.ownerId,
  finishReason: 'error',
  outcome: undefined,
  errorCode: failure.code,
  isAnswered: false,
  tokenCount: 0,
  usage: undefined,
  promptCharacters: 0,
  firstTokenMs: undefined,
  totalMs: elapsed(plan, environment),
})

/** A turn with all that it works with. */
interface Turn {
  readonly plan: TurnPlan
  readonly run: TurnRun
  readonly dependencies: TurnDependencies
}

interface Told {
  readonly outcome: TurnOutcome
  /** It could not be stored, or is another server's to end. */
  readonly isLeft: boolean
}

/** Gathers, generates, judges, stores and tells. Resolves to `undefined` when the turn does not count. */
async function answerAndStore(turn: Turn): Promise<Told | undefined> {
  const { plan, run } = turn
  const gathering = gather(turn)
  const { answer, output, endDraft } = gathering
  const { request, result } = await generate(turn, gathering)
  await run.files.settled()
  const judged = judge(turn, gathering, result)
  if (!(await run.acknowledged)) {
    await endDraft(true)
    await run.files.discard()
    return undefined
  }
  // Readers are written to at the end of this turn of the event loop: what they wait for goes first.
  await new Promise(setImmediate)
  const storeFailure = await storeAnswer(turn, answer, judged)
  await endDraft(storeFailure === undefined)
  const end: Judged = storeFailure
    ? { ...judged, error: storeFailure, finishReason: 'error', suggestions: undefined }
    : judged
  logEnd(turn, request, end, answer.tokenCount)
  const isLeft = run.isLost() || (storeFailure !== undefined && run.givesUp.aborted)
  if (!isLeft) output.append(endEvents(plan, answer, end))
  const outcome = {
    ownerId: plan.ownerId,
    finishReason: end.finishReason,
    outcome: end.outcome,
    errorCode: end.error?.code,
    isAnswered: answer.finish !== undefined,
    tokenCount: answer.tokenCount - (plan.continues?.tokenCount ?? 0),
    usage: answer.usage,
    promptCharacters: promptCharactersOf(request),
    firstTokenMs: output.firstTokenMs,
    totalMs: end.totalMs,
  }
  return { outcome, isLeft }
}

type Gathering = ReturnType<typeof gather>

/** Opens what the answer gathers in, and tells what is known of it before the model speaks. */
function gather(turn: Turn) {
  const { plan, run, dependencies } = turn
  const { log, inference, environment } = dependencies
  const answer = new AnswerSoFar(plan.continues)
  const endDraft = draftAnswer(turn, answer)
  const output = new TurnOutput({
    writer: log.writer(plan.turnId),
    acknowledged: run.acknowledged,
    elapsed: () => elapsed(plan, environment),
  })
  if (answer.sources.length > 0) output.append([{ type: 'sources', sources: answer.sources }])
  // The passages that the model was given or has found.
  const citable = new CitablePassages(plan.grounding)
  /** Tells readers and the answer which sources there are now. */
  const tellSources = () => {
    const noted = answer.note(citable.sources())
    if (noted) output.append([noted])
  }
  if (plan.grounding && !inference.quotesPassages) tellSources()
  // Who reads the turn gets the whole answer, as it is stored in the end.
  if (plan.continues) output.repeat([{ type: 'token', text: plan.continues.content }])
  return { answer, output, citable, tellSources, endDraft }
}

/**
 * Keeps drafts of the answer for the next start, should the process die before the end. What is returned ends that;
 * true: what was written may go.
 */
function draftAnswer(turn: Turn, answer: AnswerSoFar) {
  const { plan, dependencies } = turn
  const { drafts, draftInterval = DRAFT_INTERVAL, logger, environment } = dependencies
  return keepDraft({
    drafts,
    interval: draftInterval,
    logger,
    names: namesOf(plan),
    length: () => answer.length,
    draft: () => ({
      ownerId: plan.ownerId,
      userMessageId: plan.userMessage.id,
      turnId: plan.turnId,
      message: messageOf(turn, answer, {
        finishReason: 'interrupted',
        inferenceTimeMs: elapsed(plan, environment),
      }),
    }),
  })
}

/** Asks the model with the tools that it may call. Never rejects for what the model server does. */
async function generate(
  { plan, run, dependencies }: Turn,
  { answer, output, citable, tellSources }: Gathering,
): Promise<{ readonly request: GenerateRequest; readonly result: GenerationResult }> {
  const { inference, logger } = dependencies
  const tools = createTurnTools({
    // What a provider of threads sends goes to clients that know nothing of our tools.
    tools: plan.thread ? [] : toolsFor(plan, dependencies),
    pageTools: plan.pageTools,
    clientTools: dependencies.clientTools,
    conversationId: plan.conversationId,
    output,
    cite(hits) {
      const before = citable.passages.length
      const numbers = citable.cite(hits)
      if (citable.passages.length > before) tellSources()
      return numbers
    },
    creator: plan.creator,
    limits: dependencies.toolLimits ?? TOOL_LIMITS,
    logger,
    names: namesOf(plan),
  })
  const offered = inference.callsTools ? tools.definitions : []
  const request = await requestOf(plan, dependencies, { output, tools: offered })
  const { signal, files } = run
  const before = plan.continues?.content
  const asked = { inference, answer, files, tools, signal, output, request, before }
  const result = await generateAnswer(asked)
  // An answer that was to go on, and was stopped before it did, is what it was.
  const isStill = result.finishReason === 'stopped' && answer.content() === before
  return { request, result: isStill ? { ...result, finishReason: 'length' } : result }
}

/** What came of a generation, with what is found in its answer. */
interface Judged extends GenerationResult {
  readonly citations: readonly Citation[] | undefined
  readonly outcome: AnswerOutcome | undefined
  readonly suggestions: SuggestionsEvent | undefined
  /** Milliseconds of this turn. */
  readonly totalMs: number
  /** Milliseconds of all turns that have written on this answer. */
  readonly inferenceTimeMs: number
}

/** Checks what the answer cites, and whether it is one. */
function judge(
  { plan, dependencies }: Turn,
  { answer, citable: { passages } }: Gathering,
  result: GenerationResult,
): Judged {
  const { inference, tools, environment } = dependencies
  const quotesPassages = inference.quotesPassages ?? false
  const totalMs = elapsed(plan, environment)
  // An engine that quotes passages has nothing but their words.
  const citations = quotesPassages ? [] : checkCitations(answer.content(), passages)
  return {
    ...result,
    citations: citations.length > 0 ? citations : undefined,
    outcome: outcomeOf({ plan, result, tools, passages, quotesPassages }),
    // What was not said to its end leads nowhere.
    suggestions: result.finishReason === 'stop' ? answer.suggestions : undefined,
    totalMs,
    inferenceTimeMs: totalMs + (plan.continues?.inferenceTimeMs ?? 0),
  }
}

/** For the operator, when there were no tokens left for an answer. */
const RAISE_THE_LIMIT =
  'max_tokens was used up before the answer began: raise INFERENCE_DEFAULT_MAX_TOKENS, or max_tokens of the request; where the context was full, lower MAX_TOKEN_BUDGET'

/** As many words in a row that stand in the conversation are kept from the log. */
const WORDS_OF_THE_VISITOR = 3

/** Why a turn failed, without what servers repeat of the conversation in their errors. */
function forTheLog(cause: unknown, { messages }: GenerateRequest): unknown {
  if (!(cause instanceof OperatorNotice)) return cause
  const own = ownWordsOf(messages.map(({ content }) => content))
  return new OperatorNotice(withoutOwnWords(cause.message, own, WORDS_OF_THE_VISITOR), {
    cause: cause.cause,
  })
}

function logEnd(
  { plan, dependencies: { logger } }: Turn,
  request: GenerateRequest,
  { error, totalMs }: Judged,
  tokens: number,
): void {
  const names = namesOf(plan)
  if (!error) {
    logger.info({ ...names, tokens, ms: totalMs }, 'turn ended')
    return
  }
  const isTooShort = error.code === 'inference_length'
  logger.warn(
    {
      ...names,
      code: error.code,
      cause: forTheLog(error.cause, request),
      ...(isTooShort && { maxTokens: request.maxTokens, advice: RAISE_THE_LIMIT }),
    },
    'turn failed',
  )
}

function endEvents(
  { messageId }: TurnPlan,
  { tokenCount, usage }: AnswerSoFar,
  { citations, error, suggestions, outcome, finishReason, inferenceTimeMs }: Judged,
): readonly TurnEvent[] {
  return [
    ...(citations ? [{ type: 'citations', citations } as const] : []),
    ...(error ? [errorEvent(error)] : []),
    ...(suggestions ? [suggestions] : []),
    {
      type: 'done',
      message_id: messageId,
      finish_reason: finishReason,
      token_count: tokenCount,
      inference_time_ms: inferenceTimeMs,
      ...(usage && { usage }),
      ...(outcome && { outcome }),
    },
  ]
}

/** What must rest on given passages finds no others: its sources are told before all else. */
const toolsFor = ({ grounding }: TurnPlan, { tools }: TurnDependencies) =>
  grounding && !grounding.isOptional ? tools.filter(({ readsDocuments }) => !readsDocuments) : tools

const elapsed = (plan: TurnPlan, environment: Environment) =>
  Math.max(0, Math.round(environment.now() - plan.startedAt))

/** What is known of an answer beside what it says; of a draft, little. */
type KnownOfAnswer = Pick<Judged, 'finishReason' | 'inferenceTimeMs'> &
  Partial<Pick<Judged, 'citations' | 'outcome' | 'suggestions'>>

function messageOf(
  { plan, run, dependencies: { environment } }: Turn,
  answer: AnswerSoFar,
  { finishReason, inferenceTimeMs, citations, outcome, suggestions }: KnownOfAnswer,
): Message {
  const { interrupt } = answer
  const { kept: attachments } = run.files
  const { responseId } = answer.provider
  // A client of threads counts as the provider does.
  const counted = plan.thread && answer.usage?.completion_tokens
  return {
    id: plan.messageId,
    conversationId: plan.conversationId,
    role: 'assistant',
    content: withoutSecrets(answer.content(), plan.secrets),
    tokenCount: counted ?? answer.tokenCount,
    modelTag: plan.modelTag,
    inferenceTimeMs,
    finishReason,
    feedback: null,
    sources: answer.sources,
    ...(citations && { citations }),
    ...(outcome && { outcome }),
    ...(suggestions && { suggestions: suggestions.suggestions }),
    ...(attachments.length > 0 && { attachments }),
    ...(interrupt && { metadata: interruptMetadata(interrupt) }),
    ...(responseId !== undefined && {
      correlationId: firstCodePoints(responseId, LONGEST_CORRELATION),
    }),
    createdAt: plan.continues?.createdAt ?? new Date(environment.now()).toISOString(),
  }
}

/** Resolves to what went wrong, if anything did. */
async function storeAnswer(
  turn: Turn,
  answer: AnswerSoFar,
  judged: Judged,
): Promise<ChatError | undefined> {
  const { plan, run, dependencies } = turn
  const { ownerId, conversationId, replaces, continues } = plan
  const isCutShort = judged.error !== undefined || judged.finishReason === 'interrupted'
  const keepsOldAnswer = (replaces ?? continues) !== undefined && isCutShort
  const hasText = answer.content().trim() !== ''
  const isStored =
    !keepsOldAnswer && (hasText || answer.interrupt !== undefined || run.files.kept.length > 0)
  const changes = questionChanges(turn, answer, judged.error)
  const providerThread = providerThreadOf(turn, answer)
  const isNews = isStored || changes !== undefined || providerThread !== undefined
  const addition: MessageAddition = {
    message: isStored ? messageOf(turn, answer, judged) : null,
    ...(isStored && replaces !== undefined && { dropMessageIds: [replaces] }),
    ...(changes && { updates: [{ messageId: plan.userMessage.id, changes }] }),
    ...(providerThread && { providerThread }),
    endsTurn: plan.turnId,
  }
  const store = () => dependencies.store.addMessage(ownerId, conversationId, addition)
  try {
    // A conversation deleted meanwhile stays deleted, and what another server has ended is as it left it.
    const written = isNews && !run.isLost() && (await untilReachable(store, turn))
    if (!isStored || !written) await run.files.discard()
    return undefined
  } catch (error) {
    return new ChatError('internal', 'The answer could not be saved. Please try again.', {
      cause: toChatError(error),
    })
  }
}

/** Milliseconds between two tries to store an answer, growing, and after which there are no more. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 3_000
const STORE_PATIENCE = 15 * 60_000

/** Tries again while what keeps conversations cannot be reached: the answer is there, and so are its readers. */
async function untilReachable<Value>(
  store: () => Promise<Value>,
  { plan, run: { givesUp }, dependencies: { logger } }: Turn,
): Promise<Value> {
  const late = performance.now() + STORE_PATIENCE
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
    try {
      return await store()
    } catch (error) {
      const isAway = error instanceof ChatError && error.code === 'storage_unreachable'
      if (!isAway || givesUp.aborted || performance.now() > late) throw error
      logger.warn({ ...namesOf(plan), cause: error.cause }, 'an answer waits to be stored')
      await sleep(pause, undefined, { signal: givesUp }).catch(() => undefined)
    }
  }
}

/** What becomes of the message that was answered: of a thread's, or of one that had failed before. */
function questionChanges(
  { plan: { thread, userMessage }, dependencies: { environment } }: Turn,
  { usage }: AnswerSoFar,
  error: ChatError | undefined,
): MessageChanges | undefined {
  const updatedAt = new Date(environment.now()).toISOString()
  if (!error && userMessage.status === 'error') {
    return { status: 'ready', errorCode: null, updatedAt }
  }
  const tokenCount = usage?.prompt_tokens
  if (!thread || (!error && tokenCount === undefined)) return undefined
  return {
    ...(tokenCount !== undefined && { tokenCount }),
    ...(error && {
      status: 'error',
      errorCode: firstCodePoints(error.message, LONGEST_ERROR_CODE),
    }),
    updatedAt,
  }
}

/** What the provider calls the thread, when that is news. */
function providerThreadOf(
  { plan: { thread }, dependencies: { environment } }: Turn,
  { provider: { conversationId } }: AnswerSoFar,
): ProviderThreadChanges | undefined {
  if (!thread || conversationId === undefined || conversationId === thread.conversationId) {
    return undefined
  }
  return {
    newId: environment.createId(),
    provider: PROVIDER,
    conversationId,
    updatedAt: new Date(environment.now()).toISOString(),
  }
}

/** Of a form that is too large, or too deep, the question is kept, and which of its fields are for passwords. */
function interruptMetadata({ id, payload, question, passwords }: Interrupt): Metadata {
  const whole = { interrupt_id: id ?? null, interrupt_payload: payload ?? null }
  if (isKeepable(whole)) return whole
  const content = firstCodePoints(question, LONGEST_QUESTION)
  const fields = passwords
    .slice(0, MOST_PASSWORDS)
    .map((name) => ({ name: firstCodePoints(name, LONGEST_CORRELATION), format: 'password' }))
  return { ...whole, interrupt_payload: { content, fields } }
}

function errorEvent(error: ChatError): TurnEvent {
  const { message, code, retryable, retryAfter } = error
  return {
    type: 'error',
    message,
    code,
    retryable,
    ...(retryAfter !== undefined && { retry_after: retryAfter }),
  }
}

/** Tells every observer; what one throws is logged, and reaches neither the turn nor the others. */
function tellObservers(
  { observers = [], logger }: { observers?: readonly TurnObserver[]; logger: Logger },
  names: object,
  tell: (observer: TurnObserver) => void,
): void {
  for (const observer of observers) {
    try {
      tell(observer)
    } catch (error) {
      logger.error({ ...names, err: error }, 'an observer of turns broke')
    }
  }
}
