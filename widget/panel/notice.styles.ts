import { css } from 'lit'

export const noticeStyles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 10px 10px 10px 12px;
    border: 1px solid color-mix(in srgb, var(--_tone) 35%, transparent);
    border-radius: var(--samosa-radius-card);
    background: color-mix(in oklab, var(--_tone) 7%, var(--samosa-surface));
    font-size: var(--samosa-font-size-card);
    line-height: 1.45;
    --_tone: var(--samosa-danger);
  }
  :host([tone='hint']) {
    --_tone: var(--samosa-text-muted);
    border-color: var(--samosa-hairline);
    background: var(--samosa-surface-2);
  }
  svg {
    color: var(--_tone);
  }
  p {
    flex: 1 1 12em;
    margin: 0;
  }
  button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 36px;
    padding-inline: 12px;
    border: 1px solid var(--_edge);
    border-radius: 10px;
    background: var(--samosa-surface);
    font-weight: 550;
    transition: background-color var(--samosa-motion);
  }
  button svg {
    color: inherit;
  }
  button[aria-disabled='true'] {
    color: var(--samosa-text-muted);
    cursor: default;
  }
  button:not([aria-disabled='true']):hover {
    background: var(--samosa-surface-2);
  }
`
