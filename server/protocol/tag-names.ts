/** The tags of tagged text, see tags.ts. */
export const THINK_START = '<think>'
export const THINK_END = '</think>'
export const TOOL_CALL_START = '<|python_start|>'
export const TOOL_CALL_END = '<|python_end|>'
export const TOOL_RESULT_START = '<|output_start|>'
export const TOOL_RESULT_END = '<|output_end|>'

export const TAGS: readonly string[] = [
  THINK_START,
  THINK_END,
  TOOL_CALL_START,
  TOOL_CALL_END,
  TOOL_RESULT_START,
  TOOL_RESULT_END,
]
