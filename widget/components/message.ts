import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { ApiError } from '../api/api-error.ts'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import { late } from '../markdown/late.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import './answer.ts'
import type { SamosaAnswer } from './answer.ts'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { ANSWER_PARTS } from './exported-parts.ts'
import { endNote } from './end-note.ts'
import type { SamosaFeedback } from './feedback.ts'
import { renderAnswerActions, renderUserActions } from './message-actions.ts'
import { messageStyles } from './message.styles.ts'
import { renderSentFiles } from './sent-files.ts'
import { StallWatch } from './stall-watch.ts'
import { isInText, stepInWords } from './step-in-words.ts'
import './waiting.ts'

/** The form is needed by who changes a question. */
const editor = late(() => import('./message-editor.ts'))

/** Nothing that could be seen, or not yet. */
const isBlank = ({ chunks, sources }: ChatMessage) =>
  sources.length === 0 && chunks.every((chunk) => chunk.trim() === '')

/** Keeps what the visitor thinks of an answer; resolves to what went wrong. */
export type FeedbackHandler = (
  message: ChatMessage,
  feedback: FeedbackBody | null,
) => Promise<ApiError | undefined>

/** What a message is shown with. */
export type MessageView = Pick<
  SamosaMessage,
  | 'message'
  | 'strings'
  | 'sending'
  | 'last'
  | 'canRegenerate'
  | 'onRegenerate'
  | 'canEdit'
  | 'hasAnswer'
  | 'maxLength'
  | 'onEdit'
  | 'toolTitles'
  | 'imageOrigins'
  | 'onFeedback'
>

/** One message: the visitor's in a bubble, an answer over the full width. */
export class SamosaMessage extends LitElement {
  static override styles = [baseStyles, messageStyles]

  @property({ attribute: false }) message: ChatMessage | undefined
  @property({ attribute: false }) strings: Strings = en
  /** What it answers is on its way to the server. */
  @property({ attribute: false }) sending = false
  @property({ type: Boolean, reflect: true }) last = false
  @property({ attribute: false }) canRegenerate = false
  @property({ attribute: false }) onRegenerate = () => {}
  @property({ attribute: false }) canEdit = false
  /** Something follows it, which an edit drops. */
  @property({ attribute: false }) hasAnswer = false
  /** Of an edited message, in code points. */
  @property({ attribute: false }) maxLength = 8000
  /** False when the text was not taken. */
  @property({ attribute: false }) onEdit = (_message: ChatMessage, _text: string) => false
  /** The page's titles of its tools, by name. */
  @property({ attribute: false }) toolTitles: ReadonlyMap<string, string> = new Map()
  @property({ attribute: false }) imageOrigins = ''
  /** Without it nobody is asked what the answer is worth. */
  @property({ attribute: false }) onFeedback: FeedbackHandler | undefined

  @state() copied = false
  @state() editing = false
  @query('samosa-answer') private readonly answer!: SamosaAnswer | null
  @query('samosa-feedback') readonly feedback!: SamosaFeedback | null
  /** No word has come for a while. */
  @state() private stalled = false
  readonly #stall = new StallWatch(() => {
    this.stalled = this.message?.state === 'streaming' && isInText(this.message.text)
  })
  #unsubscribe = () => {}
  #drawn = ''

  override connectedCallback(): void {
    super.connectedCallback()
    this.#listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe()
    this.#stall.stop()
  }

  override render() {
    const { message } = this
    if (!message) return nothing
    return message.role === 'user' ? this.#renderUser(message) : this.#renderAnswer(message)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('message')) {
      this.#listen()
      this.editing = false
    }
    if (this.message?.edit !== undefined) this.editing = true
    if (this.editing && !editor.loaded()) void editor.arrival().then(() => this.requestUpdate())
    this.#drawn = this.#outline()
  }

  protected override updated(): void {
    const { message, answer } = this
    if (message?.state === 'settled' && answer) {
      void answer.updateComplete.then(() => message.join())
    }
  }

  #renderUser(message: ChatMessage) {
    const { notes, you } = this.strings
    const form = editor.loaded()
    return html`<article class="user ${message.state}" aria-label=${you}>
      ${renderSentFiles(message, this.strings)}
      ${
        this.editing && form
          ? form.renderEditor(this, message)
          : html`<div class="said">
              <div class="bubble" part="bubble" dir="auto">${message.text}</div>
              <div class="actions">${renderUserActions(this, message)}</div>
            </div>`
      }
      ${
        message.state === 'failed'
          ? html`<span class="note">${message.isEdit ? notes.editUnsent : notes.unsent}</span>`
          : nothing
      }
    </article>`
  }

  #renderAnswer(message: ChatMessage) {
    const { strings } = this
    const streams = message.state === 'streaming'
    const blank = isBlank(message)
    const waits = message.state === 'waiting' || (blank && (streams || message.replacing))
    const foot =
      message.state === 'settled' && !message.replacing ? this.#renderFoot(message, blank) : nothing
    if (blank && !waits && foot === nothing) return nothing
    return html`<article
      class="assistant ${message.replacing ? 'replacing' : ''}"
      aria-label=${strings.assistant}
      aria-busy=${streams || waits}
    >
      ${
        waits
          ? this.#renderWaiting(message)
          : blank
            ? nothing
            : html`<samosa-answer
                part="answer"
                exportparts=${ANSWER_PARTS}
                .chunks=${message.chunks}
                .version=${message.version}
                .streaming=${streams}
                .sources=${message.sources}
                .requests=${message.calls}
                .toolTitles=${this.toolTitles}
                .imageOrigins=${this.imageOrigins}
                .strings=${strings.answer}
              ></samosa-answer>`
      }
      ${streams && !waits && (message.pauses || this.stalled) ? this.#renderWaiting(message) : nothing}
      <div class="foot">${foot}</div>
    </article>`
  }

  #renderWaiting(message: ChatMessage) {
    const { strings } = this
    return html`<samosa-waiting
      .strings=${strings}
      .step=${stepInWords(strings, message, this.sending)}
      .progress=${message.progress}
    ></samosa-waiting>`
  }

  #renderFoot(message: ChatMessage, blank: boolean) {
    const note = endNote(this.strings, message.finishReason)
    // Without words, notes or a way on there is nothing to stand below.
    if (blank && note === undefined && !this.canRegenerate) return nothing
    return html`${renderAnswerActions(this, message, blank)}
    ${note === undefined ? nothing : html`<span class="note">${note}</span>`}`
  }

  /** What the frame around the answer's text depends on. */
  #outline(): string {
    const { message } = this
    if (!message) return ''
    const { state: now, finishReason, replacing, id, sources, feedback } = message
    const { step, name, done } = message.progress ?? {}
    const waits = `${message.pauses} ${step} ${name} ${done} ${message.edit}`
    const rated = feedback && `${feedback.rating} ${feedback.comment}`
    return `${now} ${isBlank(message)} ${finishReason} ${replacing} ${id} ${sources.length} ${rated} ${waits}`
  }

  #listen(): void {
    this.#unsubscribe()
    this.#unsubscribe = this.message?.subscribe(this.#onChange) ?? (() => {})
  }

  /** Tokens go straight to the answer; the frame is drawn again only when it changes. */
  #onChange = () => {
    this.stalled = false
    if (this.message?.state === 'streaming') this.#stall.touch()
    else this.#stall.stop()
    if (this.#outline() !== this.#drawn) this.requestUpdate()
    else if (this.answer && this.message) {
      this.answer.version = this.message.version
      this.answer.requests = this.message.calls
    }
  }
}

define('samosa-message', SamosaMessage)
