import type { ApiError } from '../api/api-error.ts'
import type { FeedbackDetail } from '../api/chat-events.ts'
import type { DraftFile, ChatMessage } from './chat-message.ts'
import type { Memory, PendingSend } from './memory.ts'

const NONE: readonly DraftFile[] = []

/**
 * What the visitor is writing: each conversation has its own, and so has the one that does not exist
 * yet. Texts outlive a reload, files do not.
 */
class Drafts {
  #memory: Memory | undefined
  #id: string | undefined
  #text = ''
  readonly #files = new Map<string | undefined, readonly DraftFile[]>()

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    this.#memory?.keepDraft(this.#id, text)
  }

  get files(): readonly DraftFile[] {
    return this.#files.get(this.#id) ?? NONE
  }

  set files(files: readonly DraftFile[]) {
    this.#files.set(this.#id, files)
  }

  /** Takes a file away, whichever conversation it is in. */
  drop(file: DraftFile): void {
    for (const [id, files] of this.#files)
      this.#files.set(
        id,
        files.filter((one) => one !== file),
      )
  }

  /** Begins with what the memory kept. */
  remember(memory: Memory): void {
    this.#memory = memory
    this.#id = memory.conversationId
    this.#text = memory.draft(this.#id)
    this.#files.clear()
  }

  /** Another conversation comes on the screen. A new one takes along what was begun, if it has nothing. */
  show(id: string | undefined): void {
    if (id === this.#id) return
    const hasDraft = this.#keptText(id) !== '' || (this.#files.get(id) ?? NONE).length > 0
    if (id === undefined && !hasDraft) this.moveTo(id)
    else this.#enter(id)
  }

  /** What was begun goes along: the conversation was just made, or is gone. */
  moveTo(id: string | undefined): void {
    const { text, files } = this
    this.text = ''
    this.files = NONE
    this.#enter(id)
    this.text = [this.#text, text].filter((part) => part !== '').join('\n')
    this.files = [...this.files, ...files]
  }

  #enter(id: string | undefined): void {
    this.#id = id
    this.#text = this.#keptText(id)
  }

  #keptText(id: string | undefined): string {
    return this.#memory?.draft(id) ?? ''
  }
}

/** A message that the server has not confirmed. */
export interface Unsent {
  pending: PendingSend
  readonly user: ChatMessage
  readonly files: readonly DraftFile[]
  /** What it takes the place of, off the screen while it is on its way. */
  replaced: readonly ChatMessage[]
}

/** What "try again" does: nothing is lost by it, and nothing asked twice. */
export type Retry = 'send' | 'regenerate' | 'load'

export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading' }
  /** The server has not confirmed the request. */
  | { readonly kind: 'sending' }
  | { readonly kind: 'answering'; readonly stopping: boolean }
  | { readonly kind: 'failed'; readonly error: ApiError; readonly retry: Retry | undefined }

/**
 * Something to know that is no failure: the conversation was deleted, or is being answered
 * elsewhere; a message to edit was gone; a rated answer was replaced; a question has no answer yet; the answer could not be stopped;
 * files went with an earlier page.
 */
export type Hint =
  | 'gone'
  | 'busy'
  | 'running'
  | 'changed'
  | 'replaced'
  | 'unanswered'
  | 'unstopped'
  | 'files'

export interface ConversationEvents {
  readonly onMessage: (message: ChatMessage) => void
  readonly onError: (error: ApiError) => void
  readonly onConversation: (id: string | undefined) => void
  /** So many questions wait for the visitor: whether a tool of the page may be used. */
  readonly onAsk: (open: number) => void
  /** The server has what the visitor thinks of an answer. */
  readonly onFeedback: (detail: FeedbackDetail) => unknown
}

export const IDLE: Phase = { kind: 'idle' }

/** Messages that are loaded at once. */
export const PAGE = 30

/** What is on the screen; every change asks for a new drawing. */
export class ConversationState {
  messages: readonly ChatMessage[] = []
  phase: Phase = IDLE
  hint: Hint | undefined
  /** English words of those hints that come of opening a conversation, once the code for that is there. */
  hintStrings: Readonly<Partial<Record<Hint, string>>> = {}
  /** Whether there are messages from before those here, and what becomes of them. */
  earlier: 'none' | 'more' | 'loading' | 'failed' = 'none'
  /** False while the connection to a running answer is being made again. */
  connected = true
  /** Messages that wait below the conversation: see queue.ts. */
  queued: readonly Unsent[] = []
  conversationId: string | undefined
  /** The conversation that was asked for last, loaded or not. */
  loadingId: string | undefined
  memory: Memory | undefined
  readonly events: ConversationEvents
  readonly drafts = new Drafts()
  readonly #requestUpdate: () => void

