import { STYLE } from './style.ts'

/** The launcher's element, drawn without any text that a policy could take for markup. */
export const host = document.createElement('samosa-embed')
export const button = document.createElement('button')
/** Where the launcher says what went wrong; screen readers read it when it changes. */
export const note = document.createElement('output')
/** The word beside the mark, where a page wants one. */
export const label = new Text()
button.append(document.createElement('i'), label)
host.popover = 'manual'

const sheet = new CSSStyleSheet()
sheet.replaceSync(STYLE)
const root = host.attachShadow({ mode: 'open' })
root.adoptedStyleSheets = [sheet]
root.append(button, note)
