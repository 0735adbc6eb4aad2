import { css } from 'lit'

// Why, here and not in the text that pages load:
// `tr:has(> :nth-child(5))`: A table that scrolls anyway: its words need not stand below one another.
// `.notes sup + p`: The number stands on the first line, also of a note with several paragraphs.
// `span.math`: As an inline block that scrolls it would lose its baseline.
// `th`: Not a solid colour: the shade behind shows through.

/** What fewer answers hold, tables first: it comes beside the first answer, and leaves 0.4 kB out of its file. */
export const rareStyles = css`
  .notes {
    list-style: none;
    font-size: 0.9em;
  }
  .notes sup + p {
    display: inline;
  }
  .note {
    color: var(--_accent);
  }
  li:has(> .task-box, > p > .task-box) {
    list-style: none;
  }
  .task-box {
    inline-size: 15px;
    block-size: 15px;
    margin: 0;
    margin-inline: -21px 6px;
    vertical-align: -2px;
    accent-color: var(--_accent);
  }
  kbd {
    padding: 1px 5px;
    border: 1px solid var(--_line);
    border-block-end-width: 2px;
    border-radius: 5px;
    font-family: var(--_mono);
    font-size: 0.85em;
  }
  mark {
    padding-inline: 2px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--_accent) 22%, transparent);
    color: inherit;
  }
  summary {
    cursor: pointer;
    font-weight: 600;
  }
  .kind {
    color: var(--_muted);
  }
  .upright {
    font-style: normal;
    font-weight: 600;
  }
  img {
    max-inline-size: 100%;
    block-size: auto;
    border-radius: var(--samosa-radius-code, 8px);
    vertical-align: middle;
  }
  .math:has(> math) {
    overflow: auto hidden;
  }
  div.math {
    --_ground: var(--_surface);
    margin-block: 6px;
  }
  span.math:has(> math) {
    display: inline-flex;
    max-inline-size: 100%;
  }
  .table-scroll {
    --_ground: var(--_surface);
    overflow-x: auto;
    border: 1px solid var(--_line);
    border-radius: var(--samosa-radius-code, 8px);
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: var(--samosa-font-size-card);
    font-variant-numeric: tabular-nums;
  }
  :is(th, td) {
    padding: 6px 12px;
    text-align: start;
    vertical-align: top;
    overflow-wrap: normal;
  }
  :is(th, td)[align='center'] {
    text-align: center;
  }
  :is(th, td)[align='right'] {
    text-align: end;
  }
  tr:has(> :nth-child(5)) > :not([align='right']) {
    min-inline-size: 12ch;
  }
  th {
    background: color-mix(in srgb, var(--_accent) 7%, transparent);
    font-weight: 600;
    white-space: nowrap;
  }
  tbody tr {
    border-block-start: 1px solid var(--_line);
  }
  @media print {
    .code-copy {
      display: none;
    }
    .text a[href^='http']:not(.citation)::after {
      content: ' (' attr(href) ')';
      overflow-wrap: anywhere;
    }
    :is(pre, .table-scroll) {
      overflow: visible;
      background: none;
      white-space: pre-wrap;
    }
  }
  @media (forced-colors: active) {
    :not(pre) > code {
      border: 1px solid;
    }
  }
`
