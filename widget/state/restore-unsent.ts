import { ApiError } from '../api/api-error.ts'
import { ChatMessage } from './chat-message.ts'
import type { ConversationState } from './conversation-state.ts'
import type { PendingSend } from './memory.ts'
import type { Outbox, Unsent } from './outbox.ts'

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

/**
 * Gives a message back to the composer that is not the one being answered: the server would stop that answer
 * for it if nobody else reads along, and so soon after a reload nobody does.
 */
export function waitsForAnother(
  state: ConversationState,
  outbox: Outbox,
  conversationId: string | undefined,
  pending: PendingSend,
): boolean {
  if (lastAsked(state)?.text === pending.text) return false
  const user = new ChatMessage('user', 'failed', pending.text)
  outbox.hold({ pending, user, files: [], replaced: [] }, conversationId)
  outbox.giveBack()
  state.show({ hint: 'busy' })
  return true
}

/**
 * Goes on with what an earlier page left behind in the memory: delivers it where it is fresh enough to
 * go out unasked. Says whether there is a message now that waits for the server.
 */
export function restoreUnsent(
  state: ConversationState,
  outbox: Outbox,
  conversationId: string | undefined,
  pending: PendingSend,
  deliver: (unsent: Unsent) => void,
): boolean {
  const user = new ChatMessage('user', 'failed', pending.text)
  user.isEdit = pending.replaces !== undefined
  const unsent = { pending, user, files: [], replaced: [] }
  outbox.hold(unsent, conversationId)
  const age = Date.now() - pending.at
  if (pending.files) restoreWithoutFiles(state, outbox, pending.text)
  else if (age >= KEY_LIFE_MS) outbox.giveBack()
  else {
    state.show({ messages: [...state.messages, user] })
    if (age < RESEND_MS) deliver(unsent)
    else state.fail(new ApiError('unreachable'), 'send')
    return true
  }
  return false
}
