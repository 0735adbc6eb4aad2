import type { ChatClient } from '../api/client.ts'
import { decodeConversation } from '../api/decode-conversation.ts'
import { PAGE, type ConversationState } from './conversation-state.ts'
import type { Outbox } from './outbox.ts'

/** Puts the text back where it was written: an edited message's is in its form again. */
function reopen(state: ConversationState, outbox: Outbox): void {
  const { pending, user } = outbox.current ?? {}
  const edited = state.messages.find(({ id }) => id !== null && id === pending?.replaces)
  if (!edited || !pending) return outbox.giveBack()
  outbox.forget()
  state.remove((message) => message === user)
  edited.change({ edit: pending.text })
}

/**
 * Looks what became of a message that was stopped before the server confirmed it. One that arrived all
 * the same stays with the server; one that did not is where it was written again.
 */
export async function takeBack(
  client: ChatClient,
  state: ConversationState,
  outbox: Outbox,
  conversationId: string,
  signal: AbortSignal,
): Promise<void> {
  const known = new Set(state.messages.map(({ id }) => id))
  const body = await client.conversation(conversationId, { limit: PAGE, signal })
  signal.throwIfAborted()
  const { messages } = decodeConversation(body)
  const hasArrived = messages.some(({ id, role }) => role === 'user' && !known.has(id))
  if (hasArrived) outbox.forget()
  else reopen(state, outbox)
}
