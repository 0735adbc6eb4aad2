import { decodeEntities } from '../text/entities.ts'

type HtmlToken =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'tag'
      readonly name: string
      readonly closing: boolean
      readonly attributes: string
    }

/** Elements whose content is no text for a reader; it runs to their own end tag. */
const SKIPPED: ReadonlySet<string> = new Set([
  'script',
  'style',
  'template',
  'noscript',
  'iframe',
  'textarea',
  'svg',
  'object',
])

const TAG_NAME = /^<(\/?)([A-Za-z][^\s/>]*)/

/** Where the tag that starts at `start` ends, quotes respected; the end of the text when nowhere. */
function tagEnd(html: string, start: number): number {
  let quote = ''
  for (let index = start; index < html.length; index += 1) {
    const character = html.charAt(index)
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") {
      // A quote counts only as an attribute's value, so that a stray apostrophe does not eat the page.
      if (/=\s*$/.test(html.slice(Math.max(start, index - 8), index))) quote = character
    } else if (character === '>') {
      return index + 1
    }
  }
  return html.length
}

function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from)
  return at < 0 ? html.length : at + mark.length
}

/**
 * Tags and text of an HTML page in one pass; comments, scripts, styles and their like are left out. It
 * reads any bytes and never fails. What it yields is text for reading and searching, never markup. What
 * looks like a tag and is none by `isTag` is text.
 */
function* htmlTokens(
  html: string,
  isTag: (written: string) => boolean = () => true,
): Generator<HtmlToken> {
  let position = 0
  while (position < html.length) {
    const open = html.indexOf('<', position)
    const end = open < 0 ? html.length : open
    if (end > position) yield { kind: 'text', text: decodeEntities(html.slice(position, end)) }
    if (open < 0) return
    if (html.startsWith('<!--', open)) {
      position = after(html, '-->', open + 4)
      continue
    }
    if (html.startsWith('<!', open) || html.startsWith('<?', open)) {
      position = after(html, '>', open)
      continue
    }
    const tag = TAG_NAME.exec(html.slice(open, open + 64))
    if (!tag) {
      yield { kind: 'text', text: '<' }
      position = open + 1
      continue
    }
    const name = (tag[2] ?? '').toLowerCase()
    const closing = tag[1] === '/'
    position = tagEnd(html, open + tag[0].length)
    const written = html.slice(open, position)
    if (!isTag(written)) {
      yield { kind: 'text', text: written }
      continue
    }
    if (!closing && SKIPPED.has(name)) {
      const close = new RegExp(`</${name}`, 'gi')
      close.lastIndex = position
      const found = close.exec(html)
      position = found ? tagEnd(html, close.lastIndex) : html.length
      continue
    }
    yield { kind: 'tag', name, closing, attributes: written.slice(tag[0].length) }
  }
}

export interface HtmlElement {
  readonly name: string
  /** Names in lower case. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: (HtmlElement | string)[]
}

/** Nobody nests deeper on purpose; what does is read as if it stood one level up. */
const MAX_DEPTH = 200
const VOID: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
)
const names = (written: string): ReadonlySet<string> => new Set(written.split(' '))
const TABLE = names('table')
const CELLS = names('td th')
const ROWS = names('td th tr')
const PARTS = names('td th tr thead tbody tfoot caption colgroup')
const HEADINGS = names('p h1 h2 h3 h4 h5 h6')

interface ImpliedEnd {
  /** Open elements that a start tag ends. */
  readonly of: ReadonlySet<string>
  /** It ends nothing outside of these. */
  readonly within: ReadonlySet<string>
}

const BLOCKS = names('div section article main li td th blockquote body')
const endsParagraph: ImpliedEnd = { of: names('p'), within: BLOCKS }
const endsHeading: ImpliedEnd = { of: HEADINGS, within: BLOCKS }

