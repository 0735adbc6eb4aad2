import { css } from 'lit'

// Why, here and not in the text that is loaded:
// `input`: Smaller text makes a telephone zoom in.
// `:host(:dir(rtl)) input`: A name in Latin letters stands where the password does, above and below the labels.

export const signInStyles = css`
  :host {
    flex: none;
    box-sizing: border-box;
    inline-size: 100%;
    max-inline-size: 680px;
    max-block-size: 100%;
    margin-inline: auto;
    padding: var(--samosa-space) calc(3 * var(--samosa-space)) 0;
    overflow-y: auto;
    overscroll-behavior: contain;
  }
  :host([whole]) {
    display: flex;
    flex: 1 1 0;
    max-inline-size: none;
    padding: calc(6 * var(--samosa-space)) calc(5 * var(--samosa-space));
    scrollbar-width: thin;
    scrollbar-color: var(--_edge) transparent;
  }
  form {
    display: grid;
    gap: 6px;
    padding: 16px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius);
    background: var(--samosa-surface-2);
  }
  :host([whole]) form {
    inline-size: 100%;
    max-inline-size: 320px;
    margin: auto;
    padding: 0;
    border: 0;
    background: none;
  }
  h3 {
    margin: 0;
    font-size: var(--samosa-font-size-heading);
    font-weight: 620;
    letter-spacing: -0.01em;
    line-height: 1.3;
  }
  :host([whole]) h3 {
    margin-block: 6px 4px;
    font-size: var(--samosa-font-size-greeting);
    letter-spacing: -0.015em;
  }
  h3:focus {
    outline: 0;
  }
  p {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .problem {
    display: flex;
    gap: 8px;
    margin-block: 2px 4px;
    padding: 9px 12px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--_tint);
    font-size: var(--samosa-font-size-card);
    line-height: 1.4;
    --_tone: var(--_accent);
  }
  .failure {
    --_tone: var(--samosa-danger);
    border-color: color-mix(in srgb, var(--_tone) 35%, transparent);
    background: color-mix(in oklab, var(--_tone) 7%, var(--samosa-surface));
  }
  .problem svg {
    margin-block-start: 0.05em;
    color: var(--_tone);
  }
  .note {
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
    line-height: 1.45;
    text-wrap: pretty;
  }
  label {
    margin-block-start: 6px;
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
  }
  input {
    inline-size: 100%;
    block-size: 44px;
    margin: 0;
    padding: 0 12px;
    border: 1px solid var(--_edge);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface);
    color: inherit;
    font: inherit;
    font-size: max(16px, var(--samosa-font-size));
    appearance: none;
  }
  :host(:dir(rtl)) input {
    text-align: right;
  }
  input[aria-invalid='true'] {
    border-color: var(--samosa-danger);
  }
  input:focus-visible {
    border-color: var(--samosa-focus);
    outline-offset: -1px;
  }
  .password {
    position: relative;
  }
  #password {
    padding-inline-end: 48px;
  }
  .icon-button {
    position: absolute;
    inset-block: 0;
    inset-inline-end: 0;
    inline-size: 44px;
    block-size: 44px;
    border-radius: var(--samosa-radius-card);
  }
  .icon-button:focus-visible {
    outline-offset: -3px;
  }
  .strong {
    min-block-size: 44px;
    margin-block: 12px 6px;
    padding: 6px 16px;
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-accent);
    color: var(--samosa-on-accent);
    font-weight: 600;
    transition: background-color var(--samosa-motion);
  }
  .strong:hover {
    background: color-mix(in oklab, var(--samosa-accent) 90%, var(--samosa-text));
  }
  .strong[aria-disabled='true'] {
    background: color-mix(in oklab, var(--samosa-text) 9%, transparent);
    color: var(--samosa-text-muted);
    cursor: default;
  }
  @media (forced-colors: active) {
    form,
    .problem,
    .strong {
      border: 1px solid ButtonText;
    }
    :host([whole]) form {
      border: 0;
    }
    .mark {
      color: CanvasText;
    }
    .mark .seam {
      stroke: Canvas;
    }
  }
  @media print {
    :host {
      display: none !important;
    }
  }
`
