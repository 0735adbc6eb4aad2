import type { SegmentKind } from '../../server/protocol/tags.ts'
import { late } from '../markdown/late.ts'
import { lateParts } from './late-part.ts'
import type { PartFactory } from './part.ts'
import { createTextPart } from './text.ts'

const thinkPart = late(() => import('./think.ts'))
/** Of calls and results alike. */
const toolParts = late(() => import('./tool-parts.ts'))

/** What renders each kind of segment. A new kind is one file and one line here. */
export const parts = {
  text: createTextPart,
  think: lateParts(thinkPart, ({ createThinkPart }) => createThinkPart),
  tool_call: lateParts(toolParts, ({ createToolCallPart }) => createToolCallPart),
  tool_result: lateParts(toolParts, ({ createToolResultPart }) => createToolResultPart),
} satisfies Record<SegmentKind, PartFactory>
