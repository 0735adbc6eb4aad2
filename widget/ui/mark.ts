import { css, svg } from 'lit'
import { MARK_BODY, MARK_SEAM } from './mark-paths.ts'

/** The mark's shapes, for an SVG of 32 × 32; `.body` and `.seam` carry the colours. */
export const mark = svg`<path class="body" d=${MARK_BODY}></path><path class="seam" d=${MARK_SEAM}></path>`

/** Where it stands above a text, in the accent. */
export const markStyles = css`
  /* Our mark has room of its own at its side, a picture has none. */
  .mark {
    margin-inline-start: var(--_inset, -5px);
    color: var(--_accent);
  }
  .mark .body {
    fill: currentColor;
    stroke: none;
  }
  .mark .seam {
    stroke: var(--samosa-surface);
    stroke-width: 2.2;
  }
`
