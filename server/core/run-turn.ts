import type { GenerationOptionsBody } from '../protocol/api.ts'
import type { TurnEvent } from '../protocol/events.ts'
import { ChatError, toChatError } from './errors.ts'
import { generateAnswer, type GenerationResult } from './generation.ts'
import { limitHistory } from './history.ts'
import type { GenerateRequest, Message, RequestTrace } from './ports.ts'
import type { TurnSettings } from './settings.ts'
import type { TurnDependencies } from './turn.ts'

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

/** Generates the answer, stores it, and ends the turn in the log. Never throws. */
export async function runTurn(
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
  const result = await generateAnswer({
    inference,
    signal,
    append: (events) => log.append(turnId, events),
    request: requestOf(plan, settings),
  })
  const inferenceTimeMs = Math.max(0, Math.round(environment.now() - plan.startedAt))
  const failure = (await storeAnswer(plan, result, inferenceTimeMs, dependencies)) ?? result.error
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
  await log.end(turnId)
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

/** Resolves to what went wrong, if anything did. */
async function storeAnswer(
  plan: TurnPlan,
  result: GenerationResult,
  inferenceTimeMs: number,
  { store, environment }: TurnDependencies,
): Promise<ChatError | undefined> {
  const keepsOldAnswer = plan.replaces !== undefined && result.error !== undefined
  if (result.content === '' || keepsOldAnswer) return undefined
  const message: Message = {
    id: plan.messageId,
    conversationId: plan.conversationId,
    role: 'assistant',
    content: result.content,
    tokenCount: result.tokenCount,
    modelTag: plan.modelTag,
    inferenceTimeMs,
    finishReason: result.finishReason,
    feedback: null,
    sources: result.sources,
    createdAt: new Date(environment.now()).toISOString(),
  }
  try {
    // A conversation deleted meanwhile stays deleted.
    await store.addMessage(plan.ownerId, plan.conversationId, {
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
