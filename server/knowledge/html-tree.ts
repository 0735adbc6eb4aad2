/**
 * A page of HTML as a tree for reading and searching, never as markup. It reads any text and never fails.
 *
 * parse5 takes the text apart as browsers do. Where elements end that nobody has closed is decided here: the tree
 * of the standard, which parse5 could build too, opens all unclosed formatting anew in each paragraph. 2,000 times
 * `<p><font color=…>`, which are 50 kB, become two million elements and two seconds there, and a page of anybody
 * may do that to a crawler. Of htmlparser2, events cost ever more the deeper the elements are: 0.03 s for 10,000
 * `<div>`, 0.35 s for 20,000. Pages as they are it reads no faster: 1 MB in 140 ms, and parse5 in 110 ms.
 */
import { type Token, Tokenizer, TokenizerMode } from 'parse5'
import { withPlainSpaces } from '../text/entities.ts'

/** Some names, each once. */
export const names = (written: string): ReadonlySet<string> => new Set(written.split(/\s+/))

/** Elements whose content is no text for a reader; it runs to their own end tag. */
const SKIPPED = names('script style template noscript iframe textarea svg object')

export interface HtmlElement {
  readonly name: string
  /** Names in lower case. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: (HtmlElement | string)[]
}

/** Nobody nests deeper on purpose; what does is read as if it stood one level up. */
const MAX_DEPTH = 200
const VOID = names('area base br col embed hr img input link meta param source track wbr')
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
  ...[
    ...names(`address article aside blockquote details div dl figure footer form header hr main nav ol
    pre section table ul`),
  ].map((name) => [name, endsParagraph] as const),
])

/** An end tag ends nothing outside of the cell or the list it stands in. */
const BARRIERS: ReadonlySet<string> = names('table td th')
const ENDS_CELLS: ReadonlySet<string> = new Set([...PARTS, 'table', 'body', 'html'])

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

const attributesOf = ({ attrs }: Token.TagToken): ReadonlyMap<string, string> =>
  attrs.length === 0 ? NO_ATTRIBUTES : new Map(attrs.map(({ name, value }) => [name, value]))

/** What looks like a tag and is none by `isTag`, which is given it as it is written, is text. */
export function parseHtml(html: string, isTag?: (written: string) => boolean): HtmlElement {
  const root: HtmlElement = { name: '', attributes: NO_ATTRIBUTES, children: [] }
  let open: HtmlElement[] = [root]
  /** Elements too deep to be opened, so that their end tags end nothing else. */
  let tooDeep = 0
  /** The element whose content is left out now. */
  let skipped: string | undefined
  /** Of one text the parts that have come. */
  let text = ''

  const end = (found: number) => {
    if (found > 0) open = open.slice(0, found)
  }
  const endText = () => {
    if (text !== '') open.at(-1)?.children.push(withPlainSpaces(text))
    text = ''
  }
  const readText = ({ chars }: Token.CharacterToken) => {
    if (skipped === undefined) text += chars
  }
  /** Whether the tag is to be read as one. */
  const begin = ({ location }: Token.TagToken) => {
    if (isTag && location) {
      const written = html.slice(location.startOffset, location.endOffset)
      if (!isTag(written)) {
        text += written
        return false
      }
    }
    endText()
    return true
  }

  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: isTag !== undefined },
    {
      onCharacter: readText,
      onWhitespaceCharacter: readText,
      onNullCharacter: () => {},
      onComment: () => {},
      onDoctype: () => {},
      onEof: endText,
      onStartTag(token) {
        if (!begin(token)) return
        const { tagName: name } = token
        if (SKIPPED.has(name)) {
          skipped = name
          tokenizer.state = TokenizerMode.RAWTEXT
          return
        }
        const implied = IMPLIED.get(name)
        if (implied && tooDeep === 0) {
          const { of, within } = implied
          const from = open.findLastIndex((element) => within.has(element.name)) + 1
          end(open.findIndex((element, index) => index >= from && of.has(element.name)))
        }
        const element = { name, attributes: attributesOf(token), children: [] }
        open.at(-1)?.children.push(element)
        if (VOID.has(name) || token.selfClosing) return
        if (open.length < MAX_DEPTH) open.push(element)
        else tooDeep += 1
      },
      onEndTag(token) {
        const { tagName: name } = token
        if (skipped !== undefined) {
          skipped = undefined
          return
        }
        if (!begin(token)) return
        if (tooDeep > 0) {
          tooDeep -= 1
          return
        }
        const barrier = ENDS_CELLS.has(name)
          ? -1
          : open.findLastIndex((element) => element.name !== name && BARRIERS.has(element.name))
        const found = open.findLastIndex((element) => element.name === name)
        if (found > barrier) end(found)
      },
    },
  )
  tokenizer.write(html, true)
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
