/** Markdown cut where a block may end, so that reading a long text costs no more than its length. */
import { CodeTracker } from '../protocol/code-tracker.ts'

/** Gives the headings of one page, in order, the ids that GitHub gives them. */
export function createHeadingIds(): (heading: string) => string {
  const taken = new Map<string, number>()
  return (heading) => {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-')
    let id = slug
    for (let count = taken.get(slug) ?? 0; taken.has(id);) {
      count += 1
      taken.set(slug, count)
      id = `${slug}-${count}`
    }
    taken.set(id, 0)
    return id
  }
}

/**
 * Characters from which on a piece of a document ends where a block may, with any line, and whatever is there:
 * what the lexer costs grows with the square of many blocks that are longer.
 */
const PIECE = 1_500
const LONG_PIECE = 3_000
const LONGEST_PIECE = 6_000
/** Marks of quotes and items in front of a line; so many characters of them nest deeper than anybody reads. */
const MARKS = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)))+/gm
const MOST_MARKS = 100
const DELIMITERS = /^[ \t]*[|:-][-|: \t]*$/
const DELIMITER_LINES = new RegExp(DELIMITERS, 'gm')
/** What has more is no table: the lexer fills every row with as many cells. */
const MOST_COLUMNS = 50

/** HTML in which blank lines end nothing: how it starts a line, what ends it, and an end to put there. */
const RAW: readonly (readonly [opens: RegExp, closes: RegExp, end: string])[] = [
  [
    /^ {0,3}<(?:script|pre|style|textarea)(?:[\s>]|$)/i,
    /<\/(?:script|pre|style|textarea)>/i,
    '</pre>',
  ],
  [/^ {0,3}<!--/, /-->/, '-->'],
  [/^ {0,3}<\?/, /\?>/, '?>'],
  [/^ {0,3}<!\[CDATA\[/, /\]\]>/, ']]>'],
]

/** How many columns a line that stands under a table's header tells of; 0 for any other line. */
const delimitersIn = (line: string) =>
  DELIMITERS.test(line) ? (line.match(/-+/g)?.length ?? 0) : 0

/** The header of a table whose rows a piece of text goes on with. */
function headerOf(block: string): string {
  const [header = '', delimiters = ''] = block.split('\n', 2)
  return delimitersIn(delimiters) > 0 && header.length < PIECE ? `${header}\n${delimiters}\n` : ''
}

/**
 * Markdown in pieces that a lexer can read one by one, without what costs it more than it says: nesting and
 * columns beyond all reading. Code in fences is not cut, nor is raw HTML. Lines end with `\n` alone.
 */
export function* markdownPieces(text: string): Generator<string> {
  const markdown = text
    .replaceAll(MARKS, (marks) => (marks.length > MOST_MARKS ? '' : marks))
    .replaceAll(DELIMITER_LINES, (line) => (delimitersIn(line) > MOST_COLUMNS ? '' : line))
  const code = new CodeTracker()
  let from = 0
  let block = 0
  let header = ''
  let isBlank = false
  /** What ends the raw HTML that is open. */
  let closes: RegExp | undefined
  for (let at = 0; at < markdown.length;) {
    const length = at - from
    const isWhole = code.inFence || closes !== undefined
    const isIndented = !/\S/.test(markdown.charAt(at))
    const mayEnd = !isIndented && length >= (isBlank ? PIECE : LONG_PIECE)
    if (!isWhole && (mayEnd || length >= LONGEST_PIECE)) {
      yield header + markdown.slice(from, at)
      header = isBlank ? '' : headerOf(markdown.slice(block, at))
      from = at
    }
    if (isBlank) block = at
    const end = markdown.indexOf('\n', at) + 1 || markdown.length
    const isLongLine = !isWhole && end - at > LONGEST_PIECE
    const next = isLongLine ? at + LONGEST_PIECE : end
    const line = markdown.slice(at, next)
    if (!closes) code.read(line)
    closes ??= code.inFence ? undefined : RAW.find(([opens]) => opens.test(line))?.[1]
    if (closes?.test(line)) closes = undefined
    isBlank = line.trim() === ''
    at = next
  }
  yield header + markdown.slice(from)
}

const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/
const FENCE_END = /^ {0,3}(`{3,}|~{3,})[ \t]*$/

/**
 * What has to follow a Markdown text so that nothing behind it is taken for a part of it: the end of a fence or
 * of a comment that is still open. Empty when nothing is.
 */
export function closingOf(markdown: string): string {
  let fence = ''
  let raw: (typeof RAW)[number] | undefined
  for (const line of markdown.split(/\r\n?|\n/)) {
    if (fence !== '') {
      const end = FENCE_END.exec(line)?.[1] ?? ''
      if (end.startsWith(fence)) fence = ''
      continue
    }
    raw ??= RAW.find(([opens]) => opens.test(line))
    if (!raw) fence = FENCE.exec(line)?.[1] ?? ''
    else if (raw[1].test(line)) raw = undefined
  }
  return raw ? raw[2] : fence
}
