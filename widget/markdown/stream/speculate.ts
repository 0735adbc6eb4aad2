/**
 * Half-written Markdown shown as what it will most likely become: open marks are closed, marks that
 * nothing follows yet are left out. Only for display while text streams in.
 */
import { isFence } from './blocks.ts'
import { cellsOf } from '../grammar/table-rules.ts'
import type { BlockToken } from '../grammar/tokens.ts'

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
