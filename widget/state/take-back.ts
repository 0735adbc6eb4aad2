import type { ChatClient } from '../api/client.ts'
import { decodeConversation } from '../api/decode-conversation.ts'
import { PAGE, type ConversationState } from './conversation-state.ts'
import type { Outbox } from './outbox.ts'

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
  else outbox.reopen()
}
