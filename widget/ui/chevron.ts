import { html, svg } from 'lit'

/** Points onward when closed and down when open. */
export const chevron = html`<svg class="chevron" viewBox="0 0 20 20" aria-hidden="true">
  ${svg`<path d="m7.5 5 5 5-5 5"></path>`}
</svg>`
