/**
 * Formulas in text, as TeX: `$…$`, `` $`…`$ ``, `$$…$$`, `\(…\)`, `\[…\]` and `\begin{…}…\end{…}`. What
 * else people write with dollars and escaped brackets is text: prices, variables of programs, patterns.
 *
 * Few answers hold any: this is loaded with the first that may (see grammars.ts).
 */
import { matchAt } from './links.ts'
import type { Growing, Line, Leaf, Taken } from './open-blocks.ts'
import type { BlockToken, Found, MathBlockToken } from './tokens.ts'

/** Lines of a formula, as long as they are no text. */
export interface FormulaLeaf extends Leaf {
  readonly token: Growing<MathBlockToken>
  readonly lines: readonly string[]
  /** What closes it. */
  readonly closing: string
  /** Its first line is its last. */
  readonly isClosed: boolean
}

/** What is only in TeX. */
const SIGN = /[\\^_={}<>]|\s[-+*/]\s/
const COMMAND = /\\[a-z]{2,}/i
const WORD = /[\p{L}\p{N}]/u
const LATIN = /[a-z\d_]/i
/** Letters of scripts that put no space between words, or none between a word and what it belongs to. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u
/** What TeX sets as words, and its commands; the end may not be there yet. */
const NO_PROSE =
  /\\(?:text\w*|math\w*|mbox|operatorname\*?|tag\*?|label|ce|pu|begin|end)\s*\{[^{}]*(?:\}|$)|\\[a-z]+|[_^]\{[^{}]*(?:\}|$)/gi
const FUNCTIONS =
  /(?<!\p{L})(?:arg|cos|cot|deg|det|dim|exp|gcd|inf|ker|lcm|lim|ln|log|max|min|mod|sin|sup|tan)(?!\p{L})/gu
const WORDS = /\p{L}{2,}(?:[,;:]?\s+(?:[aI]\s+)?\p{L}{2,})*/gu
/** Points of geometry, as a rule. */
const NAME = /^\s*\p{Lu}{2,4}\s*$/u
const LOOSE_WORD = /\s\p{L}{2}|\p{L}{2}\s/u
/** No formula starts so, but sentences and programs go on so behind a dollar. */
const NO_START =
  /^\s*(?:[)},;:"'”’»!?/%@–—]|\.(?!\d)|-\p{L}{4,}|\](?!\s*[^\s,;()[\]][^()[\]]*[[\]]$))/u
