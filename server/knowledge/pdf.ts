/** The text of PDF files, by paragraphs and pages. */
import type { getDocumentProxy as openDocument } from 'unpdf'
import { z } from 'zod'
import { plainText, type Block, type Content } from './blocks.ts'

type PdfDocument = Awaited<ReturnType<typeof openDocument>>

interface Line {
  readonly text: string
  /** Points: where it begins and ends, its baseline from below, and the height of its letters. */
  readonly x: number
  readonly end: number
  readonly y: number
  readonly height: number
  readonly page: number
}

/** Characters of text; more is a dump. */
const MOST_TEXT = 8_000_000
/** Lines at the top and at the bottom of a page that may be there on every page. */
const EDGE_LINES = 2
/** The share of pages that such a line stands on at least. */
const RUNNING_SHARE = 0.5
const PAGE_NUMBER =
  /^\W*(?:page|seite|p\.|página|pagina)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|von|de|sur|\/)\s*\d{1,4})?\W*$/i
/** How much larger than the text a heading is. */
const HEADING_SIZE = 1.12
const LONGEST_HEADING = 140
/** Line heights from one baseline to the next that end a paragraph. */
const PARAGRAPH_GAP = 1.75
const BULLET = /^(?:[•‣◦▪■●○·∙*–—-]|)\s+(?=\S)/u
const NUMBER = /^(\d{1,3})[.)]\s+(?=\S)/
/** What a program, not a person, has named a document. */
const NO_TITLE =
  /^(?:untitled|microsoft (?:word|powerpoint)\b.*|.*\.(?:docx?|pdf|indd|pptx?|odt|tex|dvi)|\s*)$/i

const LOCKED = 'a PDF that is locked with a password'

/** How a piece of text is placed: scaled, turned and moved. */
const Matrix = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()])

/** The lines of a page, in the order in which they are drawn. */
async function linesOf(document: PdfDocument, number: number): Promise<Line[]> {
  const page = await document.getPage(number)
  const { items } = await page.getTextContent()
  page.cleanup()
  const lines: Line[] = []
  for (const item of items) {
    if (!('str' in item) || item.str.trim() === '') continue
    const [, , c, d, x, y] = Matrix.parse(item.transform)
    const height = Math.hypot(c, d) || item.height || 10
    const end = x + item.width
    const last = lines.at(-1)
    const isSameLine =
      last &&
      Math.abs(last.y - y) < 0.5 * Math.max(last.height, height) &&
      x > last.end - 2 * height
    if (last && isSameLine) {
      const isApart = x - last.end > 0.15 * height
      const text = last.text + (isApart ? ' ' : '') + item.str
      lines.splice(-1, 1, { ...last, text, end, height: Math.max(last.height, height) })
    } else {
      lines.push({ text: item.str, x, end, y, height, page: number })
    }
  }
  return lines.map((line) => ({ ...line, text: line.text.replaceAll(/\s+/g, ' ').trim() }))
}

const edgeKey = (text: string) => text.replaceAll(/\d+/g, '#').toLowerCase()

