import { toApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import type { ConversationState } from './conversation-state.ts'
import type { Wait } from './follow-turn.ts'

const ATTEMPTS = 8

/** Ends the running answer, as soon as the server can be reached; says so when that does not work. */
export async function stopAnswer(
  client: ChatClient,
  state: ConversationState,
  conversationId: string,
  wait: Wait,
  signal: AbortSignal,
): Promise<void> {
  state.show({ phase: { kind: 'answering', stopping: true }, hint: undefined })
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.stop(conversationId, { signal })
    } catch (cause) {
      const error = toApiError(cause)
      const canRepeat = error.isConnection && attempt < ATTEMPTS
      if (canRepeat) await wait(attempt, signal)
      // Another piece of work, or over by itself: there is nothing left to stop.
      if (signal.aborted || state.phase.kind !== 'answering') return
      if (canRepeat) continue
      state.show({ phase: { kind: 'answering', stopping: false }, hint: 'unstopped' })
      return state.events.onError(error)
    }
  }
}
