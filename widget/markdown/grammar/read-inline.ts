/** The text of a block: CommonMark 0.31 with GitHub's addresses and strikethrough, and with formulas. */
import { findRuns } from '../../../server/protocol/code.ts'
import { FOREIGN_CITATION, withoutForeignCitations } from '../../../server/protocol/marks.ts'
import { matchAt, normalizeLabel, readTarget, safeUrl } from './links.ts'
import { nest, runBetween, UNSPACED, type Run } from './emphasis.ts'
import { formulas, markup } from './grammars.ts'

import type { Found, InlineToken, Links, Target } from './tokens.ts'

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
const SPECIAL = new RegExp(
  String.raw`(?<! ) *\n[ \t]*|\x60+|\*+|_+|~+|(?:!(?!\[\^))?\[|[\]\\<$]| ?(?:\ue200|【(?=\d|$))|(?<!(?![${UNSPACED}])[\p{L}\p{N}]|\/)(?:https?:\/\/|ftp:\/\/|www\.)|(?<![\w.+-])[\w.+-]+@`,
  'giu',
)
/**
 * An address. Dashes, dots and quotation marks of print end it, and so does a letter of a script without
 * spaces, which the sentence goes on with, but where a name, a value or a part of a path starts with one.
 * Behind the first slash, or in hiragana, there is rather a particle.
 */
const addressWithout = (end: string) =>
  new RegExp(
    String.raw`(?:https?:\/\/|ftp:\/\/|www\.)(?=[^!-/:-@[-\x60{-~])(?:[^\s<"«»‹›—―‘-‟…${end}${UNSPACED}]|(?<=:\/\/|[=#]|[^\s/]\/[^\s/]+\/(?![ぁ-ゟ])|[${UNSPACED}][(._-]{0,2})(?=[\p{L}\p{M}\p{N}・])[${UNSPACED}])+`,
    'iuy',
  )
