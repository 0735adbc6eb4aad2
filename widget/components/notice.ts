import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { againIcon, alertIcon, infoIcon } from './icons.ts'
import { noticeStyles } from './notice.styles.ts'

/** A sentence about what went wrong, with a way on where there is one. */
export class SamosaNotice extends LitElement {
  static override styles = [baseStyles, noticeStyles]

  @property({ attribute: false }) text = ''
  @property({ reflect: true }) tone: 'error' | 'hint' = 'error'
  /** The button's label; without one there is no button. */
  @property({ attribute: false }) action: string | undefined
  @property({ attribute: false }) onAction = () => {}

  override render() {
    return html`${this.tone === 'error' ? alertIcon : infoIcon}
      <p role=${this.tone === 'error' ? 'alert' : 'status'}>${this.text}</p>
      ${
        this.action === undefined
          ? nothing
          : html`<button type="button" data-leaves @click=${() => this.onAction()}>
              ${againIcon}${this.action}
            </button>`
      }`
  }
}

define('samosa-notice', SamosaNotice)
