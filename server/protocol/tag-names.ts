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

const OTHER_START = /^\s*(?:<(?:think(?:ing)?|thought|reasoning)>|\[THINK\])/i
const HALF_OTHER_START = /^\s{0,99}(?:<[a-z]{0,9}|\[[a-z]{0,5})?$/i

/** Thinking in other words, which a message begins with: the mark that opens it, with the space in front. */
export function otherThinking(text: string): string | undefined {
  const [mark] = OTHER_START.exec(text) ?? []
  return mark?.endsWith(THINK_START) ? undefined : mark
}

/** Whether what a message begins with may become such a mark. */
export const mayBeThinking = (text: string): boolean => HALF_OTHER_START.test(text)
