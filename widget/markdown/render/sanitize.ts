/**
 * Raw HTML with what stands around it. HTML may open in one place and close in another, so all of it is
 * sanitised as one text, the nodes around it included.
 */
import { make } from './make.ts'
import { sanitizeHtml } from './purify.ts'

export { sanitizeHtml }

/** A piece of HTML in rendered text, by its number. */
const PLACE = /\ue000(\d+)\ue001/g

/** A formula in rendered text, by its number: it goes around the sanitiser, which knows HTML alone. */
const FORMULA = /(\ue002\d+\ue003)/
/** Text in these stands as it was written. */
const VERBATIM = 'code, kbd, pre'

interface Formula {
  readonly raw: string
  readonly node: Node
}

/** HTML met while rendering inside `gatherHtml`. */
let pieces: string[] | undefined
/** Formulas that were met with it. */
let formulas: Formula[] = []
/** The page's policy does not let HTML be parsed. */
let isForbidden = false

/** Stands for a piece of HTML, where it is gathered; the piece itself, as text, where none is parsed. */
export const placeOf = (html: string) =>
  isForbidden ? html : pieces && `\ue000${pieces.push(html) - 1}\ue001`

/** Stands for a formula while HTML is gathered. */
export const placeOfFormula = (formula: Formula) =>
  pieces && `\ue002${formulas.push(formula) - 1}\ue003`

/** Puts formulas in their places. */
function putBack(root: DocumentFragment, met: readonly Formula[]): DocumentFragment {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts: Text[] = []
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode)
  for (const text of texts) {
    const parts = text.data.split(FORMULA)
    if (parts.length === 1) continue
    const isVerbatim = text.parentElement?.closest(VERBATIM)
    const nodes = parts.map((part) => {
      const formula = FORMULA.test(part) ? met[Number(part.slice(1, -1))] : undefined
      return formula ? (isVerbatim ? formula.raw : formula.node) : part
    })
    text.replaceWith(...nodes)
  }
  // Where a formula was left as text there are several in a row.
  root.normalize()
  return root
}

/** What `render` makes, with the HTML met on the way. */
export function gatherHtml(render: () => DocumentFragment): DocumentFragment {
  if (pieces || isForbidden) return render()
  const met: string[] = []
  const metFormulas: Formula[] = []
  let box: HTMLElement
  try {
    pieces = met
    formulas = metFormulas
    box = make('div', render())
  } finally {
    pieces = undefined
  }
  // Read, never written.
  // oxlint-disable-next-line no-restricted-properties
  const html = box.innerHTML
  const clean = sanitizeHtml(
    html.replaceAll(PLACE, (place, at: string) => met[Number(at)] ?? place),
  )
  isForbidden = clean === undefined
  return clean ? putBack(clean, metFormulas) : render()
}
