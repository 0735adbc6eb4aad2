/** Blocks as DOM. */
import { decodeEntities } from './entities.ts'
import { known, type MarkedToken, type Tokens } from './lexer.ts'
import { inFragment, make } from './make.ts'
import { htmlText, withHtml } from './raw-html.ts'
import { inlineNodes, taskBox } from './render-inline.ts'

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const

/** First word of a fence's info string. */
export const languageOf = (info = '') => /^\S*/.exec(decodeEntities(info).trim())?.[0] ?? ''

/** A code block as Markdown has it; `dress` gives it its header. */
export function plainCode(language: string, text: string | Text): HTMLPreElement {
  const code = make('code', text)
  if (language !== '') code.className = `language-${language}`
  return make('pre', code)
}

/** One list item; in a loose list its paragraphs are paragraphs. */
export function renderItem(item: Tokens.ListItem, loose: boolean): HTMLLIElement {
  const element = make('li')
  for (const token of known(item.tokens)) {
    if (token.type === 'text' || token.type === 'paragraph') {
      const text = loose ? make('p', inlineNodes(token.tokens)) : inlineNodes([token])
      // The box stands inside the first paragraph; in an item that is loose by itself it does already.
      const box = element.querySelector(':scope > .task-box')
      if (box) text.prepend(box)
      element.append(text)
    } else {
      element.append(renderBlock(token))
    }
  }
  return element
}

/** An empty list of the same kind. */
export function listElement(list: Tokens.List): HTMLUListElement | HTMLOListElement {
  if (!list.ordered) return make('ul')
  const element = make('ol')
  if (list.start !== '' && list.start !== 1) element.start = list.start
  return element
}

function renderCell({ header, align, tokens }: Tokens.TableCell): HTMLTableCellElement {
  const cell = make(header ? 'th' : 'td', inlineNodes(tokens))
  if (align) cell.setAttribute('align', align)
  return cell
}

const renderRow = (cells: readonly Tokens.TableCell[]) => make('tr', ...cells.map(renderCell))

/** The rows of a table's body. */
export const renderRows = (table: Tokens.Table): HTMLTableRowElement[] => table.rows.map(renderRow)

function renderBlock(token: MarkedToken): Node | string {
  switch (token.type) {
    case 'paragraph':
      return make('p', inlineNodes(token.tokens))
    case 'heading':
      return make(HEADINGS[token.depth - 1] ?? 'h6', inlineNodes(token.tokens))
    case 'code':
      return plainCode(languageOf(token.lang), token.text.replace(/\n$/, ''))
    case 'blockquote':
      return make('blockquote', renderBlocks(known(token.tokens)))
    case 'list': {
      const list = listElement(token)
      list.append(...token.items.map((item) => renderItem(item, token.loose)))
      return list
    }
    case 'table':
      return make(
        'table',
        make('thead', renderRow(token.header)),
        make('tbody', ...renderRows(token)),
      )
    case 'hr':
      return make('hr')
    case 'html':
      return withHtml(() => inFragment(htmlText(token.text)))
    case 'text':
    case 'math':
      return inlineNodes([token])
    case 'checkbox':
      return taskBox(token.checked)
    default:
      return ''
  }
}

/** The nodes of a run of blocks, each by itself. */
export const renderBlocks = (tokens: readonly MarkedToken[]): DocumentFragment =>
  inFragment(...tokens.map(renderBlock))

/** Blocks inside an HTML element that one of them opens and another closes. */
export const renderTogether = (tokens: readonly MarkedToken[]): DocumentFragment =>
  withHtml(() => renderBlocks(tokens))
