import { html, LitElement, nothing, css } from 'lit'
import { en } from '../words/en/index.ts'
import type { Strings } from '../words/strings.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { againIcon, alertIcon, infoIcon } from '../ui/action-icons.ts'

const noticeStyles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 10px 10px 10px 12px;
    border: 1px solid color-mix(in srgb, var(--_tone) 35%, transparent);
    border-radius: var(--samosa-radius-card);
    background: color-mix(in oklab, var(--_tone) 7%, var(--samosa-surface));
    font-size: var(--samosa-font-size-card);
    line-height: 1.45;
    --_tone: var(--samosa-danger);
  }
  :host([tone='hint']) {
    --_tone: var(--samosa-text-muted);
    border-color: var(--samosa-hairline);
    background: var(--samosa-surface-2);
  }
  svg {
    color: var(--_tone);
  }
  p {
    flex: 1 1 12em;
    margin: 0;
  }
  button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 36px;
    padding-inline: 12px;
    border: 1px solid var(--_edge);
    border-radius: 10px;
    background: var(--samosa-surface);
    font-weight: 550;
    transition: background-color var(--samosa-motion);
  }
  button svg {
    color: inherit;
  }
  button[aria-disabled='true'] {
    color: var(--samosa-text-muted);
    cursor: default;
  }
  button:not([aria-disabled='true']):hover {
    background: var(--samosa-surface-2);
  }
`

/** A sentence about what went wrong, with a way on where there is one. */
export class SamosaNotice extends LitElement {
  static override properties = {
    strings: { attribute: false },
    text: { attribute: false },
    tone: { reflect: true },
    action: { attribute: false },
    actionAt: { attribute: false },
    onAction: { attribute: false },
  }
  static override styles = [baseStyles, noticeStyles]

  strings: Strings = en
  text = ''
  tone: 'error' | 'hint' = 'error'
  /** The button's label; without one there is no button. */
  action: string | undefined
  /** When the button is of use, in milliseconds since 1970; until then it says how long that is. */
  actionAt = 0
  onAction = () => {}
  #timer: ReturnType<typeof setTimeout> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override render() {
    return html`${this.tone === 'error' ? alertIcon : infoIcon}
      <p role=${this.tone === 'error' ? 'alert' : 'status'} dir="auto">${this.text}</p>
      ${this.action === undefined ? nothing : this.#renderAction(this.action)}`
  }

  #renderAction(action: string) {
    const seconds = this.#secondsLeft
    const waits = seconds > 0
    // One button, so that it keeps the focus; nothing announces its seconds.
    return html`<button
      type="button"
      ?data-leaves=${!waits}
      aria-disabled=${waits}
      @click=${() => this.#secondsLeft > 0 || this.onAction()}
    >
      ${waits ? this.strings.retryIn(seconds) : html`${againIcon}${action}`}
    </button>`
  }

  protected override updated(): void {
    clearTimeout(this.#timer)
    const isWaiting = this.action !== undefined && this.#secondsLeft > 0
    if (isWaiting) this.#timer = setTimeout(() => this.requestUpdate(), 1_000)
  }

  get #secondsLeft(): number {
    return Math.ceil((this.actionAt - Date.now()) / 1_000)
  }
}

define('samosa-notice', SamosaNotice)
