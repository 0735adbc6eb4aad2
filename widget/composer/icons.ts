import { svg } from 'lit'
import { icon } from '../components/icons.ts'

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
