import type { SegmentKind } from '../../server/protocol/tags.ts'
import { late } from '../ui/late.ts'
import { lateParts } from './late-part.ts'
import type { PartFactory } from './part.ts'
import { createTextPart } from './segment-list.ts'
import { createThinkPart } from './think.ts'
import type * as RequestView from './tool-request-view.ts'

/* What reads tags, and what shows what stands in them: it is loaded with the first tag of an answer. */

export { createTagParser, parseTagged } from '../../server/protocol/tags.ts'
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

const tools = late(() => import('./tool-parts.ts'))

/** What renders each kind of segment. A new kind is one file and one line here. */
export const parts = {
  text: createTextPart,
  think: createThinkPart,
  tool_call: lateParts(tools, (code) => code.createToolCallPart),
  tool_result: lateParts(tools, (code) => code.createToolResultPart),
} satisfies Record<SegmentKind, PartFactory>
