/** Raw HTML in Markdown: goes through the sanitiser, which is loaded when some is there. */
import { late } from '../../ui/late.ts'

export const sanitizer = late(() => import('./sanitize.ts'))

/** Stands for a tag; nothing while there is no sanitiser. */
export const placeOfTag = (tag: string): string => sanitizer.loaded()?.placeOf(tag) ?? ''

/** What `render` makes, with the HTML met on the way sanitised. */
export const withHtml = (render: () => DocumentFragment): DocumentFragment =>
  sanitizer.use()?.gatherHtml(render) ?? render()
