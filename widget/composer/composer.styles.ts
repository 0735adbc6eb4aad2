import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.pill`: Its word wraps out of sight where there is no room for it beside the picture, that of the first one last.
// `34cqh`: Of the panel, which a keyboard on the screen makes lower than the window.

export const composerStyles = css`
  :host {
    display: block;
  }
  .pod {
    display: grid;
    gap: 4px;
    padding: 6px;
    border: 1px solid var(--_edge);
    border-radius: var(--samosa-radius);
    background: var(--samosa-surface);
    cursor: text;
    transition:
      border-color var(--samosa-motion),
      box-shadow var(--samosa-motion);
  }
  .pod:focus-within {
    border-color: var(--samosa-focus);
    box-shadow: 0 0 0 3px color-mix(in srgb, var(--samosa-focus) 20%, transparent);
  }
  textarea {
    display: block;
    inline-size: 100%;
    min-block-size: 40px;
    max-block-size: min(200px, 34cqh);
    margin: 0;
    padding: 8px 10px 6px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    font-size: max(16px, var(--samosa-font-size));
    line-height: 1.45;
    resize: none;
    overscroll-behavior: contain;
    field-sizing: content;
  }
  textarea:focus-visible {
    outline: 0;
  }
  textarea::placeholder {
    color: var(--samosa-text-muted);
    opacity: 1;
  }
  .bar {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
  }
  .bar > :not(.pill) {
    flex: none;
  }
  .icon-button + .icon-button {
    margin-inline-start: -4px;
  }
  .pill {
    --_line: 34px;
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 44px 6px;
    min-inline-size: 41px;
    block-size: 36px;
    padding-inline: 10px 13px;
    border: 1px solid var(--_edge);
    border-radius: 22px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
    line-height: var(--_line);
    white-space: nowrap;
    overflow: hidden;
    transition:
      background-color var(--samosa-motion),
      color var(--samosa-motion);
  }
  .pill + .pill {
    flex-shrink: 9999;
  }
  .pill svg {
    block-size: var(--_line);
  }
  .pill:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  .pill[aria-pressed='true'] {
    border-color: color-mix(in srgb, var(--samosa-accent) 55%, transparent);
    background: var(--_tint);
    color: color-mix(in oklab, var(--_accent) 85%, var(--samosa-text));
  }
  .go {
    display: grid;
    place-items: center;
    inline-size: 36px;
    block-size: 36px;
    margin-inline-start: auto;
    border-radius: 50%;
    background: var(--samosa-accent);
    color: var(--samosa-on-accent);
    transition:
      background-color var(--samosa-motion),
      color var(--samosa-motion);
  }
  .go svg {
    stroke-width: 2.1;
  }
  .go[aria-disabled='true'] {
    background: var(--samosa-surface-3);
    color: var(--samosa-text-muted);
    cursor: default;
  }
  .stop {
    background: var(--samosa-text);
    color: var(--samosa-surface);
  }
  @media (pointer: coarse) {
    .bar {
      gap: 4px;
    }
    .pill {
      --_line: 42px;
    }
  }
`
