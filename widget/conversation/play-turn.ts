import type { ChatClient } from '../api/client.ts'
import type { TurnStream } from '../api/read-stream.ts'
import type { AnswerTurn } from './answer-turn.ts'
import type { ClientTools } from './client-tools.ts'
import type { ConversationState } from './conversation-state.ts'
import { followTurn, type Wait } from './follow-turn.ts'
import { gatherText } from './read-pace.ts'

export interface PlayOptions {
  readonly state: ConversationState
  readonly tools: ClientTools
  readonly client: ChatClient
  readonly conversationId: string
  readonly turn: AnswerTurn
  readonly open: () => Promise<TurnStream | undefined>
  readonly onAcknowledged: () => void
  readonly wait: Wait
  readonly signal: AbortSignal
}

/**
 * Shows a turn while it goes on. Returns false when the screen does not tell the whole story and what
 * the server stored must be loaded.
 */
export async function playTurn(options: PlayOptions): Promise<boolean> {
  const { state, tools, client, conversationId, turn, open, wait, signal } = options
  const batches = followTurn({
    open,
    resume: (lastEventId) => client.resume(conversationId, lastEventId, { signal }),
    wait,
    signal,
    onConnection(connected) {
      if (state.connected !== connected) state.show({ connected })
    },
  })
  try {
    for (;;) {
      const step = await batches.next()
      signal.throwIfAborted()
      if (step.done) {
        const userMessageId = turn.start?.user_message_id
        const isKnown = state.messages.some(({ id }) => id === userMessageId)
        const isHere = turn.done?.conversation_id === undefined
        return step.value === 'done' && isHere && (userMessageId === undefined || isKnown)
      }
      const { acknowledged } = turn
      const wasEmpty = turn.answer.isEmpty
      turn.apply(step.value)
      if (!acknowledged) {
        state.show({ phase: { kind: 'answering', stopping: false } })
        options.onAcknowledged()
      }
      if (!acknowledged || wasEmpty !== turn.answer.isEmpty) {
        state.show({ messages: turn.place(state.messages) })
      }
      tools.take(step.value, turn.answer, conversationId)
      if (step.value.every(({ type }) => type === 'token')) await gatherText()
    }
  } finally {
    await batches.return('gone')
  }
}
