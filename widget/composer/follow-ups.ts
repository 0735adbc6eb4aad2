import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { en } from '../words/en.ts'
import type { Strings } from '../words/strings.ts'
import { followUpsStyles } from './follow-ups.styles.ts'
import { extrasStrings } from './strings.ts'

/** Questions that may follow an answer; choosing one asks it. */
export class SamosaFollowUps extends LitElement {
  static override styles = [baseStyles, followUpsStyles]

  @property({ attribute: false }) strings: Strings = en
  @property({ attribute: false }) texts: readonly string[] = []
  @property({ attribute: false }) outcome: string | undefined
  @property({ attribute: false }) onChoose = (_text: string) => {}

  override render() {
    const { followUps, nearest } = this.strings.extras ?? extrasStrings
    const isLost = this.outcome === 'unanswered'
    return html`${isLost ? html`<p>${nearest}</p>` : nothing}
      <ul aria-label=${isLost ? nearest : followUps}>
        ${this.texts.map(
          (text) =>
            html`<li>
              <button
                part="suggestion"
                type="button"
                data-leaves
                @click=${() => this.onChoose(text)}
              >
                <bdi>${text}</bdi>
              </button>
            </li>`,
        )}
      </ul>`
  }
}

define('samosa-follow-ups', SamosaFollowUps)
