/**
 * Raw HTML with what stands around it. HTML may open in one place and close in another, so all of it is
 * sanitised as one text, the nodes around it included.
 */
import { make } from './make.ts'
import { sanitizeHtml } from './purify.ts'

export { sanitizeHtml }

/** A piece of HTML in rendered text, by its number. */
const PLACE = /\ue000(\d+)\ue001/g

/** HTML met while rendering inside `gatherHtml`. */
let pieces: string[] | undefined
/** The page's policy does not let HTML be parsed. */
let isForbidden = false

/** Whether what is rendered now goes through the sanitiser, which knows no more than HTML. */
export const gathersHtml = () => pieces !== undefined

/** Stands for a piece of HTML, where it is gathered; the piece itself, as text, where none is parsed. */
export const placeOf = (html: string) =>
  isForbidden ? html : pieces && `\ue000${pieces.push(html) - 1}\ue001`

/** What `render` makes, with the HTML met on the way. */
export function gatherHtml(render: () => DocumentFragment): DocumentFragment {
  if (pieces || isForbidden) return render()
  const met: string[] = []
  let box: HTMLElement
  try {
    pieces = met
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
  return clean ?? render()
}
