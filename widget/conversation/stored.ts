import { storedHintStrings } from '../words/en/hints.ts'
import type { ChatClient } from '../api/client.ts'
import { decodeConversation, type StoredMessage } from '../api/decode-conversation.ts'
import { PAGE, type ConversationState, IDLE } from './conversation-state.ts'
import type { Outbox, Unsent } from './outbox.ts'
import { queueOf, decodePending, type Queue } from './queue.ts'
import type { StageOptions } from './stage.ts'
import { ApiError } from '../api/api-error.ts'
import type { JsonObject } from '../api/check.ts'
import { ChatMessage } from './chat-message.ts'

function messageOf(stored: StoredMessage): ChatMessage {
  const { id, role, content, attachments, ...known } = stored
  const message = new ChatMessage(role, 'settled', content)
  return Object.assign(message, { id, attachments, ...known })
}

/** What came before the messages on the screen, as far as it is not among them. */
function mergeEarlier(
  shown: readonly ChatMessage[],
  stored: readonly StoredMessage[],
): readonly ChatMessage[] {
  const known = new Set(shown.map(({ id }) => id))
  return stored.filter(({ id }) => !known.has(id)).map(messageOf)
}

/**
 * What the server has, in the objects already on the screen where those say the same, so that
 * loading again redraws nothing. Where it `hasMore` than it gave, older messages on the screen stay.
 */
function mergeStored(
  shown: readonly ChatMessage[],
  stored: readonly StoredMessage[],
  hasMore = false,
): readonly ChatMessage[] {
  const byId = new Map(shown.map((message) => [message.id, message]))
  const from = hasMore ? shown.findIndex(({ id }) => id !== null && id === stored[0]?.id) : -1
  const older = shown.slice(0, Math.max(0, from))
  const newest = stored.map((message) => {
    const present = byId.get(message.id)
    if (!present || present.text !== message.content) return messageOf(message)
    const { sources, citations, outcome, finishReason, feedback, createdAt } = message
    // A file that was sent from here is still at hand.
    const attachments = message.attachments.map((one, at) => ({
      ...present.attachments[at],
      ...one,
    }))
    const known = { sources, citations, outcome, finishReason, feedback, attachments, createdAt }
    // A server that does not keep them has told them once.
    const suggestions = message.suggestions.length > 0 ? message.suggestions : present.suggestions
    present.change({ state: 'settled', replacing: false, ...known, suggestions })
    return present
  })
  return [...older, ...newest]
}

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

interface Restoring {
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
function restoreUnsent(
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

/** Puts the text back where it was written: an edited message's is in its form again. */
function reopen(state: ConversationState, outbox: Outbox): void {
  const { pending, user } = outbox.current ?? {}
  const edited = state.messages.find(({ id }) => id !== null && id === pending?.replaces)
  if (!edited || !pending) return outbox.giveBack()
  outbox.forget()
  state.remove((message) => message === user)
  edited.change({ edit: pending.text })
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
  if (hasArrived) outbox.forget()
  else reopen(state, outbox)
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
    const messages = [...mergeEarlier(state.messages, page.messages), ...state.messages]
    const isProgress = page.hasMore && messages.length > state.messages.length
    state.show({ messages, earlier: isProgress ? 'more' : 'none' })
  } catch {
    if (isWanted()) state.show({ earlier: 'failed' })
  }
}

/** What the server keeps of a conversation, and what waits to go there: loaded when one is opened again, or waits. */

export { queueOf } from './queue.ts'
