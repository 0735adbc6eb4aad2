import { css } from 'lit'

// Why, here and not in the text that is loaded:
// `.mail .kind` and the like: Below an answer the address says what it is; who listens hears both.

export const contactStyles = css`
  :host {
    display: block;
    padding-block: 2px 10px;
  }
  :host([hidden]) {
    display: none;
  }
  p {
    margin: 0;
  }
  .sent {
    display: flex;
    gap: 8px;
    padding: 6px 0;
    font-size: var(--samosa-font-size-card);
    line-height: 1.45;
    overflow-wrap: anywhere;
  }
  .sent:focus {
    outline: 0;
  }
  .sent svg {
    margin-block-start: 2px;
    color: var(--samosa-success);
  }
  .card {
    display: grid;
    gap: 8px;
    padding: 10px 12px 12px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface-2);
    font-size: var(--samosa-font-size-small);
    line-height: 1.4;
  }
  #title {
    color: var(--samosa-text-muted);
  }
  ul {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    max-inline-size: 100%;
  }
  a,
  button {
    display: flex;
    align-items: center;
    gap: 7px;
    min-block-size: 36px;
    padding: 6px 11px;
    border: 1px solid var(--_edge);
    border-radius: 10px;
    background: var(--samosa-surface);
    color: var(--samosa-text);
    font: inherit;
    text-align: start;
    text-decoration: none;
    overflow-wrap: anywhere;
    transition: background-color var(--samosa-motion);
  }
  a:hover,
  button:hover,
  button[aria-expanded='true'] {
    border-color: color-mix(in srgb, var(--samosa-accent) 45%, transparent);
    background: var(--_tint);
  }
  a svg,
  button svg {
    color: var(--_accent);
  }
  .value {
    font-variant-numeric: tabular-nums;
  }
  .mail .kind,
  .phone .kind,
  .page .value {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  #hours {
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-tiny);
  }
  .asked {
    gap: 10px;
    padding: 14px;
    border-color: color-mix(in srgb, var(--samosa-accent) 40%, transparent);
    background: color-mix(in oklab, var(--samosa-accent) 6%, var(--samosa-surface));
    font-size: var(--samosa-font-size-card);
  }
  .asked #title {
    color: var(--samosa-text);
    font-size: var(--samosa-font-size-heading);
    font-weight: 620;
    letter-spacing: -0.01em;
  }
  .asked ul {
    display: grid;
  }
  .asked a,
  .asked button {
    flex-wrap: wrap;
    inline-size: 100%;
    min-block-size: 44px;
    gap: 0 10px;
    border-color: var(--samosa-hairline);
    font-weight: 550;
  }
  .asked .kind,
  .asked .value {
    position: static;
    inline-size: auto;
    block-size: auto;
    clip-path: none;
    white-space: normal;
  }
  .asked .kind {
    margin-inline-end: auto;
  }
  .asked .value {
    margin-inline-start: 28px;
    color: var(--samosa-text-muted);
    font-weight: 400;
  }
  @media (hover: none) {
    a,
    button {
      min-block-size: 44px;
    }
  }
  @media print {
    .card {
      display: none;
    }
  }
  @media (forced-colors: active) {
    a,
    button {
      border-color: ButtonText;
    }
  }
`