/** Without what stands on many pages at the top or at the bottom, and without page numbers. */
function withoutRunningLines(pages: readonly (readonly Line[])[]): Line[] {
  const edgesOf = (lines: readonly Line[]) => {
    const byHeight = lines.toSorted((left, right) => right.y - left.y)
    return new Set([...byHeight.slice(0, EDGE_LINES), ...byHeight.slice(-EDGE_LINES)])
  }
  const edges = pages.map(edgesOf)
  const counts = new Map<string, number>()
  for (const lines of edges) {
    for (const key of new Set([...lines].map(({ text }) => edgeKey(text)))) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  const many = Math.max(2, RUNNING_SHARE * pages.length)
  const kept = pages.flatMap((lines, index) =>
    lines.filter((line) => {
      if (edges[index]?.has(line) !== true) return true
      const isRunning = (counts.get(edgeKey(line.text)) ?? 0) >= many
      return !isRunning && !(lines.length > 1 && PAGE_NUMBER.test(line.text))
    }),
  )
  // Tickets and labels have nothing but such lines.
  return kept.length > 0 ? kept : pages.flat()
}

/** The height of the letters that most of a text is set in. */
function textHeight(lines: readonly Line[]): number {
  const sizes = new Map<number, number>()
  for (const { text, height } of lines) {
    const size = Math.round(height * 2) / 2
    sizes.set(size, (sizes.get(size) ?? 0) + text.length)
  }
  return [...sizes].toSorted(([, left], [, right]) => right - left)[0]?.[0] ?? 10
}

/** Two lines of one paragraph as one. A hyphen goes, unless the word has one elsewhere too. */
function joinLines(text: string, next: string, hyphenated: ReadonlySet<string>): string {
  if (text.endsWith('\u00AD')) return text.slice(0, -1) + next
  const [, head] = /([\p{L}\p{N}]+)[-‐]$/u.exec(text) ?? []
  const [tail] = /^\p{Ll}+/u.exec(next) ?? []
  if (head === undefined) return `${text} ${next}`
  if (tail === undefined || hyphenated.has(`${head}-${tail}`.toLowerCase())) return text + next
  return text.slice(0, -1) + next
}

function hyphenatedWords(lines: readonly Line[]): ReadonlySet<string> {
  return new Set(
    lines.flatMap(({ text }) =>
      [...text.matchAll(/\p{L}+[-‐]\p{L}+/gu)].map(([word]) =>
        word.replace('‐', '-').toLowerCase(),
      ),
    ),
  )
}

interface Draft {
  readonly block: Extract<Block, { kind: 'heading' | 'prose' | 'item' }>
  readonly page: number
  readonly last: Line
}

/** Whether a line goes on with what the line before it says. */
function goesOn({ block, last }: Draft, line: Line, isHeading: boolean, indent: number): boolean {
  if ((block.kind === 'heading') !== isHeading) return false
  if (BULLET.test(line.text) || NUMBER.test(line.text)) return false
  if (Math.abs(last.height - line.height) > 0.1 * last.height) return false
  if (last.page !== line.page || line.y > last.y) {
    // Over to the next page or column: in the middle of a sentence.
    return (
      !isHeading &&
      !/[.!?:;。！？]["'”’)]?$/u.test(block.text) &&
      /^[\p{Ll}\p{N}(]/u.test(line.text)
    )
  }
  if (last.y - line.y > PARAGRAPH_GAP * Math.max(last.height, line.height)) return false
  const isIndented =
    block.kind === 'prose' && line.x - indent > line.height && line.x - last.x > line.height
  return !isIndented
}

function blocksOf(lines: readonly Line[]): Block[] {
  const usual = textHeight(lines)
  const sizes = [...new Set(lines.map(({ height }) => Math.round(height)))]
    .filter((size) => size >= HEADING_SIZE * usual)
    .toSorted((left, right) => right - left)
  const isHeading = ({ height, text }: Line) =>
    height >= HEADING_SIZE * usual && text.length <= LONGEST_HEADING && /\p{L}/u.test(text)
  const hyphenated = hyphenatedWords(lines)
  const drafts: Draft[] = []
  const indents = new Map<number, number>()
  for (const { page, x } of lines) indents.set(page, Math.min(indents.get(page) ?? x, x))
  for (const line of lines) {
    const before = drafts.at(-1)
    const heading = isHeading(line)
    if (before && goesOn(before, line, heading, indents.get(line.page) ?? 0)) {
      const text = joinLines(before.block.text, line.text, hyphenated)
      drafts.splice(-1, 1, { ...before, block: { ...before.block, text }, last: line })
      continue
    }
    drafts.push({ block: startBlock(line, heading, sizes), page: line.page, last: line })
  }
  let page = 0
  return drafts.flatMap(({ block, page: onPage }): Block[] => {
    const text = plainText(block.text)
    const isNext = onPage !== page
    page = onPage
    return [...(isNext ? [{ kind: 'page' as const, number: onPage }] : []), { ...block, text }]
  })
}

function startBlock(line: Line, isHeading: boolean, sizes: readonly number[]): Draft['block'] {
  const { text, height } = line
  if (isHeading) {
    const depth = Math.min(6, 1 + Math.max(0, sizes.indexOf(Math.round(height))))
    return { kind: 'heading', depth, text }
  }
  const [, number] = NUMBER.exec(text) ?? []
  if (number !== undefined) {
    return { kind: 'item', marker: `${Number(number)}. `, text: text.replace(NUMBER, '') }
  }
  return BULLET.test(text)
    ? { kind: 'item', marker: '- ', text: text.replace(BULLET, '') }
    : { kind: 'prose', text }
}

async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  const { getDocumentProxy } = await import('unpdf')
  try {
    return await getDocumentProxy(bytes, { verbosity: 0, stopAtErrors: false, maxImageSize: 0 })
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    throw new Error(name === 'PasswordException' ? LOCKED : 'a damaged PDF', { cause: error })
  }
}

/** The lines of all pages; `undefined` when they have more characters than that. */
async function pagesOf(document: PdfDocument, most: number): Promise<Line[][] | undefined> {
  const pages: Line[][] = []
  let length = 0
  for (let number = 1; number <= document.numPages; number += 1) {
    const lines = await linesOf(document, number)
    pages.push(lines)
    length += lines.reduce((sum, { text }) => sum + text.length, 0)
    if (length > most) return undefined
  }
  return length === 0 ? [] : pages
}

export interface PdfLimits {
  readonly pages: number
  /** UTF-16 units. */
  readonly characters: number
}

/**
 * The text of a PDF that somebody sends, with `#` before its headings.
 * @throws Error whose message says why it has none, to go on behind the file's name
 */
export async function readPdfText(bytes: Uint8Array, most: PdfLimits): Promise<string> {
  const damaged = (cause: unknown): never => {
    const isLocked = cause instanceof Error && cause.message === LOCKED
    throw new Error(isLocked ? 'is locked with a password' : 'is damaged, or no PDF', { cause })
  }
  const document = await openPdf(bytes).catch(damaged)
  try {
    if (document.numPages > most.pages) {
      throw new Error(`has ${document.numPages} pages; up to ${most.pages} can be read`)
    }
    const pages = await pagesOf(document, most.characters).catch(damaged)
    if (!pages) throw new Error(`has more than ${most.characters} characters of text`)
    const text = blocksOf(withoutRunningLines(pages)).flatMap(lineOf).join('\n\n')
    if (text === '') throw new Error('has no text: its pages are pictures, perhaps')
    return text
  } finally {
    await document.loadingTask.destroy()
  }
}

function lineOf(block: Block): string[] {
  if (block.kind === 'heading') return [`${'#'.repeat(block.depth)} ${block.text}`]
  if (block.kind === 'item') return [block.marker + block.text]
  return block.kind === 'prose' ? [block.text] : []
}

/** The text of a PDF by paragraphs and pages. @throws Error whose message says why it has none */
export async function readPdf(bytes: Uint8Array): Promise<Content> {
  const document = await openPdf(bytes)
  const pages = await pagesOf(document, MOST_TEXT)
  if (!pages) throw new Error('a PDF with more than 8 million characters')
  if (pages.length === 0) throw new Error('a PDF without text: pictures of pages, perhaps')
  const { info } = await document.getMetadata()
  const title = 'Title' in info && typeof info.Title === 'string' ? info.Title.trim() : ''
  const language = 'Language' in info && typeof info.Language === 'string' ? info.Language : ''
  await document.loadingTask.destroy()
  return {
    title: NO_TITLE.test(title) ? undefined : title,
    language: language || undefined,
    blocks: blocksOf(withoutRunningLines(pages)),
  }
}
