import type { GenerationOptionsBody } from '../protocol/api.ts'
import type { Citation, TurnEvent } from '../protocol/events.ts'
import { createAnswerSoFar } from './answer-so-far.ts'
import { checkCitations } from './citations.ts'
import { ChatError, toChatError } from './errors.ts'
import { DRAFT_INTERVAL, keepDraft } from './drafts.ts'
import { generateAnswer, type GenerationResult } from './generation.ts'
import { CitablePassages, type GroundedQuestion } from './grounding.ts'
import { tellObservers } from './observers.ts'
import type { KnowledgeHit, Message, RequestTrace, ToolDefinition, TurnOutcome } from './ports.ts'
import { TOOL_LIMITS, type Environment } from './settings.ts'
import type { TurnDependencies } from './turn.ts'
import { TurnOutput } from './turn-output.ts'
import { promptCharactersOf, requestOf } from './turn-request.ts'
import { createTurnTools } from './turn-tools.ts'

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
  /** What the answer is to rest on. */
  readonly grounding?: GroundedQuestion | undefined
}

/**
 * Generates the answer, stores it, and ends the turn in the log, whatever happens; the model is asked at
 * once. Until the turn is acknowledged, nothing is stored or can be read; when it is not (false), nothing
 * ever is. Never throws.
 */
export async function runTurn(
  plan: TurnPlan,
  signal: AbortSignal,
  dependencies: TurnDependencies,
  acknowledged: Promise<boolean>,
): Promise<void> {
  const { log, logger } = dependencies
  const names = namesOf(plan)
  void acknowledged.then((counts) => {
    if (counts) tellObservers(dependencies, names, (observer) => observer.turnStarted())
  })
  let outcome: TurnOutcome | undefined
  try {
    outcome = await answerAndStore(plan, signal, dependencies, acknowledged)
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
  errorCode: failure.code,
  tokenCount: 0,
  usage: undefined,
  promptCharacters: 0,
  firstTokenMs: undefined,
  totalMs: elapsed(plan, environment),
})

/** Resolves to `undefined` when the turn does not count. */
async function answerAndStore(
  plan: TurnPlan,
  signal: AbortSignal,
  dependencies: TurnDependencies,
  acknowledged: Promise<boolean>,
): Promise<TurnOutcome | undefined> {
  const { log, inference, environment, logger } = dependencies
  const names = namesOf(plan)
  const answer = createAnswerSoFar()
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
      }),
    }),
  })
  const output = new TurnOutput({
    writer: log.writer(plan.turnId),
    acknowledged,
    elapsed: () => elapsed(plan, environment),
  })
  const citable = new CitablePassages(plan.grounding)
  const tellSources = () => {
    const noted = answer.note(citable.sources())
    if (noted) output.append([noted])
  }
  if (plan.grounding && !inference.quotesPassages) tellSources()
  const tools = createTurnTools({
    tools: toolsFor(plan, dependencies),
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
    limits: dependencies.toolLimits ?? TOOL_LIMITS,
    logger,
    names,
  })
  const offered = inference.callsTools ? tools.definitions : []
  const request = await requestOf(plan, dependencies, { output, tools: offered })
  const result = await generateAnswer({
    inference,
    answer,
    tools,
    signal,
    output,
    request,
  })
  const inferenceTimeMs = elapsed(plan, environment)
  // An engine that quotes passages has nothing but their words.
  const citations = inference.quotesPassages
    ? undefined
    : citationsOf(result.content, citable.passages)
  if (!(await acknowledged)) {
    await endDraft(true)
    return undefined
  }
  // Readers are written to at the end of this turn of the event loop: what they wait for goes first.
  await new Promise(setImmediate)
  const storeFailure = await storeAnswer(
    plan,
    { ...result, citations, inferenceTimeMs },
    dependencies,
  )
  const failure = storeFailure ?? result.error
  await endDraft(storeFailure === undefined)
  if (failure) {
    logger.warn({ ...names, code: failure.code, cause: failure.cause }, 'turn failed')
  } else {
    logger.info({ ...names, tokens: result.tokenCount, ms: inferenceTimeMs }, 'turn ended')
  }
  const finishReason = failure ? 'error' : result.finishReason
  output.append([
    ...(citations ? [{ type: 'citations', citations } as const] : []),
    ...(failure ? [errorEvent(failure)] : []),
    ...(answer.suggestions && finishReason === 'stop' ? [answer.suggestions] : []),
    {
      type: 'done',
      message_id: plan.messageId,
      finish_reason: finishReason,
      token_count: result.tokenCount,
      inference_time_ms: inferenceTimeMs,
      ...(result.usage && { usage: result.usage }),
    },
  ])
  return {
    ownerId: plan.ownerId,
    finishReason,
    errorCode: failure?.code,
    tokenCount: result.tokenCount,
    usage: result.usage,
    promptCharacters: promptCharactersOf(request),
    firstTokenMs: output.firstTokenMs,
    totalMs: inferenceTimeMs,
  }
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

type AnswerToStore = Pick<GenerationResult, 'content' | 'sources' | 'tokenCount' | 'finishReason'> &
  Pick<Message, 'inferenceTimeMs'> & { readonly citations?: Message['citations'] | undefined }

function messageOf(
  plan: TurnPlan,
  { environment }: TurnDependencies,
  answer: AnswerToStore,
): Message {
  return {
    id: plan.messageId,
    conversationId: plan.conversationId,
    role: 'assistant',
    content: answer.content,
    tokenCount: answer.tokenCount,
    modelTag: plan.modelTag,
    inferenceTimeMs: answer.inferenceTimeMs,
    finishReason: answer.finishReason,
    feedback: null,
    sources: answer.sources,
    ...(answer.citations && { citations: answer.citations }),
    createdAt: new Date(environment.now()).toISOString(),
  }
}

/** Resolves to what went wrong, if anything did. */
async function storeAnswer(
  plan: TurnPlan,
  result: GenerationResult & AnswerToStore,
  dependencies: TurnDependencies,
): Promise<ChatError | undefined> {
  const isCutShort = result.error !== undefined || result.finishReason === 'interrupted'
  const keepsOldAnswer = plan.replaces !== undefined && isCutShort
  if (result.content === '' || keepsOldAnswer) return undefined
  const message = messageOf(plan, dependencies, result)
  try {
    // A conversation deleted meanwhile stays deleted.
    await dependencies.store.addMessage(plan.ownerId, plan.conversationId, {
      message,
      ...(plan.replaces !== undefined && { dropMessageIds: [plan.replaces] }),
    })
    return undefined
  } catch (error) {
    return new ChatError('internal', 'The answer could not be saved. Please try again.', {
      cause: toChatError(error),
    })
  }
}

function errorEvent(error: ChatError): TurnEvent {
  return { type: 'error', message: error.message, code: error.code, retryable: error.retryable }
}
