import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'

/** One line on what answers, with a link to the site's page on privacy. */
export class SamosaDisclosure extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        max-inline-size: 60ch;
        padding: 6px 8px 0;
        margin-inline: auto;
        color: var(--samosa-text-muted);
        font-size: var(--samosa-font-size-small);
        line-height: 1.4;
        text-align: center;
        text-wrap: balance;
        overflow-wrap: anywhere;
      }
      :host([large]) {
        padding: 0;
        margin: 0;
        text-align: start;
      }
      p {
        margin: 0;
      }
      a {
        border-radius: 4px;
        color: inherit;
      }
      a:hover {
        color: var(--samosa-text);
      }
    `,
  ]

  @property({ attribute: false }) text = ''
  @property({ attribute: false }) privacyUrl: string | undefined
  @property({ attribute: false }) privacy = ''

  override render() {
    const { text, privacyUrl, privacy } = this
    return html`<p>
      <bdi>${text}</bdi> ${
        privacyUrl
          ? html`<a href=${privacyUrl} target="_blank" rel="noopener">${privacy}</a>`
          : nothing
      }
    </p>`
  }
}

define('samosa-disclosure', SamosaDisclosure)
