import type { ChatClient } from '../api/client.ts'
import type { ConversationState } from './conversation-state.ts'

/** Loads messages from before those on the screen; the code for it comes when that is first asked for. */
export async function loadEarlier(
  state: ConversationState,
  client: ChatClient | undefined,
): Promise<void> {
  try {
    const stored = await import('./stored.ts')
    if (client) await stored.loadEarlier(state, client)
  } catch {
    if (state.earlier !== 'none') state.show({ earlier: 'failed' })
  }
}
