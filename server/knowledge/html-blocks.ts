/** Blocks of a document from elements of HTML. */
import { inlineCode, plainText, type Block } from './blocks.ts'
import { elementsIn, isElement, names, textOf, type HtmlElement } from './html-tree.ts'

const HEADING = /^h([1-6])$/
const LANGUAGE =
  /(?:^|\s)(?:lang(?:uage)?-|highlight-(?:source-)?|brush:\s*)(?!default\b|none\b)([\w+#.-]+)/

/** Elements that do not end the line they stand in. */
const INLINE = names(
  `a abbr b bdi bdo big cite data del dfn em font i ins kbd label mark q s samp small span strong sub sup
  time tt u var wbr`,
)
/** What nobody reads: controls, pictures' insides, the source of a formula that stands there already. */
const SILENT = names(
  'annotation button canvas datalist dialog head map meter progress select video audio',
)
/** Classes of what is read aloud only, of line numbers, and of buttons that are none. */
const SILENT_CLASS =
  /(?:^|\s)(?:sr-only|visually-hidden|visuallyhidden|screen-reader-text|linenos?|lnt?|line-?numbers?-rows|gutter|lang|copy-?(?:btn|button)|MathJax_Preview)(?=\s|$)/
const INVISIBLE = /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i

/** Whether a reader of the page never sees an element. What a search in the page may open is seen. */
export function isHidden({ name, attributes }: HtmlElement): boolean {
  const hidden = attributes.get('hidden')
  return (
    SILENT.has(name) ||
    (hidden !== undefined && hidden !== 'until-found') ||
    attributes.get('aria-hidden') === 'true' ||
    INVISIBLE.test(attributes.get('style') ?? '') ||
    SILENT_CLASS.test(attributes.get('class') ?? '')
  )
}

/** `¶`, `#` or a picture: a link that a heading has to itself. */
function isPermalink({ name, attributes }: HtmlElement, text: string): boolean {
  return name === 'a' && (attributes.get('href') ?? '').includes('#') && !/[\p{L}\p{N}]/u.test(text)
}

/** `[1]` above the line, which leads to a note. */
const isNoteMark = (element: HtmlElement) =>
  element.name === 'sup' &&
  [...elementsIn(element)].some(({ attributes }) => attributes.get('href')?.includes('#')) &&
  /^\s*\[?\w{1,3}\]?\s*$/.test(textOf(element))

/** `↩` behind a note, which leads back to where its mark stands. */
function isBackLink(element: HtmlElement): boolean {
  if (element.name !== 'a') return false
  const text = textOf(element)
  return text.trim() !== '' && isPermalink(element, text)
}

/** What is there to get about in the page. */
const isSignpost = (element: HtmlElement) => isNoteMark(element) || isBackLink(element)

const collapse = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

/** The words of an element in one line; blocks in it are words like others. */
function lineOf(element: HtmlElement): string {
  const write = (node: HtmlElement | string): string => {
    if (!isElement(node)) return plainText(node)
    if (isHidden(node) || isSignpost(node)) return ''
    if (node.name === 'code' || node.name === 'pre') return inlineCode(textOf(node))
    const text = node.children.map(write).join('')
    if (node.name === 'li') return `${text.trim()}; `
    return INLINE.has(node.name) ? text : ` ${text} `
  }
  return collapse(element.children.map(write).join('')).replace(/;$/, '')
}

function languageOf(element: HtmlElement): string {
  const own = element.attributes.get('data-lang') ?? element.attributes.get('data-language')
  return own ?? LANGUAGE.exec(element.attributes.get('class') ?? '')?.[1] ?? ''
}

const codeOf = (element: HtmlElement): string =>
  element.children
    .map((child) => {
      if (!isElement(child)) return child
      if (isHidden(child)) return ''
      return child.name === 'br' ? '\n' : codeOf(child)
    })
    .join('')

interface Cell {
  readonly isHeader: boolean
  readonly text: string
}

const PARTS = names('thead tbody tfoot')

const rowsIn = (table: HtmlElement): HtmlElement[] =>
  table.children.filter(isElement).flatMap((child) => {
    if (isHidden(child)) return []
    if (child.name === 'tr') return [child]
    return PARTS.has(child.name) ? rowsIn(child) : []
  })

const cellsIn = (row: HtmlElement) =>
  row.children.filter(isElement).filter(({ name }) => name === 'td' || name === 'th')

const span = (written: string | undefined) => Math.min(20, Math.max(1, Number(written) || 1))

/** Rows of as many cells; what spans rows stands in each, so that each can be read alone. */
function gridOf(rows: readonly HtmlElement[]): Cell[][] {
  const grid: Cell[][] = []
  /** By column: a cell that goes on below, and for how many rows. */
  const hanging: { readonly cell: Cell; rows: number }[] = []
  for (const row of rows) {
    const line: Cell[] = []
    const hang = () => {
      for (let above = hanging[line.length]; above && above.rows > 0;) {
        above.rows -= 1
        line.push(above.cell)
        above = hanging[line.length]
      }
    }
    for (const element of cellsIn(row)) {
      hang()
      const cell = { isHeader: element.name === 'th', text: lineOf(element) }
      const below = span(element.attributes.get('rowspan')) - 1
      for (let column = 0; column < span(element.attributes.get('colspan')); column += 1) {
        hanging[line.length] = { cell, rows: below }
        line.push(column === 0 ? cell : { ...cell, text: '' })
      }
    }
    hang()
    if (line.some(({ text }) => text !== '')) grid.push(line)
  }
  const width = Math.max(0, ...grid.map((line) => line.length))
  const empty = { isHeader: false, text: '' }
  return grid.map((line) => Array.from({ length: width }, (_, column) => line[column] ?? empty))
}

const NOT_IN_CELLS = names('table pre h1 h2 h3 h4 h5 h6')

/** A table that only puts things beside each other, as far as can be seen before its cells are read. */
function isLayout(table: HtmlElement): boolean {
  const role = table.attributes.get('role')
  if (role === 'presentation' || role === 'none') return true
  for (const { name } of elementsIn(table)) if (NOT_IN_CELLS.has(name)) return true
  return false
}

function tableBlocks(grid: readonly (readonly Cell[])[]): Block[] {
  const [first = [], ...rest] = grid
  const isKeyed =
    grid.every(([key]) => key?.isHeader) && first.slice(1).some((cell) => !cell.isHeader)
  if (isKeyed && first.length === 2) {
    return grid.map(([key, value]) => ({
      kind: 'item',
      marker: '- ',
      text: [key?.text, value?.text].filter((text) => text !== '').join(': '),
    }))
  }
  const textsOf = (line: readonly Cell[]) => line.map(({ text }) => text)
  return [
    isKeyed
      ? { kind: 'table', header: first.map(() => ''), rows: grid.map(textsOf) }
      : { kind: 'table', header: textsOf(first), rows: rest.map(textsOf) },
  ]
}

interface OpenList {
  readonly indent: string
  readonly ordered: boolean
  next: number
}

/** What can be read of an element and all in it; `skip` leaves out more than what is hidden. */
export function htmlBlocks(
  root: HtmlElement,
  skip: (element: HtmlElement) => boolean = () => false,
): readonly Block[] {
  const blocks: Block[] = []
  let text = ''
  /** What stands before the next text, when it begins an item. */
  let marker = ''
  let list: OpenList | undefined
  /** What a list of terms is about to explain. */
  let term = ''
  /** As an element around the code tells. */
  let language = ''
  /** Of a section that has just begun, or of an anchor before a heading. */
  let id: string | undefined

  const push = (block: Block) => {
    blocks.push(block)
    id = undefined
  }
  const flush = () => {
    const line = collapse(text)
    text = ''
    if (line === '') return
    push(marker === '' ? { kind: 'prose', text: line } : { kind: 'item', marker, text: line })
    marker = ''
  }
  const readAll = ({ children }: HtmlElement) => {
    for (const child of children) read(child)
  }
  const readBlock = (element: HtmlElement) => {
    flush()
    readAll(element)
    flush()
  }

  const readHeading = (element: HtmlElement, depth: number) => {
    flush()
    let own = element.attributes.get('id') ?? undefined
    const title = {
      ...element,
      children: element.children.filter((child) => {
        if (!isElement(child)) return true
        own ??=
          child.name === 'a' ? (child.attributes.get('id') ?? child.attributes.get('name')) : own
        return !isPermalink(child, textOf(child))
      }),
    }
    const line = lineOf(title)
    if (line !== '') push({ kind: 'heading', depth, text: line, id: own ?? id })
  }

  const readPre = (element: HtmlElement) => {
    flush()
    const code = codeOf(element)
      .replace(/^\r?\n/, '')
      .trimEnd()
    const inner = element.children.filter(isElement).find(({ name }) => name === 'code')
    if (code.trim() === '') return
    const own = languageOf(element) || (inner ? languageOf(inner) : '')
    push({ kind: 'code', text: code, language: own || language })
  }

  const readList = (element: HtmlElement) => {
    flush()
    const outer = list
    const start = Number(element.attributes.get('start') ?? 1)
    list = {
      indent: outer ? outer.indent + ' '.repeat(outer.ordered ? 3 : 2) : '',
      ordered: element.name === 'ol',
      next: Number.isInteger(start) ? start : 1,
    }
    readAll(element)
    flush()
    list = outer
  }

  const readItem = (element: HtmlElement) => {
    flush()
    const { indent = '', ordered = false } = list ?? {}
    const value = Number(element.attributes.get('value') ?? Number.NaN)
    if (list && Number.isInteger(value)) list.next = value
    marker = indent + (ordered ? `${Math.abs(list?.next ?? 1)}. ` : '- ')
    if (list) list.next += 1
    readAll(element)
    flush()
    marker = ''
  }

  /** Terms and what they mean share an item. */
  const readTerm = (element: HtmlElement) => {
    flush()
    const line = lineOf(element)
    if (line !== '') term = term === '' ? line : `${term}, ${line}`
  }
  const readMeaning = (element: HtmlElement) => {
    flush()
    marker = '- '
    if (term !== '') text = /[:?]$/.test(term) ? `${term} ` : `${term}: `
    term = ''
    readAll(element)
    flush()
    marker = ''
  }
  const readTerms = (element: HtmlElement) => {
    readBlock(element)
    if (term !== '') push({ kind: 'item', marker: '- ', text: term })
    term = ''
  }

  const readTable = (element: HtmlElement) => {
    flush()
    const caption = element.children.filter(isElement).find(({ name }) => name === 'caption')
    if (caption && lineOf(caption) !== '') push({ kind: 'prose', text: lineOf(caption) })
    const rows = rowsIn(element)
    // Cells of a layout may have whole pages in them, tables within tables: they are not read twice.
    const grid = isLayout(element) ? [] : gridOf(rows)
    if ((grid[0]?.length ?? 0) > 1) {
      blocks.push(...tableBlocks(grid))
      id = undefined
    } else {
      const cells = rows.flatMap(cellsIn).filter((cell) => !isHidden(cell) && !skip(cell))
      for (const cell of cells) readBlock(cell)
    }
  }

  const readOther = (element: HtmlElement) => {
    const { name, attributes } = element
    const isWrapper = name === 'p' || name === 'div'
    // What begins an item goes on in its line.
    if (isWrapper && marker !== '' && text !== '') text += ' '
    else flush()
    id = attributes.get('id') ?? id
    const outer = language
    language = languageOf(element) || language
    readAll(element)
    flush()
    language = outer
  }

  const read = (node: HtmlElement | string): void => {
    if (!isElement(node)) {
      text += plainText(node)
      return
    }
    const { name, attributes } = node
    if (isHidden(node) || isSignpost(node) || skip(node)) return
    const depth = Number(HEADING.exec(name)?.[1] ?? 0)
    if (depth > 0) return readHeading(node, depth)
    if (name === 'a' || name === 'span') {
      if (node.children.length === 0 && collapse(text) === '') {
        id = attributes.get('id') ?? attributes.get('name') ?? id
      }
      return readAll(node)
    }
    if (INLINE.has(name)) return readAll(node)
    switch (name) {
      case 'code':
        text += inlineCode(textOf(node))
        return
      case 'br':
      case 'img':
      case 'input':
        text += ' '
        return
      case 'pre':
        return readPre(node)
      case 'ul':
      case 'ol':
      case 'menu':
        return readList(node)
      case 'li':
        return readItem(node)
      case 'dl':
        return readTerms(node)
      case 'dt':
        return readTerm(node)
      case 'dd':
        return readMeaning(node)
      case 'table':
        return readTable(node)
      default:
        return readOther(node)
    }
  }

  readAll(root)
  flush()
  return blocks
}
