import { decodeConversation } from '../api/decode-conversation.ts'
import { IDLE, type ConversationState } from './conversation-state.ts'
import { storedHintStrings } from './hint-strings.ts'
import { mergeStored } from './merge-stored.ts'
import { queueOf } from './queue.ts'
import { restoreUnsent } from './restore-unsent.ts'
import type { StageOptions } from './stage.ts'

/** What is being loaded now belongs to what was on the screen before. */
const settledEarlier = (earlier: ConversationState['earlier']) =>
  earlier === 'loading' ? 'more' : earlier

/**
 * Brings a conversation as the server wrote it onto the screen, and goes on with a message that it lacks; says
 * whether there is an answer to be followed.
 * @throws ApiError when it is none
 */
export function showStored(options: StageOptions, id: string, body: unknown): boolean {
  const { state, tools } = options
  const stored = decodeConversation(body)
  state.enter(id)
  if (state.hint === 'unanswered') state.show({ hint: undefined })
  const messages = mergeStored(state.messages, stored.messages, stored.hasMore)
  const keepsEarlier = messages.length > stored.messages.length
  const earlier = keepsEarlier ? settledEarlier(state.earlier) : stored.hasMore ? 'more' : 'none'
  state.show({ messages, earlier, phase: IDLE })
  const isRunning = stored.runningTurnId !== null
  if (!isRunning) tools.end()
  if (restore(options, id, isRunning)) return false
  if (!isRunning) state.offerAnswer()
  return isRunning
}

/**
 * Goes on with a message that an earlier page could not confirm; says whether there was one. Where an
 * answer `isRunning` that is not to it, it waits for that.
 */
export function restore(options: StageOptions, id: string | undefined, isRunning = false): boolean {
  const { state, outbox, deliver } = options
  // What another conversation waits for stays in the memory until that is shown again.
  outbox.current = undefined
  state.hintStrings = storedHintStrings
  const queue = queueOf(options)
  queue.show(id)
  const pending = state.memory?.pending(id)
  if (!pending) return false
  return restoreUnsent({ state, outbox, deliver, queue, isRunning }, id, pending)
}
