/**
 * What documents are made of, whatever they were written in, and the passages that they are cut into.
 */
import type { Passage } from '../core/ports/index.ts'
import { sentencesOf } from '../text/words.ts'

/** What a document is made of, whatever it was written in. */
export type Block =
  | Heading
  /** A paragraph. */
  | { readonly kind: 'prose'; readonly text: string }
  /** A list item; `marker` is `- ` or `3. `, indented in a list within a list. */
  | { readonly kind: 'item'; readonly marker: string; readonly text: string }
  | Table
  | { readonly kind: 'code'; readonly text: string; readonly language: string }
  /** What follows stands on that page, counted from 1. */
  | { readonly kind: 'page'; readonly number: number }

export interface Heading {
  readonly kind: 'heading'
  readonly depth: number
  readonly text: string
  /** What a link to the heading names behind `#`, where the page says so. */
  readonly id?: string | undefined
}

export interface Table {
  readonly kind: 'table'
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a reader makes of a file. */
export interface Content {
  /** Of a page, its name without the site's. */
  readonly title?: string | undefined
  /** The address that a page names as its own. */
  readonly url?: string | undefined
  readonly language?: string | undefined
  readonly blocks: readonly Block[]
}

/** Lengths of the runs of backticks in a text. */
function runLengths(text: string): ReadonlySet<number> {
  return new Set((text.match(/`+/g) ?? []).map((run) => run.length))
}

/** Inline code in the fewest backticks that nothing inside it can close. */
export function inlineCode(text: string): string {
  const code = text.replaceAll(/\s+/g, ' ').trim()
  if (code === '') return ''
  const taken = runLengths(code)
  let length = 1
  while (taken.has(length)) length += 1
  const marks = '`'.repeat(length)
  const pad = code.startsWith('`') || code.endsWith('`') ? ' ' : ''
  return `${marks}${pad}${code}${pad}${marks}`
}

/** A code block in a fence that nothing inside it can close. */
export function fencedCode(text: string, language: string): string {
  let length = 3
  for (const taken of runLengths(text)) length = Math.max(length, taken + 1)
  const fence = '`'.repeat(length)
  return `${fence}${language.replaceAll(/[^\w+#.-]/g, '')}\n${text.replace(/\s+$/, '')}\n${fence}`
}

/** Text without backticks, which in passages always mean code. */
export function plainText(text: string): string {
  return text.replaceAll('`', '’')
}

/** The cells of a row as a line of a table. */
export function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

/** Characters: a passage is closed when it has the first and would pass the second. */
const TARGET = 400
const LIMIT = 900
/** A passage still below the target may grow to this, and one that a list goes on in. */
const STRETCH = 1_300
/** What is left over at the end of a section joins the passage before it. */
const REMAINDER = 120
/** Code and tables are cut where they are longer. */
const WHOLE_LIMIT = 2_000

type DraftPassage = Pick<Passage, 'section' | 'anchor' | 'page' | 'text'>

interface Section {
  readonly path: string | null
  readonly anchor: string | null
  readonly blocks: Block[]
}

/** Cuts a text that has no sentence end where a word ends, else anywhere. */
function cutHard(text: string): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > LIMIT) {
    const space = rest.lastIndexOf(' ', LIMIT)
    let cut = space > TARGET ? space : LIMIT
    if (/[\uD800-\uDBFF]/.test(rest.charAt(cut - 1))) cut -= 1
    pieces.push(rest.slice(0, cut).trim())
    rest = rest.slice(cut).trim()
  }
  return rest === '' ? pieces : [...pieces, rest]
}

/** A long paragraph as pieces of whole sentences. */
function proseChunks(text: string): string[] {
  if (text.length <= LIMIT) return [text]
  const chunks: string[] = []
  let open = ''
  for (const sentence of sentencesOf(text).flatMap(cutHard)) {
    if (open !== '' && open.length + sentence.length > LIMIT) {
      chunks.push(open)
      open = ''
    }
    open = open === '' ? sentence : `${open} ${sentence}`
  }
  return open === '' ? chunks : [...chunks, open]
}

function codeChunks(text: string, language: string): string[] {
  if (text.length <= WHOLE_LIMIT) return [fencedCode(text, language)]
  const chunks: string[] = []
  let open: string[] = []
  let length = 0
  for (const line of text.split('\n').flatMap((long) => (long === '' ? [''] : cutHard(long)))) {
    if (length > 0 && length + line.length > WHOLE_LIMIT) {
      chunks.push(fencedCode(open.join('\n'), language))
      open = []
      length = 0
    }
    open.push(line)
    length += line.length + 1
  }
  return open.length === 0 ? chunks : [...chunks, fencedCode(open.join('\n'), language)]
}

/** A row too long for a table, as a paragraph that can be read without it. */
const rowAsProse = (header: readonly string[], row: readonly string[]) =>
  row
    .map((cell, index) => [header[index] ?? '', cell] as const)
    .filter(([, cell]) => cell !== '')
    .map(([name, cell]) => (name === '' ? cell : `${name}: ${cell}`))
    .join('; ')

/** A table whole, or in parts that all have its header. */
function tableChunks({ header, rows }: Table): string[] {
  const head = `${tableLine(header)}\n${tableLine(header.map(() => '---'))}`
  if (head.length > LIMIT) return rows.flatMap((row) => proseChunks(rowAsProse(header, row)))
  const chunks: string[] = []
  let open = head
  const close = () => {
    if (open !== head) chunks.push(open)
    open = head
  }
  for (const row of rows) {
    const line = tableLine(row)
    if (open.length + line.length >= WHOLE_LIMIT) close()
    if (head.length + line.length > WHOLE_LIMIT) {
      chunks.push(...proseChunks(rowAsProse(header, row)))
    } else {
      open += `\n${line}`
    }
  }
  close()
  return chunks
}

function chunksOf(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
    case 'page':
      return []
    case 'code':
      return codeChunks(block.text, block.language)
    case 'table':
      return tableChunks(block)
    case 'item': {
      const [first = '', ...rest] = proseChunks(block.text)
      return [block.marker + first, ...rest.map((chunk) => `- ${chunk}`)]
    }
    case 'prose':
      return proseChunks(block.text)
  }
}

type Packed = Pick<Passage, 'text' | 'page'>

/** Items stand line by line, below the line that announces them. */
const separator = (before: Block | undefined, block: Block) =>
  block.kind === 'item' && before?.kind !== 'table' ? '\n' : '\n\n'

/** The passages of one section. */
function pack(blocks: readonly Block[]): Packed[] {
  const passages: Packed[] = []
  let page: number | null = null
  let open: Packed = { text: '', page }
  let before: Block | undefined
  for (const block of blocks) {
    if (block.kind === 'page') {
      page = block.number
      continue
    }
    const isWhole = block.kind === 'code' || block.kind === 'table'
    const goesOn = block.kind === 'item' && before?.kind === 'item'
    for (const chunk of chunksOf(block)) {
      const { length } = open.text
      const room = isWhole || goesOn || length < TARGET ? STRETCH : LIMIT
      if (length > 0 && length + chunk.length > room) {
        passages.push(open)
        open = { text: '', page }
      }
      open =
        open.text === ''
          ? { text: chunk, page }
          : { ...open, text: open.text + separator(before, block) + chunk }
      before = block
    }
  }
  if (open.text === '') return passages
  const last = passages.at(-1)
  if (!last || open.text.length >= REMAINDER) return [...passages, open]
  const joint = open.text.startsWith('- ') ? '\n' : '\n\n'
  return [...passages.slice(0, -1), { ...last, text: last.text + joint + open.text }]
}

/** Sections in order, each with the path of its headings below the document's title. */
function sectionsOf(blocks: readonly Block[], titleHeading: Block | undefined): Section[] {
  let section: Section = { path: null, anchor: null, blocks: [] }
  const sections = [section]
  let path: { readonly depth: number; readonly text: string }[] = []
  let page: Block | undefined
  for (const block of blocks) {
    if (block.kind === 'page') page = block
    if (block.kind !== 'heading') {
      section.blocks.push(block)
      continue
    }
    if (block === titleHeading) continue
    path = [...path.filter(({ depth }) => depth < block.depth), block]
    const names = path.map(({ text }) => text.replaceAll('`', '')).filter((text) => text !== '')
    section = {
      path: names.join(' › ') || null,
      anchor: block.id ?? null,
      blocks: page ? [page] : [],
    }
    sections.push(section)
  }
  return sections
}

/** The first heading, when it is the document's own title rather than a section's. */
export function titleHeadingOf(blocks: readonly Block[]): Heading | undefined {
  return blocks.filter((block) => block.kind === 'heading').find(({ depth }) => depth === 1)
}

/** Passages of about 400 to 900 characters that never cross a heading or, where possible, cut a sentence. */
export function passagesOf(blocks: readonly Block[]): readonly DraftPassage[] {
  return sectionsOf(blocks, titleHeadingOf(blocks)).flatMap(({ path, anchor, blocks: content }) =>
    pack(content).map((packed) => ({ section: path, anchor, ...packed })),
  )
}
