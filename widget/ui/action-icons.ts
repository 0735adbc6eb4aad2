/** Pictures of what can be done with messages, and of notices; they come with its code. */
import { svg, html } from 'lit'
import { icon } from './icons.ts'

export const removeIcon = icon(svg`<path d="m6 6 8 8m0-8-8 8"></path>`, 14)
export const fileIcon = icon(
  svg`<path d="M5 3h6.5L15 6.5V17H5z"></path><path d="M11.5 3v3.5H15M7.5 10h5m-5 3h5"></path>`,
)
export const imageIcon = icon(
  svg`<rect x="3.5" y="4" width="13" height="12" rx="2"></rect><circle cx="7.6" cy="8" r="1.2"></circle><path d="m4.5 14 3.8-3.4 2.4 2 2.6-2.8 2.7 3"></path>`,
)
export const downloadIcon = icon(
  svg`<path d="M10 3.5v9m-3.8-3.6L10 12.7l3.8-3.8M4 16.5h12"></path>`,
  16,
)

/** How long a browser may take to begin with what it saves. */
const BEGIN_MS = 60_000

/** Gives bytes to the visitor as a file, whatever they are: nothing of it is shown or run here. */
export function saveFile(bytes: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), BEGIN_MS)
}

/** Points onward when closed and down when open. */
export const chevron = html`<svg class="chevron" viewBox="0 0 20 20" aria-hidden="true">
  ${svg`<path d="m7.5 5 5 5-5 5"></path>`}
</svg>`

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
export const againIcon = icon(
  svg`<path d="M15.8 8.5A6 6 0 1 0 16 11.3"></path><path d="M16.3 4.8v3.9h-3.9"></path>`,
  16,
)
export const alertIcon = icon(
  svg`<circle cx="10" cy="10" r="7"></circle><path d="M10 6.5v4.2m0 2.7v.1"></path>`,
  18,
)
export const infoIcon = icon(
  svg`<circle cx="10" cy="10" r="7"></circle><path d="M10 13.5V9.3m0-2.7v-.1"></path>`,
  18,
)
