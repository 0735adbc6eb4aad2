import { svg } from 'lit'
import { icon } from '../ui/icons.ts'

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
