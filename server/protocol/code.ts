/**
 * What is code in Markdown: fences, line by line, and spans. The one definition for all who ask: the grammar
 * of the page, tagged text, whose tags are text in code, and what reads documents.
 */

/**
 * Fences are as CommonMark has them, and one thing more: in code that is Markdown a fence with a language
 * opens code of its own, although it is no longer than the one around it.
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
const DEEPEST_FENCE = 3

/** The fence that a line opens, without what stands in front of it in quotes and items. */
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
 * A run of backticks opens a code span where one of the same length follows in the same paragraph, and the
 * next such run closes it. This tells for a paragraph where the next run of a length starts, from places that
 * only move on: the text is searched once, however often it is asked.
 */
export function findRuns(paragraph: string): (length: number, from: number) => number | undefined {
  /** Where runs start, by their length, the last one first. */
  const starts = new Map<number, number[]>()
  for (const { 0: run, index } of [...paragraph.matchAll(/`+/g)].toReversed()) {
    const known = starts.get(run.length)
    if (known) known.push(index)
    else starts.set(run.length, [index])
  }
  return (length, from) => {
    const ahead = starts.get(length) ?? []
    while ((ahead.at(-1) ?? from) < from) ahead.pop()
    return ahead.at(-1)
  }
}

/**
 * A paragraph taken apart at its code spans: what stands before one, the span with its backticks, and so on in
 * turn, so that pieces at odd places are code. Of a run that nothing closes the backticks are text.
 */
export function splitCodeSpans(paragraph: string): readonly string[] {
  const nextRun = findRuns(paragraph)
  const pieces: string[] = []
  let position = 0
  for (const { 0: run, index } of paragraph.matchAll(/`+/g)) {
    const closer = index < position ? undefined : nextRun(run.length, index + run.length)
    if (closer === undefined) continue
    const end = closer + run.length
    pieces.push(paragraph.slice(position, index), paragraph.slice(index, end))
    position = end
  }
  return [...pieces, paragraph.slice(position)]
}
