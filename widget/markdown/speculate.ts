/**
 * Half-written Markdown shown as what it will most likely become: open marks are closed, marks that
 * nothing follows yet are left out. Only for display while text streams in.
 */
import { isFence } from './blocks.ts'
import { scanInline } from './scan-inline.ts'
import type { BlockToken } from './tokens.ts'

const BLOCK_START =
  /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#{1,6}[ \t]+|>[ \t]?)+/
/** A line so far of nothing but marks: a rule, a heading underline, a list item, a task or a fence in the making. */
const MARKS_ONLY =
  /(?:^|\n)[ \t>]*(?:[-+*_=][-+*_= \t]*|\d{1,9}[.)]?[ \t]*|(?:[-+*]|\d{1,9}[.)])[ \t]+\[(?:[ xX]\]?[ \t]*)?|#{1,6}[ \t]*|``?|~~?)$/
/** What stands in front of a block's text: quotes, indentation, the mark of a list's item. */
const CONTAINERS = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/
const DELIMITER_LINE = /^\|[-:| \t]*$/
/** Under a header row that has no pipe at its start. */
const BARE_DELIMITER = /^[-:][-:| \t]*$/
const PIPE = /\\.|`+[^`]*`+|\|/g

const countCells = (row: string) => {
  const bare = row.trim().replaceAll(/^\||\|$/g, '')
  let cells = 1
  for (const [match] of bare.matchAll(PIPE)) if (match === '|') cells += 1
  return cells
}

const delimiterFor = (header: string) => `|${' - |'.repeat(countCells(header))}`

/** A line without what stands in front of its block's text. */
const inner = (line: string) => line.replace(CONTAINERS, '')

/** A header row without its delimiter row is a table already. */
function completeTable(written: readonly string[]): readonly string[] | undefined {
  const lines = /^[ \t>]*$/.test(written.at(-1) ?? '') ? written.slice(0, -1) : written
  const [beforeHeader = '', before = '', last = ''] = ['', '', ...lines].slice(-3).map(inner)
  const opensTable = last.startsWith('|')
  if (!opensTable && !(BARE_DELIMITER.test(last) && countCells(before) > 1)) return undefined
  const line = lines.at(-1) ?? ''
  const front = line.slice(0, line.length - last.length)
  const next = front.replaceAll(/[^>\s]/g, ' ')
  if (opensTable && !before.startsWith('|')) {
    if (last.trim() === '|') return [...lines.slice(0, -1), front]
    const closed = closeInline(last.trimEnd())
    const header = closed.endsWith('|') ? closed : `${closed} |`
    return [...lines.slice(0, -1), front + header, next + delimiterFor(header)]
  }
  if ((!opensTable || DELIMITER_LINE.test(last)) && !beforeHeader.startsWith('|')) {
    return [...lines.slice(0, -1), next + delimiterFor(before)]
  }
  return undefined
}

/** Where the text of the last block starts, as far as lines tell. */
function lastInlineStart(text: string): number {
  let start = 0
  let offset = 0
  for (const line of text.split('\n')) {
    const marker = BLOCK_START.exec(line)?.[0].length ?? 0
    if (line.trim() === '') start = offset + line.length
    else if (marker > 0) start = offset + marker
    offset += line.length + 1
  }
  return start
}

/** Closes what is open in a run of text: emphasis, code, links, tags. */
function closeInline(text: string): string {
  const { end, skipped, closers } = scanInline(text)
  let shown = ''
  let from = 0
  for (const [start, length] of skipped) {
    shown += text.slice(from, start)
    from = start + length
  }
  shown += text.slice(from, end)
  return closers === '' ? shown : shown.trimEnd() + closers
}

/** The Markdown to show for `text`, the unfinished end of an answer (not inside a code block). */
export function closeOpenMarkup(text: string): string {
  const marks = MARKS_ONLY.exec(text)
  const body = marks ? text.slice(0, marks.index) : text
  const table = completeTable(body.split('\n'))
  if (table) return table.join('\n')
  const start = lastInlineStart(body)
  return body.slice(0, start) + closeInline(body.slice(start))
}

/** The block that the text ends in, however deep. */
function lastLeaf(tokens: readonly BlockToken[]): BlockToken | undefined {
  const last = tokens.at(-1)
  if (last?.type === 'quote') return lastLeaf(last.tokens) ?? last
  if (last?.type === 'list') return lastLeaf(last.items.at(-1)?.tokens ?? []) ?? last
  return last
}

/** What to show of an unfinished text; `tokens` are its blocks. */
export function preview(text: string, tokens: readonly BlockToken[]): string {
  const leaf = lastLeaf(tokens)
  if (isFence(leaf)) return text.replace(/\n[ \t>]*(?:`+|~+)$/, '')
  if (leaf?.type === 'code') return text
  // Half a formula cannot be read.
  if (leaf?.type === 'math' && leaf.text === undefined) {
    return text.slice(0, Math.max(text.lastIndexOf('$$'), text.lastIndexOf('\\[')))
  }
  if (leaf?.type === 'html') return text.replace(/<[a-z/!?][^<>]*$/i, '')
  return closeOpenMarkup(text)
}
