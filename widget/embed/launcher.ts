import { STYLE } from './style.ts'

/** The launcher's element, drawn without any text that a policy could take for markup. */
export const host = document.createElement('samosa-embed')
export const button = document.createElement('button')
/** Where the launcher says what went wrong; screen readers read it when it changes. */
export const note = document.createElement('output')
button.append(document.createElement('i'))

const sheet = new CSSStyleSheet()
sheet.replaceSync(STYLE)
const root = host.attachShadow({ mode: 'open' })
root.adoptedStyleSheets = [sheet]
root.append(button, note)
