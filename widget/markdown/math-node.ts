/** A formula on the screen: as TeX until KaTeX is there, or where KaTeX cannot read it. */
import { late } from './late.ts'
import { make } from './make.ts'
import { sanitizer } from './raw-html.ts'

const typesetter = late(() => import('./typeset.ts'))

/** The node of a formula; `raw` is what was written, its marks included. */
export function mathNode(raw: string, text: string | undefined, display: boolean): Node | string {
  if (sanitizer.loaded()?.gathersHtml()) return raw
  const set = text === undefined ? undefined : typesetter.use()?.typeset(text, display)
  const element = make(display ? 'div' : 'span', set ?? raw.trim())
  element.className = 'math'
  element.dir = 'ltr'
  // A wide one scrolls in itself, with the keyboard too.
  if (display) element.tabIndex = 0
  return element
}
