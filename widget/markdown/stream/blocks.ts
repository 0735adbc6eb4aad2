/** Which blocks of a text that still grows are settled: no further text can change them. */
import { markup } from '../grammar/grammars.ts'
import { readBlocks } from '../grammar/read-blocks.ts'
import type { BlockToken } from '../grammar/tokens.ts'

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

interface GrowingBlock extends Block {
  readonly tokens: BlockToken[]
  raw: string
  open: boolean
}

const CONTAINER_TAG = /<(\/?)(?:blockquote|del|details|div|ins|ol|table|ul)\b[^>]*/gi
/** A container that is never closed takes no more than this in. */
const OPEN_LIMIT = 8_000
const ROW = /^ {0,3}\|/
const TWO_LINES = /^.*\n.*\n/
const REFERENCE_START = /^ {0,3}\[[^\n]*\]:/

/** How many more elements that hold blocks a text of HTML opens than it closes. */
export function depthChange(raw: string): number {
  let change = 0
  // A tag that does not end is none, nor is anything behind it.
  const tags = raw.slice(0, raw.lastIndexOf('>') + 1)
  for (const { 1: slash, index } of tags.matchAll(CONTAINER_TAG)) {
    if (slash !== '') change -= 1
    else if (markup.loaded()?.isHtmlAt(tags, index)) change += 1
  }
  return change
}

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
  const blocks: GrowingBlock[] = []
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
      depth += depthChange(block.raw.slice(before))
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
