import type { AnswerOutcome, Citation, TurnEvent } from '../../protocol/events.ts'
import { type AnswerFiles, createAnswerSoFar, type AnswerSoFar, TurnOutput } from './answer.ts'

import { checkCitations } from './citations.ts'
import { ChatError, OperatorNotice, toChatError, ownWordsOf, withoutOwnWords } from '../errors.ts'
import { DRAFT_INTERVAL, keepDraft } from './drafts.ts'
import { generateAnswer, type GenerationResult, outcomeOf } from './generate.ts'
import { CitablePassages } from '../grounding.ts'
import { firstCodePoints } from '../../text/code-points.ts'
import { withoutSecrets, type Interrupt } from './interrupts.ts'
import { isKeepable, PROVIDER } from '../metadata.ts'

import type {
  Attachment,
  GenerateRequest,
  KnowledgeHit,
  Message,
  MessageChanges,
  Metadata,
  ProviderThreadChanges,
  TurnOutcome,
  Logger,
  TurnObserver,
} from '../ports/index.ts'
import { TOOL_LIMITS, type Environment } from '../settings.ts'
import type { TurnDependencies, TurnPlan } from './plan.ts'

import { promptCharactersOf, requestOf } from './request.ts'
import { createTurnTools } from './tools.ts'

/** Code points. */
const LONGEST_ERROR_CODE = 128
const LONGEST_CORRELATION = 255
const LONGEST_QUESTION = 8_000
const MOST_PASSWORDS = 50

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

/** A turn on its way. */
export interface TurnRun {
  readonly signal: AbortSignal
  /** Of the answer. */
  readonly files: AnswerFiles
  /** Whether the turn counts. */
  readonly acknowledged: Promise<boolean>
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
  let outcome: TurnOutcome | undefined
  try {
    outcome = await answerAndStore(plan, run, dependencies)
    if (!outcome) return
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

/** Resolves to `undefined` when the turn does not count. */
async function answerAndStore(
  plan: TurnPlan,
  { signal, files, acknowledged }: TurnRun,
  dependencies: TurnDependencies,
): Promise<TurnOutcome | undefined> {
  const { log, inference, environment, logger } = dependencies
  const names = namesOf(plan)
  const answer = createAnswerSoFar(plan.continues)
  const endDraft = keepDraft({
    drafts: dependencies.drafts,
    interval: dependencies.draftInterval ?? DRAFT_INTERVAL,
    logger,
    names,
    length: () => answer.length,
    draft: () => ({
      ownerId: plan.ownerId,
      userMessageId: plan.userMessage.id,
      message: messageOf(plan, dependencies, {
        content: answer.content(),
        sources: answer.sources,
        tokenCount: answer.tokenCount,
        finishReason: 'interrupted',
        inferenceTimeMs: elapsed(plan, environment),
        usage: undefined,
        provider: answer.provider,
        interrupt: answer.interrupt,
        files: files.kept,
      }),
    }),
  })
  const output = new TurnOutput({
    writer: log.writer(plan.turnId),
    acknowledged,
    elapsed: () => elapsed(plan, environment),
  })
  const { continues } = plan
  if (answer.sources.length > 0) output.append([{ type: 'sources', sources: answer.sources }])
  const citable = new CitablePassages(plan.grounding)
  const tellSources = () => {
    const noted = answer.note(citable.sources())
    if (noted) output.append([noted])
  }
  if (plan.grounding && !inference.quotesPassages) tellSources()
  // Who reads the turn gets the whole answer, as it is stored in the end.
  if (continues) output.repeat([{ type: 'token', text: continues.content }])
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
    names,
  })
  const offered = inference.callsTools ? tools.definitions : []
  const request = await requestOf(plan, dependencies, { output, tools: offered })
  const generated = await generateAnswer({
    inference,
    answer,
    files,
    tools,
    signal,
    output,
    request,
    before: continues?.content,
  })
  const result = withoutChange(generated, continues)
  await files.settled()
  const totalMs = elapsed(plan, environment)
  const inferenceTimeMs = totalMs + (continues?.inferenceTimeMs ?? 0)
  // An engine that quotes passages has nothing but their words.
  const citations = inference.quotesPassages
    ? undefined
    : citationsOf(result.content, citable.passages)
  const outcome = outcomeOf({
    plan,
    result,
    tools: dependencies.tools,
    passages: citable.passages,
    quotesPassages: inference.quotesPassages ?? false,
  })
  if (!(await acknowledged)) {
    await endDraft(true)
    await files.discard()
    return undefined
  }
  // Readers are written to at the end of this turn of the event loop: what they wait for goes first.
  await new Promise(setImmediate)
  // What was not said to its end leads nowhere.
  const suggestions = result.finishReason === 'stop' ? answer.suggestions : undefined
  const storeFailure = await storeAnswer(
    plan,
    files,
    {
      ...result,
      citations,
      outcome,
      suggestions: suggestions?.suggestions,
      inferenceTimeMs,
      provider: answer.provider,
      interrupt: answer.interrupt,
      files: files.kept,
    },
    dependencies,
  )
  const failure = storeFailure ?? result.error
  await endDraft(storeFailure === undefined)
  if (failure) {
    const isTooShort = failure.code === 'inference_length'
    logger.warn(
      {
        ...names,
        code: failure.code,
        cause: forTheLog(failure.cause, request),
        ...(isTooShort && { maxTokens: request.maxTokens, advice: RAISE_THE_LIMIT }),
      },
      'turn failed',
    )
  } else {
    logger.info({ ...names, tokens: result.tokenCount, ms: totalMs }, 'turn ended')
  }
  const finishReason = storeFailure ? 'error' : result.finishReason
  output.append([
    ...(citations ? [{ type: 'citations', citations } as const] : []),
    ...(failure ? [errorEvent(failure)] : []),
    ...(suggestions && !storeFailure ? [suggestions] : []),
    {
      type: 'done',
      message_id: plan.messageId,
      finish_reason: finishReason,
      token_count: result.tokenCount,
      inference_time_ms: inferenceTimeMs,
      ...(result.usage && { usage: result.usage }),
      ...(outcome && { outcome }),
    },
  ])
  return {
    ownerId: plan.ownerId,
    finishReason,
    outcome,
    errorCode: failure?.code,
    isAnswered: answer.finish !== undefined,
    tokenCount: result.tokenCount - (continues?.tokenCount ?? 0),
    usage: result.usage,
    promptCharacters: promptCharactersOf(request),
    firstTokenMs: output.firstTokenMs,
    totalMs,
  }
}

