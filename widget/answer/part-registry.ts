import type { SegmentKind } from '../../server/protocol/tags.ts'
import { late } from '../ui/late.ts'
import { lateParts } from './late-part.ts'
import type { PartFactory } from './part.ts'
import { createTextPart } from './text.ts'
import { createThinkPart } from './think.ts'

const tools = late(() => import('./tool-parts.ts'))

/** What renders each kind of segment. A new kind is one file and one line here. */
export const parts = {
  text: createTextPart,
  think: createThinkPart,
  tool_call: lateParts(tools, (code) => code.createToolCallPart),
  tool_result: lateParts(tools, (code) => code.createToolResultPart),
} satisfies Record<SegmentKind, PartFactory>
