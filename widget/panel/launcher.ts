import { html, LitElement, nothing, css } from 'lit'
import type { Strings } from '../words/strings.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, differs } from '../ui/element.ts'

import { chevronIcon, mark } from '../ui/icons.ts'

/** 56 px, round, with the mark; `embed.ts` draws the same before this is loaded. */
const launcherStyles = css`
  :host {
    display: block;
  }
  button {
    position: relative;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-inline-size: 56px;
    min-block-size: 56px;
    padding: 8px 12px;
    border-radius: 28px;
    background: var(--samosa-accent);
    color: var(--samosa-on-accent);
    box-shadow:
      0 1px 3px rgb(40 20 0 / 0.25),
      0 6px 20px rgb(40 20 0 / 0.22);
    font-size: 14px;
    font-weight: 600;
    transition: transform 0.16s;
  }
  .face {
    position: relative;
  }
  button:hover {
    transform: scale(1.05);
  }
  button:active {
    transform: scale(0.97);
  }
  .mark {
    color: inherit;
  }
  .seam {
    stroke: var(--samosa-accent);
  }
  .badge {
    position: absolute;
    inset-block-start: -2px;
    inset-inline-end: -2px;
    min-inline-size: 20px;
    block-size: 20px;
    padding-inline: 5px;
    border-radius: 10px;
    background: var(--samosa-danger);
    color: var(--samosa-surface);
    box-shadow: 0 0 0 2px var(--samosa-surface);
    font-size: var(--samosa-font-size-tiny);
    font-weight: 650;
    line-height: 20px;
    text-align: center;
  }
`

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
  static override properties = { view: { attribute: false, hasChanged: differs } }
  static override styles = [baseStyles, launcherStyles]
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true }

  view!: LauncherView

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
