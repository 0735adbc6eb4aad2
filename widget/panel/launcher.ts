import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import type { Strings } from '../words/strings.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/define.ts'
import { differs } from '../ui/differs.ts'
import { chevronIcon } from '../ui/icons.ts'
import { launcherStyles } from './launcher.styles.ts'
import { mark } from '../ui/mark.ts'

export interface LauncherView {
  readonly strings: Strings
  readonly open: boolean
  readonly unread: number
  /** A word beside the mark. */
  readonly label: string
  /** What is to be known of the closed chat, in words. */
  readonly status: string
}

/** The round button that opens and closes the panel. */
export class SamosaLauncher extends LitElement {
  static override styles = [baseStyles, launcherStyles]
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true }

  @property({ attribute: false, hasChanged: differs }) view!: LauncherView

  override render() {
    const { open, unread, label, status, strings } = this.view
    const name = open ? strings.launcher.close : label || strings.launcher.open
    return html`<button
      type="button"
      aria-label=${status ? `${name}, ${status}` : name}
      aria-expanded=${open}
    >
      ${
        open
          ? chevronIcon
          : html`<span class="face"
                ><slot name="mark"
                  ><svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
                    ${mark}
                  </svg></slot
                ><slot></slot></span
              >${label}`
      }
      ${unread > 0 ? html`<span class="badge" part="badge">${unread > 9 ? '9+' : unread}</span>` : nothing}
    </button>`
  }
}

define('samosa-launcher', SamosaLauncher)
