import { decodeEntities } from '../text/entities.ts'

export type HtmlToken =
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
export function* htmlTokens(
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
