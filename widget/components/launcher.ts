import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import type { Strings } from '../locales/strings.ts'
import { en } from '../locales/en.ts'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { chevronIcon } from './icons.ts'
import { launcherStyles } from './launcher.styles.ts'
import { mark } from './mark.ts'

/** The round button that opens and closes the panel. */
export class SamosaLauncher extends LitElement {
  static override styles = [baseStyles, launcherStyles]
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true }

  @property({ attribute: false }) strings: Strings = en
  @property({ type: Boolean }) open = false
  @property({ type: Number }) unread = 0

  override render() {
    const { open, unread, strings } = this
    const label = open ? strings.launcher.close : strings.launcher.open
    const full = unread > 0 ? `${label}, ${strings.unread(unread)}` : label
    return html`<button type="button" aria-label=${full} aria-expanded=${open}>
      ${
        open
          ? chevronIcon
          : html`<svg class="mark" viewBox="0 0 32 32" width="34" height="34" aria-hidden="true">
              ${mark}
            </svg>`
      }
      ${unread > 0 ? html`<span class="badge" part="badge">${unread > 9 ? '9+' : unread}</span>` : nothing}
    </button>`
  }
}

define('samosa-launcher', SamosaLauncher)

/** The launcher of a bubble. */
export const renderLauncher = (view: {
  readonly strings: Strings
  readonly open: boolean
  readonly unread: number
  readonly onToggle: () => void
}) =>
  html`<samosa-launcher
    part="launcher"
    exportparts="badge"
    .strings=${view.strings}
    .open=${view.open}
    .unread=${view.unread}
    @click=${view.onToggle}
  ></samosa-launcher>`