const NO_END = /[/@&"]$/
/** An interval may be: a half-open one, or one of the French. */
const INTERVAL = /[([\]][^()[\]]*[)[\]]/g
/** Brackets of a template or a shell: `${name}`. */
const TEMPLATE = /^\{[^{}\\^_]+\}(?![_^])/
const AMOUNT = /^[-+~]?\.?\d/
const MONEY = /[€£¥₹₩₽฿–—〜～"“”]|(?<![\p{L}\p{N}])(?:HK|NT|NZ|USD?)$/u
/** One command, or an index or exponent of the word in front: they may touch words, as in `H$_2$O` and `7 $\mu$m`. */
const OF_WORD = /^(?:[_^](?:\d+|[+-]|\\[a-z]+|\{[^{}]*\})|\\[a-z]{2,}(?:[_^{]\S*)?)$/i
/** What is written behind a formula that counts or names something: `$n$th`. */
const SUFFIX = /^(?:th|st|nd|rd|s|es|ths|fold|ary|tuples?|gons?|D)(?![\p{L}\p{N}_$])/u

/** Whether a character is of a word that space parts from the next. */
const isWord = (character: string) => WORD.test(character) && !UNSPACED.test(character)

/** A text without what TeX has in place of words. */
const proseOf = (tex: string) => tex.replaceAll(NO_PROSE, ' § ').replaceAll(FUNCTIONS, ' § ')

/** How many words stand side by side at most. */
function mostWords(prose: string): number {
  let most = 0
  for (const [words] of prose.matchAll(WORDS)) most = Math.max(most, words.split(/\s+/).length)
  return most
}

/** Whether brackets close in the order that they open in. */
function isBalanced(tex: string): boolean {
  if (tex.includes('\\left')) return true
  const plain = tex.replaceAll(/\\[^a-z]/gi, '').replaceAll(INTERVAL, '')
  let depth = 0
  for (const [bracket] of plain.matchAll(/[()[\]{}]/g)) {
    depth += '([{'.includes(bracket) ? 1 : -1
    if (depth < 0) return false
  }
  return depth === 0
}

/** Whether what stands between two marks reads as TeX; so many words may stand side by side if it has signs. */
function isTex(tex: string, most: number): boolean {
  if (!WORD.test(tex) || NO_START.test(tex) || !isBalanced(tex)) return false
  const prose = proseOf(tex)
  const words = mostWords(prose)
  if (COMMAND.test(tex)) return words <= 3
  if (SIGN.test(tex)) return words <= most
  return NAME.test(tex) || !((words > 0 && /\s/.test(tex)) || UNSPACED.test(prose))
}

/** Whether a formula that has not ended cannot be one any more. */
function isClearlyText(tex: string): boolean {
  const prose = proseOf(tex)
  const words = mostWords(prose)
  if (NO_START.test(tex) || words > 3) return true
  const hasWords = words > 1 || /\p{Ll}{4}/u.test(prose) || UNSPACED.test(prose)
  return !SIGN.test(tex) && (hasWords || tex.length > 30)
}

/** What stands between two single dollars may be a price, and what stands between two prices. */
function isBetweenDollars(tex: string, before: string, after: string): boolean {
  if (OF_WORD.test(tex)) return !/[@#&]/.test(before)
  if (!isTex(tex, 1) || NO_END.test(tex) || TEMPLATE.test(tex) || tex.includes('`')) return false
  if (isWord(before)) return false
  if (/[@#&]/.test(before) || (before === '<' && tex.startsWith('>'))) return false
  // A pattern, such as `a$|b$`.
  if (tex.startsWith('|') && tex.split('|').length % 2 === 0) return false
  if (tex.startsWith('(') && /^[({]/.test(after) && !SIGN.test(tex)) return false
  if (!COMMAND.test(tex) && isMoney(tex)) return false
  if (/^\s|\s$/.test(tex) && !isSpaced(tex, before)) return false
  if (!/^[\p{L}\p{N}_$]/u.test(after) || UNSPACED.test(after.charAt(0))) return true
  return SUFFIX.test(after) && !/^[a-z]{2,}\d*$/i.test(tex) && /[\p{L}\p{N})}\]]$/u.test(tex)
}

function isMoney(tex: string): boolean {
  if (MONEY.test(tex)) return true
  const isBare = /\s/.test(tex) && !SIGN.test(tex)
  return AMOUNT.test(tex) && (isBare || UNSPACED.test(tex) || LOOSE_WORD.test(proseOf(tex)))
}

/** Whether it is a formula although there is space behind its first dollar, or in front of its last one. */
function isSpaced(tex: string, before: string): boolean {
  const isSure = /\\[a-z]|[\^_][\p{L}\p{N}{\\]/iu.test(tex)
  const isEven = /^\s/.test(tex) && /\s$/.test(tex)
  const isEquation = isEven && tex.includes(' = ') && !AMOUNT.test(tex.trim())
  return (isSure || isEquation) && !/\p{L}{2,}/u.test(proseOf(tex)) && !/\d/.test(before)
}

const SINGLE = /\$(?:`([^`\n]+)`|((?:\\[^\n]|[^\\$\n])+))\$/y
const DOUBLE = /\$\$((?:\\[^]|\$(?!\$)|[^\\$])+)\$\$(?!\$)/y
const DOLLARS = /\$+/y
const MATRIX = '[bBpvV]?matrix\\*?'
const ENVIRONMENTS = `d?array|${MATRIX}|smallmatrix|subarray|d?r?cases|align\\*?|aligned|split|gather\\*?|gathered|alignat\\*?|alignedat|equation\\*?|CD`
const BEGIN = new RegExp(String.raw`\\begin\{(${ENVIRONMENTS})\}`, 'y')
/** One in the making, or whose name is not there yet. */
const HALF_BEGIN = /^\\(?:b(?:e(?:g(?:in?)?)?)?|begin\{[a-zA-Z]{0,11}\*?)$/
/** Nobody nests environments of one name as deep as this but to do harm. */
const DEEPEST = 8
/** Longer ones are shown while they are written. */
const MOST_HELD = 500

/**
 * Where a mark comes next in a text, `Infinity` when it does not. The places to look from only move on:
 * however often one is looked for, the text is searched once.
 */
function lookAhead(text: string) {
  const found = new Map<string, number>()
  return (mark: string, from: number): number => {
    let at = found.get(mark) ?? -1
    if (at < from) {
      at = text.indexOf(mark, from)
      if (at < 0) at = Infinity
      found.set(mark, at)
    }
    return at
  }
}

/** What is read of formulas in a run of text, from the front to the back; `isOpen` as in `readInline`. */
export function inlineFormulas(text: string, isOpen: boolean) {
  const nextAt = lookAhead(text)
  /** Where a mark closes that was found to close no formula, and where the last one opens in front of it. */
  const noFormula = new Map<string, { readonly end: number; readonly lastAt: number }>()

  const found = (from: number, to: number, tex: string, display: boolean): Found => ({
    token: { type: 'math', raw: text.slice(from, to), text: tex, display },
    end: to,
  })

  /** Leaves out what may become one, while that is not clear. */
  const held = (at: number, tex: string): Found | undefined =>
    isOpen && text.length - at < MOST_HELD && !isClearlyText(tex) ? { end: text.length } : undefined

  const readBrackets = (at: number, opening: string, closing: string): Found | undefined => {
    const end = nextAt(closing, at + opening.length)
    if (end === Infinity) {
      if (!isOpen) return undefined
      const tex = text.slice(at + opening.length, at + MOST_HELD)
      return opening === '\\[' && !/^\s|[\\^_={}]/.test(tex) ? undefined : held(at, tex)
    }
    const known = noFormula.get(closing)
    // What holds no formula holds none further in, but for the innermost.
    if (known?.end === end && at < known.lastAt) return undefined
    const to = end + closing.length
    const tex = text.slice(at + opening.length, end)
    const isLink = opening === '\\[' && text.charAt(to) === '('
    // Either of the brackets may be escaped for its own sake.
    const isPlain = opening === '\\[' ? !SIGN.test(tex) && !/^\s/.test(tex) : !WORD.test(tex)
    const isFormula = isTex(tex, 3) || (opening === '\\(' && /^\s*[a-z]+\s*$/i.test(tex))
    if (!isLink && !isPlain && isFormula) return found(at, to, tex, opening === '\\[')
    noFormula.set(closing, { end, lastAt: text.lastIndexOf(opening, end) })
    return undefined
  }

  const readEnvironment = (at: number, opening: string, name: string): Found | undefined => {
    const from = at + opening.length
    const closing = `\\end{${name}}`
    const first = nextAt(closing, from)
    if (first === Infinity) return held(at, text.slice(from, at + MOST_HELD))
    const known = noFormula.get(closing)
    if (known?.end === first && at < known.lastAt) return undefined
    const end = endOfEnvironment(text, name, from)
    if (end !== undefined && isTex(text.slice(from, end - closing.length), 3)) {
      return found(at, end, text.slice(at, end), true)
    }
    noFormula.set(closing, { end: first, lastAt: text.lastIndexOf(opening, first) })
    return undefined
  }

  const readDollars = (at: number): Found | undefined => {
    const [run = ''] = matchAt(DOLLARS, text, at) ?? []
    const end = at + run.length
    const before = text.charAt(at - 1)
    if (run.length === 1) {
      const [raw, quoted, tex] = matchAt(SINGLE, text, at) ?? []
      if (raw === undefined) {
        const rest = text.slice(at + 1, at + 82)
        const isHeld = text.length - at < 82 && /^[^\s\d$\n][^\n$]*$/.test(rest)
        if (!isHeld || !/[\\^]|_\{/.test(rest) || WORD.test(before)) return undefined
        return held(at, rest)
      }
      const to = at + raw.length
      if (quoted !== undefined) return found(at, to, quoted, false)
      if (tex === undefined || !isBetweenDollars(tex, before, text.slice(to, to + 8)))
        return undefined
      return found(at, to, tex, false)
    }
    if (run.length === 2) {
      const [raw, tex] = matchAt(DOUBLE, text, at) ?? []
      if (raw === undefined) {
        const half = text.includes('$$', end) ? undefined : held(at, text.slice(end))
        if (half) return half
      } else if (tex !== undefined) {
        const to = at + raw.length
        const isTight = LATIN.test(text.charAt(to)) || isWord(before)
        const isCut = isTight && (!SIGN.test(tex) || /[=+*/.-]\s*$/.test(tex))
        if (!isCut && isTex(tex, 3)) return found(at, to, tex, true)
      }
    }
    return run.length > 1 ? { token: run, end } : undefined
  }

  return (at: number): Found | undefined => {
    if (text.charAt(at) === '$') return readDollars(at)
    const mark = text.slice(at, at + 2)
    if (mark === '\\(') return readBrackets(at, mark, '\\)')
    if (mark === '\\[') return readBrackets(at, mark, '\\]')
    if (mark === '\\b') {
      const [opening, name] = matchAt(BEGIN, text, at) ?? []
      if (opening !== undefined && name !== undefined) return readEnvironment(at, opening, name)
      if (isOpen && text.length - at < 20 && HALF_BEGIN.test(text.slice(at))) {
        return { end: text.length }
      }
    }
    return undefined
  }
}

const BOUND = /\\(begin|end)\{([a-zA-Z]+\*?)\}/g

/** Where an environment ends whose text starts at a place, with those of its name that stand in it. */
function endOfEnvironment(text: string, name: string, from: number): number | undefined {
  let depth = 1
  for (const bound of text.slice(from).matchAll(BOUND)) {
    if (bound[2] === name) depth += bound[1] === 'begin' ? 1 : -1
    if (depth === 0) return from + bound.index + bound[0].length
    if (depth > DEEPEST) return undefined
  }
  return undefined
}

const BLOCK_START = new RegExp(
  String.raw`^(?:\$\$(?!\$)|\\\[(?=\s|$|.*[\\^_={}<>])|${BEGIN.source})`,
)
/** What may stand behind a formula on lines of its own: it ends a sentence or a part of one. */
const BEHIND = /^[ \t]*([.,;:!?]?)[ \t]*$/
/** No formula goes on so behind a blank line. */
const NEXT_BLOCK = /^\s*(?:[-*+>]\s|#|\d+[.)]\s|```|~~~|\||\*\*|!?\[|<|\p{L}{2,}[\s.,:;!?])/u
/** Longer ones are not set, and with blank lines in them nothing waits for their end. */
const LONGEST = 4_000

/**
 * Reads a formula that fills its lines; `undefined` where a line opens none. `unfinished` is the number of
 * a last line whose end has not come. What is `text` stays so whatever comes behind it: a stream may have
 * drawn it.
 */
export function openFormula(
  first: string,
  place: Pick<BlockToken, 'line' | 'end'>,
  unfinished: number,
): FormulaLeaf | undefined {
  const [opening, name] = BLOCK_START.exec(first) ?? []
  if (opening === undefined) return undefined
  const closing = name === undefined ? (opening === '$$' ? '$$' : '\\]') : `\\end{${name}}`
  const isAlone = name !== undefined || first.trim() === opening
  const token: FormulaLeaf['token'] = { type: 'math', raw: '', ...place }
  const lines: string[] = []
  let depth = 0
  let isBehindBlank = false
  let hasBlank = false

  /** Where the formula ends, if its last line is what has been read last. */
  const findEnd = (raw: string, line: string): number | undefined => {
    if (opening === '$$') return matchAt(DOUBLE, raw, 0)?.[0].length
    const before = raw.length - line.length
    if (name === undefined) {
      const end = raw.indexOf(closing, Math.max(before, opening.length))
      return end < 0 ? undefined : end + closing.length
    }
    for (const bound of line.matchAll(BOUND)) {
      if (bound[2] === name) depth += bound[1] === 'begin' ? 1 : -1
      if (depth === 0) return before + bound.index + bound[0].length
    }
    return undefined
  }

  const close = (end: number): Taken => {
    const inside = token.raw.slice(opening.length, end - closing.length)
    if (!isTex(inside, 3)) return 'text'
    const behind = BEHIND.exec(token.raw.slice(end))?.[1]
    if (behind === undefined) return 'words'
    token.text = name === undefined ? inside : token.raw.slice(0, end)
    token.behind = behind
    return 'last'
  }

  const goOn = (line: string, isWhole: boolean): Taken => {
    if (lines.length === 1) {
      return isClearlyText(line.slice(opening.length)) ? 'text' : 'inside'
    }
    if (line.trim() === '') {
      if (!isWhole) return 'maybe'
      if (!isAlone || isBehindBlank) return 'text'
      isBehindBlank = true
      hasBlank = true
      return 'inside'
    }
    if (isBehindBlank && NEXT_BLOCK.test(line)) return 'text'
    isBehindBlank = false
    // Of a line that is being written the last word may become another one.
    const words = mostWords(proseOf(isWhole ? line : line.replace(/\p{L}+$/u, '')))
    return words > 3 || (hasBlank && token.raw.length > LONGEST) ? 'text' : 'inside'
  }

  const look = (line: string): Taken => {
    const isWhole = place.line + lines.length !== unfinished
    lines.push(line)
    token.raw = lines.length === 1 ? line : `${token.raw}\n${line}`
    // Only what may close it needs to be looked at in full.
    const mayEnd = name === undefined ? line.includes(closing) : line.includes(`{${name}}`)
    const end = mayEnd ? findEnd(token.raw, line) : undefined
    if (end !== undefined) return close(end)
    if (opening === '$$' && line.includes('$$$')) return 'text'
    return goOn(line, isWhole)
  }

  const taken = look(first)
  if (taken === 'text' || taken === 'words') return undefined
  return {
    token,
    lines,
    closing,
    isClosed: taken === 'last',
    take: (line: Line) => look(line.rest),
  }
}

/** A row of a table in which the pipes of formulas are escaped: they part no cells. */
export function protectPipes(row: string): string {
  const read = inlineFormulas(row, false)
  let safe = ''
  let from = 0
  for (let at = 0; at < row.length;) {
    const start = row.slice(at).search(/[$\\]/)
    if (start < 0) break
    at += start
    const found = read(at)
    const { token } = found ?? {}
    if (found && typeof token === 'object' && token.type === 'math') {
      // Two cells may each hold a dollar.
      const isOne = SIGN.test(token.text) || !/^[^(]* \| /.test(token.text)
      const raw = isOne ? token.raw.replaceAll(/(?<!\\)\|/g, '\\|') : token.raw
      safe += row.slice(from, at) + raw
      from = found.end
    }
    at = found?.end ?? at + (row.charAt(at) === '\\' ? 2 : 1)
  }
  return safe + row.slice(from)
}
