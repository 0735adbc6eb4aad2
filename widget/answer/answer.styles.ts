import { css } from 'lit'

/** The frame of an answer: type, measure, rhythm between its parts. */
export const answerStyles = css`
  :host {
    display: block;
    --_muted: var(--samosa-text-muted);
    --_tinted: var(--samosa-surface-2);
    --_raised: var(--samosa-surface-3);
    --_line: var(--samosa-hairline);
    font-size: var(--samosa-font-size);
    line-height: var(--samosa-line-height);
    overflow-wrap: break-word;
  }
  .answer {
    max-inline-size: var(--samosa-measure, 68ch);
  }
  .segments > * + * {
    margin-block-start: 12px;
  }
  .late {
    min-block-size: 42px;
    border-radius: var(--samosa-radius-card, 12px);
    background: var(--_tinted);
  }
  .late + .late {
    display: none;
  }
  .text:empty {
    display: none;
  }
  button {
    text-align: start;
  }
  svg {
    inline-size: 16px;
    block-size: 16px;
    stroke-width: 1.6;
  }
  :focus-visible {
    border-radius: 4px;
  }
  a[href] {
    color: var(--_accent);
    text-decoration-thickness: 1px;
    text-underline-offset: 0.18em;
  }
  a[href]:hover {
    text-decoration-thickness: 2px;
  }
  a:not([href]) {
    color: var(--_accent);
  }
  .chevron {
    inline-size: 14px;
    block-size: 14px;
    transition: transform var(--samosa-motion);
  }
  :dir(rtl) > .chevron {
    transform: scaleX(-1);
  }
  [aria-expanded='true'] > .chevron {
    transform: rotate(90deg);
  }
`
