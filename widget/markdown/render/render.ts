/** Blocks as DOM. */
import {
  formulas,
  markup,
  type KeptTags,
  type BlockToken,
  type CodeToken,
  type ItemToken,
  type Links,
  type ListToken,
  type TableToken,
  type InlineToken,
  type Target,
  readInline,
  safeUrl,
} from '../grammar/index.ts'
import { unescapeText, withHtml, decodeEntities, placeOfTag, mathNode } from './raw-html.ts'
import { inFragment, make } from '../../ui/make.ts'

/* Text of a block as DOM. Elements are made by name, never from strings; raw HTML goes to the sanitiser. */

const hasHtml = (tokens: readonly InlineToken[]): boolean =>
  tokens.some(
    (token) =>
      typeof token === 'object' &&
      (token.type === 'html' || ('tokens' in token && hasHtml(token.tokens))),
  )

/** What a reader would read out: the alternative text of an image. */
const plainText = (tokens: readonly InlineToken[]): string =>
  tokens
    .map((token) => {
      if (typeof token === 'string') return decodeEntities(token)
      if ('tokens' in token) return plainText(token.tokens)
      if (token.type === 'math') return token.raw
      return token.type === 'code' || token.type === 'escape' ? token.text : ' '
    })
    .join('')

const encodeUrl = (href: string) => {
  try {
    return encodeURI(href).replaceAll('%25', '%')
  } catch {
    return ''
  }
}

/** An anchor as the sanitiser would let it through: an unsafe address leaves none. */
function link(target: Target & { readonly isAddress?: boolean }): HTMLAnchorElement {
  const anchor = make('a')
  const href = encodeUrl(target.isAddress ? target.href : unescapeText(target.href))
  const address = safeUrl(href)
  if (address !== undefined) anchor.setAttribute('href', address)
  if (target.title) anchor.title = unescapeText(target.title)
  if (href !== '' && address === undefined) anchor.toggleAttribute('data-unsafe', true)
  return anchor
}

/** A task's box: shown, never to be clicked. */
function taskBox(checked: boolean): HTMLInputElement {
  const box = make('input')
  box.type = 'checkbox'
  box.className = 'task-box'
  box.disabled = true
  box.toggleAttribute('checked', checked)
  return box
}

/** The number of a note, in the text or in front of the note itself; it leads from the one to the other. */
function noteNumber(label: string): HTMLElement {
  const button = make('button', label)
  button.type = 'button'
  button.className = 'note'
  button.setAttribute('role', 'link')
  return make('sup', button)
}

function inlineNode(token: InlineToken): Node | string {
  if (typeof token === 'string') return decodeEntities(token)
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return make(token.type, nodesOf(token.tokens))
    case 'code':
      return make('code', token.text)
    case 'br':
      return make('br')
    case 'link': {
      const anchor = link(token)
      anchor.append(nodesOf(token.tokens))
      return anchor
    }
    case 'image': {
      // `dress` tells whether it is loaded.
      const anchor = link(token)
      anchor.toggleAttribute('data-image', true)
      anchor.append(plainText(token.tokens) || token.href)
      return anchor
    }
    case 'escape':
      return token.text
    case 'note':
      return noteNumber(token.text)
    case 'math':
      return formulas.loaded() ? mathNode(token, token.display) : token.raw
    case 'html':
      return placeOfTag(token.text)
    default:
      return token satisfies never
  }
}

function nodesOf(tokens: readonly InlineToken[]): DocumentFragment {
  const fragment = inFragment(...tokens.map(inlineNode))
  // One text is one node, whatever it was read as.
  fragment.normalize()
  return fragment
}

const nodesWithHtml = (tokens: readonly InlineToken[]): DocumentFragment =>
  hasHtml(tokens) ? withHtml(() => nodesOf(tokens)) : nodesOf(tokens)

/** The nodes of a run of text; see `readInline`. */
const inlineNodes = (...run: Parameters<typeof readInline>): DocumentFragment =>
  nodesWithHtml(readInline(...run))

/** The nodes of a block of HTML; see `readHtml`. */
export const htmlNodes = (text: string, kept?: KeptTags, isOpen = false): DocumentFragment =>
  nodesWithHtml(markup.loaded()?.readHtml(text, kept, isOpen) ?? [text])

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const
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
  return grammar ? mathNode({ raw: text, text }, true) : plainCode(language, text)
}

/** Whether one of these blocks opens an HTML element that another one may close. */
const opensElement = (tokens: readonly BlockToken[]) =>
  tokens.some(
    (token) => token.type === 'html' && (markup.loaded()?.depthChange(token.text) ?? 0) > 0,
  )

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
      return htmlNodes(token.text, inElement ? 'all' : undefined, token.isOpen)
    case 'math':
      return formulas.loaded() ? mathNode(token, true) : token.raw
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
