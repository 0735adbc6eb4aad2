import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `display: inline`: A line may break between a word and a box, and would leave the full stop alone.
// `.citation[data-unproven]::after`: Colour is never the only sign; the words are in the name.
// `@media (hover: none)`: Where nothing hovers, or a source has no link to focus, its passage
// opens by this.

/** Citations, the list of sources, and the card that shows a passage. */
export const sourceStyles = css`
  .citation,
  a.citation[href] {
    display: inline;
    margin-inline: 1px;
    padding: 0.1em 0.45em;
    border-radius: 0.6em;
    background: color-mix(in srgb, var(--_accent) 13%, var(--_surface));
    color: var(--_accent);
    font-size: 0.72em;
    font-style: normal;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    line-height: 1;
    text-decoration: none;
    vertical-align: 0.22em;
    white-space: nowrap;
    transition: background-color var(--samosa-motion);
  }
  .citation:hover,
  .citation[aria-describedby] {
    background: color-mix(in srgb, var(--_accent) 26%, var(--_surface));
  }
  a.citation[data-unproven],
  .citation[data-unproven] {
    background: none;
    outline: 1px dashed currentcolor;
    outline-offset: -1px;
  }
  .citation[data-unproven]:focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 1px;
  }
  .citation[data-unproven]::after {
    margin-inline-start: 0.2em;
    content: '?';
  }
  .bound {
    white-space: nowrap;
  }
  .sources {
    margin-block-start: 16px;
    font-size: var(--samosa-font-size-small);
    line-height: 1.4;
  }
  .sources-heading {
    color: var(--_muted);
    font-size: var(--samosa-font-size-tiny);
    font-weight: 600;
  }
  .sources ol {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 6px 0 0;
    padding: 0;
    list-style: none;
  }
  .source {
    display: flex;
    min-inline-size: 0;
    max-inline-size: 100%;
    border: 1px solid var(--_line);
    border-radius: 10px;
    background: var(--_surface);
    transition:
      background-color var(--samosa-motion),
      border-color var(--samosa-motion);
  }
  .source + .source {
    margin: 0;
  }
  .sources ol + .sources-heading {
    margin-block-start: 12px;
  }
  .source:hover {
    border-color: color-mix(in srgb, var(--_accent) 55%, transparent);
    background: color-mix(in srgb, var(--_accent) 9%, var(--_surface));
  }
  .source-name,
  a.source-name[href] {
    display: flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    padding: 4px 10px 4px 5px;
    color: var(--_ink);
    text-decoration: none;
  }
  a.source-name:hover .source-title {
    text-decoration: underline;
    text-underline-offset: 0.18em;
  }
  .source-number {
    flex: none;
    min-inline-size: 20px;
    padding-inline: 4px;
    border-radius: 6px;
    background: color-mix(in srgb, var(--_accent) 13%, var(--_surface));
    color: var(--_accent);
    font-size: var(--samosa-font-size-tiny);
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    line-height: 20px;
    text-align: center;
  }
  .unused .source {
    border-style: dashed;
    background: none;
  }
  .unused .source-title {
    color: var(--_muted);
  }
  .unused .source-number {
    background: none;
    box-shadow: inset 0 0 0 1px var(--_line);
    color: var(--_muted);
  }
  .source-title {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .source-section {
    color: var(--_muted);
  }
  .source-passage {
    display: none;
    place-items: center;
    flex: none;
    inline-size: 30px;
    border-inline-start: 1px solid var(--_line);
    color: var(--_muted);
  }
  @media (hover: none) {
    .source-passage {
      display: grid;
    }
  }
  span.source-name + .source-passage {
    display: grid;
  }
  .source-card {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 10px 12px;
    inline-size: max-content;
    overflow: auto;
    overscroll-behavior: contain;
    border: 1px solid var(--_line);
    border-radius: var(--samosa-radius-card, 12px);
    background: var(--_surface);
    box-shadow: var(--samosa-shadow, 0 8px 24px rgb(0 0 0 / 0.18));
    color: var(--_ink);
    font-size: var(--samosa-font-size-small);
    line-height: 1.45;
  }
  .card-head {
    display: flex;
    align-items: flex-start;
    gap: 8px;
  }
  .card-title {
    min-inline-size: 0;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .card-title .source-section {
    font-weight: 400;
  }
  .card-page {
    margin-block-start: 2px;
    color: var(--_muted);
    font-size: var(--samosa-font-size-tiny);
  }
  .card-passage {
    margin-block-start: 6px;
    color: var(--_muted);
    white-space: pre-line;
    overflow-wrap: anywhere;
  }
  .card-unproven {
    display: flex;
    gap: 8px;
    margin-block-start: 8px;
    padding: 6px 8px;
    border: 1px dashed var(--_accent);
    border-radius: 8px;
  }
  .unproven-sign {
    flex: none;
    color: var(--_accent);
    font-weight: 700;
  }
  .card-unproven ul {
    display: flex;
    flex-wrap: wrap;
    gap: 0 12px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .card-unproven li {
    margin: 0;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .card-open,
  a.card-open[href] {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
    margin-block-start: 8px;
    color: var(--_accent);
    font-weight: 600;
    text-decoration: none;
  }
  .card-open:hover span:first-child {
    text-decoration: underline;
    text-underline-offset: 0.18em;
  }
  .card-host {
    color: var(--_muted);
    font-weight: 400;
  }
  .card-host:empty {
    display: none;
  }
  @media (hover: none) {
    .citation {
      padding: 0.25em 0.6em;
    }
  }
  @media (pointer: coarse) {
    :is(a.source-name, a.card-open)[href] {
      align-items: center;
      align-content: center;
      min-inline-size: 44px;
      min-block-size: 44px;
    }
    a.card-open[href] {
      margin-block: 2px -6px;
    }
  }
  @media (forced-colors: active) {
    .citation,
    .source-number {
      border: 1px solid;
    }
  }
`
