/**
 * The blocks of Markdown: CommonMark 0.31 with GitHub's tables and with formulas. What is open takes the
 * next line or ends; then the line may open new blocks; what is left of it is text of the innermost one.
 */
import { formulas, markup } from './grammars.ts'
import {
  GrowingParagraph,
  type GrowingItem,
  type GrowingQuote,
  type GrowingTable,
  Line,
  CODE_INDENT,
  openFence,
  openIndented,
  type Leaf,
} from './open-blocks.ts'
import type { FormulaLeaf } from './math.ts'
import type { BlockToken, ItemToken, ListToken, ParagraphToken } from './tokens.ts'
import { readDefinition } from './links.ts'

/* Tables, as GitHub has them. */

const DELIMITER = /^:?-+:?$/

/** The cells of a row: what stands between pipes that are not escaped, nor in a formula. */
export function cellsOf(row: string): string[] {
  const safe = row.includes('|') ? (formulas.loaded()?.protectPipes(row) ?? row) : row
  const bare = safe
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return bare.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** How the columns are aligned, when the line under a header says it. */
function alignsOf(line: string, header: string): (string | undefined)[] | undefined {
  const delimiters = cellsOf(line)
  const cells = cellsOf(header).length
  const isRow = /[:|]/.test(line) && delimiters.every((cell) => DELIMITER.test(cell))
  // Lines between pipes can be nothing else, though one has more cells than the other.
  const isPlain = [line, header].every((row) => /^\s*\|.*\|\s*\S/.test(row))
  if (!isRow || (delimiters.length !== cells && !isPlain)) return undefined
  return Array.from({ length: Math.max(cells, delimiters.length) }, (_, column) => {
    const cell = delimiters[column] ?? ''
    const [start, end] = [cell.startsWith(':'), cell.endsWith(':')]
    return start ? (end ? 'center' : 'left') : end ? 'right' : undefined
  })
}

const HEADING = /^(#{1,6})(?:[ \t]|$)/
const UNDERLINE = /^(?:(=+)|-+)[ \t]*$/
const RULE = /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/
const MARKER = /^(?:(?:(\d{1,9})[.)]|[*+-])(?=[ \t]|$)|\[\^([^\][\s]+)\]:)/
/** It ends what stands around a list or a table, and is not part of that. */
const END_TAG = /^<\/[a-z][\w.:-]*\s*>\s*$/i
/** Nobody nests as deep as this but to do harm. */
const DEEPEST = 100

/**
 * Takes line after line. `#open` are the containers around the last one; in the innermost, at most one of
 * `#paragraph`, `#table` and `#leaf` takes the next. A token once opened stays where it is, but for a formula
 * that turned out to be text, whose lines are read again, and for a paragraph whose last line is a heading's
 * or a table's.
 */
class BlockReader {
  readonly tokens: BlockToken[] = []
  /** The containers that are open, from the outermost. */
  #open: (GrowingQuote | GrowingItem)[] = [{ type: 'quote', line: 0, end: 0, tokens: this.tokens }]
  /** How many of them the line stands in. */
  #matched = 1
  /** What the items of a list are marked with. */
  readonly #lists = new Map<BlockToken | undefined, { mark: string; items: ItemToken[] }>()
  #paragraph: GrowingParagraph | undefined
  #table: GrowingTable | undefined
  /** A block that takes lines as they are. */
  #leaf: Leaf | FormulaLeaf | undefined
  /** What a formula has ended. */
  #interrupted: { paragraph?: GrowingParagraph | undefined; table?: GrowingTable | undefined } = {}
  /** For each kind of formula, by what closes it: the line in front of which none opens. */
  readonly #noFormulaBefore = new Map<string, number>()
  /** Fences in code of Markdown may be those of code in it. */
  #nests = true
  #number = 0
  /** Number of a last line whose end has not come. */
  readonly #unfinished: number

  constructor(unfinished: number) {
    this.#unfinished = unfinished
  }

  /** Reads a line, which stands in the first `depth` open containers. */
  read(text: string, number: number, depth = 1): void {
    const line = new Line(text)
    this.#number = number
    this.#matched = depth
    while (this.#matched < this.#open.length && this.#continues(line)) this.#matched += 1
    if (this.#matched < this.#open.length && this.#leaf && 'lines' in this.#leaf) {
      this.#makeText(this.#leaf)
      return this.read(text, number, depth)
    }
    if (this.#matched === this.#open.length && this.#takes(line)) return
    let opened: boolean | undefined = true
    while (opened && !line.isBlank) opened = this.#openBlock(line)
    if (opened !== undefined) this.#addText(line)
  }

  /** Gives the line to the block that takes lines as they are, if it is one of that block's. */
  #takes(line: Line): boolean {
    const leaf = this.#leaf
    const taken = leaf?.take(line) ?? 'outside'
    if (!leaf || taken === 'outside') return false
    if ('lines' in leaf && (taken === 'text' || taken === 'words')) {
      this.#makeText(leaf, taken === 'words')
      return true
    }
    if (taken !== 'maybe') this.#reach(leaf.token)
    if (taken === 'last') this.#leaf = undefined
    return true
  }

  /**
   * No line comes behind these. What may have become a formula is text. Code whose end has not come, though
   * that of code in it has, is read again: a fence was missing, and the first one that may close it does. In
   * an item or a quote it ends with that.
   */
  end(lines: readonly string[]): void {
    for (let leaf = this.#leaf; leaf; leaf = this.#leaf) {
      if ('lines' in leaf) {
        this.#number = lines.length
        this.#makeText(leaf)
      } else if (leaf.isUnpaired && this.#open.length === 1) {
        this.#leaf = undefined
        this.tokens.pop()
        this.#nests = false
        for (let at = leaf.token.line; at < lines.length; at += 1) this.read(lines[at] ?? '', at)
      } else return
    }
  }

  #start(leaf: Leaf): undefined {
    this.#add(leaf.token)
    this.#leaf = leaf
  }

  get #innermost() {
    return this.#open.at(-1)?.tokens ?? this.tokens
  }

  /** Whether the line goes on with the container behind those that it stands in. */
  #continues(line: Line): boolean {
    const container = this.#open[this.#matched]
    if (container?.type === 'item') {
      // One blank line may stand in front of an item's text.
      if (line.isBlank) return container.tokens.length > 0
      const isInside = line.indent >= container.width || this.#belongsTo(container, line)
      if (isInside) line.skip(container.width)
      return isInside
    }
    const { indent } = line
    if (indent >= CODE_INDENT || line.first !== '>') return false
    this.#enterQuote(line)
    for (const outer of this.#open.slice(0, this.#matched + 1)) outer.end = this.#number
    return true
  }

  /**
   * Whether an item stands further in than the one above it, though not as far as its text: many indent by
   * two columns, whatever the mark. All that is further in belongs to it from then on.
   */
  #belongsTo(item: GrowingItem, line: Line): boolean {
    const text = line.rest.trimStart()
    const [mark, number = '1'] = (line.indent > item.indent + 1 && MARKER.exec(text)) || []
    // A number that goes on is that of the next item.
    if (mark === undefined || number !== '1' || text.trim() === mark || RULE.test(text))
      return false
    item.width = line.indent
    return true
  }

  #enterQuote(line: Line) {
    line.skip(line.indent)
    line.take(1)
    line.skip(1)
  }

  /** Closes what the line does not stand in. */
  #close() {
    this.#open.length = this.#matched
    this.#paragraph = undefined
    this.#table = undefined
    this.#leaf = undefined
  }

  /** What is open reaches to this line. */
  #reach(token?: { end: number }) {
    for (const open of token ? [...this.#open, token] : this.#open) open.end = this.#number
  }

  #add<Token extends BlockToken>(token: Token): Token {
    this.#close()
    this.#innermost.push(token)
    this.#reach()
    return token
  }

  get #here() {
    return { line: this.#number, end: this.#number }
  }

  /** True when the line goes on inside of what it opened, `undefined` when it is used up. */
  #openBlock(line: Line): boolean | undefined {
    const { indent } = line
    if (indent >= CODE_INDENT) {
      return this.#paragraph ? false : this.#start(openIndented(line, this.#here))
    }
    line.skip(indent)
    const { rest } = line
    const own = this.#matched === this.#open.length ? this.#paragraph : undefined
    const isDeep = this.#open.length > DEEPEST
    if (!isDeep && rest.startsWith('>')) {
      this.#enterQuote(line)
      this.#enter(this.#add<GrowingQuote>({ type: 'quote', tokens: [], ...this.#here }))
      return true
    }
    const hashes = HEADING.exec(rest)?.[1]
    if (hashes !== undefined) return this.#addHeading(hashes.length, rest)
    const fence = openFence(rest, indent, this.#here, this.#nests)
    if (fence) return this.#start(fence)
    const html = markup.loaded()?.openHtml(rest, this.#paragraph !== undefined, this.#here)
    if (html) {
      this.#start(html)
      return void this.#takes(line)
    }
    if (own && (this.#underline(own, rest) || this.#openTable(own, rest))) return undefined
    if (RULE.test(rest)) return void this.#add({ type: 'rule', ...this.#here })
    if (!isDeep && this.#openItem(line, indent, own !== undefined)) return true
    return this.#openFormula(rest, own)
  }

  #enter(container: GrowingQuote | GrowingItem) {
    this.#open.push(container)
    this.#matched = this.#open.length
  }

  #addHeading(depth: number, line: string): undefined {
    const text = line
      .slice(depth)
      .trim()
      .replace(/(?:^|[ \t])#+$/, '')
      .trimEnd()
    this.#add({ type: 'heading', depth, text, ...this.#here })
  }

  /** Makes a heading of the paragraph above, unless that is nothing but definitions. */
  #underline(paragraph: GrowingParagraph, line: string): boolean {
    const underline = UNDERLINE.exec(line)
    const split = underline ? splitDefinitions(paragraph) : []
    const heading = split.pop()
    if (!underline || heading?.type !== 'paragraph') return false
    this.#innermost.pop()
    this.#innermost.push(...split)
    const depth = underline[1] === undefined ? 2 : 1
    this.#add({ ...heading, type: 'heading', depth, end: this.#number })
    return true
  }

  /** Makes a table of the last line of the paragraph above, if this one says how it is aligned. */
  #openTable(paragraph: GrowingParagraph, line: string): boolean {
    const { lines } = paragraph
    const above = lines.at(-1) ?? ''
    const header = cellsOf(above)
    const aligns = alignsOf(line, above)
    if (!aligns) return false
    lines.pop()
    paragraph.end = this.#number - 2
    if (lines.length === 0) this.#innermost.pop()
    const here = { line: this.#number - 1, end: this.#number }
    const table: GrowingTable = { type: 'table', aligns, header, rows: [], ...here }
    this.#table = this.#add(table)
    return true
  }

  #openItem(line: Line, indent: number, interrupts: boolean): boolean {
    const [mark, number, label] = MARKER.exec(line.rest) ?? []
    if (mark === undefined) return false
    const start = number === undefined ? undefined : Number(number)
    const isEmpty = line.rest.trim() === mark
    const isNote = label !== undefined
    if (interrupts && !isNote && (isEmpty || (start ?? 1) !== 1)) return false
    line.take(mark.length)
    const space = !isNote && (isEmpty || line.indent > CODE_INDENT) ? 1 : line.indent
    line.skip(space)
    this.#close()
    const width = isNote ? CODE_INDENT : indent + mark.length + space
    const place = { indent, width, ...this.#here }
    const item: GrowingItem = { type: 'item', label, tokens: [], loose: false, ...place }
    this.#itemsOf(mark.at(-1) ?? '', start).push(item)
    this.#reach()
    this.#enter(item)
    return true
  }

  /** The items of the list that one with this mark belongs to. */
  #itemsOf(mark: string, start: number | undefined): ItemToken[] {
    const last = this.#lists.get(this.#innermost.at(-1))
    if (last?.mark === mark) return last.items
    const items: ItemToken[] = []
    const list = { type: 'list', start, loose: false, items, ...this.#here } satisfies ListToken
    this.#lists.set(this.#add(list), { mark, items })
    return items
  }

  /** Opens a formula of whole lines. */
  #openFormula(first: string, paragraph: GrowingParagraph | undefined): false | undefined {
    const leaf = formulas.loaded()?.openFormula(first, this.#here, this.#unfinished)
    if (!leaf || this.#number < (this.#noFormulaBefore.get(leaf.closing) ?? 0)) return false
    const table = this.#matched === this.#open.length ? this.#table : undefined
    this.#add(leaf.token)
    this.#interrupted = { paragraph, table }
    if (!leaf.isClosed) this.#leaf = leaf
    return undefined
  }

  /** Reads the lines of what was no formula again, as text: as blocks, or as words of one paragraph. */
  #makeText({ token, lines, closing }: FormulaLeaf, areWords = false) {
    this.#noFormulaBefore.set(closing, this.#number)
    this.#matched = this.#open.length
    this.#close()
    this.#innermost.pop()
    this.#paragraph = this.#interrupted.paragraph
    this.#table = this.#interrupted.table
    const depth = this.#open.length
    for (const [index, text] of lines.entries()) {
      this.#number = token.line + index
      if (areWords) this.#addWords(text.trim())
      else this.read(text, this.#number, depth)
    }
  }

  #addWords(words: string) {
    if (this.#paragraph) {
      this.#paragraph.lines.push(words)
      this.#reach(this.#paragraph)
    } else {
      this.#paragraph = this.#add(new GrowingParagraph(words, this.#number))
    }
  }

  #addText(line: Line) {
    line.skip(line.indent)
    const { isBlank, rest } = line
    // A paragraph goes on where its marks are left out.
    const goesOn = this.#paragraph && !END_TAG.test(rest)
    if (isBlank || (this.#matched < this.#open.length && !goesOn)) this.#close()
    if (isBlank) return
    if (!this.#paragraph && this.#table && !END_TAG.test(rest)) {
      this.#table.rows.push(cellsOf(rest))
      this.#reach(this.#table)
    } else this.#addWords(rest)
  }
}

/** The blocks of a source, whose lines end in line feeds; more may come of one that is not `whole`. */
export function readBlocks(source: string, whole = true): readonly BlockToken[] {
  const lines = source.split('\n')
  const isFinished = lines.at(-1) === ''
  if (isFinished) lines.pop()
  const reader = new BlockReader(isFinished ? -1 : lines.length - 1)
  for (const [number, line] of lines.entries()) reader.read(line, number)
  if (whole) reader.end(lines)
  return finishBlocks(reader.tokens)
}

/* What can only be told of blocks when all their lines are there: definitions, and lists with space in them. */

/** A paragraph as the definitions that it starts with, and what is left of it. */
function splitDefinitions(paragraph: Omit<ParagraphToken, 'type'>): BlockToken[] {
  const { text, end } = paragraph
  const split: BlockToken[] = []
  let at = 0
  let { line } = paragraph
  for (let found = readDefinition(text, at); found; found = readDefinition(text, at)) {
    const next = line + text.slice(at, found.end).trimEnd().split('\n').length
    split.push({ type: 'definition', ...found.value, line, end: next - 1 })
    at = found.end
    line = next
  }
  if (at < text.length) split.push({ type: 'paragraph', text: text.slice(at).trimEnd(), line, end })
  return split
}

/** Whether there is a blank line between two of them. */
const isLoose = (tokens: readonly { readonly line: number; readonly end: number }[]) =>
  tokens.some(({ line }, index) => line > (tokens[index - 1]?.end ?? line) + 1)

function finishItem(item: ItemToken): ItemToken {
  const tokens = finishBlocks(item.tokens)
  return { ...item, tokens, loose: isLoose(tokens) }
}

function finishList(list: ListToken): ListToken {
  const items = list.items.map(finishItem)
  const loose = isLoose(items) || items.some((item) => item.loose)
  return { ...list, items, loose, end: items.at(-1)?.end ?? list.end }
}

/** Blocks as they are when no line comes any more. */
const finishBlocks = (tokens: readonly BlockToken[]): BlockToken[] =>
  tokens.flatMap((token) => {
    if (token.type === 'paragraph') return splitDefinitions(token)
    if (token.type === 'list') return finishList(token)
    return token.type === 'quote' ? { ...token, tokens: finishBlocks(token.tokens) } : token
  })
