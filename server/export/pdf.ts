/** A conversation as a PDF file: pages of A4, one message after the other. Lengths are points. */
import { setImmediate } from 'node:timers/promises'
import type { ExportedConversation } from '../core/ports/index.ts'
import {
  blocksOfEntry,
  entryOf,
  headOf,
  type Block,
  type Entry,
  type Head,
  type ListItem,
  type Run,
  type Table,
} from './document.ts'
import {
  createFontSubset,
  createPdfFile,
  drawGlyphs,
  number,
  textString,
  type LinkArea,
  type PdfFile,
} from './pdf-file.ts'
import { loadFonts, type Fonts } from './fonts.ts'
import { isRightToLeftText, layOut, type Line, type Setting } from './paragraph.ts'

const WIDTH = 595.28
const HEIGHT = 841.89
const MARGIN = 56
const BOTTOM = HEIGHT - 60
const LEADING = 1.45

const TEXT = 10.5
const SMALL = 8.5
const CODE = 9
const TITLE = 20
const HEADINGS = [15, 13.5, 12, 11, 10.5, 10.5]
/** How far a list, a quote or a cell stands in, and the least that is left for its text. */
const INDENT = 18
const NARROWEST = 120
const CELL = 5
/** UTF-16 units of a cell's text that its column is measured by. */
const MEASURED = 200
/** Between a list's mark and its text. */
const MARK = 5

/** Red, green and blue, 0 to 1. */
const INK = '0.13 0.12 0.11'
const MUTED = '0.42 0.40 0.38'
const ACCENT = '0.66 0.30 0.04'
const HAIRLINE = '0.85 0.83 0.80'
const CODE_GROUND = '0.96 0.95 0.93'

/** Between what text stands. */
interface Column {
  readonly left: number
  readonly right: number
}

const PAGE: Column = { left: MARGIN, right: WIDTH - MARGIN }

/** Pages that fill from the top. */
interface Pages {
  /** Where the next thing begins, from the top. */
  y: number
  /** Begins a new page where less than that is left, and says so. */
  ensure(height: number): boolean
  draw(operators: string): void
  link(area: LinkArea): void
  end(): void
}

function createPages(file: PdfFile, footer: (page: number) => string): Pages {
  let content: string[] = []
  let links: LinkArea[] = []
  let count = 0
  const end = () => {
    count += 1
    file.addPage([...content, footer(count)].join(''), links)
    content = []
    links = []
  }
  return {
    y: MARGIN,
    ensure(height) {
      if (this.y + height <= BOTTOM || content.length === 0) return false
      end()
      this.y = MARGIN
      return true
    },
    draw: (operators) => void content.push(operators),
    link: (area) => void links.push(area),
    end,
  }
}

const rectangle = (x: number, y: number, width: number, height: number, colour: string) =>
  `${colour} rg ${number(x)} ${number(HEIGHT - y - height)} ${number(width)} ${number(height)} re f\n`

/** Where a line's base is, below its top. */
const baseline = (size: number) => size * 1.06

/** Draws a line whose top is at `y`; the areas of its links. */
function drawLine(
  line: Line,
  { left, right }: Column,
  { y, size, colour }: { readonly y: number; readonly size: number; readonly colour: string },
): { readonly operators: string; readonly links: readonly LinkArea[] } {
  const start = line.isRightToLeft ? right - line.width : left
  const base = HEIGHT - y - baseline(size)
  let operators = ''
  const links: LinkArea[] = []
  for (const { run, glyphs, width, x: offset } of line.words) {
    const x = start + offset
    const ink = run.href === undefined ? colour : ACCENT
    let pen = x
    for (const { face, glyphs: drawn, width: wide, text } of glyphs) {
      if (face) {
        const slant = run.italic ? '0.21' : '0'
        // What is read from the glyphs may lack its order; a viewer takes this instead.
        if (text !== undefined) operators += `/Span << /ActualText ${textString(text)} >> BDC\n`
        operators += `BT ${ink} rg /${face.name} ${number(size)} Tf 1 0 ${slant} 1 ${number(pen)} ${number(base)} Tm\n${drawGlyphs(drawn, size)}ET\n`
        if (text !== undefined) operators += 'EMC\n'
      } else {
        for (const [index] of drawn.entries()) {
          const at = pen + (index * wide * size) / drawn.length / 1_000
          operators += `${ink} RG 0.5 w ${number(at + size * 0.06)} ${number(base)} ${number(size * 0.56)} ${number(size * 0.72)} re S\n`
        }
      }
      pen += (wide * size) / 1_000
    }
    const rule = (above: number) =>
      `${ink} rg ${number(x)} ${number(base + above * size)} ${number(width)} ${number(size * 0.05)} re f\n`
    if (run.strike) operators += rule(0.28)
    if (run.href !== undefined) {
      operators += rule(-0.14)
      links.push({ url: run.href, box: [x, base - size * 0.25, x + width, base + size * 0.9] })
    }
  }
  return { operators, links }
}

