import type { ChatClient } from '../api/client.ts'
import type { ConversationState } from './conversation-state.ts'
import { PAGE } from './earlier.ts'
import type { Outbox } from './outbox.ts'

/**
 * Stops a message that the server had not confirmed. One that arrived all the same stays with the
 * server; one that did not is where it was written again.
 */
export async function takeBack(
  client: ChatClient,
  state: ConversationState,
  outbox: Outbox,
  conversationId: string,
  signal: AbortSignal,
): Promise<void> {
  const known = new Set(state.messages.map(({ id }) => id))
  await client.stop(conversationId, { signal })
  const { messages } = await client.conversation(conversationId, { limit: PAGE, signal })
  signal.throwIfAborted()
  const hasArrived = messages.some(({ id, role }) => role === 'user' && !known.has(id))
  if (hasArrived) outbox.forget()
  else outbox.reopen()
}
