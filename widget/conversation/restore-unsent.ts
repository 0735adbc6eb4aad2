import { ApiError } from '../api/api-error.ts'
import type { JsonObject } from '../api/check.ts'
import { ChatMessage } from './chat-message.ts'
import type { ConversationState } from './conversation-state.ts'
import { decodePending } from './decode-pending.ts'
import type { Outbox, Unsent } from './outbox.ts'
import type { Queue } from './queue.ts'

/** An unconfirmed message of the last two minutes goes out by itself after a reload. */
const RESEND_MS = 2 * 60_000
/** The server remembers keys for 24 h; later, the same key could ask twice. */
const KEY_LIFE_MS = 23 * 3_600_000

const lastAsked = ({ messages }: ConversationState) =>
  messages.findLast(({ role }) => role === 'user')

/** Its files are gone, so it is not the same message any more: unless the server has it, it is a draft. */
function restoreWithoutFiles(state: ConversationState, outbox: Outbox, text: string): void {
  const lastSent = lastAsked(state)
  if (lastSent?.text === text && lastSent.attachments.length > 0) return outbox.forget()
  outbox.giveBack()
  state.show({ hint: 'files' })
}

export interface Restoring {
  readonly state: ConversationState
  readonly outbox: Outbox
  readonly deliver: (unsent: Unsent) => void
  readonly queue: Queue
  /** An answer is being written. */
  readonly isRunning: boolean
}

/**
 * Goes on with what an earlier page left behind in the memory: delivers it where it is fresh enough to
 * go out unasked, or waits for nothing but the network. Says whether there is a message now that waits for the server.
 */
export function restoreUnsent(
  { state, outbox, deliver, queue, isRunning }: Restoring,
  conversationId: string | undefined,
  kept: JsonObject,
): boolean {
  const pending = decodePending(kept)
  if (!pending) return false
  const user = new ChatMessage('user', 'failed', pending.text)
  user.isEdit = pending.replaces !== undefined
  const unsent = { pending, user, files: [], replaced: [] }
  outbox.hold(unsent, conversationId)
  // The server would stop that answer for it if nobody else reads along, and so soon after a reload nobody does.
  if (isRunning && lastAsked(state)?.text !== pending.text) {
    queue.hold(unsent)
    return false
  }
  const age = Date.now() - pending.at
  if (pending.files) restoreWithoutFiles(state, outbox, pending.text)
  else if (age >= KEY_LIFE_MS) outbox.giveBack()
  else {
    state.show({ messages: [...state.messages, user] })
    if (age < RESEND_MS || pending.offline) deliver(unsent)
    else state.fail(new ApiError('unreachable'), 'send')
    return true
  }
  return false
}
