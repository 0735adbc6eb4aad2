import { splitCodeSpans } from '../protocol/code.ts'
import { parseTagged } from '../protocol/tags.ts'
import { sentencesOf } from './words.ts'

/** A piece of a passage that can be quoted alone. */
export interface Quotable {
  readonly kind: 'sentence' | 'item' | 'row' | 'code'
  /** How it reads alone, as it stands in the passage; of a row each cell behind the name of its column. */
  readonly text: string
  /** Markdown that shows it and does nothing else; of a row its line of the table. */
  readonly markdown: string
  /** Pieces of one paragraph, list, table or code block have the same number. */
  readonly block: number
  /** Of an item: what stands before it, `- ` or `3. `, indented in a list within a list. */
  readonly marker?: string
  /** Of a row: the Markdown of the lines above the first one. */
  readonly header?: string
}

/** Code in a passage, whose fences are written by the reader of documents. */
export const FENCED_CODE = /^(`{3,})[^\n`]*\n[\s\S]*?\n\1$/gm
/** What Markdown, HTML, tagged text or a citation would read as its own. */
const SPECIAL = /[\\*[\]~|$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu

function escapeProse(text: string): string {
  return text
    .replaceAll('`', '’')
    .replaceAll(/\[(\d{1,3})\]/g, '($1)')
    .replaceAll(SPECIAL, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/^(\s*)([-+>#=]|\d{1,9}[.)](?=\s))/, '$1\\$2')
    .replace(/^(\s*)\\(\d+)([.)])/, '$1$2\\$3')
}

/** Somebody else's text as Markdown that shows it as it is; inline code stays code. */
export const quoteMarkdown = (text: string) =>
  splitCodeSpans(text)
    .map((piece, at) => (at % 2 === 0 ? escapeProse(piece) : piece))
    .join('')

/** Whether a reader of tagged text would see nothing but text. */
const isOnlyText = (markdown: string) =>
  parseTagged(markdown).every((segment) => segment.kind === 'text')

/** What stands before an item of a list, indented in a list within a list. */
const MARKER = /^ *(?:-|\d{1,9}\.) /
const TABLE_LINE = /^\|.*\|$/
const DELIMITERS = /^\|(?: *:?-+:? *\|)+$/
/** What parts the cells of a line; a `\|` belongs to a cell. */
const CELL_END = /(?<!\\)\|/

type Piece = Omit<Quotable, 'block'>

const cellsOf = (line: string) =>
  line
    .slice(1, -1)
    .split(CELL_END)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'))

/** Code in a cell may hold a `|`, which would end the cell. */
const quoteCell = (cell: string) =>
  quoteMarkdown(cell).replaceAll(CELL_END_EVERYWHERE, String.raw`\|`)
const CELL_END_EVERYWHERE = new RegExp(CELL_END, 'g')

const tableLine = (cells: readonly string[]) => `| ${cells.map(quoteCell).join(' | ')} |`

function rowsOf([head = '', , ...lines]: readonly string[]): readonly Piece[] {
  const names = cellsOf(head)
  const header = `${tableLine(names)}\n| ${names.map(() => '---').join(' | ')} |`
  return lines.map((line) => {
    const cells = cellsOf(line)
    const named = cells.flatMap((cell, index) => {
      const name = names[index] ?? ''
      if (cell === '') return []
      return [name === '' ? cell : `${name}: ${cell}`]
    })
    return { kind: 'row', text: named.join('; '), markdown: tableLine(cells), header }
  })
}

function itemOf(line: string, marker: string): Piece {
  const text = line.slice(marker.length).trim()
  return { kind: 'item', text, markdown: quoteMarkdown(text), marker }
}

const sentencePieces = (line: string): readonly Piece[] =>
  sentencesOf(line).map((text) => ({ kind: 'sentence', text, markdown: quoteMarkdown(text) }))

/** Lists stand on lines of their own, below the paragraph that announces them. */
function paragraphPieces(lines: readonly string[]): readonly (readonly Piece[])[] {
  if (lines.length > 2 && DELIMITERS.test(lines[1] ?? '') && lines.every(isTableLine)) {
    return [rowsOf(lines)]
  }
  const blocks: Piece[][] = []
  let wasItem: boolean | undefined
  for (const line of lines) {
    const marker = MARKER.exec(line)?.[0]
    if (wasItem !== (marker !== undefined)) blocks.push([])
    wasItem = marker !== undefined
    blocks.at(-1)?.push(...(marker === undefined ? sentencePieces(line) : [itemOf(line, marker)]))
  }
  return blocks
}

const isTableLine = (line: string) => TABLE_LINE.test(line)

const prosePieces = (prose: string): readonly (readonly Piece[])[] =>
  prose
    .split(/\n\s*\n/)
    .flatMap((paragraph) =>
      paragraphPieces(paragraph.split('\n').filter((line) => line.trim() !== '')),
    )

/** The pieces of a passage in order; what could be taken for a tag even when quoted is left out. */
export function quotablesOf(passageText: string): readonly Quotable[] {
  const blocks: (readonly Piece[])[] = []
  let position = 0
  for (const fence of passageText.matchAll(FENCED_CODE)) {
    blocks.push(...prosePieces(passageText.slice(position, fence.index)))
    blocks.push([{ kind: 'code', text: fence[0], markdown: fence[0] }])
    position = fence.index + fence[0].length
  }
  blocks.push(...prosePieces(passageText.slice(position)))
  return blocks
    .flatMap((pieces, block) => pieces.map((piece) => ({ ...piece, block })))
    .filter(({ markdown }) => isOnlyText(markdown))
}
