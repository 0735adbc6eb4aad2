import type { SegmentKind } from '../../server/protocol/tags.ts'
import type { PartFactory } from './part.ts'
import { createTextPart } from './text.ts'
import { createThinkPart } from './think.ts'
import { createToolCallPart } from './tool-call.ts'
import { createToolResultPart } from './tool-result.ts'

/** What renders each kind of segment. A new kind is one file and one line here. */
export const parts = {
  text: createTextPart,
  think: createThinkPart,
  tool_call: createToolCallPart,
  tool_result: createToolResultPart,
} satisfies Record<SegmentKind, PartFactory>
