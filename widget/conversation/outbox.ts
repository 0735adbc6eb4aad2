import type { SendBody } from '../../server/protocol/api.ts'
import type { ChatClient } from '../api/client.ts'
import { attachmentsOf, ChatMessage, newId } from './chat-message.ts'

import type { ConversationState, Unsent } from './conversation-state.ts'

export type { Unsent }

/** What is sent of it. */
export function bodyOf({ pending, files }: Unsent): SendBody {
  const { text: content, think: thinking_mode, replaces, repeats, keep } = pending
  const attachments = files.length > 0 ? attachmentsOf(files) : undefined
  return { content, thinking_mode, replaces, repeats, keep_attachments: keep, attachments }
}

/** What the visitor wants with a text. */
export interface Wish {
  readonly think: boolean
  /** The message that it takes the place of. */
  readonly replaces?: string | undefined
  /** Of that one's files, those that stay. */
  readonly keep?: readonly string[] | undefined
  /** The message without an answer that it is, once more. */
  readonly repeats?: string | undefined
}

/** How it is sent. */
export const requestOf = ({ pending, files, user }: Unsent) => ({
  idempotencyKey: pending.key,
  onUpload: files.length > 0 ? (uploaded: number) => user.change({ uploaded }) : undefined,
})

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
   * Takes a text over, from the composer or from elsewhere. What was in here is set aside; the same text
   * again is the same message, so that it is asked once.
   */
  take(text: string, wish: Wish, conversationId: string | undefined): Unsent {
    const before = this.current?.pending
    const isSame = before?.text === text && before.replaces === wish.replaces
    const unsent = this.make(text, wish)
    if (this.current && isSame && unsent.files.length === 0) return this.current
    this.setAside()
    this.#state.memory?.keepPending(conversationId, unsent.pending)
    this.hold(unsent, conversationId)
    return unsent
  }

  /** Makes a message of a text, which leaves the composer if it is what stands there. */
  make(text: string, { think, replaces, keep, repeats }: Wish): Unsent {
    const state = this.#state
    const of = replaces ?? repeats
    const isTyped = of === undefined && state.draft.trim() === text.trim()
    const files = isTyped ? state.files : []
    if (isTyped) {
      state.draft = ''
      state.files = []
    }
    const pending = {
      ...{ key: newId(), text, think, at: Date.now(), files: files.length > 0 },
      ...(replaces !== undefined && { replaces }),
      ...(repeats !== undefined && { repeats }),
      ...(keep && { keep }),
    }
    const user = new ChatMessage('user', 'sending', text)
    const earlier = state.messages.find(({ id }) => id !== null && id === of)?.attachments
    // The bytes go with the send.
    const sent = files.map(({ data: _data, read: _read, ...file }) => file)
    user.attachments = earlier?.filter(({ id = '' }) => keep?.includes(id) ?? true) ?? sent
    user.isEdit = replaces !== undefined
    return { pending, user, files, replaced: [] }
  }

  /** Begins to send: what it takes the place of leaves the screen with the turn that is made of it. */
  depart(unsent: Unsent): void {
    const { user, pending } = unsent
    const { repeats } = pending
    const others = this.#state.messages.filter((message) => message !== user)
    // It stands at the end now.
    if (repeats !== undefined) this.#state.remove(({ id }) => id === repeats)
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
    const id = await client.createConversation({ signal })
    signal.throwIfAborted()
    const { memory } = this.#state
    if (this.current && memory) {
      memory.keepPending(id, this.current.pending)
      memory.dropPending(this.#heldBy, this.current.pending.key)
      this.#heldBy = id
    }
    this.#state.drafts.moveTo(id)
    this.#state.enter(id)
    return id
  }

  /** The server has it, or nobody wants it any more. */
  forget(): void {
    if (this.current) this.#state.memory?.dropPending(this.#heldBy, this.current.pending.key)
    this.current = undefined
  }

  /** Another message goes first. */
  setAside: () => void = () => this.giveBack()

  /** Puts the text back into the composer, before what has been typed since. */
  giveBack(): void {
    const unsent = this.current
    if (!unsent) return
    this.forget()
    const { text } = unsent.pending
    const { draft } = this.#state
    this.#state.remove((message) => message === unsent.user)
    this.#state.draft = draft === '' || draft === text ? text : `${text}\n${draft}`
    this.#state.files = [...unsent.files, ...this.#state.files]
  }

  /** Takes what was in the memory of a conversation. */
  hold(unsent: Unsent | undefined, conversationId: string | undefined): void {
    this.current = unsent
    this.#heldBy = conversationId
  }
}
