import { css } from 'lit'
import { fileStyles } from './file.styles.ts'

// Why, here and not in the text that every page loads:
// `.drop`: Its containing block is the panel; nothing in between may be positioned.
// `.menu-place`: Nothing but a place; the margin takes the grid's gap back.
// `.said:empty`: Out of the grid, so that it makes no gap, and still there for screen readers.

export const extrasStyles = css`
  ${fileStyles}
  .icon-button[aria-disabled='true'] {
    opacity: 0.5;
    cursor: default;
  }
  .icon-button[aria-pressed='true'] {
    background: var(--samosa-danger);
    color: var(--samosa-surface);
  }
  .said {
    padding: 6px 10px 2px;
    font-size: 13px;
    line-height: 1.45;
    overflow-wrap: anywhere;
  }
  .said:empty {
    position: absolute;
  }
  .help {
    display: grid;
    gap: 4px;
    margin: 0 0 6px;
  }
  .help div {
    display: flex;
    gap: 10px;
  }
  .help dt {
    flex: none;
    min-inline-size: 100px;
    text-align: match-parent;
    font-weight: 600;
  }
  .help dd {
    margin: 0;
    color: var(--samosa-text-muted);
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 0;
    padding: 4px;
    list-style: none;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 28px;
    padding-inline: 10px 7px;
    border-radius: 22px;
    background: var(--samosa-surface-3);
    font-size: 12.5px;
    font-variant-numeric: tabular-nums;
  }
  .chip:hover {
    background: var(--_tint);
  }
  .menu-place {
    position: relative;
    margin-block-end: -4px;
  }
  .menu {
    position: absolute;
    inset-block-end: 14px;
    inset-inline: -6px;
    z-index: 2;
    max-block-size: 50cqh;
    margin: 0;
    padding: 6px;
    overflow: hidden auto;
    border: 1px solid var(--_edge);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface);
    box-shadow: 0 4px 18px rgb(40 20 0 / 0.14);
    font-size: 14px;
    list-style: none;
  }
  .menu li {
    display: grid;
    grid-template-columns: minmax(108px, auto) 1fr;
    align-items: baseline;
    gap: 0 10px;
    padding: 7px 10px;
    border-radius: var(--samosa-radius-code);
    cursor: pointer;
  }
  .menu b {
    font-weight: 600;
    text-align: match-parent;
  }
  .menu span {
    color: var(--samosa-text-muted);
    font-size: 13px;
  }
  .menu li:hover {
    background: var(--_hover);
  }
  .menu [aria-selected='true'] {
    background: var(--_tint);
  }
  .drop {
    position: absolute;
    inset: 0;
    z-index: 3;
    display: grid;
    place-items: center;
    padding: 24px;
    border: 2px dashed var(--_accent);
    border-radius: inherit;
    background: color-mix(in srgb, var(--samosa-surface) 95%, transparent);
    font-size: 17px;
    font-weight: 600;
    text-align: center;
    pointer-events: none;
  }
  @media (pointer: coarse) {
    .menu li {
      align-items: center;
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .menu [aria-selected='true'],
    .icon-button[aria-pressed='true'] {
      outline: 2px solid Highlight;
    }
    .chip {
      border: 1px solid ButtonText;
    }
  }
`
