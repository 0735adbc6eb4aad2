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

/*  * Code behind fences, line by line: as CommonMark has it, and one thing more. In code that is Markdown a
 * fence with a language opens code of its own, although it is no longer than the one around it.
 */

export interface Fence {
  readonly marks: string
  /** What stands behind them. */
  readonly info: string
}

const OPENING = /^[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)/s
const CLOSING = /^[ \t]*(`{3,}|~{3,})[ \t\r]*$/
/** Languages in which fences are written. */
const MARKDOWN = /^(?:mdx?|markdown|[qr]md)(?![\w-])/i
/** Nobody shows how to show how to show code. */
export const DEEPEST_FENCE = 3

/** The fence that a line opens. */
export function fenceAt(line: string): Fence | undefined {
  const [, marks, info = ''] = OPENING.exec(line) ?? []
  return marks === undefined ? undefined : { marks, info: info.trim() }
}

/** Whether fences in such code may be those of code in it. */
export const holdsFences = ({ info }: Fence) => MARKDOWN.test(info)

/** The fences that are open behind a line of code, the outermost first; none when the line closes that. */
export function fencesBehind(open: readonly Fence[], line: string): readonly Fence[] {
  const around = open.at(-1)
  if (!around) return open
  if (CLOSING.exec(line)?.[1]?.startsWith(around.marks)) return open.slice(0, -1)
  if (open.length === DEEPEST_FENCE || !holdsFences(around)) return open
  const inner = fenceAt(line)
  // Without a language it would have closed what is around it.
  return inner?.info && inner.marks.startsWith(around.marks) ? [...open, inner] : open
}

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
