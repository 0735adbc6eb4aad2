import type { ChatClient } from '../api/client.ts'
import { mergeEarlier } from './chat-message.ts'
import type { ConversationState } from './conversation-state.ts'

/** Messages that are loaded at once. */
export const PAGE = 30

/** Loads messages from before those on the screen, a page at a time. */
export class Earlier {
  readonly #state: ConversationState
  readonly #client: () => ChatClient | undefined

  constructor(state: ConversationState, client: () => ChatClient | undefined) {
    this.#state = state
    this.#client = client
  }

  readonly load = async (): Promise<void> => {
    const state = this.#state
    const client = this.#client()
    const { conversationId, earlier } = state
    const before = state.messages.find(({ id }) => id !== null)?.id
    if (!client || conversationId === undefined || !before) return
    if (earlier === 'none' || earlier === 'loading') return
    state.show({ earlier: 'loading' })
    // Another conversation, or that one loaded again: what is on its way belongs to nothing.
    const isWanted = () => state.earlier === 'loading' && state.messages[0]?.id === before
    try {
      const page = await client.conversation(conversationId, { limit: PAGE, before })
      if (!isWanted()) return
      const messages = [...mergeEarlier(state.messages, page.messages), ...state.messages]
      const isProgress = page.hasMore && messages.length > state.messages.length
      state.show({ messages, earlier: isProgress ? 'more' : 'none' })
    } catch {
      if (isWanted()) state.show({ earlier: 'failed' })
    }
  }
}