const ADDRESS = addressWithout('')
/** In brackets it ends with them. */
const ADDRESS_IN_BRACKETS = addressWithout(String.raw`\]`)
const MAIL = /[\w.+-]+@(?:[\w-]+\.)+[\w-]+(?<![-_])(?![-_\w])/y
const POINTED = /<(?:([a-z][a-z\d+.-]{1,31}:[^\s<>]*)|([\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d.-]+))>/iy
/** What may be a tag, while what reads HTML is on its way: not shown before it is known what it is. */
const UNREAD_TAG = /<(?:(br)\b|[a-z/!?])[^<>]*>/iy
const LABEL = /\[(?!\^)((?:\\[^]|[^\\[\]])*)\]/y
const ONE_LABEL = /^(?:\\[^]|[^\\[\]])+$/
const PUNCTUATION = /[!-/:-@[-`{-~]/
const HALF_ENTITY = /&#?[a-z0-9]{0,10}$/i
const CITATION = new RegExp(FOREIGN_CITATION, 'y')
const HALF_CITATION = / ?【[\d:]*(?:†[^】\n]{0,40})?$/y
/** A citation, a note or a task's box in the making: nothing to show yet. */
const NOTHING_YET = /^(?:\^\S{0,20}|\d{0,3}(?:[-–,;] ?\d{0,3}){0,9}|[xX ]?)$/
/** Characters behind a bracket that opens from which on it is likely to be no link's. */
const LONG_LABEL = 80
/** What an address, with a title or with spaces in it, may still come of. */
const HALF_TARGET = /\((?:\S{0,999}|[^\s/]{0,99}(?:\/|\s["'(])[^\n]{0,300})$/y
/** What ends an address belongs to the sentence around it. */
const SENTENCE_MARK = /[?!.,:;*_~'"]|(?![ -~])\p{P}/u
const ENTITY = /&\w+;$/
/** Nobody nests as deep as this but to do harm. */
const MOST_BRACKETS = 50

const linkTo = (href: string, text: string): InlineToken => ({
  type: 'link',
  href,
  isAddress: true,
  tokens: [{ type: 'escape', text }],
})

/** An address without the marks behind it that are not part of it. */
function trimAddress(address: string): string {
  // Brackets that close in it and were opened in front of it.
  let lone = address.split(')').length - address.split('(').length
  for (let end = address.length; ; end -= 1) {
    const last = address.charAt(end - 1)
    if (last === ';') {
      end -= (ENTITY.exec(address.slice(Math.max(0, end - 40), end))?.[0].length ?? 1) - 1
    } else if (last !== ')' ? !SENTENCE_MARK.test(last) : lone-- <= 0) {
      return address.slice(0, end)
    }
  }
}

/**
 * Reads text; `links` are the definitions of the whole message. While the text `isOpen`, which is still
 * being written, half a construct is shown as what it will most likely be. A text that stands `inElement`,
 * in one of HTML that another block has started, may end that.
 */
export function readInline(
  text: string,
  links: Links,
  isOpen = false,
  inElement = false,
): readonly InlineToken[] {
  const pieces: (InlineToken | Run)[] = []
  const brackets: Bracket[] = []
  const html = markup.loaded()?.readerOf(text, isOpen)
  const formulaAt = formulas.loaded()?.inlineFormulas(text, isOpen)
  let nextRun: ReturnType<typeof findRuns> | undefined

  /** Shows what is half written as what it will most likely be. */
  const closeAtEnd = () => {
    const bracket = brackets.at(-1)
    const last = pieces.at(-1)
    if (typeof last === 'string') pieces.splice(-1, 1, last.replace(HALF_ENTITY, ''))
    if (!bracket || text.length - bracket.from > LONG_LABEL) return
    if (NOTHING_YET.test(text.slice(bracket.from))) pieces.length = bracket.at
    else pieces.splice(bracket.at, 1)
  }

  /** What stands behind a bracket is a link. */
  const closeLink = ({ at }: Bracket, { href, title }: Target, isImage: boolean) => {
    const [, ...inside] = pieces.splice(at)
    const tokens = nest(inside, isOpen)
    pieces.push({ type: isImage ? 'image' : 'link', href, title, tokens })
  }

  const push = (piece: InlineToken | Run, end: number): number => {
    pieces.push(piece)
    return end
  }

  const pushFound = (found: Found | undefined): number | undefined =>
    found?.token ? push(found.token, found.end) : found?.end

  /** Reads what starts at a place with these characters; returns where it ends. */
  const take = (at: number, mark: string): number => {
    const end = at + mark.length
    switch (/[^ ]/.exec(mark)?.[0]) {
      case '\n':
        return readLineEnd(end)
      case '`':
        return readCode(end, mark)
      case '*':
      case '_':
      case '~':
        return push(runBetween(text, at, end), end)
      case '!':
      case '[':
        if (brackets.length < MOST_BRACKETS)
          brackets.push({
            at: pieces.length,
            from: end,
            isImage: mark.length > 1,
            isActive: true,
          })
        return push(mark, end)
      case ']':
        return closeBracket(at)
      case '\\':
      case '$':
        return pushFound(formulaAt?.(at)) ?? readEscape(at)
      case '<':
        return readPointed(at)
      case '\ue200':
      case '【':
        return readCitation(at) ?? push(mark, end)
      default:
        return readAddress(at)
    }
  }

  /** A line of an answer is one on the screen; behind a `<br>`, or a formula that stands alone, it is one. */
  const readLineEnd = (end: number): number => {
    const last = pieces.at(-1)
    const isBroken =
      typeof last === 'object' && (last.type === 'br' || (last.type === 'math' && last.display))
    if (!isBroken) pieces.push({ type: 'br' })
    return push('\n', end)
  }

  const readCode = (from: number, marks: string): number => {
    nextRun ??= findRuns(text)
    const end = nextRun(marks.length, from)
    if (end !== undefined) {
      const inside = text.slice(from, end).replaceAll('\n', ' ')
      const isPadded = inside.startsWith(' ') && inside.endsWith(' ') && /\S/.test(inside)
      return push(
        { type: 'code', text: isPadded ? inside.slice(1, -1) : inside },
        end + marks.length,
      )
    }
    if (!isOpen) return push(marks, from)
    let half = 0
    while (text.at(-1 - half) === '`') half += 1
    const inside = text.slice(from, half < marks.length ? -half || undefined : undefined)
    if (/[^`\s]/.test(inside)) push({ type: 'code', text: inside }, 0)
    return text.length
  }

  const readEscape = (at: number): number => {
    const next = text.charAt(at + 1)
    if (isOpen && next === '' && text.charAt(at) === '\\') return text.length
    if (text.charAt(at) === '$' || !(next === '\n' || PUNCTUATION.test(next))) {
      return push(text.charAt(at), at + 1)
    }
    // The line ends without it as well.
    return next === '\n' ? at + 1 : push({ type: 'escape', text: next }, at + 2)
  }

  const readCitation = (at: number): number | undefined => {
    const [found] = matchAt(CITATION, text, at) ?? []
    if (found !== undefined) return push(withoutForeignCitations(found), at + found.length)
    return isOpen && matchAt(HALF_CITATION, text, at) ? text.length : undefined
  }

  const readPointed = (at: number): number => {
    const [address, uri, mail = ''] = matchAt(POINTED, text, at) ?? []
    if (address !== undefined) {
      const end = at + address.length
      if (uri === undefined) return push(linkTo(`mailto:${mail}`, mail), end)
      return push(safeUrl(uri) ? linkTo(uri, uri) : { type: 'escape', text: address }, end)
    }
    const [tag, lineBreak] = (!html && matchAt(UNREAD_TAG, text, at)) || []
    if (lineBreak !== undefined) pieces.push({ type: 'br' })
    if (tag !== undefined && (lineBreak ?? !markup.hasFailed())) return at + tag.length
    return pushFound(html?.read(at)) ?? push('<', at + 1)
  }

  const readAddress = (at: number): number => {
    const mail = matchAt(MAIL, text, at)?.[0]
    if (mail !== undefined) return push(linkTo(`mailto:${mail}`, mail), at + mail.length)
    const found = matchAt(brackets.length > 0 ? ADDRESS_IN_BRACKETS : ADDRESS, text, at)?.[0]
    if (found === undefined) return push(text.charAt(at), at + 1)
    const address = trimAddress(found)
    const href = /^www/i.test(address) ? `http://${address}` : address
    return push(linkTo(href, address), at + address.length)
  }

  const closeBracket = (at: number): number => {
    const bracket = brackets.pop()
    const found = bracket?.isActive ? findTarget(bracket, at) : undefined
    if (!bracket || !found) {
      if (!bracket?.isActive || !isOpen) return push(']', at + 1)
      if (matchAt(HALF_TARGET, text, at + 1)) closeLink(bracket, { href: '' }, false)
      else if (at + 1 < text.length || NOTHING_YET.test(text.slice(bracket.from, at)))
        return push(']', at + 1)
      else pieces.splice(bracket.at, 1)
      return text.length
    }
    const { isImage } = bracket
    if (found.value.note !== undefined) {
      pieces.length = bracket.at
      return push({ type: 'note', text: found.value.note }, found.end)
    }
    if (!isImage) for (const outer of brackets) outer.isActive &&= outer.isImage
    closeLink(bracket, found.value, isImage)
    return found.end
  }

  /** Where a bracket that closes at a place leads, and where that is written to its end. */
  const findTarget = (
    { from }: Bracket,
    at: number,
  ): { value: Target; end: number } | undefined => {
    const inside = text.slice(from, at)
    const note = inside.startsWith('^') && links.get(normalizeLabel(inside))
    if (note) return { value: note, end: at + 1 }
    if (text.charAt(at + 1) === '(') {
      const target = readTarget(text, at + 2)
      if (target) return target
    }
    const label = matchAt(LABEL, text, at + 1)
    const name = normalizeLabel(label?.[1] || (ONE_LABEL.test(inside) ? inside : ''))
    const value = links.get(name)
    return value && { value, end: at + 1 + (label?.[0].length ?? 0) }
  }

  for (let at = 0; at < text.length;) {
    const found = matchAt(SPECIAL, text, at)
    const start = found?.index ?? text.length
    if (start > at) pieces.push(text.slice(at, start))
    at = found ? take(start, found[0]) : start
  }
  html?.end(inElement ? 'all' : 'none')
  if (isOpen) closeAtEnd()
  return nest(pieces, isOpen)
}
