import type { TurnEvent } from '../protocol/events.ts'
import type { Message, TurnKey } from './ports.ts'

/** The events of a turn that the log no longer has, rebuilt from what is stored of it. */
export function replayTurn(key: TurnKey, messages: readonly Message[]): readonly TurnEvent[] {
  const start: TurnEvent = {
    type: 'start',
    turn_id: key.turnId,
    user_message_id: key.userMessageId,
    message_id: key.messageId,
  }
  const answer = messages.find((message) => message.id === key.messageId)
  if (!answer) {
    return [
      start,
      {
        type: 'error',
        message: 'The server was restarted before the answer was complete. Please try again.',
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
    {
      type: 'done',
      message_id: answer.id,
      finish_reason: answer.finishReason ?? 'stop',
      token_count: answer.tokenCount ?? 0,
      inference_time_ms: answer.inferenceTimeMs ?? 0,
    },
  ]
}
