/**
 * A text that still grows: which of its blocks are settled, and what the tail behind them is shown as, which
 * is what it will most likely become. Begin with `blocksOf` and `preview`.
 */
import { markup } from './grammars.ts'
import type { Growing } from './open-blocks.ts'
import { cellsOf, readBlocks } from './read-blocks.ts'
import type { BlockToken } from './tokens.ts'

/** One or several tokens that are rendered together. */
export interface Block {
  readonly tokens: readonly BlockToken[]
  readonly type: BlockToken['type']
  /** Offset in the source. */
  readonly start: number
  readonly raw: string
  readonly blankBefore: boolean
  /** An HTML element was opened that has not been closed: Markdown inside it belongs to it. */
  readonly open: boolean
}

/** A container that is never closed takes no more than this in. */
const OPEN_LIMIT = 8_000
const ROW = /^ {0,3}\|/
const TWO_LINES = /^.*\n.*\n/
const REFERENCE_START = /^ {0,3}\[[^\n]*\]:/

/** Where each line of a source starts, and behind them where it ends. */
export function lineStarts(source: string): readonly number[] {
  const starts = [0]
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1))
    starts.push(at + 1)
  starts.push(source.length)
  return starts
}

/** The blocks of a source; see `readBlocks`. */
export function blocksOf(source: string, whole = false): readonly Block[] {
  const starts = lineStarts(source)
  const blocks: (Growing<Block> & { tokens: BlockToken[] })[] = []
  let depth = 0
  let lastLine = -1
  for (const token of readBlocks(source, whole)) {
    const { type, line, end } = token
    const start = starts[line] ?? 0
    const blankBefore = line > lastLine + 1
    let block = blocks.at(-1)
    if (!block?.open) {
      block = { tokens: [], type, start, raw: '', blankBefore, open: true }
      blocks.push(block)
      depth = 0
    }
    const before = block.raw.length
    block.tokens.push(token)
    block.raw = source.slice(block.start, starts[end + 1])
    // Other text may stand in an element, and opens none.
    if (block.type === 'html' && (type === 'html' || type === 'paragraph')) {
      depth += markup.loaded()?.depthChange(block.raw.slice(before)) ?? 0
    }
    block.open = depth > 0 && block.raw.length <= OPEN_LIMIT
    lastLine = end
  }
  return blocks
}

/** True for a fenced, not an indented, code block. */
export const isFence = (token: BlockToken | undefined) =>
  token?.type === 'code' && token.info !== undefined

const standsAlone = (block: Block) =>
  block.type === 'heading' ||
  block.type === 'rule' ||
  block.type === 'math' ||
  isFence(block.tokens[0])

/**
 * Whether a cut in front of `next` holds whatever comes. The line that starts `next` must be complete;
 * then a blank line parts them for good, and so does a block that needs none.
 */
function partsFrom(previous: Block, next: Block, source: string): boolean {
  if (previous.open || !source.includes('\n', next.start)) return false
  if (next.blankBefore || standsAlone(previous)) return true
  // The title of a definition, and what else could take the next line, does not start like one.
  if (previous.type === 'definition' && next.type === 'definition') return true
  if (previous.type === 'definition' || REFERENCE_START.test(previous.raw)) return false
  if (next.type === 'math') return false
  // Its header is one wherever it stands, once the line below it is complete.
  if (next.type === 'table') return ROW.test(next.raw) && TWO_LINES.test(source.slice(next.start))
  return standsAlone(next) || next.type === 'list' || next.type === 'quote'
}

/** How many blocks from the front are settled. */
export function countSettled(blocks: readonly Block[], source: string): number {
  for (let index = blocks.length - 1; index > 0; index -= 1) {
    const previous = blocks[index - 1]
    const next = blocks[index]
    if (previous && next && partsFrom(previous, next, source)) return index
  }
  return 0
}