/** What sets blocks onto pages. */
function createSetter(fonts: Fonts, pages: Pages) {
  const putLine = (line: Line, column: Column, size: number, colour = INK) => {
    const { operators, links } = drawLine(line, column, { y: pages.y, size, colour })
    pages.draw(operators)
    for (const area of links) pages.link(area)
  }

  function text(
    runs: readonly Run[],
    column: Column,
    setting: Setting & { readonly colour?: string },
  ): void {
    const height = setting.size * LEADING
    for (const line of layOut(fonts, runs, column.right - column.left, setting)) {
      pages.ensure(height)
      putLine(line, column, setting.size, setting.colour)
      pages.y += height
    }
  }

  function code(source: string, column: Column): void {
    const inner = { left: column.left + 8, right: column.right - 8 }
    const height = CODE * LEADING
    const setting: Setting = { size: CODE, mono: true, direction: 'ltr' }
    const lines = layOut(fonts, [{ text: source }], inner.right - inner.left, setting)
    const ground = (tall: number) =>
      pages.draw(
        rectangle(column.left, pages.y, column.right - column.left, tall + 0.2, CODE_GROUND),
      )
    pages.ensure(height * 2)
    ground(6)
    pages.y += 6
    for (const line of lines) {
      pages.ensure(height)
      ground(height)
      putLine(line, inner, CODE)
      pages.y += height
    }
    ground(6)
    pages.y += 6
  }

  function quote(inside: readonly Block[], column: Column): void {
    const isRightToLeft = isRightToLeftText(firstText(inside))
    const inner = inset(column, INDENT, isRightToLeft)
    for (const block of inside) {
      // A bar beside it would have to know where it ends, on whichever page that is.
      blocks([block], inner, MUTED)
    }
  }

  function list(items: readonly ListItem[], start: number | undefined, column: Column): void {
    for (const [index, item] of items.entries()) {
      const isRightToLeft = isRightToLeftText(firstText(item.blocks))
      const inner = inset(column, INDENT, isRightToLeft)
      const height = TEXT * LEADING
      pages.ensure(height)
      const [first, ...rest] = item.blocks
      const mark = start === undefined ? bulletOf(item) : `${start + index}.`
      const direction = isRightToLeft ? 'rtl' : 'ltr'
      const [line] = layOut(fonts, [{ text: mark }], Infinity, { size: TEXT, direction })
      if (line) {
        const left = isRightToLeft ? inner.right + MARK : inner.left - MARK - line.width
        putLine({ ...line, isRightToLeft: false }, { left, right: left + line.width }, TEXT, MUTED)
      }
      if (first) blocks([first, ...rest], inner)
      else pages.y += height
    }
  }

  function table({ rows, align }: Table, column: Column): void {
    const [heads = [], ...others] = rows
    const widths = columnWidths(fonts, rows, column.right - column.left)
    const isRightToLeft = isRightToLeftText(
      heads.flatMap((cell) => cell.map((run) => run.text)).join(' '),
    )
    const height = TEXT * LEADING
    const laid = (row: readonly (readonly Run[])[], bold = false) =>
      row.map((runs, place) =>
        layOut(fonts, runs, (widths[place] ?? 0) - CELL * 2, { size: TEXT - 1, bold }),
      )
    const linesOf = (cells: readonly (readonly Line[])[]) =>
      Math.max(1, ...cells.map((lines) => lines.length))

    function putLines(cells: readonly (readonly Line[])[], index: number): void {
      let x = isRightToLeft ? column.right : column.left
      for (const [place, lines] of cells.entries()) {
        const width = widths[place] ?? 0
        if (isRightToLeft) x -= width
        const line = lines[index]
        const cell = { left: x + CELL, right: x + width - CELL }
        if (line) putLine(line, aligned(line, cell, align[place]), TEXT - 1)
        if (!isRightToLeft) x += width
      }
      pages.y += height
    }

    function putRow(cells: readonly (readonly Line[])[], onNewPage: () => void): void {
      if (pages.ensure(height + CELL)) onNewPage()
      pages.y += CELL / 2
      for (let index = 0; index < linesOf(cells); index += 1) {
        if (pages.ensure(height)) onNewPage()
        putLines(cells, index)
      }
      pages.y += CELL / 2
      pages.draw(rectangle(column.left, pages.y, column.right - column.left, 0.6, HAIRLINE))
    }

    const head = laid(heads, true)
    const headHeight = linesOf(head) * height + CELL
    const putHead = () => putRow(head, () => {})
    // Not alone at the end of a page, and above what goes on with it on the next.
    pages.ensure(headHeight + height + CELL)
    putHead()
    const isShort = headHeight <= (BOTTOM - MARGIN) / 4
    for (const row of others) putRow(laid(row), isShort ? putHead : () => {})
  }

  function blocks(all: readonly Block[], column: Column, colour = INK): void {
    for (const [index, block] of all.entries()) {
      const isIntroduced = block.kind === 'list' && all[index - 1]?.kind === 'paragraph'
      if (index > 0) pages.y += isIntroduced ? 2 : 6
      switch (block.kind) {
        case 'heading': {
          const size = HEADINGS[block.depth - 1] ?? TEXT
          pages.y += 4
          // Not alone at the end of a page.
          pages.ensure(size * LEADING * 3)
          text(block.runs, column, { size, bold: true })
          break
        }
        case 'paragraph':
          text(block.runs, column, { size: TEXT, colour })
          break
        case 'code':
          code(block.text, column)
          break
        case 'quote':
          quote(block.blocks, column)
          break
        case 'list':
          list(block.items, block.start, column)
          break
        case 'table':
          table(block, column)
          break
        case 'rule':
          pages.ensure(10)
          pages.draw(rectangle(column.left, pages.y + 4, column.right - column.left, 0.6, HAIRLINE))
          pages.y += 8
      }
    }
  }

  return { text, code, blocks }
}

