import type { SendBody } from '../../server/protocol/api.ts'
import { ChatMessage, newId } from './chat-message.ts'
import type { ConversationState, Unsent } from './conversation-state.ts'

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

/** What is sent of a message. */
export function bodyOf({ pending, files }: Unsent): SendBody {
  const { text: content, think: thinking_mode, replaces, repeats, keep } = pending
  const attachments = files.map(({ name, type, data = '' }) => ({
    filename: name,
    content_type: type,
    data_base64: data,
  }))
  return {
    ...{ content, thinking_mode, replaces, repeats, keep_attachments: keep },
    attachments: files.length > 0 ? attachments : undefined,
  }
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
    const at = Date.now()
    const hasFiles = files.length > 0
    const pending = { key: newId(), text, think, at, files: hasFiles, replaces, repeats, keep }
    const user = new ChatMessage('user', 'sending', text)
    const earlier = state.messages.find(({ id }) => id !== null && id === of)?.attachments
    // The bytes go with the send.
    const sent = files.map(({ data: _data, read: _read, ...file }) => file)
    user.attachments = earlier?.filter(({ id = '' }) => keep?.includes(id) ?? true) ?? sent
    user.isEdit = replaces !== undefined
    return { pending, user, files, replaced: [] }
  }

  /** What is in here, if that is the same text again: it is the same message, so that it is asked once. */
  again({ pending, files }: Unsent): Unsent | undefined {
    const before = this.current?.pending
    const isSame = before?.text === pending.text && before.replaces === pending.replaces
    return isSame && files.length === 0 ? this.current : undefined
  }

  /** Takes a message in, of a conversation that there may not be yet. */
  hold(unsent: Unsent, conversationId: string | undefined): void {
    this.#state.memory?.keepPending(conversationId, unsent.pending)
    this.current = unsent
    this.#heldBy = conversationId
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

  /** The conversation that it starts is made. */
  moveTo(conversationId: string): void {
    const { current } = this
    if (!current) return
    const before = this.#heldBy
    this.hold(current, conversationId)
    this.#state.memory?.dropPending(before, current.pending.key)
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
    this.#state.remove((message) => message === unsent.user)
    this.#state.giveBack(unsent.pending.text, unsent.files)
  }
}
