/** What reads tags, and what shows what stands in them: it is loaded with the first tag of an answer. */
import type * as RequestView from './tool-request-view.ts'

export { createTagParser, parseTagged } from '../../server/protocol/tags.ts'
export { parts } from './part-registry.ts'
export { partsArrived } from './late-part.ts'

let view: typeof RequestView | undefined

/** What shows requests on their cards: at once, or as soon as it is loaded with the first one. */
export function withRequestView(show: (loaded: typeof RequestView) => void): void {
  if (view) return show(view)
  const load = async () => {
    view = await import('./tool-request-view.ts')
    show(view)
  }
  // No network: the next change of the answer tries again.
  load().catch(() => undefined)
}