/** A line so far of nothing but marks: a rule, a heading underline, a list item, a task, a definition or a fence in the making. */
const MARKS_ONLY =
  /(?:^|\n)[ \t>]*(?:[-+*_=][-+*_= \t]*|\d{1,9}[.)]?[ \t]*|(?:[-+*]|\d{1,9}[.)])[ \t]+\[(?:[ xX]\]?[ \t]*)?|\[[^\][\n]+\]:[ \t]*[a-z]{0,6}:?\/?|#{1,6}[ \t]*|``?|~~?)$/
/** What stands in front of a block's text: quotes, indentation, the mark of a list's item. */
const CONTAINERS = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/
const DELIMITER_LINE = /^\|[-:| \t]*$/
/** Under a header row that has no pipe at its start. */
const BARE_DELIMITER = /^[-:][-:| \t]*$/

const delimiterFor = (header: string) => `|${' - |'.repeat(cellsOf(header).length)}`

/** A line without what stands in front of its block's text. */
const inner = (line: string) => line.replace(CONTAINERS, '')

/** A header row without its delimiter row is a table already. */
function completeTable(written: readonly string[]): readonly string[] | undefined {
  const lines = /^[ \t>]*$/.test(written.at(-1) ?? '') ? written.slice(0, -1) : written
  const [beforeHeader = '', before = '', last = ''] = ['', '', ...lines].slice(-3).map(inner)
  const opensTable = last.startsWith('|')
  if (!opensTable && !(BARE_DELIMITER.test(last) && cellsOf(before).length > 1)) return undefined
  const line = lines.at(-1) ?? ''
  const front = line.slice(0, line.length - last.length)
  const next = front.replaceAll(/[^>\s]/g, ' ')
  if (opensTable && !before.startsWith('|')) {
    if (last.trim() === '|') return [...lines.slice(0, -1), front]
    return [...lines, next + delimiterFor(last)]
  }
  if ((!opensTable || DELIMITER_LINE.test(last)) && !beforeHeader.startsWith('|')) {
    return [...lines.slice(0, -1), next + delimiterFor(before)]
  }
  return undefined
}

/** A text without a line of nothing but marks at its end, and with the delimiters of a table. */
function completeBlocks(text: string): string {
  const marks = MARKS_ONLY.exec(text)
  const body = marks ? text.slice(0, marks.index) : text
  return completeTable(body.split('\n'))?.join('\n') ?? body
}

/** The block that the text ends in, however deep. */
function lastLeaf(tokens: readonly BlockToken[]): BlockToken | undefined {
  const last = tokens.at(-1)
  if (last?.type === 'quote') return lastLeaf(last.tokens) ?? last
  if (last?.type === 'list') return lastLeaf(last.items.at(-1)?.tokens ?? []) ?? last
  return last
}

/** The source to show of an unfinished text; `tokens` are its blocks. */
export function preview(text: string, tokens: readonly BlockToken[]): string {
  const leaf = lastLeaf(tokens)
  if (isFence(leaf)) return text.replace(/\n[ \t>]*(?:`+|~+)$/, '')
  if (leaf?.type === 'code' || leaf?.type === 'html') return text
  // Half a formula cannot be read.
  if (leaf?.type === 'math' && leaf.text === undefined) {
    return text.split('\n').slice(0, leaf.line).join('\n')
  }
  return completeBlocks(text)
}

/** Marks the text that an unfinished source ends in as such; `tokens` are the blocks shown for it. */
export function markOpen(source: string, tokens: readonly BlockToken[]): void {
  const leaf = lastLeaf(tokens)
  const behind = source.slice(source.trimEnd().length)
  if (leaf?.type === 'paragraph') leaf.isOpen = behind.split('\n').length < 3
  else if (leaf?.type === 'html') leaf.isOpen = true
  else if (leaf?.type === 'heading') leaf.isOpen = !behind.includes('\n')
  else if (leaf?.type === 'table') {
    leaf.isOpen = !behind.includes('\n') && !source.trimEnd().endsWith('|')
  }
}
