/** Raw HTML in Markdown: goes through the sanitiser, which is loaded when some is there. */
import { late } from './late.ts'
import { make } from './make.ts'

export const sanitizer = late(() => import('./sanitize.ts'))

const INVISIBLE = /<(script|style|template|title)\b[\s\S]*?(?:<\/\1\s*>|$)|<!--[\s\S]*?(?:-->|$)/gi
const TAG = /<[a-z/!?][^>]*(?:>|$)/gi
/** A piece of HTML in rendered text, by its number. */
const PLACE = /\ue000(\d+)\ue001/g

/** HTML met while rendering inside `withHtml`. */
let pieces: string[] | undefined

/** Whether what is rendered now goes through the sanitiser, which knows no more than HTML. */
export const gathersHtml = () => pieces !== undefined

/** Stands for a piece of HTML; its text alone while there is no sanitiser. */
export function htmlText(html: string): string {
  if (pieces) return `\ue000${pieces.push(html) - 1}\ue001`
  return html.replaceAll(INVISIBLE, '').replaceAll(TAG, '')
}

/**
 * What `render` makes, with the HTML met on the way. HTML may open in one place and close in another,
 * so all of it is sanitised as one text, the nodes around it included.
 */
export function withHtml(render: () => DocumentFragment): DocumentFragment {
  const sanitize = pieces ? undefined : sanitizer.use()?.sanitizeHtml
  if (!sanitize) return render()
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
  return sanitize(html.replaceAll(PLACE, (place, at: string) => met[Number(at)] ?? place))
}
