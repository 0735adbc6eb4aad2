import type { TurnEvent } from '../../protocol/events.ts'
import type { Message, TurnKey } from '../ports/index.ts'

/** The events of a turn that the log no longer has, rebuilt from what is stored of it. */
export function replayTurn(key: TurnKey, messages: readonly Message[]): readonly TurnEvent[] {
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
