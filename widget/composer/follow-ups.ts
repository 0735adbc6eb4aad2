import { html, LitElement, nothing, css } from 'lit'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { en } from '../words/en/index.ts'
import type { Strings } from '../words/strings.ts'
import { extrasStrings } from '../words/en/composer.ts'

const followUpsStyles = css`
  :host {
    display: block;
    padding-block: 2px 10px;
  }
  p {
    margin: 0 0 8px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
  }
  ul {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    max-inline-size: 100%;
  }
  button {
    min-block-size: 36px;
    padding: 7px 13px;
    border: 1px solid var(--_edge);
    border-radius: 22px;
    font-size: 13.5px;
    line-height: 1.4;
    text-align: start;
    overflow-wrap: anywhere;
    transition: background-color var(--samosa-motion, 0.14s);
  }
  button:hover {
    border-color: color-mix(in srgb, var(--samosa-accent) 45%, transparent);
    background: var(--_tint);
  }
  @media print {
    :host {
      display: none;
    }
  }
`

/** Questions that may follow an answer; choosing one asks it. */
export class SamosaFollowUps extends LitElement {
  static override properties = {
    strings: { attribute: false },
    texts: { attribute: false },
    outcome: { attribute: false },
    onChoose: { attribute: false },
  }
  static override styles = [baseStyles, followUpsStyles]

  strings: Strings = en
  texts: readonly string[] = []
  outcome: string | undefined
  onChoose = (_text: string) => {}

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