/** An answer that was to go on, and was stopped before it did, is what it was. */
function withoutChange(result: GenerationResult, continues: Message | undefined): GenerationResult {
  const isStill = result.finishReason === 'stopped' && result.content === continues?.content
  return isStill ? { ...result, finishReason: 'length' } : result
}

function citationsOf(
  content: string,
  passages: readonly KnowledgeHit[],
): readonly Citation[] | undefined {
  const citations = checkCitations(content, passages)
  return citations.length > 0 ? citations : undefined
}

/** What must rest on given passages finds no others: its sources are told before all else. */
const toolsFor = ({ grounding }: TurnPlan, { tools }: TurnDependencies) =>
  grounding && !grounding.isOptional ? tools.filter(({ readsDocuments }) => !readsDocuments) : tools

const elapsed = (plan: TurnPlan, environment: Environment) =>
  Math.max(0, Math.round(environment.now() - plan.startedAt))

type AnswerToStore = Pick<
  GenerationResult,
  'content' | 'sources' | 'tokenCount' | 'finishReason' | 'usage'
> &
  Pick<AnswerSoFar, 'provider' | 'interrupt'> &
  Pick<Message, 'inferenceTimeMs'> & {
    readonly citations?: Message['citations'] | undefined
    readonly outcome?: AnswerOutcome | undefined
    readonly suggestions?: Message['suggestions'] | undefined
    readonly files: readonly Attachment[]
  }

function messageOf(
  plan: TurnPlan,
  { environment }: TurnDependencies,
  answer: AnswerToStore,
): Message {
  const { files, interrupt, provider } = answer
  const { responseId } = provider
  // A client of threads counts as the provider does.
  const counted = plan.thread && answer.usage?.completion_tokens
  return {
    id: plan.messageId,
    conversationId: plan.conversationId,
    role: 'assistant',
    content: withoutSecrets(answer.content, plan.secrets),
    tokenCount: counted ?? answer.tokenCount,
    modelTag: plan.modelTag,
    inferenceTimeMs: answer.inferenceTimeMs,
    finishReason: answer.finishReason,
    feedback: null,
    sources: answer.sources,
    ...(answer.citations && { citations: answer.citations }),
    ...(answer.outcome && { outcome: answer.outcome }),
    ...(answer.suggestions && { suggestions: answer.suggestions }),
    ...(files.length > 0 && { attachments: files }),
    ...(interrupt && { metadata: interruptMetadata(interrupt) }),
    ...(responseId !== undefined && {
      correlationId: firstCodePoints(responseId, LONGEST_CORRELATION),
    }),
    createdAt: plan.continues?.createdAt ?? new Date(environment.now()).toISOString(),
  }
}

/** Resolves to what went wrong, if anything did. */
async function storeAnswer(
  plan: TurnPlan,
  files: AnswerFiles,
  result: GenerationResult & AnswerToStore,
  dependencies: TurnDependencies,
): Promise<ChatError | undefined> {
  const { ownerId, conversationId, replaces, continues } = plan
  const isCutShort = result.error !== undefined || result.finishReason === 'interrupted'
  const keepsOldAnswer = (replaces ?? continues) !== undefined && isCutShort
  const isEmpty = result.content.trim() === '' && !result.interrupt && result.files.length === 0
  const isStored = !isEmpty && !keepsOldAnswer
  const changes = questionChanges(plan, result, dependencies)
  try {
    const providerThread = providerThreadOf(plan, result, dependencies)
    const isNews = isStored || changes !== undefined || providerThread !== undefined
    // A conversation deleted meanwhile stays deleted.
    const written =
      isNews &&
      (await dependencies.store.addMessage(ownerId, conversationId, {
        message: isStored ? messageOf(plan, dependencies, result) : null,
        ...(isStored && replaces !== undefined && { dropMessageIds: [replaces] }),
        ...(changes && { updates: [{ messageId: plan.userMessage.id, changes }] }),
        ...(providerThread && { providerThread }),
      }))
    if (!isStored || !written) await files.discard()
    return undefined
  } catch (error) {
    return new ChatError('internal', 'The answer could not be saved. Please try again.', {
      cause: toChatError(error),
    })
  }
}

/** What becomes of the message that was answered: of a thread's, or of one that had failed before. */
function questionChanges(
  { thread, userMessage }: TurnPlan,
  { error, usage }: GenerationResult,
  { environment }: TurnDependencies,
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
  { thread }: TurnPlan,
  { provider }: AnswerToStore,
  { environment }: TurnDependencies,
): ProviderThreadChanges | undefined {
  const name = provider.conversationId
  if (!thread || name === undefined || name === thread.conversationId) return undefined
  return {
    newId: environment.createId(),
    provider: PROVIDER,
    conversationId: name,
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
