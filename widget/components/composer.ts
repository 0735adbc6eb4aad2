import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { property, query } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import { baseStyles } from './base.styles.ts'
import { countCodePoints } from './code-points.ts'
import { composerStyles } from './composer.styles.ts'
import { define } from './define.ts'
import { isSendKey } from './enter-key.ts'
import { growToText } from './grow.ts'
import { sendIcon, stopIcon, thinkIcon } from './icons.ts'

/** Code points left from which on the counter shows. */
const NEARLY_FULL = 0.9

/** Where the visitor writes. */
export class SamosaComposer extends LitElement {
  static override styles = [baseStyles, composerStyles]
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true }

  @property({ attribute: false }) strings: Strings = en
  @property({ attribute: false }) value = ''
  @property({ attribute: false }) placeholder = ''
  @property({ attribute: false }) maxLength = 8000
  @property({ attribute: false }) busy = false
  @property({ attribute: false }) stopping = false
  @property({ attribute: false }) canThink = false
  @property({ attribute: false }) thinking = false
  @property({ attribute: false }) onDraft = (_text: string) => {}
  @property({ attribute: false }) onSend = (_text: string) => {}
  @property({ attribute: false }) onStop = () => {}
  @property({ attribute: false }) onThink = (_on: boolean) => {}

  @query('textarea') private readonly input!: HTMLTextAreaElement

  override render() {
    const { strings, busy, value, maxLength } = this
    const words = strings.composer
    const length = countCodePoints(value)
    const over = length - maxLength
    const counts = over > maxLength * (NEARLY_FULL - 1)
    const canSend = over <= 0 && value.trim() !== ''
    return html`<form class="pod" @submit=${this.#submit} @click=${this.#focusInput}>
      <textarea
        part="input"
        rows="1"
        dir="auto"
        aria-label=${words.label}
        aria-describedby=${counts ? 'count' : nothing}
        aria-invalid=${over > 0 ? 'true' : nothing}
        placeholder=${this.placeholder || words.placeholder}
        enterkeyhint="send"
        .value=${live(value)}
        @input=${this.#take}
        @keydown=${this.#press}
      ></textarea>
      ${
        counts
          ? html`<p id="count" class=${over > 0 ? 'count over' : 'count'} role="status">
              ${over > 0 ? words.tooLong(over, maxLength) : words.left(maxLength - length)}
            </p>`
          : nothing
      }
      <div class="bar">
        ${this.canThink ? this.#renderThink() : nothing}
        ${this.#renderGo(busy ? words.stop : words.send, busy ? this.stopping : !canSend)}
      </div>
    </form>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('value')) growToText(this.input)
  }

  /** One button for both, so that it keeps the focus when an answer begins or ends. */
  #renderGo(label: string, disabled: boolean) {
    const { busy } = this
    return html`<button
      part="send"
      class=${busy ? 'go stop' : 'go'}
      type="submit"
      aria-label=${label}
      title=${label}
      aria-disabled=${disabled}
      @click=${this.#stopIfBusy}
    >
      ${busy ? stopIcon : sendIcon}
    </button>`
  }

  #renderThink() {
    const words = this.strings.composer
    return html`<button
      class="pill"
      type="button"
      title=${words.thinkHint}
      aria-pressed=${this.thinking}
      @click=${() => this.onThink(!this.thinking)}
    >
      ${thinkIcon}${words.think}
    </button>`
  }

  #take = () => {
    this.value = this.input.value
    this.onDraft(this.value)
  }

  #press = (event: KeyboardEvent) => {
    if (!isSendKey(event)) return
    event.preventDefault()
    this.#trySend()
  }

  #stopIfBusy = (event: Event) => {
    if (!this.busy) return
    // Else what is in the field would be sent, were the answer over by then.
    event.preventDefault()
    this.onStop()
  }

  #submit = (event: Event) => {
    event.preventDefault()
    this.#trySend()
  }

  #trySend(): void {
    const text = this.value.trim()
    if (this.busy || text === '' || countCodePoints(this.value) > this.maxLength) return
    this.onSend(text)
  }

  /** The pod's free area belongs to the text. */
  #focusInput = (event: Event) => {
    if (event.target instanceof Element && !event.target.closest('button')) this.input.focus()
  }
}

define('samosa-composer', SamosaComposer)
