import { css } from 'lit'

// Why, here and not in the text that is loaded:
// `textarea`, `input`: Smaller text makes a telephone zoom in.
// `.trap`: Robots pass over what is not displayed.
// `:host(:dir(rtl)) #email`: An address in Latin letters begins below the end of its label.

export const formStyles = css`
  :host {
    display: block;
  }
  form {
    position: relative;
    display: grid;
    gap: 4px;
    padding-block-start: 4px;
  }
  p {
    margin: 0;
  }
  label {
    font-size: var(--samosa-font-size-small);
  }
  form > label {
    margin-block-start: 4px;
    font-weight: 550;
  }
  textarea,
  #email {
    inline-size: 100%;
    margin: 0;
    padding: 8px 11px;
    border: 1px solid var(--_edge);
    border-radius: 10px;
    background: var(--samosa-surface);
    color: inherit;
    font: inherit;
    font-size: max(16px, var(--samosa-font-size));
    line-height: 1.4;
    appearance: none;
  }
  textarea {
    display: block;
    min-block-size: 76px;
    max-block-size: min(240px, 36vh);
    resize: none;
    overscroll-behavior: contain;
    field-sizing: content;
  }
  #email {
    min-block-size: 44px;
  }
  :host(:dir(rtl)) #email {
    text-align: right;
  }
  textarea:focus-visible,
  #email:focus-visible {
    border-color: var(--samosa-focus);
    outline-offset: -1px;
  }
  [aria-invalid='true'] {
    border-color: var(--samosa-danger);
    outline-color: var(--samosa-danger);
  }
  .problem {
    color: var(--samosa-danger);
    font-size: var(--samosa-font-size-small);
    line-height: 1.4;
  }
  .trap {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .consent {
    display: flex;
    align-items: start;
    gap: 10px;
    margin-block: 8px 2px;
    line-height: 1.4;
  }
  #consent {
    flex: none;
    inline-size: 20px;
    block-size: 20px;
    margin: 0;
    accent-color: var(--_accent);
  }
  .privacy {
    color: var(--_accent);
    font-size: var(--samosa-font-size-small);
  }
  .failure {
    display: flex;
    gap: 8px;
    margin-block-start: 4px;
    padding: 9px 12px;
    border: 1px solid color-mix(in srgb, var(--samosa-danger) 35%, transparent);
    border-radius: 10px;
    background: color-mix(in oklab, var(--samosa-danger) 7%, var(--samosa-surface));
    line-height: 1.4;
  }
  .failure svg {
    color: var(--samosa-danger);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
    margin-block-start: 6px;
  }
  button {
    min-block-size: 40px;
    padding-inline: 16px;
    border-radius: 10px;
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
  @media (hover: none) {
    button {
      min-block-size: 44px;
    }
    #consent {
      inline-size: 24px;
      block-size: 24px;
    }
    .privacy {
      display: inline-block;
      min-inline-size: 44px;
      padding-block: 13px;
    }
  }
  @media (forced-colors: active) {
    textarea,
    #email,
    button {
      border: 1px solid ButtonText;
    }
  }
`
