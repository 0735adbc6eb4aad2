import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `--_logo`, `--_mark`: Of a logo in the mark's place, see visit/visit.ts.

/** What every component starts from: bare controls, our mark, one focus ring, calm motion. What is rare follows: see `addRareStyles`. */
export const baseStyles = css`
  :host,
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  button {
    margin: 0;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  svg {
    display: block;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .mark {
    background: var(--_logo);
    color: var(--_accent);
  }
  .body,
  .seam {
    visibility: var(--_mark);
  }
  .body {
    fill: currentColor;
    stroke: none;
  }
  .seam {
    stroke: var(--samosa-surface);
    stroke-width: 2.2;
  }
  :focus-visible {
    outline: 2px solid var(--samosa-focus);
    outline-offset: 2px;
  }
  @media (pointer: coarse) {
    :is(button:not(.citation), summary, textarea) {
      min-inline-size: 44px !important;
      min-block-size: 44px !important;
    }
  }
  .icon-button {
    display: grid;
    place-items: center;
    inline-size: 36px;
    block-size: 36px;
    border-radius: 10px;
    color: var(--samosa-text-muted);
    transition:
      background-color var(--samosa-motion),
      color var(--samosa-motion);
  }
  .icon-button:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
    }
  }
`
