import type { GenerationOptionsBody } from '../protocol/api.ts'
import type { TurnEvent } from '../protocol/events.ts'
import { ChatError, toChatError } from './errors.ts'
import { DRAFT_INTERVAL, keepDraft } from './drafts.ts'
import { createAnswerSoFar, generateAnswer, type GenerationResult } from './generation.ts'
import { limitHistory } from './history.ts'
import type { GenerateRequest, Message, RequestTrace } from './ports.ts'
import type { Environment, TurnSettings } from './settings.ts'
import type { TurnDependencies } from './turn.ts'

/** Milliseconds after which a model server that still says nothing new, or never ends, is given up. */
const LONGEST_TURN = 60 * 60_000

/** Everything that one run needs to know. */
export interface TurnPlan {
  readonly turnId: string
  readonly ownerId: string
  readonly conversationId: string
  readonly userMessage: Message
  /** The id the answer gets. */
  readonly messageId: string
  readonly options: GenerationOptionsBody
  readonly trace: RequestTrace
  /** Milliseconds since 1970: when the request came. */
  readonly startedAt: number
  /** Oldest first; the last one is the user's. */
  readonly history: readonly Message[]
  readonly modelTag: string
  /** The answer that this turn replaces when it succeeds. */
  readonly replaces?: string | undefined
}

/** Generates the answer, stores it, and ends the turn in the log, whatever happens. Never throws. */
export async function runTurn(
  plan: TurnPlan,
  signal: AbortSignal,
  dependencies: TurnDependencies,
): Promise<void> {
  const { log, logger } = dependencies
  try {
    await answerAndStore(plan, signal, dependencies)
  } catch (error) {
    logger.error({ turnId: plan.turnId, err: error }, 'a turn broke')
    log.append(plan.turnId, [
      errorEvent(toChatError(error)),
      {
        type: 'done',
        message_id: plan.messageId,
        finish_reason: 'error',
        token_count: 0,
        inference_time_ms: elapsed(plan, dependencies.environment),
      },
    ])
  }
  try {
    await log.end(plan.turnId)
  } catch (error) {
    logger.error({ turnId: plan.turnId, err: error }, 'a turn could not be ended')
  }
}

async function answerAndStore(
  plan: TurnPlan,
  signal: AbortSignal,
  dependencies: TurnDependencies,
): Promise<void> {
  const { log, inference, settings, environment, logger } = dependencies
  const { turnId } = plan
  const names = {
    traceId: plan.trace.traceId,
    turnId,
    conversationId: plan.conversationId,
  }
  const answer = createAnswerSoFar()
  const endDraft = keepDraft({
    drafts: dependencies.drafts,
    interval: dependencies.draftInterval ?? DRAFT_INTERVAL,
    logger,
    length: () => answer.length,
    draft: () => ({
      ownerId: plan.ownerId,
      message: messageOf(plan, dependencies, {
        content: answer.content(),
        sources: answer.sources,
        tokenCount: answer.tokenCount,
        finishReason: 'interrupted',
      }),
    }),
  })
  const result = await generateAnswer({
    inference,
    answer,
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_TURN)]),
    append: (events) => log.append(turnId, events),
    request: requestOf(plan, settings),
  })
  const storeFailure = await storeAnswer(plan, result, dependencies)
  const failure = storeFailure ?? result.error
  await endDraft(storeFailure === undefined)
  const inferenceTimeMs = elapsed(plan, environment)
  if (failure) {
    logger.warn({ ...names, code: failure.code, cause: failure.cause }, 'turn failed')
  } else {
    logger.info({ ...names, tokens: result.tokenCount, ms: inferenceTimeMs }, 'turn ended')
  }
  log.append(turnId, [
    ...(failure ? [errorEvent(failure)] : []),
    {
      type: 'done',
      message_id: plan.messageId,
      finish_reason: failure ? 'error' : result.finishReason,
      token_count: result.tokenCount,
      inference_time_ms: inferenceTimeMs,
      ...(result.usage && { usage: result.usage }),
    },
  ])
}

function requestOf(plan: TurnPlan, settings: TurnSettings): GenerateRequest {
  const { options } = plan
  const { defaults, prompts } = settings
  const thinkingMode = options.thinking_mode ?? false
  return {
    messages: limitHistory(plan.history, settings.history),
    systemPrompt: thinkingMode ? prompts.think : prompts.direct,
    model: plan.modelTag === 'default' ? null : plan.modelTag,
    temperature: options.temperature ?? defaults.temperature,
    maxTokens: options.max_tokens ?? defaults.maxTokens,
    topK: options.top_k ?? defaults.topK,
    thinkingMode,
    forceWebSearch: options.force_web_search ?? false,
    trace: plan.trace,
  }
}

const elapsed = (plan: TurnPlan, environment: Environment) =>
  Math.max(0, Math.round(environment.now() - plan.startedAt))

function messageOf(
  plan: TurnPlan,
  { environment }: TurnDependencies,
  answer: Pick<GenerationResult, 'content' | 'sources' | 'tokenCount' | 'finishReason'>,
): Message {
  return {
    id: plan.messageId,
    conversationId: plan.conversationId,
    role: 'assistant',
    content: answer.content,
    tokenCount: answer.tokenCount,
    modelTag: plan.modelTag,
    inferenceTimeMs: elapsed(plan, environment),
    finishReason: answer.finishReason,
    feedback: null,
    sources: answer.sources,
    createdAt: new Date(environment.now()).toISOString(),
  }
}

/** Resolves to what went wrong, if anything did. */
async function storeAnswer(
  plan: TurnPlan,
  result: GenerationResult,
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
