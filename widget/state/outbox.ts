import type { ChatClient } from '../api/client.ts'
import { ChatMessage } from './chat-message.ts'
import type { ConversationState } from './conversation-state.ts'
import { newId } from './id.ts'
import type { PendingSend } from './memory.ts'

/** An unconfirmed message of the last two minutes goes out by itself after a reload. */
const RESEND_MS = 2 * 60_000
/** The server remembers keys for 24 h; later, the same key could ask twice. */
const KEY_LIFE_MS = 23 * 3_600_000

export interface Unsent {
  readonly pending: PendingSend
  readonly user: ChatMessage
  /** What it takes the place of, off the screen while it is on its way. */
  replaced: readonly ChatMessage[]
}

/** The one message that the server has not confirmed. It is in the memory from the first moment on. */
export class Outbox {
  current: Unsent | undefined
  readonly #state: ConversationState
  /** The conversation under which the memory holds it. */
  #heldBy: string | undefined

  constructor(state: ConversationState) {
    this.#state = state
  }

  /**
   * Takes a text over, from the composer or from elsewhere. What was in here goes back to the
   * composer; the same text again is the same message, so that it is asked once.
   */
  take(
    text: string,
    options: { readonly think: boolean; readonly replaces?: string | undefined },
    conversationId: string | undefined,
  ): Unsent {
    const { think, replaces } = options
    const isTyped = replaces === undefined && this.#state.draft.trim() === text.trim()
    if (isTyped) this.#state.draft = ''
    const before = this.current?.pending
    if (this.current && before?.text === text && before.replaces === replaces) return this.current
    this.giveBack()
    const at = Date.now()
    const pending = { key: newId(), text, think, at, ...(replaces !== undefined && { replaces }) }
    this.#state.memory?.keepPending(conversationId, pending)
    this.#heldBy = conversationId
    this.current = { pending, user: new ChatMessage('user', 'sending', text), replaced: [] }
    return this.current
  }

  /** Begins to send: what it takes the place of leaves the screen with the turn that is made of it. */
  depart(unsent: Unsent): void {
    const { user, pending } = unsent
    const others = this.#state.messages.filter((message) => message !== user)
    const from = others.findIndex(({ id }) => id !== null && id === pending.replaces)
    unsent.replaced = from < 0 ? [] : others.slice(from)
    user.change({ state: 'sending' })
  }

  /** Puts what it takes the place of back on the screen. */
  putBack(): void {
    const { user, replaced = [] } = this.current ?? {}
    if (!user || replaced.length === 0) return
    const rest = this.#state.messages.filter((message) => message !== user)
    const others = rest.filter((message) => !replaced.includes(message))
    this.#state.show({ messages: [...others, ...replaced, user] })
  }

  /** Makes the conversation that it starts. */
  async open(client: ChatClient, signal: AbortSignal): Promise<string> {
    const { id } = await client.createConversation({ signal })
    signal.throwIfAborted()
    const { memory } = this.#state
    if (this.current && memory) {
      memory.keepPending(id, this.current.pending)
      memory.dropPending(this.#heldBy, this.current.pending.key)
      this.#heldBy = id
    }
    this.#state.enter(id)
    return id
  }

  /** The server has it, or nobody wants it any more. */
  forget(): void {
    if (this.current) this.#state.memory?.dropPending(this.#heldBy, this.current.pending.key)
    this.current = undefined
  }

  /** Puts the text back into the composer, before what has been typed since. */
  giveBack(): void {
    const unsent = this.current
    if (!unsent) return
    this.forget()
    const { text } = unsent.pending
    const { draft } = this.#state
    this.#state.remove((message) => message === unsent.user)
    this.#state.draft = draft === '' || draft === text ? text : `${text}\n${draft}`
  }

  /** What an earlier page left behind, and whether it is fresh enough to go out unasked. */
  restore(
    conversationId: string | undefined,
  ): { readonly unsent: Unsent; readonly fresh: boolean } | undefined {
    const pending = this.#state.memory?.pending(conversationId)
    // What another conversation waits for stays in the memory until that is shown again.
    this.current = undefined
    if (!pending) return undefined
    const user = new ChatMessage('user', 'failed', pending.text)
    this.current = { pending, user, replaced: [] }
    this.#heldBy = conversationId
    const age = Date.now() - pending.at
    if (age < KEY_LIFE_MS) return { unsent: this.current, fresh: age < RESEND_MS }
    this.giveBack()
    return undefined
  }
}
