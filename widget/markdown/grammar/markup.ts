/**
 * HTML in Markdown. It is where CommonMark has it, if it is of an element that may be shown; whatever else
 * looks like a tag was written to be read, and is text.
 */
import { matchAt } from './links.ts'
import type { Leaf, Place } from './open-blocks.ts'
import type { Found, InlineToken } from './tokens.ts'

/** The elements that raw HTML may make; the sanitiser lets no other through. */
export const ELEMENTS: readonly string[] =
  'a b blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre s span strong sub summary sup table tbody td tfoot th thead tr ul'.split(
    ' ',
  )

/** Those that open a block of HTML wherever their tag starts a line. */
const BLOCK_ELEMENTS =
  'blockquote|details|div|h[1-6]|hr|li|ol|p|summary|table|tbody|td|tfoot|th|thead|tr|ul'
const VOID = /^(?:br|hr|img|input)$/
/** Elements that are left out with all that is in them, and what ends them. */
const SILENT: Readonly<Record<string, RegExp>> = {
  script: /<\/script\s*>/gi,
  style: /<\/style\s*>/gi,
}
const SILENT_START = /<(?:script|style)\b/i
/** What is in one that was written to be read: nothing, or words that lead to its end tag. */
const NO_CODE = /^(?:\s*|\s*(?:…|\.{3})\s*|[ \t]+(?:\p{L}+[ \t]+){1,3})$/u
/** How a sentence goes on behind one, and no code begins. */
const REST_OF_SENTENCE = /(?:[,.;:!?)]|[ \t]+\p{L}+[,.;:!?)]?)(?=\s)/uy
/** In these the end tags of the others may be left out. */
const PARENT = /^(?:ol|table|ul)$/
const CHILDREN = ['li', 'p', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr']

/** Attributes that mean something without a value. */
const BOOLEAN =
  /^(?:checked|compact|disabled|download|hidden|inert|itemscope|noshade|nowrap|open|reversed)$/i
/** Attributes that only templates of programs have, such as `:key` and `v-if`. */
const TEMPLATE = /^(?::|(?!accept-|aria-|data-|http-)\w+-)/i
const CHECKBOX = /\stype\s*=\s*["']?checkbox\b/i
const ATTRIBUTE = /\s+([a-z_:][\w.:-]*)(?:\s*=\s*([^\s"'=<>`]+|'[^']*'|"[^"]*"))?/.source
const ATTRIBUTES = new RegExp(ATTRIBUTE, 'gi')

// Also what names are elsewhere: `xs:element`, `Menu.Item`.
const START = /<(\/?)([a-z][\w.:-]*)/.source
const TAG = new RegExp(String.raw`${START}((?:${ATTRIBUTE})*)\s*/?>`, 'iy')
/** Half a value: its end may be there already. */
const HALF_VALUE = /\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s"'=<>`]*)/.source
const HALF_TAG = new RegExp(
  String.raw`${START}((?:${ATTRIBUTE}(?=[\s/]))*)(?:\s+[a-z_:][\w.:-]*(?:${HALF_VALUE})?)?\s*/?$`,
  'iy',
)
/** A first word: a tag or an address may come of it. */
const HALF_WORD =
  /<(?:!-?|\/?(?:[a-z][\w.+-]{0,64}(?:@[a-z\d.-]*)?)?|(?:https?|mailto|tel):[^\s<>]*)$/iy

const COMMENT_END = /-->/g
/** Characters of a comment from which on it is not held back any more while its end has not come. */
const LONG_COMMENT = 100
/** What is no element either, and is one piece up to where it ends. */
const SECTIONS: readonly (readonly [start: RegExp, end: RegExp])[] = [
  [/<\?/y, /\?>/g],
  [/<!\[CDATA\[/y, /\]\]>/g],
  [/<![a-z]/iy, />/g],
]

/** Whether HTML has such attributes: `<b and c>` is part of a sentence, braces are part of a program. */
const areAttributes = (written: string) =>
  [...written.matchAll(ATTRIBUTES)].every(
    ([, name = '', value]) =>
      !TEMPLATE.test(name) && (value === undefined ? BOOLEAN.test(name) : !value.startsWith('{')),
  )

function isShown(name: string, attributes: string, isEnd: boolean): boolean {
  if (!ELEMENTS.includes(name)) return false
  if (isEnd) return attributes === '' && (name === 'br' || !VOID.test(name))
  if (name === 'input') return CHECKBOX.test(attributes)
  if (attributes === '') return name !== 'a' && name !== 'img'
  return areAttributes(attributes)
}

/** A tag with the place where it stands. */
interface Tag {
  type: 'html' | 'escape'
  readonly text: string
  readonly at: number
}

/** Which tags without a partner are HTML: theirs may follow, or stand anywhere. */
export type KeptTags = 'none' | 'starts' | 'all'

/** Reads what starts with `<` in a text, from the front to the back. */
class MarkupReader {
  readonly #text: string
  readonly #isOpen: boolean
  /** Ends that do not come any more. */
  readonly #missing = new Set<RegExp>()
  /** The last ones that were found; places to look from only move on. */
  readonly #next = new Map<RegExp, RegExpExecArray>()
  /** Start tags by their names, until their end tags come. */
  readonly #started = new Map<string, Tag[]>()
  /** End tags of what has not been started. */
  readonly #strays: Tag[] = []

  constructor(text: string, isOpen: boolean) {
    this.#text = text
    this.#isOpen = isOpen
  }

  /** What starts at a place; `undefined` where `<` is a character like any other. */
  read(at: number): Found | undefined {
    const text = this.#text
    if (text.startsWith('<!--', at)) {
      const short = matchAt(/<!---?>/y, text, at)?.[0].length
      const end = short === undefined ? this.#find(COMMENT_END, at + 4) : at + short
      // What goes on for so long may be a sentence about the mark.
      return end === undefined && text.length - at > LONG_COMMENT ? undefined : this.#leaveOut(end)
    }
    for (const [start, end] of SECTIONS) {
      const found = matchAt(start, text, at) ? this.#find(end, at) : undefined
      if (found !== undefined) return this.#literal(at, found)
    }
    const [tag, slash, name = '', attributes = ''] = matchAt(TAG, text, at) ?? []
    if (tag === undefined) return this.#isOpen ? this.#readHalf(at) : undefined
    const element = name.toLowerCase()
    const isEnd = slash !== ''
    const end = at + tag.length
    const silence = isEnd ? undefined : silenceOf(element)
    const left = silence && this.#leaveSilent(silence, end)
    if (left) return left
    if (!isShown(element, attributes, isEnd)) return this.#literal(at, end)
    if (element === 'br') return { token: { type: 'br' }, end }
    const token: Tag = { type: 'html', text: tag, at }
    if (!VOID.test(element)) this.#pair(token, element, isEnd)
    return { token, end }
  }

  /** Makes text of the tags without a partner, but of those that may have theirs in another text. */
  end(kept: KeptTags): void {
    const started = this.#isOpen ? [] : [...this.#started.values()].flat()
    const loose = [
      ...started.filter(({ text }) => kept === 'none' || /^<a\b/i.test(text)),
      ...this.#strays.filter(({ text }) => kept !== 'all' || /^<\/a\b/i.test(text)),
    ]
    for (const tag of loose) tag.type = 'escape'
  }

  #literal(at: number, end: number): Found {
    return { token: { type: 'escape', text: this.#text.slice(at, end) }, end }
  }

  /** Leaves out what reaches to a place; without one, what is still being written. */
  #leaveOut(end: number | undefined): Found | undefined {
    if (end === undefined && !this.#isOpen) return undefined
    return { end: end ?? this.#text.length }
  }

  /** Where the next such end is over. */
  #find(end: RegExp, from: number): number | undefined {
    if (this.#missing.has(end)) return undefined
    const known = this.#next.get(end)
    if (known && known.index >= from) return known.index + known[0].length
    const found = matchAt(end, this.#text, from)
    if (!found) return void this.#missing.add(end)
    this.#next.set(end, found)
    return end.lastIndex
  }

  /** Leaves out a script or a style whose start tag ends at a place; not one that a sentence is about. */
  #leaveSilent(silence: RegExp, from: number): Found | undefined {
    const end = this.#find(silence, from)
    if (end === undefined) {
      return matchAt(REST_OF_SENTENCE, this.#text, from) ? undefined : this.#leaveOut(end)
    }
    const inside = this.#text.slice(from, this.#text.lastIndexOf('<', end))
    // The end belongs to the last of them: those in front of it are talked about.
    const isTalk = SILENT_START.test(inside) && matchAt(REST_OF_SENTENCE, this.#text, from)
    return isTalk || NO_CODE.test(inside) ? undefined : this.#leaveOut(end)
  }

  #readHalf(at: number): Found | undefined {
    const { length } = this.#text
    if (matchAt(HALF_WORD, this.#text, at)) return { end: length }
    const [half, , name = '', attributes = ''] = matchAt(HALF_TAG, this.#text, at) ?? []
    if (half === undefined) return undefined
    const element = name.toLowerCase()
    const isHeld = ELEMENTS.includes(element) ? areAttributes(attributes) : silenceOf(element)
    return isHeld ? { end: length } : this.#literal(at, length)
  }

  #pair(tag: Tag, name: string, isEnd: boolean): void {
    const started = this.#started.get(name) ?? []
    this.#started.set(name, started)
    if (!isEnd) return void started.push(tag)
    const start = started.pop()
    if (!start) return void this.#strays.push(tag)
    if (!PARENT.test(name)) return
    for (const child of CHILDREN) {
      const inside = this.#started.get(child) ?? []
      while ((inside.at(-1)?.at ?? -1) > start.at) inside.pop()
    }
  }
}

/** A reader of the HTML in a text; while that `isOpen`, half a tag at its end is held back. */
export const readerOf = (text: string, isOpen: boolean) => new MarkupReader(text, isOpen)

const silenceOf = (name: string) => (Object.hasOwn(SILENT, name) ? SILENT[name] : undefined)

/** HTML that is more than tags, which alone would show nothing. */
const HAS_WORDS = /(?:^|>)\s*[^\s<]/

/** The text of a block of HTML. */
export function readHtml(
  text: string,
  kept: KeptTags = HAS_WORDS.test(text) ? 'starts' : 'none',
  isOpen = false,
): readonly InlineToken[] {
  const source = isOpen ? text.trimEnd() : text
  const reader = new MarkupReader(source, isOpen)
  const tokens: InlineToken[] = []
  let from = 0
  for (let at = source.indexOf('<'); at >= 0; at = source.indexOf('<', at)) {
    const found = reader.read(at)
    if (found) {
      tokens.push(source.slice(from, at), ...(found.token ? [found.token] : []))
      from = found.end
    }
    at = found?.end ?? at + 1
  }
  tokens.push(source.slice(from))
  reader.end(kept)
  return tokens
}

const BLANK = /^\s*$/
/** What opens a block of HTML, and what closes it: a blank line by default. */
const BLOCKS: readonly (readonly [start: RegExp, end?: RegExp])[] = [
  [/^<(?:script|pre|style)(?:[\s>]|$)/i, /<\/(?:script|pre|style)>/i],
  [/^<!--/, /-->/],
  [new RegExp(String.raw`^</?(?:${BLOCK_ELEMENTS})(?:\s|/?>|$)`, 'i')],
]
/** A sentence about a tag. */
const SENTENCE = /^<\/?([a-z]\w*)>[ \t]+\p{L}(?!.*<\/\1)/iu
const LONE_TAG = new RegExp(String.raw`${TAG.source}\s*$`, 'iy')

/** Whether what stands at a place is, by one of the rules, a tag that is shown. */
function isHtmlAt(text: string, at: number, rules: readonly RegExp[] = [TAG]): boolean {
  for (const rule of rules) {
    const [, slash, name = '', attributes = ''] = matchAt(rule, text, at) ?? []
    if (slash !== undefined) return isShown(name.toLowerCase(), attributes, slash !== '')
  }
  return false
}

const CONTAINER_TAG = /<(\/?)(?:blockquote|del|details|div|ins|ol|table|ul)\b[^>]*/gi

/** How many more elements that hold blocks a text of HTML opens than it closes. */
export function depthChange(raw: string): number {
  let change = 0
  // A tag that does not end is none, nor is anything behind it.
  const tags = raw.slice(0, raw.lastIndexOf('>') + 1)
  for (const { 1: slash, index } of tags.matchAll(CONTAINER_TAG)) {
    if (slash !== '') change -= 1
    else if (isHtmlAt(tags, index)) change += 1
  }
  return change
}

/** What closes the block of HTML that a line opens; `undefined` when it opens none. */
function htmlCloser(line: string, inParagraph: boolean): RegExp | undefined {
  if (!line.startsWith('<')) return undefined
  const block = BLOCKS.find(([start]) => start.test(line))
  if (block?.[1]) return block[1]
  // The first tag of a block may go on in its next line.
  const isHtml = isHtmlAt(line, 0, block ? [TAG, HALF_TAG] : [LONE_TAG])
  if (!isHtml || SENTENCE.test(line)) return undefined
  return block || !inParagraph ? BLANK : undefined
}

/** What must come before a blank line can end a block of HTML that has got such a line. */
function openSilence(line: string): RegExp | undefined {
  const lower = line.toLowerCase()
  const isOpen = (start: string, end: string) => lower.lastIndexOf(start) > lower.lastIndexOf(end)
  if (isOpen('<!--', '-->')) return /-->/
  const name = Object.keys(SILENT).find((silent) => isOpen(`<${silent}`, `</${silent}`))
  return name === undefined ? undefined : SILENT[name]
}

/** HTML; `take` tells of its first line too whether it is the last. */
export function openHtml(opening: string, inParagraph: boolean, place: Place): Leaf | undefined {
  const closer = htmlCloser(opening, inParagraph)
  if (!closer) return undefined
  const token = { type: 'html' as const, text: '', ...place }
  const endsBlank = closer.test('')
  let silence: RegExp | undefined
  return {
    token,
    take({ isBlank, rest }) {
      const isLast = !silence && closer.test(rest)
      if (isLast && isBlank) return 'outside'
      token.text += `${rest}\n`
      // A script goes on behind a blank line.
      if (endsBlank && (!silence || rest.search(silence) >= 0)) silence = openSilence(rest)
      return isLast ? 'last' : 'inside'
    },
  }
}
