/** Raw HTML in Markdown: goes through the sanitiser, which is loaded when some is there. */
import { late } from './late.ts'

export const sanitizer = late(() => import('./sanitize.ts'))

const INVISIBLE = /<(script|style|template|title)\b[\s\S]*?(?:<\/\1\s*>|$)|<!--[\s\S]*?(?:-->|$)/gi
const TAG = /<[a-z/!?][^>]*(?:>|$)/gi

/** Stands for a piece of HTML; its text alone while there is no sanitiser. */
export const htmlText = (html: string): string =>
  sanitizer.loaded()?.placeOf(html) ?? html.replaceAll(INVISIBLE, '').replaceAll(TAG, '')

/** What `render` makes, with the HTML met on the way sanitised. */
export const withHtml = (render: () => DocumentFragment): DocumentFragment =>
  sanitizer.use()?.gatherHtml(render) ?? render()
