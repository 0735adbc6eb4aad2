import { html, svg, type SVGTemplateResult } from 'lit'

const icon = (paths: SVGTemplateResult) =>
  html`<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">${paths}</svg>`

export const searchIcon = icon(
  svg`<circle cx="9" cy="9" r="5"></circle><path d="m12.8 12.8 4 4"></path>`,
)
export const downloadIcon = icon(
  svg`<path d="M10 3.5v9m-3.6-3.4L10 12.7l3.6-3.6M4.5 13.5v2.2h11v-2.2"></path>`,
)
export const removeIcon = icon(
  svg`<path d="M4.5 6h11M8 6V4.2h4V6M6 6l.7 10h6.6L14 6M8.6 9v4.2M11.4 9v4.2"></path>`,
)
