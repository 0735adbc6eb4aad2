import { decodeConversation } from '../api/decode-conversation.ts'
import { IDLE, type ConversationState } from './conversation-state.ts'
import { mergeStored } from './merge-stored.ts'

/** What is being loaded now belongs to what was on the screen before. */
const settledEarlier = (earlier: ConversationState['earlier']) =>
  earlier === 'loading' ? 'more' : earlier

/**
 * Brings a conversation as the server wrote it onto the screen; says whether an answer is being written.
 * @throws ApiError when it is none
 */
export function showStored(state: ConversationState, id: string, body: unknown): boolean {
  const stored = decodeConversation(body)
  state.enter(id)
  if (state.hint === 'unanswered') state.show({ hint: undefined })
  const messages = mergeStored(state.messages, stored.messages, stored.hasMore)
  const keepsEarlier = messages.length > stored.messages.length
  const earlier = keepsEarlier ? settledEarlier(state.earlier) : stored.hasMore ? 'more' : 'none'
  state.show({ messages, earlier, phase: IDLE })
  return stored.runningTurnId !== null
}
