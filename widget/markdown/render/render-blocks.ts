/** Blocks as DOM. */
import { depthChange } from '../stream/blocks.ts'
import { unescapeText } from '../grammar/entities.ts'
import { formulas } from '../grammar/grammars.ts'
import { inFragment, make } from './make.ts'
import type { KeptTags } from '../grammar/markup.ts'
import { withHtml } from './raw-html.ts'
import { htmlNodes, inlineNodes, noteNumber, taskBox } from './render-inline.ts'
import type {
  BlockToken,
  CodeToken,
  ItemToken,
  Links,
  ListToken,
  TableToken,
} from '../grammar/tokens.ts'

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const
/** HTML that is more than tags, which alone would show nothing. */
const HAS_WORDS = /(?:^|>)\s*[^\s<]/
/** A row is filled up to so many cells: a wide table of short rows would be all empty cells. */
const MOST_FILLED = 100
const TASK = /^\[([ xX])\]\s+(?=\S)/

/** First word of a fence's info string. */
export const languageOf = (info = '') => /^\S*/.exec(unescapeText(info).trim())?.[0] ?? ''

/** A code block as Markdown has it; `dress` gives it its header. */
export function plainCode(language: string, text: string | Text): HTMLPreElement {
  const code = make('code', text)
  if (language !== '') code.className = `language-${language}`
  return make('pre', code)
}

/** A code block; one of the language `math` is a formula, when it is whole. */
function renderCode({ info, text, isClosed }: CodeToken): Node | string {
  const language = languageOf(info)
  const grammar = isClosed && language === 'math' ? formulas.loaded() : undefined
  return grammar?.mathNode({ raw: text, text }, true) ?? plainCode(language, text)
}

/** Whether one of these blocks opens an HTML element that another one may close. */
const opensElement = (tokens: readonly BlockToken[]) =>
  tokens.some((token) => token.type === 'html' && depthChange(token.text) > 0)

/** One list item; in a loose list its paragraphs are paragraphs. */
export function renderItem(item: ItemToken, loose: boolean, links: Links): HTMLLIElement {
  const inElement = opensElement(item.tokens)
  const render = () =>
    inFragment(
      ...item.tokens.map((token, index) => {
        if (token.type !== 'paragraph') return renderBlock(token, links, inElement)
        const [marks = '', done] = (index === 0 && TASK.exec(token.text)) || []
        const text = inlineNodes(token.text.slice(marks.length), links, token.isOpen, inElement)
        if (done !== undefined) text.prepend(taskBox(done !== ' '))
        return loose ? make('p', text) : text
      }),
    )
  const element = make('li', inElement ? withHtml(render) : render())
  if (item.label !== undefined) element.prepend(noteNumber(item.label), ' ')
  return element
}

/** An empty list of the same kind. */
export function listElement({ start, items }: ListToken): HTMLUListElement | HTMLOListElement {
  if (start === undefined) {
    const list = make('ul')
    if (items[0]?.label !== undefined) list.className = 'notes'
    return list
  }
  const element = make('ol')
  if (start !== 1) element.start = start
  return element
}

/** A row with as many cells as the header, as a rule; `isOpen` when the last one written is being written. */
const renderRow = (
  name: 'th' | 'td',
  cells: readonly string[],
  { aligns }: TableToken,
  links: Links,
  isOpen = false,
) =>
  make(
    'tr',
    ...aligns.slice(0, Math.max(cells.length, MOST_FILLED)).map((align, index) => {
      const isLast = index === cells.length - 1
      const cell = make(name, inlineNodes(cells[index] ?? '', links, isOpen && isLast))
      if (align) cell.setAttribute('align', align)
      return cell
    }),
  )

/** The rows of a table's body. */
export const renderRows = (table: TableToken, links: Links): HTMLTableRowElement[] =>
  table.rows.map((cells, index) =>
    renderRow('td', cells, table, links, table.isOpen && index === table.rows.length - 1),
  )

function keptTags(html: string, inElement: boolean): KeptTags {
  if (inElement) return 'all'
  return HAS_WORDS.test(html) ? 'starts' : 'none'
}

/** A block; `inElement` when it may stand in one of HTML that opens or closes in another block. */
function renderBlock(token: BlockToken, links: Links, inElement = false): Node | string {
  switch (token.type) {
    case 'paragraph':
      return make('p', inlineNodes(token.text, links, token.isOpen, inElement))
    case 'heading':
      return make(HEADINGS[token.depth - 1] ?? 'h6', inlineNodes(token.text, links, token.isOpen))
    case 'code':
      return renderCode(token)
    case 'quote': {
      const render = opensElement(token.tokens) ? renderTogether : renderBlocks
      return make('blockquote', render(token.tokens, links))
    }
    case 'list': {
      const list = listElement(token)
      list.append(...token.items.map((item) => renderItem(item, token.loose, links)))
      return list
    }
    case 'table':
      return make(
        'table',
        make(
          'thead',
          renderRow('th', token.header, token, links, token.isOpen && token.rows.length === 0),
        ),
        make('tbody', ...renderRows(token, links)),
      )
    case 'rule':
      return make('hr')
    case 'html':
      return htmlNodes(token.text, keptTags(token.text, inElement), token.isOpen)
    case 'math':
      return formulas.loaded()?.mathNode(token, true) ?? token.raw
    case 'definition':
      return inFragment()
    default:
      return token satisfies never
  }
}

/** The nodes of a run of blocks, each by itself. */
export const renderBlocks = (tokens: readonly BlockToken[], links: Links): DocumentFragment =>
  inFragment(...tokens.map((token) => renderBlock(token, links)))

/** Blocks inside an HTML element that one of them opens and another closes. */
export const renderTogether = (tokens: readonly BlockToken[], links: Links): DocumentFragment =>
  withHtml(() => inFragment(...tokens.map((token) => renderBlock(token, links, true))))
