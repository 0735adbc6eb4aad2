import { html, svg, type SVGTemplateResult, css, nothing } from 'lit'
import { MARK_BODY, MARK_SEAM } from './mark-paths.ts'

/** The mark's shapes, for an SVG of 32 × 32; `.body` and `.seam` carry the colours. */
export const mark = svg`<path class="body" d=${MARK_BODY}></path><path class="seam" d=${MARK_SEAM}></path>`

/** Where it stands above a text: our mark has room of its own at its side, a picture has none. */
export const markStyles = css`
  .mark {
    margin-inline-start: var(--_inset, -5px);
  }
`

/** A picture of lines, 20 units wide. */
export const icon = (paths: SVGTemplateResult, size = 20) =>
  html`<svg viewBox="0 0 20 20" width=${size} height=${size} aria-hidden="true">${paths}</svg>`

export const closeIcon = icon(svg`<path d="m5.5 5.5 9 9m0-9-9 9"></path>`)
export const listIcon = icon(svg`<path d="M4 6h12M4 10h12M4 14h7"></path>`)
export const newIcon = icon(
  svg`<path d="M10 4H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h8a2 2 0 0 0 2-2v-4"></path><path d="m8.5 11.5.4-2.2 6.3-6.3 1.8 1.8-6.3 6.3z"></path>`,
)
export const sendIcon = icon(svg`<path d="M10 16V4.5M5 9.3l5-5 5 5"></path>`)
export const stopIcon = icon(
  svg`<rect x="6" y="6" width="8" height="8" rx="1.5" fill="currentColor"></rect>`,
)
export const thinkIcon = icon(
  svg`<path d="M7.8 14.5h4.4M8.5 17h3"></path><path d="M7.9 12.2c-.2-1-.7-1.5-1.3-2.2a4.6 4.6 0 1 1 6.8 0c-.6.7-1.1 1.2-1.3 2.2z"></path>`,
  16,
)
export const searchIcon = icon(
  svg`<circle cx="10" cy="10" r="6.5"></circle><path d="M3.5 10h13M10 3.5c2.4 2 2.4 11 0 13-2.4-2-2.4-11 0-13z"></path>`,
  16,
)
export const attachIcon = icon(
  svg`<path d="m15.8 9.4-5.6 5.6a3.6 3.6 0 0 1-5.1-5.1l5.9-5.9a2.4 2.4 0 0 1 3.4 3.4l-5.8 5.8a1.2 1.2 0 0 1-1.7-1.7l5.2-5.2"></path>`,
  18,
)
export const microphoneIcon = icon(
  svg`<rect x="7.4" y="3" width="5.2" height="8.4" rx="2.6"></rect><path d="M4.8 9.4a5.2 5.2 0 0 0 10.4 0M10 14.6V17"></path>`,
  18,
)
export const chevronIcon = icon(svg`<path d="m4.5 7.5 5.5 5.5 5.5-5.5"></path>`, 26)

interface IconButton {
  readonly label: string
  readonly icon: unknown
  readonly onClick: () => unknown
  /** A class besides. */
  readonly name?: string
  /** Of a switch. */
  readonly pressed?: boolean
  /** Whether what it shows and takes away is there. */
  readonly expanded?: boolean | undefined
}

/** A button that shows a picture, and says what it does. */
export const iconButton = ({
  label,
  icon: shown,
  onClick,
  name = '',
  pressed,
  expanded,
}: IconButton) =>
  html`<button
    class="icon-button ${name}"
    type="button"
    aria-label=${label}
    title=${label}
    aria-pressed=${pressed ?? nothing}
    aria-expanded=${expanded ?? nothing}
    @click=${() => onClick()}
  >
    ${shown}
  </button>`
