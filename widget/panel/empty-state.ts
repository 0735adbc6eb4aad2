import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/define.ts'
import { emptyStateStyles } from './empty-state.styles.ts'
import { mark, markStyles } from '../ui/mark.ts'
import type { PanelView } from './panel-view.ts'

/** More would be a page to read before the first word. */
const MOST = 4

/** Before the first message: a greeting and some questions to start with. */
export class SamosaEmptyState extends LitElement {
  static override styles = [baseStyles, markStyles, emptyStateStyles]

  @property({ attribute: false }) view: PanelView | undefined

  override render() {
    const { view } = this
    if (!view) return nothing
    const { strings, actions } = view
    const { greeting, starters = [] } = view.config ?? {}
    this.toggleAttribute('pending', !view.settled)
    if (!view.settled) return nothing
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
                    <button part="starter" type="button" @click=${() => actions.onSend(text)}>
                      <bdi>${text}</bdi>
                    </button>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
      ${view.disclosure?.inEmpty}
    </div>`
  }
}

define('samosa-empty-state', SamosaEmptyState)
