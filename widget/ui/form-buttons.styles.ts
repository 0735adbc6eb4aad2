import { css } from 'lit'

/** What sends a form, and what leaves it, wherever there is one. */
export const formButtonStyles = css`
  .quiet:hover {
    background: var(--_hover);
  }
  .strong {
    background: var(--samosa-accent);
    color: var(--samosa-on-accent);
  }
  .strong[aria-disabled='true'] {
    background: color-mix(in oklab, var(--samosa-text) 9%, transparent);
    color: var(--samosa-text-muted);
    cursor: default;
  }
`
