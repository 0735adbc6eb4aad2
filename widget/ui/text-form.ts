import { formButtonStyles } from './forms.ts'
import { html, LitElement, nothing, css } from 'lit'
import { live } from 'lit/directives/live.js'
import { en } from '../words/en/index.ts'
import type { Strings } from '../words/strings.ts'
import { baseStyles } from './base.styles.ts'
import { countCodePoints, isComposing, isSendKey, growToText } from './text-field.ts'
import { define, drawnIn } from './element.ts'

import { editorStrings } from '../words/en/forms.ts'

// Why, here and not in the text that every page loads:
// `:host([tone='bubble']) textarea`: The frame shows the focus.
// `textarea`, on touch: Smaller text makes a telephone zoom in.

const textFormStyles = css`
  :host {
    display: block;
    inline-size: 100%;
  }
  form {
    display: grid;
    gap: 8px;
    padding: 10px 12px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface-2);
    color: var(--samosa-text);
  }
  .label {
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
  }
  textarea {
    display: block;
    inline-size: 100%;
    max-block-size: min(320px, 40cqh);
    margin: 0;
    padding: 7px 10px;
    border: 1px solid var(--_edge);
    border-radius: 8px;
    background: var(--samosa-surface);
    color: inherit;
    font: inherit;
    font-size: max(16px, var(--samosa-font-size));
    resize: none;
    overscroll-behavior: contain;
    field-sizing: content;
  }
  :host([tone='bubble']) form {
    gap: 6px;
    padding: 9px 8px 8px 14px;
    border: 0;
    border-radius: var(--samosa-radius-bubble);
    border-end-end-radius: 6px;
    background: var(--_tint);
    box-shadow: inset 0 0 0 2px var(--samosa-focus);
  }
  :host([tone='bubble']) textarea {
    padding: 0 6px 0 0;
    border: 0;
    border-radius: 0;
    background: none;
    outline: 0;
  }
  p {
    margin: 0;
    color: var(--samosa-danger);
    font-size: var(--samosa-font-size-tiny);
  }
  .why {
    color: var(--samosa-text-muted);
  }
  .bar {
    display: flex;
    justify-content: flex-end;
    gap: 8px;
  }
  button {
    min-block-size: 32px;
    padding-inline: 12px;
    border-radius: 10px;
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
  }
  @media (pointer: coarse) {
    textarea {
      font-size: 16px;
    }
  }
  @media (forced-colors: active) {
    form,
    button {
      border: 1px solid ButtonText !important;
    }
  }
`

/** A text to write inside the conversation: a message again, or a word about an answer. */
export class SamosaTextForm extends LitElement {
  static override properties = {
    strings: { attribute: false },
    tone: { reflect: true },
    label: { attribute: false },
    text: { attribute: false },
    isChanged: { attribute: false },
    draft: { attribute: false },
    maxLength: { attribute: false },
    canSend: { attribute: false },
    warning: { attribute: false },
    cancelLabel: { attribute: false },
    tooLong: { attribute: false },
    onSend: { attribute: false },
    onCancel: { attribute: false },
    value: { state: true },
  }
  static override styles = [baseStyles, formButtonStyles, textFormStyles]

  strings: Strings = en
  /** `bubble`: a message of the visitor's; `card`: a question, whose label is shown. */
  tone: 'bubble' | 'card' = 'card'
  label = ''
  /** What stands there at first; sending it unchanged is no use. */
  text = ''
  /** What stands beside the text is not what it was. */
  isChanged = false
  /** What stands there in its place, not sent yet. */
  draft = ''
  /** In code points. */
  maxLength = 2000
  canSend = true
  /** What sending it does besides. */
  warning = ''
  cancelLabel = ''
  /** Says that it is too long; by default that a message is. */
  tooLong: Strings['composer']['tooLong'] | undefined
  onSend = (_text: string) => {}
  onCancel = () => {}

  private value = ''
  private get input(): HTMLTextAreaElement {
    return drawnIn(this, 'textarea', HTMLTextAreaElement)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.value = this.draft || this.text
  }

  /** What is written. */
  get words(): string {
    return this.value.trim()
  }

  override focus(options?: FocusOptions): void {
    this.input.focus(options)
  }

  override render() {
    const { label, maxLength } = this
    const { send, tooLong } = this.strings.composer
    const sayTooLong = this.tooLong ?? tooLong
    const over = countCodePoints(this.words) - maxLength
    const why = over > 0 ? '' : this.#whyNot
    return html`<form @submit=${this.#submit} @keydown=${this.#press}>
      ${this.tone === 'card' ? html`<div class="label" aria-hidden="true">${label}</div>` : nothing}
      <textarea
        rows="1"
        dir=${this.value === '' ? nothing : 'auto'}
        aria-label=${label}
        aria-invalid=${over > 0 ? 'true' : nothing}
        aria-describedby=${over > 0 ? 'count' : nothing}
        enterkeyhint="send"
        .value=${live(this.value)}
        @input=${this.#take}
      ></textarea>
      ${over > 0 ? html`<p id="count" role="status">${sayTooLong(over, maxLength)}</p>` : nothing}
      ${
        this.warning || why
          ? html`<p id="why" class="why">${this.warning} <span role="status">${why}</span></p>`
          : nothing
      }
      <div class="bar">
        <button type="button" class="quiet" @click=${() => this.onCancel()}>
          ${this.cancelLabel}
        </button>
        <button
          type="submit"
          class="strong"
          aria-disabled=${!this.#isSendable}
          aria-describedby=${this.warning || why ? 'why' : nothing}
        >
          ${send}
        </button>
      </div>
    </form>`
  }

  protected override firstUpdated(): void {
    if (this.tone === 'card') return
    this.focus()
    this.input.setSelectionRange(this.value.length, this.value.length)
  }

  protected override updated(): void {
    growToText(this.input)
  }

  get #isSendable(): boolean {
    const { words } = this
    const isNew = words !== '' && (this.isChanged || words !== this.text.trim())
    return isNew && this.canSend && countCodePoints(words) <= this.maxLength
  }

  /** Why it cannot be sent as it is; nobody needs to be told that an empty card is empty. */
  get #whyNot(): string {
    const { unchanged, empty, busy } = this.strings.editor ?? editorStrings
    if (!this.canSend) return busy
    if (this.tone === 'card') return ''
    const { words } = this
    if (words === '') return empty
    return words === this.text.trim() && !this.isChanged ? unchanged : ''
  }

  #take = () => {
    this.value = this.input.value
  }

  #press = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !isComposing(event)) {
      // The panel has its own use for it.
      event.stopPropagation()
      this.onCancel()
    } else if (event.target === this.input && isSendKey(event)) this.#submit(event)
  }

  #submit = (event: Event) => {
    event.preventDefault()
    if (this.#isSendable) this.onSend(this.words)
  }
}

define('samosa-text-form', SamosaTextForm)
