/** A formula on the screen: as TeX until KaTeX is there, or where KaTeX cannot read it. */
import { late } from '../../ui/late.ts'
import { make } from './make.ts'
import { sanitizer } from './raw-html.ts'

const typesetter = late(() => import('./typeset.ts'))

interface Formula {
  /** What was written, its marks included. */
  readonly raw: string
  readonly text?: string | undefined
  /** See `MathBlockToken`. */
  readonly behind?: string | undefined
}

/** The node of a formula; `display` when it stands on a line of its own. */
export function mathNode({ raw, text, behind = '' }: Formula, display: boolean): Node | string {
  const set = text === undefined ? undefined : typesetter.use()?.typeset(text, display, behind)
  const element = make(display ? 'div' : 'span', set ?? raw.trim())
  element.className = 'math'
  element.dir = 'ltr'
  // A wide one scrolls in itself, with the keyboard too.
  if (display) element.tabIndex = 0
  return sanitizer.loaded()?.placeOfFormula({ raw, node: element }) ?? element
}
