import { html, svg, type SVGTemplateResult } from 'lit'

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
export const againIcon = icon(
  svg`<path d="M15.8 8.5A6 6 0 1 0 16 11.3"></path><path d="M16.3 4.8v3.9h-3.9"></path>`,
  16,
)
export const downIcon = icon(svg`<path d="M10 4.5V15m-4.5-4.3L10 15.2l4.5-4.5"></path>`, 16)
export const alertIcon = icon(
  svg`<circle cx="10" cy="10" r="7"></circle><path d="M10 6.5v4.2m0 2.7v.1"></path>`,
  18,
)
export const infoIcon = icon(
  svg`<circle cx="10" cy="10" r="7"></circle><path d="M10 13.5V9.3m0-2.7v-.1"></path>`,
  18,
)
export const chevronIcon = icon(svg`<path d="m4.5 7.5 5.5 5.5 5.5-5.5"></path>`, 26)
export const copyIcon = icon(
  svg`<rect x="7" y="7" width="9" height="9" rx="2"></rect><path d="M4.5 13A1.5 1.5 0 0 1 4 12V5.5A1.5 1.5 0 0 1 5.5 4H12a1.5 1.5 0 0 1 1 .5"></path>`,
  16,
)
export const editIcon = icon(
  svg`<path d="m4 16 .8-3.5 8.3-8.3a1.6 1.6 0 0 1 2.3 0l.4.4a1.6 1.6 0 0 1 0 2.3l-8.3 8.3z"></path><path d="m11.8 5.5 2.7 2.7"></path>`,
  16,
)
const thumb = svg`<path d="M4 9.2h2.6V16H4zM6.6 9.4 9.7 3.6c1.3 0 2 1 1.8 2.2L11 8.4h4a1.4 1.4 0 0 1 1.4 1.7l-1 4.6A1.7 1.7 0 0 1 13.7 16H6.6"></path>`
export const goodIcon = icon(thumb, 16)
export const badIcon = icon(svg`<g transform="rotate(180 10 10)">${thumb}</g>`, 16)
export const checkIcon = icon(svg`<path d="m5 10.5 3.5 3.5L15.5 6.5"></path>`, 16)
