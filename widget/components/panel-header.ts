import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { closeIcon, listIcon, newIcon } from './icons.ts'
import { mark } from './mark.ts'
import { panelHeaderStyles } from './panel-header.styles.ts'

/** The panel's top: what this is, a new conversation, close. */
export class SamosaPanelHeader extends LitElement {
  static override styles = [baseStyles, panelHeaderStyles]

  @property({ attribute: false }) strings: Strings = en
  @property({ attribute: false }) heading = ''
  @property({ attribute: false }) canStartOver = false
  @property({ attribute: false }) canClose = false
  @property({ attribute: false }) canList = false
  @property({ attribute: false }) onList = () => {}
  /** What turns the sound for new messages off and on, where there is one. */
  @property({ attribute: false }) soundSwitch: unknown
  @property({ attribute: false }) onNew = () => {}
  @property({ attribute: false }) onClose = () => {}

  override render() {
    const { strings } = this
    return html`${
        this.canList
          ? this.renderButton(strings.conversations, listIcon, this.onList, 'list')
          : nothing
      }<svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">${mark}</svg>
      <h2 part="heading">${this.heading}</h2>
      <slot></slot>
      ${this.soundSwitch}
      ${
        this.canStartOver
          ? this.renderButton(this.strings.newConversation, newIcon, this.onNew)
          : nothing
      }
      ${this.canClose ? this.renderButton(this.strings.close, closeIcon, this.onClose) : nothing}`
  }

  private renderButton(label: string, icon: unknown, onClick: () => void, name = '') {
    return html`<button
      class="icon-button ${name}"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => onClick()}
    >
      ${icon}
    </button>`
  }
}

define('samosa-panel-header', SamosaPanelHeader)
