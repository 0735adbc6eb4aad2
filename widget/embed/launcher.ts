import { MARK_BODY, MARK_SEAM } from '../components/mark-paths.ts'
import { STYLE } from './style.ts'

/** A shape of SVG with its one attribute. */
function shape(name: string, attribute: string, value: string): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  made.setAttribute(attribute, value)
  return made
}

/** The launcher's element, drawn without any text that a policy could take for markup. */
export const host = document.createElement('samosa-embed')
export const button = document.createElement('button')
/** Where the launcher says what went wrong; screen readers read it when it changes. */
export const note = document.createElement('output')

const mark = shape('svg', 'viewBox', '0 0 32 32')
mark.append(shape('path', 'd', MARK_BODY), shape('path', 'd', MARK_SEAM))
button.append(mark)
const sheet = new CSSStyleSheet()
sheet.replaceSync(STYLE)
const root = host.attachShadow({ mode: 'open' })
root.adoptedStyleSheets = [sheet]
root.append(button, note)
