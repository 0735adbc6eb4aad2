/**
 * What the server keeps of a conversation. Loaded when one is opened again, and behind the first answer, together
 * with what waits to go there.
 */
import type { ChatClient } from '../api/client.ts'
import { decodeConversation, type StoredMessage } from '../api/decode-conversation.ts'
import { ChatMessage } from './chat-message.ts'
import { IDLE, PAGE, type ConversationState } from './conversation-state.ts'
import type { Outbox } from './outbox.ts'

export { Queue } from './queue.ts'

const messageOf = ({ role, content, ...known }: StoredMessage): ChatMessage =>
  Object.assign(new ChatMessage(role, 'settled', content), known)

/**
 * What the server has, in the objects already on the screen where those say the same, so that
 * loading again redraws nothing. Where it `hasMore` than it gave, older messages on the screen stay.
 */
function mergeStored(
  shown: readonly ChatMessage[],
  stored: readonly StoredMessage[],
  hasMore: boolean,
): readonly ChatMessage[] {
  const byId = new Map(shown.map((message) => [message.id, message]))
  const from = hasMore ? shown.findIndex(({ id }) => id !== null && id === stored[0]?.id) : -1
  const older = shown.slice(0, Math.max(0, from))
  const newest = stored.map((message) => {
    const present = byId.get(message.id)
    if (!present || present.text !== message.content) return messageOf(message)
    const { role: _role, content: _content, ...known } = message
    present.change({
      ...known,
      state: 'settled',
      replacing: false,
      // A file that was sent from here is still at hand.
      attachments: known.attachments.map((one, at) => ({ ...present.attachments[at], ...one })),
      // A server that does not keep them has told them once.
      suggestions: known.suggestions.length > 0 ? known.suggestions : present.suggestions,
    })
    return present
  })
  return [...older, ...newest]
}

/**
 * Brings a conversation as the server wrote it onto the screen; says whether an answer is running in it.
 * @throws ApiError when it is none
 */
export function showStored(state: ConversationState, id: string, body: unknown): boolean {
  const stored = decodeConversation(body)
  state.enter(id)
  if (state.hint === 'unanswered') state.show({ hint: undefined })
  const messages = mergeStored(state.messages, stored.messages, stored.hasMore)
  const keepsEarlier = messages.length > stored.messages.length
  // What is being loaded now belongs to what was on the screen before.
  const before = state.earlier === 'loading' ? 'more' : state.earlier
  const earlier = keepsEarlier ? before : stored.hasMore ? 'more' : 'none'
  state.show({ messages, earlier, phase: IDLE })
  return stored.runningTurnId !== null
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
  if (hasArrived) return outbox.forget()
  const { pending, user } = outbox.current ?? {}
  const edited = state.messages.find(({ id }) => id !== null && id === pending?.replaces)
  if (!edited || !pending) return outbox.giveBack()
  // An edited message's text is in its form again.
  outbox.forget()
  state.remove((message) => message === user)
  edited.change({ edit: pending.text })
}

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
    const known = new Set(state.messages.map(({ id }) => id))
    const older = page.messages.filter(({ id }) => !known.has(id)).map(messageOf)
    const isProgress = page.hasMore && older.length > 0
    const messages = [...older, ...state.messages]
    state.show({ messages, earlier: isProgress ? 'more' : 'none' })
  } catch {
    if (isWanted()) state.show({ earlier: 'failed' })
  }
}
