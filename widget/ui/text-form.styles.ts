import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `:host([tone='bubble']) textarea`: The frame shows the focus.
// `textarea`, on touch: Smaller text makes a telephone zoom in.

export const textFormStyles = css`
  :host {
    display: block;
    inline-size: 100%;
  }
  form {
    display: grid;
    gap: 8px;
    padding: 10px 12px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface-2);
    color: var(--samosa-text);
  }
  .label {
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
  }
  textarea {
    display: block;
    inline-size: 100%;
    max-block-size: min(320px, 40cqh);
    margin: 0;
    padding: 7px 10px;
    border: 1px solid var(--_edge);
    border-radius: 8px;
    background: var(--samosa-surface);
    color: inherit;
    font: inherit;
    font-size: max(16px, var(--samosa-font-size));
    resize: none;
    overscroll-behavior: contain;
    field-sizing: content;
  }
  :host([tone='bubble']) form {
    gap: 6px;
    padding: 9px 8px 8px 14px;
    border: 0;
    border-radius: var(--samosa-radius-bubble);
    border-end-end-radius: 6px;
    background: var(--_tint);
    box-shadow: inset 0 0 0 2px var(--samosa-focus);
  }
  :host([tone='bubble']) textarea {
    padding: 0 6px 0 0;
    border: 0;
    border-radius: 0;
    background: none;
    outline: 0;
  }
  p {
    margin: 0;
    color: var(--samosa-danger);
    font-size: var(--samosa-font-size-tiny);
  }
  .why {
    color: var(--samosa-text-muted);
  }
  .bar {
    display: flex;
    justify-content: flex-end;
    gap: 8px;
  }
  button {
    min-block-size: 32px;
    padding-inline: 12px;
    border-radius: 10px;
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
  }
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
  @media (pointer: coarse) {
    textarea {
      font-size: 16px;
    }
  }
  @media (forced-colors: active) {
    form,
    button {
      border: 1px solid ButtonText !important;
    }
  }
`
