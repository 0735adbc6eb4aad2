import { html, LitElement, nothing, css } from 'lit'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { mark, markStyles } from '../ui/icons.ts'
import type { ChatContext } from '../conversation/chat-context.ts'

const emptyStateStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 100%;
    padding: calc(6 * var(--samosa-space)) calc(4 * var(--samosa-space))
      calc(3 * var(--samosa-space));
  }
  .inner {
    display: grid;
    gap: 20px;
    inline-size: 100%;
    max-inline-size: 544px;
    margin: auto;
    overflow-wrap: anywhere;
  }
  :host([pending])::before {
    content: '';
    inline-size: 50%;
    block-size: 24px;
    margin: auto;
    border-radius: var(--samosa-radius-code);
    background: var(--samosa-surface-2);
    animation: late 0.2s 0.4s backwards;
  }
  @keyframes late {
    from {
      opacity: 0;
    }
  }
  .greeting {
    margin: 12px 0 0;
    font-size: var(--samosa-font-size-greeting);
    font-weight: 620;
    letter-spacing: -0.015em;
    line-height: 1.3;
    text-wrap: balance;
  }
  ul {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 224px), 1fr));
    gap: 8px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: flex;
  }
  button {
    flex: 1;
    min-block-size: 48px;
    padding: 12px 14px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface-2);
    font-size: var(--samosa-font-size-card);
    line-height: 1.4;
    text-align: start;
    transition:
      background-color var(--samosa-motion),
      border-color var(--samosa-motion);
  }
  button:hover {
    border-color: color-mix(in srgb, var(--samosa-accent) 45%, transparent);
    background: var(--_tint);
  }
`

/** More would be a page to read before the first word. */
const MOST = 4

/** Before the first message: a greeting and some questions to start with. */
export class SamosaEmptyState extends LitElement {
  static override properties = { context: { attribute: false }, disclosure: { attribute: false } }
  static override styles = [baseStyles, markStyles, emptyStateStyles]

  context!: ChatContext
  /** The line on what answers, where it stands here. */
  disclosure: unknown

  override render() {
    const { strings, actions, config, settled } = this.context
    const { greeting, starters = [] } = config ?? {}
    this.toggleAttribute('pending', !settled)
    if (!settled) return nothing
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
      ${this.disclosure}
    </div>`
  }
}

define('samosa-empty-state', SamosaEmptyState)
