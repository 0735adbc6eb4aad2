import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { emptyStateStyles } from './empty-state.styles.ts'
import { mark } from './mark.ts'

/** More would be a page to read before the first word. */
const MOST = 4

/** Before the first message: a greeting and some questions to start with. */
export class SamosaEmptyState extends LitElement {
  static override styles = [baseStyles, emptyStateStyles]

  @property({ attribute: false }) strings: Strings = en
  @property({ attribute: false }) greeting = ''
  @property({ attribute: false }) starters: readonly string[] = []
  @property({ attribute: false }) onStarter = (_text: string) => {}

  override render() {
    const { strings, greeting, starters } = this
    return html`<div class="inner">
      <div>
        <svg class="mark" viewBox="0 0 32 32" width="44" height="44" aria-hidden="true">
          ${mark}
        </svg>
        <p class="greeting"><bdi>${greeting || strings.greeting}</bdi></p>
      </div>
      ${
        starters.length > 0
          ? html`<ul aria-label=${strings.starters}>
              ${starters.slice(0, MOST).map(
                (text) =>
                  html`<li>
                    <button part="starter" type="button" @click=${() => this.onStarter(text)}>
                      <bdi>${text}</bdi>
                    </button>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
    </div>`
  }
}

define('samosa-empty-state', SamosaEmptyState)
