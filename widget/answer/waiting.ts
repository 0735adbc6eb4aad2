import { html, LitElement, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { ProgressEvent } from '../../server/protocol/events.ts'
import { en } from '../words/en.ts'
import type { Strings } from '../words/strings.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { mark } from '../ui/icons.ts'
import { waitingStyles } from './waiting.styles.ts'

/** Shorter waits are no news. */
const SHOWN_FROM_S = 3

/** Steam over the mark, the current step in words and for how long that has been, until there is more. */
export class SamosaWaiting extends LitElement {
  static override styles = [baseStyles, waitingStyles]

  @property({ attribute: false }) strings: Strings = en
  @property({ attribute: false }) step = ''
  @property({ attribute: false }) progress: ProgressEvent | undefined

  @state() private seconds = 0
  #timer: ReturnType<typeof setInterval> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    const since = performance.now()
    this.#timer = setInterval(() => {
      this.seconds = Math.round((performance.now() - since) / 1_000)
    }, 1_000)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
  }

  override render() {
    return html`<svg
        class="mark"
        data-beat=${this.seconds % 3}
        viewBox="0 -10 32 42"
        width="26"
        height="34"
        aria-hidden="true"
      >
        ${mark}
        <path class="wisp" d="M10 4c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
        <path class="wisp" d="M16 1.2c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
        <path class="wisp" d="M22 4c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path></svg
      ><span class="step" dir="auto">${this.step}</span>${this.#renderBar()}
      <span class="elapsed" aria-hidden="true"
        >${this.seconds < SHOWN_FROM_S ? nothing : this.strings.answer.elapsed(this.seconds)}</span
      >`
  }

  #renderBar() {
    const { done = 0, total = 0 } = this.progress ?? {}
    if (total < 1) return nothing
    const words = this.strings.waiting.readSoFar(done, total)
    return html`<progress
        max=${total}
        .value=${Math.min(Math.max(0, done), total)}
        aria-label=${this.step}
        aria-valuetext=${words}
      ></progress
      ><span class="so-far" aria-hidden="true">${words}</span>`
  }
}

define('samosa-waiting', SamosaWaiting)
