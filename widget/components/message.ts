import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import './answer.ts'
import type { SamosaAnswer } from './answer.ts'
import { baseStyles } from './base.styles.ts'
import { copyText, textToCopy } from './copy-text.ts'
import { define } from './define.ts'
import { againIcon, checkIcon, copyIcon } from './icons.ts'
import { messageStyles } from './message.styles.ts'
import './waiting.ts'

const COPIED_MS = 1600

/** Nothing that could be seen, or not yet. */
const isBlank = ({ chunks, sources }: ChatMessage) =>
  sources.length === 0 && chunks.every((chunk) => chunk.trim() === '')

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

  @state() private copied = false
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
    if (changed.has('message')) this.#listen()
    this.#drawn = this.#outline()
  }

  #renderUser(message: ChatMessage) {
    const { notes, you } = this.strings
    return html`<article class="user ${message.state}" aria-label=${you}>
      <div class="said">
        <div class="bubble" dir="auto">${message.text}</div>
        <div class="actions">${this.#renderCopy(() => message.text)}</div>
      </div>
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
                .strings=${strings.answer}
              ></samosa-answer>`
      }
      <div class="foot">${foot}</div>
    </article>`
  }

  #renderFoot(message: ChatMessage, blank: boolean) {
    const { notes } = this.strings
    const note =
      message.finishReason === 'stopped'
        ? notes.stopped
        : message.finishReason === 'length'
          ? notes.length
          : message.finishReason === 'content_filter'
            ? notes.filtered
            : message.finishReason === 'interrupted'
              ? notes.interrupted
              : undefined
    // Without words, notes or a way on there is nothing to stand below.
    if (blank && note === undefined && !this.canRegenerate) return nothing
    return html`<div class="actions">
        ${blank ? nothing : this.#renderCopy(() => textToCopy(message.text))}
        ${this.canRegenerate ? this.#renderAgain(blank) : nothing}
      </div>
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

  /** What the frame around the answer's text depends on. */
  #outline(): string {
    const { message } = this
    if (!message) return ''
    const { state: now, finishReason, replacing, id, sources } = message
    return `${now} ${isBlank(message)} ${finishReason} ${replacing} ${id} ${sources.length}`
  }

  #listen(): void {
    this.#unsubscribe()
    this.#unsubscribe = this.message?.subscribe(this.#onChange) ?? (() => {})
  }

  /** Tokens go straight to the answer; the frame is drawn again only when it changes. */
  #onChange = () => {
    if (this.#outline() !== this.#drawn) this.requestUpdate()
    else if (this.answer && this.message) this.answer.version = this.message.version
  }
}

define('samosa-message', SamosaMessage)
