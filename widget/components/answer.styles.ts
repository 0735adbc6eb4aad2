import { css } from 'lit'

/** The frame of an answer: type, measure, rhythm between its parts. */
export const answerStyles = css`
  :host {
    display: block;
    --_ink: var(--samosa-text, light-dark(#2b2420, #f1eae1));
    --_muted: var(--samosa-text-muted, light-dark(#6b6056, #b0a497));
    --_accent: var(--samosa-accent, light-dark(#a84b08, #f0a24a));
    --_surface: var(--samosa-surface, light-dark(#fffdf9, #1c1815));
    --_tinted: var(--samosa-surface-2, light-dark(#f7f1e7, #27211d));
    --_raised: var(--samosa-surface-3, light-dark(#f2ebdf, #2f2823));
    --_line: var(--samosa-hairline, color-mix(in srgb, var(--_ink) 10%, transparent));
    --_success: var(--samosa-success, light-dark(#2a6b3c, #82c893));
    --_danger: var(--samosa-danger, light-dark(#b02a1f, #f4a79d));
    --_mono: var(--samosa-font-mono, ui-monospace, SFMono-Regular, Menlo, Consolas, monospace);
    color: var(--_ink);
    font-family: var(--samosa-font, system-ui, sans-serif);
    font-size: var(--samosa-font-size, 15px);
    line-height: var(--samosa-line-height, 1.55);
    overflow-wrap: break-word;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  .answer {
    max-inline-size: var(--samosa-measure, 68ch);
  }
  .segments > * + * {
    margin-block-start: 12px;
  }
  .late {
    min-block-size: 42px;
    color: var(--_muted);
  }
  .late::before {
    content: '…';
  }
  .late + .late {
    display: none;
  }
  .text:empty {
    display: none;
  }
  button {
    margin: 0;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: start;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  svg {
    display: block;
    flex: none;
    inline-size: 16px;
    block-size: 16px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.6;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  :focus-visible {
    outline: 2px solid var(--samosa-focus, var(--_accent));
    outline-offset: 2px;
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
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`
