import { html, svg, type SVGTemplateResult } from 'lit'

const icon = (paths: SVGTemplateResult, name = 'icon') =>
  html`<svg class=${name} viewBox="0 0 20 20" aria-hidden="true">${paths}</svg>`

/** Pictures of tools. */
export const toolIcons = {
  globe: icon(
    svg`<circle cx="10" cy="10" r="7"></circle><path d="M3 10h14M10 3c4.6 4.4 4.6 9.6 0 14-4.6-4.4-4.6-9.6 0-14"></path>`,
  ),
  calculator: icon(
    svg`<rect x="4.5" y="3" width="11" height="14" rx="2"></rect><path d="M7.5 6.5h5M7.5 10h.01M12.5 10h.01M7.5 13.5h.01M10 10h.01M10 13.5h.01M12.5 13.5h.01"></path>`,
  ),
  book: icon(
    svg`<path d="M10 5.5C8.5 4.3 6.3 4 3.5 4v11c2.8 0 5 .3 6.5 1.5 1.5-1.2 3.7-1.5 6.5-1.5V4c-2.8 0-5 .3-6.5 1.5zM10 5.5v11"></path>`,
  ),
  spark: icon(svg`<path d="M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7z"></path>`),
} as const

/** Signs of how a call went. */
export const stateIcons = {
  running: icon(svg`<path d="M10 3a7 7 0 1 1-7 7"></path>`, 'sign spinner'),
  asking: icon(svg`<path d="M10 3.5v8"></path><path d="M10 15.5v.01"></path>`, 'sign'),
  waiting: icon(svg`<path d="M6 10h.01M10 10h.01M14 10h.01"></path>`, 'sign'),
  denied: icon(
    svg`<circle cx="10" cy="10" r="6.5"></circle><path d="m5.5 14.5 9-9"></path>`,
    'sign',
  ),
  elsewhere: icon(
    svg`<rect x="3" y="4" width="14" height="9" rx="1.5"></rect><path d="M7 16.5h6"></path>`,
    'sign',
  ),
  done: icon(svg`<path d="m4.5 10.5 3.7 3.7 7.3-8"></path>`, 'sign'),
  failed: icon(svg`<path d="m5.5 5.5 9 9m0-9-9 9"></path>`, 'sign'),
  unanswered: icon(svg`<path d="M5 10h10"></path>`, 'sign'),
} as const