  constructor(events: ConversationEvents, requestUpdate: () => void) {
    this.events = events
    this.#requestUpdate = requestUpdate
  }

  get draft(): string {
    return this.drafts.text
  }

  set draft(text: string) {
    this.drafts.text = text
    this.#requestUpdate()
  }

  /** What goes with the draft. */
  get files(): readonly DraftFile[] {
    return this.drafts.files
  }

  set files(files: readonly DraftFile[]) {
    this.drafts.files = files
    this.#requestUpdate()
  }

  /** Begins with nothing on the screen and what the memory kept. */
  remember(memory: Memory): void {
    this.memory = memory
    this.drafts.remember(memory)
    this.conversationId = undefined
    this.loadingId = undefined
    this.empty()
  }

  /** Takes everything off the screen. */
  empty(): void {
    const rest = { earlier: 'none', phase: IDLE, hint: undefined, connected: true } as const
    this.show({ messages: [], queued: [], ...rest })
  }

  show(
    changes: Partial<
      Pick<ConversationState, 'messages' | 'queued' | 'phase' | 'hint' | 'earlier' | 'connected'>
    >,
  ): void {
    Object.assign(this, changes)
    this.#requestUpdate()
  }

  /** Makes this the visitor's conversation, over reloads too. */
  enter(id: string | undefined): void {
    if (this.memory) this.memory.conversationId = id
    this.drafts.show(id)
    if (id === this.conversationId) return
    this.conversationId = id
    this.events.onConversation(id)
  }

  /** The server has no such conversation. One that is remembered besides it stays so. */
  lose(id: string | undefined): void {
    if (this.memory && this.memory.conversationId === id) this.memory.conversationId = undefined
    this.conversationId = undefined
    this.drafts.moveTo(undefined)
    // Also when none was shown: the page may have named it.
    this.events.onConversation(undefined)
  }

  fail(error: ApiError, retry: Retry): void {
    // What did not load leaves the composer to what is shown.
    if (retry === 'load') this.drafts.show(this.conversationId ?? this.loadingId)
    this.show({ phase: { kind: 'failed', error, retry: error.retryable ? retry : undefined } })
    this.events.onError(error)
  }

  /** A message goes out as soon as there is a network. */
  get lacksNetwork(): boolean {
    return this.messages.some(({ state }) => state === 'offline')
  }

  /** There is a conversation, and nothing goes on in it. */
  get isAtRest(): boolean {
    return this.phase.kind === 'idle' && this.conversationId !== undefined
  }

  /** The conversation that the visitor is in did not load. */
  get lacksHistory(): boolean {
    const { phase, conversationId, loadingId } = this
    const isUnknown = conversationId === undefined && loadingId !== undefined
    return isUnknown && phase.kind === 'failed' && phase.retry === 'load'
  }

  /** The answer that stands at the end, if one does. */
  get lastAnswer(): ChatMessage | undefined {
    const last = this.messages.at(-1)
    return last?.role === 'assistant' ? last : undefined
  }

  /** The last answer broke off, and nothing else is going on or to be said. */
  get endsBroken(): boolean {
    const { phase, hint, lastAnswer } = this
    return phase.kind === 'idle' && hint === undefined && lastAnswer?.brokeOff === true
  }

  /** Says that the last question has no answer: it was stopped before, or its turn failed unseen. */
  offerAnswer(): void {
    if (this.messages.length > 0 && !this.lastAnswer) this.show({ hint: 'unanswered' })
  }

  /** Takes messages off the screen. */
  remove(unwanted: (message: ChatMessage) => boolean): void {
    this.show({ messages: this.messages.filter((message) => !unwanted(message)) })
  }

  /** Puts a text that was not sent back into the composer, before what has been typed since. */
  giveBack(text: string, files: readonly DraftFile[]): void {
    const { draft } = this
    this.draft = draft === '' || draft === text ? text : `${text}\n${draft}`
    this.files = [...files, ...this.files]
  }
}
