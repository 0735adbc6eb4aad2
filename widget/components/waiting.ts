import { html, LitElement } from 'lit'
import { property } from 'lit/decorators.js'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { mark } from './mark.ts'
import { waitingStyles } from './waiting.styles.ts'

/** Steam over the mark, and the current step in words, until the answer's first word is there. */
export class SamosaWaiting extends LitElement {
  static override styles = [baseStyles, waitingStyles]

  @property({ attribute: false }) step = ''

  override render() {
    return html`<svg viewBox="0 -10 32 42" width="26" height="34" aria-hidden="true">
        ${mark}
        <path class="wisp" d="M10 4c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
        <path class="wisp" d="M16 1.2c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
        <path class="wisp" d="M22 4c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path></svg
      ><span>${this.step}</span>`
  }
}

define('samosa-waiting', SamosaWaiting)
