import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { ApiError } from '../api/api-error.ts'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import './answer.ts'
import type { SamosaAnswer } from './answer.ts'
import { baseStyles } from './base.styles.ts'
import { copyText, textToCopy } from './copy-text.ts'
import { define } from './define.ts'
import { endNote } from './end-note.ts'
import './feedback.ts'
import { againIcon, checkIcon, copyIcon, editIcon } from './icons.ts'
import { messageStyles } from './message.styles.ts'
import './text-form.ts'
import './waiting.ts'

const COPIED_MS = 1600

/** Nothing that could be seen, or not yet. */
const isBlank = ({ chunks, sources }: ChatMessage) =>
  sources.length === 0 && chunks.every((chunk) => chunk.trim() === '')

/** Keeps what the visitor thinks of an answer; resolves to what went wrong. */
export type FeedbackHandler = (
  message: ChatMessage,
  feedback: FeedbackBody | null,
) => Promise<ApiError | undefined>

/** One message: the visitor's in a bubble, an answer over the full width. */
export class SamosaMessage extends LitElement {
  static override styles = [baseStyles, messageStyles]

  @property({ attribute: false }) message: ChatMessage | undefined
  @property({ attribute: false }) strings: Strings = en
  /** What the answer is waiting for, in words. */
  @property({ attribute: false }) step = ''
  @property({ type: Boolean, reflect: true }) last = false
  @property({ attribute: false }) canRegenerate = false
  @property({ attribute: false }) onRegenerate = () => {}
  @property({ attribute: false }) canEdit = false
  /** Of an edited message, in code points. */
  @property({ attribute: false }) maxLength = 8000
  /** False when the text was not taken. */
  @property({ attribute: false }) onEdit = (_message: ChatMessage, _text: string) => false
  /** The page's titles of its tools, by name. */
  @property({ attribute: false }) toolTitles: ReadonlyMap<string, string> = new Map()
  /** Without it nobody is asked what the answer is worth. */
  @property({ attribute: false }) onFeedback: FeedbackHandler | undefined

  @state() private copied = false
  @state() private editing = false
  @query('samosa-answer') private readonly answer!: SamosaAnswer | null
  #unsubscribe = () => {}
  #drawn = ''

  override connectedCallback(): void {
    super.connectedCallback()
    this.#listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe()
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
    this.#drawn = this.#outline()
  }

  #renderUser(message: ChatMessage) {
    const { notes, you } = this.strings
    return html`<article class="user ${message.state}" aria-label=${you}>
      ${
        this.editing
          ? html`<samosa-text-form
              tone="bubble"
              .strings=${this.strings}
              .label=${this.strings.editor.label}
              .cancelLabel=${this.strings.editor.cancel}
              .text=${message.text}
              .maxLength=${this.maxLength}
              .canSend=${this.canEdit}
              .onSend=${(text: string) => {
                if (this.onEdit(message, text)) this.editing = false
              }}
              .onCancel=${this.#endEditing}
            ></samosa-text-form>`
          : html`<div class="said">
              <div class="bubble" dir="auto">${message.text}</div>
              <div class="actions">
                ${this.#renderCopy(() => message.text)}${this.#renderEdit(message)}
              </div>
            </div>`
      }
      ${message.state === 'failed' ? html`<span class="note">${notes.unsent}</span>` : nothing}
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
          ? html`<samosa-waiting .step=${this.step}></samosa-waiting>`
          : blank
            ? nothing
            : html`<samosa-answer
                .chunks=${message.chunks}
                .version=${message.version}
                .streaming=${streams}
                .sources=${message.sources}
                .requests=${message.calls}
                .toolTitles=${this.toolTitles}
                .strings=${strings.answer}
              ></samosa-answer>`
      }
      <div class="foot">${foot}</div>
    </article>`
  }

  #renderFoot(message: ChatMessage, blank: boolean) {
    const note = endNote(this.strings, message.finishReason)
    // Without words, notes or a way on there is nothing to stand below.
    if (blank && note === undefined && !this.canRegenerate) return nothing
    return html`<div class="actions">
        ${blank ? nothing : this.#renderCopy(() => textToCopy(message.text))}
        ${this.canRegenerate ? this.#renderAgain(blank) : nothing}
      </div>
      ${blank ? nothing : this.#renderFeedback(message)}
      ${note === undefined ? nothing : html`<span class="note">${note}</span>`}`
  }

  /** Under an answer without a word, the button says what it does. */
  #renderAgain(inWords: boolean) {
    const label = this.strings.actions.regenerate
    return html`<button
      class=${inWords ? 'again' : 'icon-button'}
      type="button"
      data-leaves
      aria-label=${label}
      title=${label}
      @click=${() => this.onRegenerate()}
    >
      ${againIcon}${inWords ? label : nothing}
    </button>`
  }

  #renderEdit({ id, state: now }: ChatMessage) {
    if (!this.canEdit || id === null || now !== 'settled') return nothing
    const label = this.strings.actions.edit
    return html`<button
      class="icon-button edit"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => {
        this.editing = true
      }}
    >
      ${editIcon}
    </button>`
  }

  #renderFeedback(message: ChatMessage) {
    const { onFeedback } = this
    if (!onFeedback || message.id === null) return nothing
    return html`<samosa-feedback
      .strings=${this.strings}
      .feedback=${message.feedback}
      .onGive=${(feedback: FeedbackBody | null) => onFeedback(message, feedback)}
    ></samosa-feedback>`
  }

  #renderCopy(text: () => string) {
    // Browsers offer the clipboard to pages with HTTPS only.
    if (!navigator.clipboard) return nothing
    const label = this.copied ? this.strings.actions.copied : this.strings.actions.copy
    return html`<button
      class="icon-button"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => this.#copy(text())}
    >
      ${this.copied ? checkIcon : copyIcon}
    </button>`
  }

  async #copy(text: string): Promise<void> {
    this.copied = await copyText(text)
    setTimeout(() => {
      this.copied = false
    }, COPIED_MS)
  }

  /** The field goes; the focus stays with what opened it. */
  #endEditing = async () => {
    this.editing = false
    await this.updateComplete
    const button = this.renderRoot.querySelector('.edit')
    if (button instanceof HTMLElement) button.focus()
  }

  /** What the frame around the answer's text depends on. */
  #outline(): string {
    const { message } = this
    if (!message) return ''
    const { state: now, finishReason, replacing, id, sources, feedback } = message
    const rated = feedback && `${feedback.rating} ${feedback.comment}`
    return `${now} ${isBlank(message)} ${finishReason} ${replacing} ${id} ${sources.length} ${rated}`
  }

  #listen(): void {
    this.#unsubscribe()
    this.#unsubscribe = this.message?.subscribe(this.#onChange) ?? (() => {})
  }

  /** Tokens go straight to the answer; the frame is drawn again only when it changes. */
  #onChange = () => {
    if (this.#outline() !== this.#drawn) this.requestUpdate()
    else if (this.answer && this.message) {
      this.answer.version = this.message.version
      this.answer.requests = this.message.calls
    }
  }
}

define('samosa-message', SamosaMessage)
