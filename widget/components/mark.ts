import { svg } from 'lit'
import { MARK_BODY, MARK_SEAM } from './mark-paths.ts'

/** The mark's shapes, for an SVG of 32 × 32; `.body` and `.seam` carry the colours. */
export const mark = svg`<path class="body" d=${MARK_BODY}></path><path class="seam" d=${MARK_SEAM}></path>`
