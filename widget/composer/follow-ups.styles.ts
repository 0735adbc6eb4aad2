import { css } from 'lit'

export const followUpsStyles = css`
  :host {
    display: block;
    padding-block: 2px 10px;
  }
  p {
    margin: 0 0 8px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
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
  button {
    min-block-size: 36px;
    padding: 7px 13px;
    border: 1px solid var(--_edge);
    border-radius: 22px;
    font-size: 13.5px;
    line-height: 1.4;
    text-align: start;
    overflow-wrap: anywhere;
    transition: background-color var(--samosa-motion, 0.14s);
  }
  button:hover {
    border-color: color-mix(in srgb, var(--samosa-accent) 45%, transparent);
    background: var(--_tint);
  }
  @media print {
    :host {
      display: none;
    }
  }
`
