/** Marks in the text of an answer: the tags of tagged text (see tags.ts), and citations of other services. */
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

/**
 * Citations as some services write them for their own pages, with a space in front: `【4:0†source】` and codes
 * between private-use characters lead nowhere here, `【4†source】` is another way to write `[4]`.
 */
export const FOREIGN_CITATION =
  /( ?)(?:\ue200(?:[^\ue201\n]{0,400}\ue201|[\w\ue202]*)|【(?:\d+:\d+|(\d+))†[^】\n]{0,40}】)/g

/** A text with `[4]` for those, and nothing where they lead nowhere. */
export const withoutForeignCitations = (text: string): string =>
  text.replaceAll(FOREIGN_CITATION, (_all: string, space: string, number: string | undefined) =>
    number === undefined ? '' : `${space}[${number}]`,
  )
