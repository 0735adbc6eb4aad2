/** The text of a block: CommonMark 0.31 with GitHub's addresses and strikethrough, and with formulas. */
import { normalizeLabel, readTarget } from './definitions.ts'
import { nest, runBetween, type Run } from './emphasis.ts'
import { INLINE_HTML } from './html-rules.ts'
import { inlineFormula, opensFormula } from './math.ts'
import type { InlineToken, Links, Target } from './tokens.ts'

interface Bracket {
  /** Where it stands among the tokens. */
  readonly at: number
  /** Where its text starts. */
  readonly from: number
  readonly isImage: boolean
  /** Links cannot stand in links. */
  isActive: boolean
}

/** Where something other than text may start. */
const SPECIAL =
  /(?<! ) *\n[ \t]*|`+|\*+|_+|~+|!?\[|[\]\\<$]|(?<![\p{L}\p{N}/])(?:https?:\/\/|ftp:\/\/|www\.)|(?<![\w.+-])[\w.+-]+@/giu
const ADDRESS = /(?:https?:\/\/|ftp:\/\/|www\.)[^\s<!-/:-@[-`{-~][^\s<]*/iuy
const MAIL = /[\w.+-]+@(?:[\w-]+\.)+[\w-]+(?<![-_])(?![-_\w])/y
const POINTED = /<(?:([a-z][a-z\d+.-]{1,31}:[^\s<>]*)|([\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d.-]+))>/iy
const LABEL = /\[((?:\\[^]|[^\\[\]])*)\]/y
const ONE_LABEL = /^(?:\\[^]|[^\\[\]])+$/
const PUNCTUATION = /[!-/:-@[-`{-~]/
const HALF_TAG = /^<(?:[a-z/!?][^<>]*)?$/i
const HALF_ENTITY = /&#?[a-z0-9]{0,10}$/i
/** A citation, a footnote or a task's box in the making: nothing to show yet. */
const NOTHING_YET = /^(?:\^?\d{0,3}|[xX ]?)$/
/** What ends an address belongs to the sentence around it. */
const SENTENCE_END = /(?:&\w+;|[?!.,:;*_~'"])$/
/** Nobody nests as deep as this but to do harm. */
const MOST_BRACKETS = 50

/** What a sticky expression finds at a place. */
function matchAt(rule: RegExp, text: string, at: number): RegExpExecArray | null {
  rule.lastIndex = at
  return rule.exec(text)
}

const linkTo = (href: string, text: string): InlineToken => ({
  type: 'link',
  href,
  isAddress: true,
  tokens: [{ type: 'escape', text }],
})

/** An address without the marks behind it that are not part of it. */
function trimAddress(address: string): string {
  const closing = address.replaceAll(/[^)]/g, '').length
  const hasLoneBracket = address.endsWith(')') && closing > address.replaceAll(/[^(]/g, '').length
  const shorter = hasLoneBracket ? address.slice(0, -1) : address.replace(SENTENCE_END, '')
  return shorter === address ? address : trimAddress(shorter)
}

class InlineReader {
  readonly #text: string
  readonly #links: Links
  readonly #pieces: (InlineToken | Run)[] = []
  readonly #brackets: Bracket[] = []
  /** Lengths of backtick runs that no other run behind closes. */
  readonly #unclosed = new Set<number>()
  readonly #isOpen: boolean

  constructor(text: string, links: Links, isOpen: boolean) {
    this.#text = text
    this.#links = links
    this.#isOpen = isOpen
  }

  read(): InlineToken[] {
    for (let at = 0; at < this.#text.length;) {
      const found = matchAt(SPECIAL, this.#text, at)
      const start = found?.index ?? this.#text.length
      if (start > at) this.#pieces.push(this.#text.slice(at, start))
      at = found ? this.#take(start, found[0]) : start
    }
    if (this.#isOpen) this.#closeAtEnd()
    return nest(this.#pieces, this.#isOpen)
  }

  /** Shows what is half written as what it will most likely be. */
  #closeAtEnd() {
    const bracket = this.#brackets.at(-1)
    const last = this.#pieces.at(-1)
    if (typeof last === 'string') this.#pieces.splice(-1, 1, last.replace(HALF_ENTITY, ''))
    if (!bracket?.isActive) return
    if (NOTHING_YET.test(this.#text.slice(bracket.from))) this.#pieces.length = bracket.at
    else this.#closeLink(bracket, { href: '' }, false)
  }

  /** What stands behind a bracket is a link. */
  #closeLink({ at }: Bracket, { href, title }: Target, isImage: boolean) {
    const [, ...inside] = this.#pieces.splice(at)
    const tokens = nest(inside, this.#isOpen)
    this.#pieces.push({ type: isImage ? 'image' : 'link', href, title, tokens })
  }

  #push(piece: InlineToken | Run, end: number): number {
    this.#pieces.push(piece)
    return end
  }

  /** Reads what starts at a place with these characters; returns where it ends. */
  #take(at: number, mark: string): number {
    const end = at + mark.length
    switch (mark.charAt(0)) {
      case ' ':
      case '\n':
        return this.#push(mark.startsWith('  ') ? { type: 'br' } : '\n', end)
      case '`':
        return this.#code(end, mark)
      case '*':
      case '_':
      case '~':
        return this.#run(at, mark)
      case '!':
      case '[':
        if (this.#brackets.length < MOST_BRACKETS)
          this.#brackets.push({
            at: this.#pieces.length,
            from: end,
            isImage: mark.length > 1,
            isActive: true,
          })
        return this.#push(mark, end)
      case ']':
        return this.#closeBracket(at)
      case '\\':
      case '$':
        return this.#formula(at) ?? this.#escape(at)
      case '<':
        return this.#pointed(at)
      default:
        return this.#address(at)
    }
  }

  #code(from: number, marks: string): number {
    if (!this.#unclosed.has(marks.length)) {
      const runs = /`+/g
      runs.lastIndex = from
      for (let run = runs.exec(this.#text); run; run = runs.exec(this.#text)) {
        if (run[0].length !== marks.length) continue
        const inside = this.#text.slice(from, run.index).replaceAll('\n', ' ')
        const text = /^ .*\S.* $|^ \S $/.test(inside) ? inside.slice(1, -1) : inside
        return this.#push({ type: 'code', text }, runs.lastIndex)
      }
      this.#unclosed.add(marks.length)
    }
    if (!this.#isOpen) return this.#push(marks, from)
    const half = /`*$/.exec(this.#text)?.[0].length ?? 0
    const text = this.#text.slice(from, half < marks.length ? -half || undefined : undefined)
    if (/[^`\s]/.test(text)) this.#push({ type: 'code', text }, 0)
    return this.#text.length
  }

  #run(at: number, marks: string): number {
    const end = at + marks.length
    const before = /.?$/su.exec(this.#text.slice(Math.max(0, at - 2), at))?.[0] ?? ''
    const after = this.#text.codePointAt(end)
    return this.#push(
      runBetween(before, marks, after === undefined ? '' : String.fromCodePoint(after)),
      end,
    )
  }

  #formula(at: number): number | undefined {
    const rest = this.#text.slice(at)
    const before = this.#text.charAt(at - 1)
    const found = inlineFormula(rest, before)
    if (found) return this.#push({ type: 'math', ...found }, at + found.raw.length)
    return this.#isOpen && (rest === '\\' || opensFormula(rest, before))
      ? this.#text.length
      : undefined
  }

  #escape(at: number): number {
    const next = this.#text.charAt(at + 1)
    if (this.#text.charAt(at) === '$' || !(next === '\n' || PUNCTUATION.test(next))) {
      return this.#push(this.#text.charAt(at), at + 1)
    }
    return this.#push(next === '\n' ? { type: 'br' } : { type: 'escape', text: next }, at + 2)
  }

  #pointed(at: number): number {
    const [address, uri, mail = ''] = matchAt(POINTED, this.#text, at) ?? []
    if (address !== undefined) {
      const link = uri === undefined ? linkTo(`mailto:${mail}`, mail) : linkTo(uri, uri)
      return this.#push(link, at + address.length)
    }
    const html = matchAt(INLINE_HTML, this.#text, at)?.[0]
    if (this.#isOpen && html === undefined && HALF_TAG.test(this.#text.slice(at))) {
      return this.#text.length
    }
    if (html === undefined) return this.#push('<', at + 1)
    return this.#push({ type: 'html', text: html }, at + html.length)
  }

  #address(at: number): number {
    const mail = matchAt(MAIL, this.#text, at)?.[0]
    if (mail !== undefined) return this.#push(linkTo(`mailto:${mail}`, mail), at + mail.length)
    const found = matchAt(ADDRESS, this.#text, at)?.[0]
    if (found === undefined) return this.#push(this.#text.charAt(at), at + 1)
    // In brackets it ends with them.
    const address = trimAddress(this.#brackets.length > 0 ? found.replace(/\].*/, '') : found)
    const href = /^www/i.test(address) ? `http://${address}` : address
    return this.#push(linkTo(href, address), at + address.length)
  }

  #closeBracket(at: number): number {
    const bracket = this.#brackets.pop()
    const found = bracket?.isActive ? this.#target(bracket, at) : undefined
    if (!bracket || !found) {
      if (!bracket?.isActive || !this.#isHalfLink(bracket, at + 1)) return this.#push(']', at + 1)
      this.#closeLink(bracket, { href: '' }, false)
      return this.#text.length
    }
    const { isImage } = bracket
    if (!isImage) for (const outer of this.#brackets) outer.isActive &&= outer.isImage
    this.#closeLink(bracket, found.value, isImage)
    return found.end
  }

  /** Whether an address that ends the text may still come behind a bracket that closed at a place. */
  #isHalfLink({ from }: Bracket, at: number): boolean {
    if (!this.#isOpen) return false
    const rest = this.#text.slice(at)
    if (rest === '') return !NOTHING_YET.test(this.#text.slice(from, at - 1))
    return rest.startsWith('(') && rest.split('(').length > rest.split(')').length
  }

  /** Where a bracket that closes at a place leads, and where that is written to its end. */
  #target({ from }: Bracket, at: number): { value: Target; end: number } | undefined {
    if (this.#text.charAt(at + 1) === '(') {
      const target = readTarget(this.#text, at + 2)
      if (target) return target
    }
    const label = matchAt(LABEL, this.#text, at + 1)
    const inside = this.#text.slice(from, at)
    const name = normalizeLabel(label?.[1] || (ONE_LABEL.test(inside) ? inside : ''))
    const value = Object.hasOwn(this.#links, name) ? this.#links[name] : undefined
    return value && { value, end: at + 1 + (label?.[0].length ?? 0) }
  }
}

/**
 * Reads text; `links` are the definitions of the whole message. While the text `isOpen`, which is still
 * being written, half a construct is shown as what it will most likely be.
 */
export const readInline = (text: string, links: Links, isOpen = false): readonly InlineToken[] =>
  new InlineReader(text, links, isOpen).read()
