import { css } from 'lit'
import { baseStyles } from '../ui/base.styles.ts'
import { adoptSheet } from '../ui/element.ts'

// Why, here and not in the text that pages load:
// `tr:has(> :nth-child(5))`: A table that scrolls anyway: its words need not stand below one another.
// `.notes sup + p`: The number stands on the first line, also of a note with several paragraphs.
// `span.math`: As an inline block that scrolls it would lose its baseline.
// `prefers-contrast`: Lines and second-rank text come nearer to the ink; colours that a site set stay.
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

/** Of all elements; their own styles come behind these, so that each of these names the host, too. */
const rareBaseStyles = css`
  :host(samosa-composer) .count {
    margin: 0;
    padding: 6px 10px 0;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-tiny);
    font-variant-numeric: tabular-nums;
  }
  :host(samosa-composer) .over {
    color: var(--samosa-danger);
  }
  :host(samosa-waiting) progress {
    flex: 0 1 96px;
    min-inline-size: 40px;
    block-size: 6px;
    accent-color: var(--_accent);
  }
  @media print {
    .icon-button {
      display: none !important;
    }
    :host(:is(samosa-message, samosa-queue)) .bubble {
      border: 1px solid;
    }
  }
  @media (forced-colors: active) {
    :host .mark {
      color: CanvasText;
    }
    :host .seam {
      stroke: Canvas;
    }
    :host .wisp {
      opacity: 1;
    }
    :host(samosa-launcher) button {
      border: 1px solid ButtonText;
    }
    :host(samosa-launcher) .mark {
      color: ButtonText;
    }
    :host(samosa-launcher) .seam {
      stroke: ButtonFace;
    }
    :host(:is(samosa-message, samosa-queue)) .bubble {
      border: 1px solid;
    }
    :host(samosa-composer) .pod:focus-within {
      outline: 2px solid Highlight;
    }
    :host(samosa-composer) :is(.go, .pill[aria-pressed='true']) {
      border: 2px solid ButtonText;
    }
  }
`

/** Of the chat's own tree: what failed, and who asks the browser for other colours. */
const rareChatStyles = css`
  .notices,
  .banner {
    box-sizing: border-box;
  }
  .notices {
    display: grid;
    gap: 8px;
    inline-size: 100%;
    max-inline-size: 680px;
    margin-inline: auto;
    padding-block: 4px;
  }
  .empty .notices {
    padding: 0 16px;
  }
  .banner {
    margin: 0;
    padding: 7px 16px;
    border-block-end: 1px solid var(--samosa-hairline);
    background: var(--_tint);
    font-size: var(--samosa-font-size-small);
    text-align: center;
  }
  @media (prefers-contrast: more) {
    .root {
      --samosa-text-muted: color-mix(in srgb, var(--_muted) 40%, var(--_ink));
      --samosa-hairline: color-mix(in srgb, var(--_ink) 45%, transparent);
      --_edge: color-mix(in srgb, var(--_ink) 60%, transparent);
    }
  }
  @media (forced-colors: active) {
    .panel {
      border: 1px solid CanvasText !important;
    }
  }
`

/** Gives the chat's own tree, and through the sheet that they share all elements in it, the looks of what is rare. */
export function addRareStyles(root: Node): void {
  baseStyles.styleSheet?.replaceSync(`${baseStyles.cssText}${rareBaseStyles.cssText}`)
  adoptSheet(root, rareChatStyles.styleSheet)
}
