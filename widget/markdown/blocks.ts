/** Which blocks of a text that still grows are settled: no further text can change them. */
import type { MarkedToken } from './lexer.ts'

/** One or several tokens that are rendered together. */
export interface Block {
  readonly tokens: readonly MarkedToken[]
  readonly type: MarkedToken['type']
  /** Offset in the source. */
  readonly start: number
  readonly raw: string
  readonly blankBefore: boolean
  /** An HTML element was opened that has not been closed: Markdown inside it belongs to it. */
  readonly open: boolean
}

interface GrowingBlock extends Block {
  readonly tokens: MarkedToken[]
  raw: string
  open: boolean
}

const CONTAINER_TAG =
  /<(\/?)(?:article|blockquote|del|details|div|ins|ol|section|table|ul)\b[^>]*>/gi
/** A container that is never closed takes no more than this in. */
const OPEN_LIMIT = 8_000
const REFERENCE_START = /^ {0,3}\[[^\n]*\]:/

const depthChange = (raw: string) => {
  let change = 0
  for (const [, slash] of raw.matchAll(CONTAINER_TAG)) change += slash === '' ? 1 : -1
  return change
}

/** Tokens as blocks; blank lines between them fall away. */
export function toBlocks(tokens: readonly MarkedToken[]): readonly Block[] {
  const blocks: GrowingBlock[] = []
  let offset = 0
  let depth = 0
  let blankBefore = false
  for (const token of tokens) {
    const { type, raw } = token
    let block = blocks.at(-1)
    if (!block?.open && type !== 'space') {
      block = { tokens: [], type, start: offset, raw: '', blankBefore, open: true }
      blocks.push(block)
      depth = 0
    }
    if (block?.open) {
      block.tokens.push(token)
      block.raw += raw
      // Other text may stand in an element, and opens none.
      if (block.type === 'html' && (type === 'html' || type === 'paragraph')) {
        depth += depthChange(raw)
      }
      block.open = depth > 0 && block.raw.length <= OPEN_LIMIT
    }
    offset += raw.length
    blankBefore = type === 'space'
  }
  return blocks
}

/** True for a fenced, not an indented, code block. */
export const isFence = (token: MarkedToken | undefined) =>
  token?.type === 'code' && token.codeBlockStyle !== 'indented'

const standsAlone = (block: Block) =>
  block.type === 'heading' ||
  block.type === 'hr' ||
  block.type === 'math' ||
  isFence(block.tokens[0])

/**
 * Whether a cut in front of `next` holds whatever comes. The line that starts `next` must be complete;
 * then a blank line parts them for good, and so does a block that needs none.
 */
function partsFrom(previous: Block, next: Block, source: string): boolean {
  if (previous.open || !source.includes('\n', next.start)) return false
  if (next.blankBefore || standsAlone(previous)) return true
  if (previous.type === 'def' || REFERENCE_START.test(previous.raw)) return false
  if (next.type === 'math') return false
  return standsAlone(next) || next.type === 'list' || next.type === 'blockquote'
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