type Setter = ReturnType<typeof createSetter>

const bulletOf = ({ checked }: ListItem) =>
  checked === undefined ? '\u2022' : checked ? '[x]' : '[ ]'

function firstText(blocks: readonly Block[]): string {
  const [first] = blocks
  if (!first) return ''
  switch (first.kind) {
    case 'heading':
    case 'paragraph':
      return first.runs.map(({ text }) => text).join('')
    case 'quote':
      return firstText(first.blocks)
    case 'list':
      return firstText(first.items[0]?.blocks ?? [])
    default:
      return ''
  }
}

/** Stands in at the side where its text begins, while there is room for text. */
function inset({ left, right }: Column, by: number, isRightToLeft: boolean): Column {
  if (right - left - by < NARROWEST) return { left, right }
  return isRightToLeft ? { left, right: right - by } : { left: left + by, right }
}

/** The part of a cell that a line fills. */
function aligned(line: Line, cell: Column, align: Table['align'][number] | undefined): Column {
  const spare = cell.right - cell.left - line.width
  const before = { left: 0, center: spare / 2, right: spare }
  if (!align || spare <= 0) return cell
  const left = cell.left + before[align]
  return { left, right: left + line.width }
}

/** Columns as wide as their text where there is room; the wide ones share what is left. */
function columnWidths(
  fonts: Fonts,
  rows: readonly (readonly (readonly Run[])[])[],
  room: number,
): readonly number[] {
  const wanted = (rows[0] ?? []).map((_, place) =>
    rows.slice(0, 200).reduce((most, row) => {
      const runs = (row[place] ?? []).map((run) => ({ ...run, text: run.text.slice(0, MEASURED) }))
      const lines = layOut(fonts, runs, Infinity, { size: TEXT - 1, bold: true })
      return Math.max(most, ...lines.map(({ width }) => width + CELL * 2 + 1))
    }, CELL * 4),
  )
  let share = room / Math.max(1, wanted.length)
  // Each round, those that need less than their share leave more to the others.
  for (const _ of wanted) {
    const small = wanted.filter((width) => width <= share)
    const next =
      (room - small.reduce((sum, width) => sum + width, 0)) / (wanted.length - small.length)
    if (!Number.isFinite(next) || next <= share) break
    share = next
  }
  return wanted.map((width) => Math.min(width, share))
}

