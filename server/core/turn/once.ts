/** One turn for each `Idempotency-Key`, however often its request comes. */
import type { TurnEvent } from '../../protocol/events.ts'
import type { ConversationStore, TurnKey, TurnLog, Message } from '../ports/index.ts'

/** A turn to be read: from the log, or, when the log has forgotten it, as events rebuilt from the store. */
export type TurnReference =
  | { readonly kind: 'logged'; readonly turnId: string }
  | { readonly kind: 'replay'; readonly turnId: string; readonly events: readonly TurnEvent[] }

export interface KeyedRequest {
  readonly ownerId: string
  readonly conversationId: string
  /** The request's `Idempotency-Key`. */
  readonly key?: string | undefined
}

/**
 * One turn per key: the first request starts it, every other one attaches to it, whether it is being
 * started, runs, has ended, or ended before the server was restarted.
 */
export function createOnce(dependencies: {
  readonly store: ConversationStore
  readonly log: TurnLog
}) {
  const { store, log } = dependencies
  /** Requests whose first steps are under way, by owner, conversation and key. */
  const starting = new Map<string, Promise<TurnReference>>()

  const attach = async (request: KeyedRequest, known: TurnKey): Promise<TurnReference> => {
    if (await log.find(known.turnId)) return { kind: 'logged', turnId: known.turnId }
    const messages = (await store.messages(request.ownerId, request.conversationId)) ?? []
    return { kind: 'replay', turnId: known.turnId, events: replayTurn(known, messages) }
  }

  return async (
    request: KeyedRequest,
    start: () => Promise<TurnReference>,
  ): Promise<TurnReference> => {
    const { ownerId, conversationId, key } = request
    if (key === undefined) return await start()
    const id = JSON.stringify([ownerId, conversationId, key])
    const underWay = starting.get(id)
    if (underWay) return await underWay
    const first = (async () => {
      const known = await store.findTurnKey(ownerId, conversationId, key)
      return known ? await attach(request, known) : await start()
    })()
    starting.set(id, first)
    try {
      return await first
    } finally {
      starting.delete(id)
    }
  }
}

/** The events of a turn that the log no longer has, rebuilt from what is stored of it. */
function replayTurn(key: TurnKey, messages: readonly Message[]): readonly TurnEvent[] {
  const answer = answerTo(key, messages)
  const start: TurnEvent = {
    type: 'start',
    turn_id: key.turnId,
    user_message_id: key.userMessageId,
    message_id: answer?.id ?? key.messageId,
  }
  if (!answer) {
    return [
      start,
      {
        type: 'error',
        message: 'There is no answer to this message yet. Please ask for it again.',
        code: 'interrupted',
        retryable: true,
      },
      {
        type: 'done',
        message_id: key.messageId,
        finish_reason: 'error',
        token_count: 0,
        inference_time_ms: 0,
      },
    ]
  }
  return [
    start,
    ...(answer.sources.length > 0 ? [{ type: 'sources', sources: answer.sources } as const] : []),
    { type: 'token', text: answer.content },
    ...(answer.citations ? [{ type: 'citations', citations: answer.citations } as const] : []),
    ...(answer.suggestions
      ? [{ type: 'suggestions', suggestions: answer.suggestions } as const]
      : []),
    ...(answer.finishReason === 'error'
      ? [
          {
            type: 'error',
            message: 'The answer was cut off before it was complete. Please try again.',
            code: 'inference_interrupted',
            retryable: true,
          } as const,
        ]
      : []),
    {
      type: 'done',
      message_id: answer.id,
      finish_reason: answer.finishReason ?? 'stop',
      token_count: answer.tokenCount ?? 0,
      inference_time_ms: answer.inferenceTimeMs ?? 0,
      ...(answer.outcome && { outcome: answer.outcome }),
    },
  ]
}

/** The turn's own answer, or the one that has taken its place since. */
function answerTo(key: TurnKey, messages: readonly Message[]): Message | undefined {
  const own = messages.find((message) => message.id === key.messageId)
  if (own) return own
  const asked = messages.findIndex((message) => message.id === key.userMessageId)
  // An edit may have taken the question away.
  const after = asked < 0 ? undefined : messages[asked + 1]
  if (after?.role !== 'assistant') return undefined
  // An older answer is the one that this turn was to replace, and did not.
  return after.createdAt >= key.createdAt ? after : undefined
}
