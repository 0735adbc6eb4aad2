import type { SendBody } from '../../server/protocol/api.ts'
import type { ChatClient } from '../api/client.ts'
import { attachmentsOf, type DraftFile } from './attachments.ts'
import { ChatMessage } from './chat-message.ts'
import type { ConversationState } from './conversation-state.ts'
import { newId } from './id.ts'
import type { PendingSend } from './memory.ts'

export interface Unsent {
  readonly pending: PendingSend
  readonly user: ChatMessage
  readonly files: readonly DraftFile[]
  /** What it takes the place of, off the screen while it is on its way. */
  replaced: readonly ChatMessage[]
}

/** What is sent of it. */
export function bodyOf({ pending, files }: Unsent): SendBody {
  const { text: content, think: thinking_mode, replaces } = pending
  const attachments = files.length > 0 ? attachmentsOf(files) : undefined
  return { content, thinking_mode, replaces, attachments }
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
   * Takes a text over, from the composer or from elsewhere. What was in here goes back to the
   * composer; the same text again is the same message, so that it is asked once.
   */
  take(
    text: string,
    options: { readonly think: boolean; readonly replaces?: string | undefined },
    conversationId: string | undefined,
  ): Unsent {
    const { think, replaces } = options
    const state = this.#state
    const isTyped = replaces === undefined && state.draft.trim() === text.trim()
    const files = isTyped ? state.files : []
    const before = this.current?.pending
    const isSame = before?.text === text && before.replaces === replaces && files.length === 0
    if (isTyped) {
      state.draft = ''
      state.files = []
    }
    if (this.current && isSame) return this.current
    this.giveBack()
    const pending = {
      ...{ key: newId(), text, think, at: Date.now(), files: files.length > 0 },
      ...(replaces !== undefined && { replaces }),
    }
    state.memory?.keepPending(conversationId, pending)
    this.#heldBy = conversationId
    const user = new ChatMessage('user', 'sending', text)
    const edited = state.messages.find(({ id }) => id !== null && id === replaces)
    // The bytes go with the send.
    const sent = files.map(({ data: _data, read: _read, ...file }) => file)
    user.attachments = edited?.attachments ?? sent
    user.isEdit = replaces !== undefined
    this.current = { pending, user, files, replaced: [] }
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
