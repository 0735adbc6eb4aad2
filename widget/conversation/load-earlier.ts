import type { ChatClient } from '../api/client.ts'
import { decodeConversation } from '../api/decode-conversation.ts'
import { PAGE, type ConversationState } from './conversation-state.ts'
import { mergeEarlier } from './merge-stored.ts'

/** Loads messages from before those on the screen, a page of them. */
export async function loadEarlier(state: ConversationState, client: ChatClient): Promise<void> {
  const { conversationId, earlier } = state
  const before = state.messages.find(({ id }) => id !== null)?.id
  if (conversationId === undefined || !before) return
  if (earlier === 'none' || earlier === 'loading') return
  state.show({ earlier: 'loading' })
  // Another conversation, or that one loaded again: what is on its way belongs to nothing.
  const isWanted = () => state.earlier === 'loading' && state.messages[0]?.id === before
  try {
    const body = await client.conversation(conversationId, { limit: PAGE, before })
    const page = decodeConversation(body)
    if (!isWanted()) return
    const messages = [...mergeEarlier(state.messages, page.messages), ...state.messages]
    const isProgress = page.hasMore && messages.length > state.messages.length
    state.show({ messages, earlier: isProgress ? 'more' : 'none' })
  } catch {
    if (isWanted()) state.show({ earlier: 'failed' })
  }
}