function setHead(set: Setter, pages: Pages, { title, facts, metadata }: Head): void {
  set.text([{ text: title }], PAGE, { size: TITLE, bold: true })
  pages.y += 4
  for (const { name, value } of facts) {
    const runs = [{ text: `${name}: `, bold: true }, { text: value }]
    set.text(runs, PAGE, { size: SMALL, colour: MUTED })
  }
  if (metadata === undefined) return
  set.text([{ text: 'Metadata:', bold: true }], PAGE, { size: SMALL, colour: MUTED })
  pages.y += 2
  set.code(metadata, PAGE)
}

function setEntry(set: Setter, pages: Pages, entry: Entry): void {
  const { sender, time, note, lists } = entry
  pages.y += 14
  pages.ensure(TEXT * LEADING * 3)
  pages.draw(rectangle(PAGE.left, pages.y, PAGE.right - PAGE.left, 0.6, HAIRLINE))
  pages.y += 8
  const head = [{ text: sender, bold: true }, { text: `  ${time}` }]
  set.text(head, PAGE, { size: SMALL + 0.5, colour: MUTED, direction: 'ltr' })
  pages.y += 3
  set.blocks(blocksOfEntry(entry), PAGE)
  if (note !== undefined) {
    pages.y += 4
    set.text([{ text: note, italic: true }], PAGE, { size: TEXT - 1, colour: MUTED })
  }
  for (const { name, links } of lists) {
    pages.y += 5
    set.text([{ text: name, bold: true }], PAGE, { size: SMALL, colour: MUTED })
    for (const link of links) set.text([link], PAGE, { size: SMALL })
  }
}

function setMissing(set: Setter, pages: Pages, { missing }: Fonts): void {
  if (missing.size === 0) return
  const points = [...missing].slice(0, 12).map((one) => {
    const point = one.codePointAt(0) ?? 0
    return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  })
  const more = missing.size > points.length ? ' and others' : ''
  pages.y += 16
  set.text(
    [
      {
        italic: true,
        text: `Boxes stand for characters that no font of this server has (${points.join(', ')}${more}). The Markdown, Word and JSON files have them.`,
      },
    ],
    PAGE,
    { size: SMALL, colour: MUTED },
  )
}

/** What a file is written with, whatever the conversation says. */
const OWN_WORDS = `${Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')}\u2022`

/** The whole file. Never fails for a character that no font has. */
export async function pdfOf(exported: ExportedConversation): Promise<Uint8Array> {
  const head = headOf(exported.conversation)
  const entries = exported.messages.map((message) => entryOf(message, exported))
  const texts = function* () {
    yield OWN_WORDS
    yield head.title
    yield head.metadata ?? ''
    for (const { value } of head.facts) yield value
    for (const { sender, text, note, lists } of entries) {
      yield sender
      yield text
      yield note ?? ''
      for (const { links } of lists) for (const link of links) yield link.text
    }
  }
  const fonts = await loadFonts(texts())
  const file = createPdfFile(WIDTH, HEIGHT)
  const [footing] = layOut(fonts, [{ text: head.title.slice(0, 80) }], Infinity, { size: SMALL })
  const pages = createPages(file, (page) => {
    const [count] = layOut(fonts, [{ text: String(page) }], Infinity, { size: SMALL })
    const place = { y: HEIGHT - 40, size: SMALL, colour: MUTED }
    const right = { left: PAGE.right - (count?.width ?? 0), right: PAGE.right }
    return (
      (footing ? drawLine({ ...footing, isRightToLeft: false }, PAGE, place).operators : '') +
      (count ? drawLine(count, right, place).operators : '')
    )
  })
  const set = createSetter(fonts, pages)
  setHead(set, pages, head)
  for (const entry of entries) {
    setEntry(set, pages, entry)
    await setImmediate()
  }
  setMissing(set, pages, fonts)
  pages.end()
  const cut = await createFontSubset()
  for (const face of fonts.faces()) file.addFont(face, cut(face))
  const { createdAt, updatedAt } = exported.conversation
  return file.end({ title: head.title, createdAt, changedAt: updatedAt })
}