/** What ends without an end tag, by the start tag that comes next. */
const IMPLIED: ReadonlyMap<string, ImpliedEnd> = new Map([
  ['li', { of: names('li p'), within: names('ul ol menu td th') }],
  ['dt', { of: names('dt dd p'), within: names('dl td th') }],
  ['dd', { of: names('dt dd p'), within: names('dl td th') }],
  ['td', { of: CELLS, within: names('tr table') }],
  ['th', { of: CELLS, within: names('tr table') }],
  ['tr', { of: ROWS, within: TABLE }],
  ...['thead', 'tbody', 'tfoot'].map((name) => [name, { of: PARTS, within: TABLE }] as const),
  ['option', { of: names('option'), within: names('select') }],
  ...[...HEADINGS].map((name) => [name, endsHeading] as const),
  ...`address article aside blockquote details div dl figure footer form header hr main nav ol pre section
  table ul`
    .split(/\s+/)
    .map((name) => [name, endsParagraph] as const),
])

/** An end tag ends nothing outside of the cell or the list it stands in. */
const BARRIERS: ReadonlySet<string> = names('table td th')
const ENDS_CELLS: ReadonlySet<string> = new Set([...PARTS, 'table', 'body', 'html'])

const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g
/** The slash is no part of an address: `<a href=/>`. */
const SELF_CLOSED = /(?:^|[\s"'])\/>$/
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

function attributesOf(written: string): ReadonlyMap<string, string> {
  if (!/[^\s/>]/.test(written)) return NO_ATTRIBUTES
  const attributes = new Map<string, string>()
  for (const [, name = '', double, single, bare] of written.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, decodeEntities(double ?? single ?? bare ?? ''))
  }
  return attributes
}

/** A page as a tree, end tags that may be left out added. It reads any text; for `isTag` see `htmlTokens`. */
export function parseHtml(html: string, isTag?: (written: string) => boolean): HtmlElement {
  const root: HtmlElement = { name: '', attributes: NO_ATTRIBUTES, children: [] }
  let open: HtmlElement[] = [root]
  /** Elements too deep to be opened, so that their end tags end nothing else. */
  let tooDeep = 0

  const end = (found: number) => {
    if (found > 0) open = open.slice(0, found)
  }
  for (const token of htmlTokens(html, isTag)) {
    const parent = open.at(-1) ?? root
    if (token.kind === 'text') {
      parent.children.push(token.text)
      continue
    }
    const { name, closing } = token
    if (closing) {
      if (tooDeep > 0) {
        tooDeep -= 1
        continue
      }
      const barrier = ENDS_CELLS.has(name)
        ? -1
        : open.findLastIndex((element) => element.name !== name && BARRIERS.has(element.name))
      const found = open.findLastIndex((element) => element.name === name)
      if (found > barrier) end(found)
      continue
    }
    const implied = IMPLIED.get(name)
    if (implied && tooDeep === 0) {
      const { of, within } = implied
      const from = open.findLastIndex((element) => within.has(element.name)) + 1
      end(open.findIndex((element, index) => index >= from && of.has(element.name)))
    }
    const element = { name, attributes: attributesOf(token.attributes), children: [] }
    open.at(-1)?.children.push(element)
    if (VOID.has(name) || SELF_CLOSED.test(token.attributes)) continue
    if (open.length < MAX_DEPTH) open.push(element)
    else tooDeep += 1
  }
  return root
}

export const isElement = (node: HtmlElement | string): node is HtmlElement =>
  typeof node !== 'string'

/** Elements below one, in the order of the page; those that `leavesOut` names not, nor what is in them. */
export function* elementsIn(
  element: HtmlElement,
  leavesOut: (element: HtmlElement) => boolean = () => false,
): Generator<HtmlElement> {
  const waiting = element.children.filter(isElement).toReversed()
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (leavesOut(next)) continue
    yield next
    for (let index = next.children.length - 1; index >= 0; index -= 1) {
      const child = next.children[index]
      if (child !== undefined && isElement(child)) waiting.push(child)
    }
  }
}

/** All text of an element, as it is written. */
export function textOf(node: HtmlElement | string): string {
  if (!isElement(node)) return node
  return node.name === 'br' ? '\n' : node.children.map(textOf).join('')
}
