import { css } from 'lit'

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
    max-block-size: min(200px, 34vh);
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
    container-type: inline-size;
  }
  .icon-button + .icon-button {
    margin-inline-start: -4px;
  }
  .pill {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 36px;
    padding-inline: 10px 13px;
    border: 1px solid var(--_edge);
    border-radius: 18px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
    transition:
      background-color var(--samosa-motion),
      color var(--samosa-motion);
  }
  .pill:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  .pill[aria-pressed='true'] {
    border-color: color-mix(in srgb, var(--samosa-accent) 55%, transparent);
    background: var(--_tint);
    color: color-mix(in oklab, var(--samosa-accent) 85%, var(--samosa-text));
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
  .count {
    margin: 0;
    padding: 6px 10px 0;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-tiny);
    font-variant-numeric: tabular-nums;
  }
  .count.over {
    color: var(--samosa-danger);
  }
  @container (max-width: 330px) {
    .pill {
      padding-inline: 9px;
    }
    .pill span {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }
  @media (hover: none) {
    .icon-button {
      inline-size: 44px;
      block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .pod:focus-within {
      outline: 2px solid Highlight;
    }
    .go,
    .pill[aria-pressed='true'] {
      border: 2px solid ButtonText;
    }
  }
`
