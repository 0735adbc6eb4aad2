import type { SegmentKind } from '../../server/protocol/tags.ts'
import { lateParts } from './late-part.ts'
import type { PartFactory } from './part.ts'
import { createTextPart } from './text.ts'

const loadToolParts = () => import('./tool-parts.ts')

/** What renders each kind of segment. A new kind is one file and one line here. */
export const parts = {
  text: createTextPart,
  think: lateParts(async () => (await import('./think.ts')).createThinkPart),
  tool_call: lateParts(async () => (await loadToolParts()).createToolCallPart),
  tool_result: lateParts(async () => (await loadToolParts()).createToolResultPart),
} satisfies Record<SegmentKind, PartFactory>
