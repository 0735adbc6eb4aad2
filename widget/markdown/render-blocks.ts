/** Blocks as DOM. */
import { decodeEntities } from './entities.ts'
import { languageOf } from './fence.ts'
import { known, type MarkedToken, type Tokens } from './lexer.ts'
import { htmlText, withHtml } from './raw-html.ts'
import { inlineNodes, taskBox } from './render-inline.ts'

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const

function textFragment(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  fragment.append(text)
  return fragment
}

function withInline<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  tokens: Parameters<typeof known>[0],
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  element.append(inlineNodes(known(tokens)))
  return element
}

/** A code block as Markdown has it; `dress` gives it its header. */
export function plainCode(language: string, text: string): HTMLPreElement {
  const pre = document.createElement('pre')
  const code = document.createElement('code')
  if (language !== '') code.className = `language-${language}`
  code.textContent = text
  pre.append(code)
  return pre
}

/** One list item; in a loose list its paragraphs are paragraphs. */
export function renderItem(item: Tokens.ListItem, loose: boolean): HTMLLIElement {
  const element = document.createElement('li')
  for (const token of known(item.tokens)) {
    if (token.type === 'text' || token.type === 'paragraph') {
      const text = loose ? withInline('p', token.tokens) : inlineNodes([token])
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
  if (!list.ordered) return document.createElement('ul')
  const element = document.createElement('ol')
  if (list.start !== '' && list.start !== 1) element.start = list.start
  return element
}

function renderRow(cells: readonly Tokens.TableCell[]): HTMLTableRowElement {
  const row = document.createElement('tr')
  for (const cell of cells) {
    const element = withInline(cell.header ? 'th' : 'td', cell.tokens)
    if (cell.align) element.setAttribute('align', cell.align)
    row.append(element)
  }
  return row
}

/** The rows of a table's body. */
export const renderRows = (table: Tokens.Table): HTMLTableRowElement[] => table.rows.map(renderRow)

function renderTable(token: Tokens.Table): HTMLTableElement {
  const table = document.createElement('table')
  const head = document.createElement('thead')
  head.append(renderRow(token.header))
  const body = document.createElement('tbody')
  body.append(...renderRows(token))
  table.append(head, body)
  return table
}

function renderBlock(token: MarkedToken): Node | string {
  switch (token.type) {
    case 'paragraph':
      return withInline('p', token.tokens)
    case 'heading':
      return withInline(HEADINGS[token.depth - 1] ?? 'h6', token.tokens)
    case 'code':
      return plainCode(languageOf(decodeEntities(token.lang ?? '')), token.text.replace(/\n$/, ''))
    case 'blockquote': {
      const quote = document.createElement('blockquote')
      quote.append(renderBlocks(known(token.tokens)))
      return quote
    }
    case 'list': {
      const list = listElement(token)
      list.append(...token.items.map((item) => renderItem(item, token.loose)))
      return list
    }
    case 'table':
      return renderTable(token)
    case 'hr':
      return document.createElement('hr')
    case 'html':
      return withHtml(() => textFragment(htmlText(token.text)))
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
export function renderBlocks(tokens: readonly MarkedToken[]): DocumentFragment {
  const fragment = document.createDocumentFragment()
  for (const token of tokens) fragment.append(renderBlock(token))
  return fragment
}

/** Blocks inside an HTML element that one of them opens and another closes. */
export const renderTogether = (tokens: readonly MarkedToken[]): DocumentFragment =>
  withHtml(() => renderBlocks(tokens))
