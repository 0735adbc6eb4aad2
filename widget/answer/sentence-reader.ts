/** Turns a growing answer into sentences for reading aloud: what is said is what a person reads. */
import { withoutForeignCitations } from '../../server/protocol/marks.ts'
import type { SegmentKind } from '../../server/protocol/tags.ts'
import {
  LATE_GRAMMARS,
  markup,
  readBlocks,
  readInline,
  type BlockToken,
  type InlineToken,
} from '../markdown/grammar/index.ts'
import { decodeEntities } from '../markdown/render/raw-html.ts'
import { answerStrings } from '../words/en/answer.ts'
import type { AnswerStrings, MarkdownStrings } from '../words/strings.ts'
import { createTagReader } from './tag-reader.ts'

/** Signs that a person says as they are, by what TeX calls them. */
const SIGNS: Readonly<Record<string, string>> = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  varepsilon: 'ε',
  zeta: 'ζ',
  eta: 'η',
  theta: 'θ',
  iota: 'ι',
  kappa: 'κ',
  lambda: 'λ',
  mu: 'μ',
  nu: 'ν',
  xi: 'ξ',
  pi: 'π',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  phi: 'φ',
  varphi: 'φ',
  chi: 'χ',
  psi: 'ψ',
  omega: 'ω',
  Gamma: 'Γ',
  Delta: 'Δ',
  Theta: 'Θ',
  Lambda: 'Λ',
  Pi: 'Π',
  Sigma: 'Σ',
  Phi: 'Φ',
  Psi: 'Ψ',
  Omega: 'Ω',
  times: '×',
  cdot: '·',
  div: '÷',
  pm: '±',
  mp: '∓',
  le: '≤',
  leq: '≤',
  ge: '≥',
  geq: '≥',
  ne: '≠',
  neq: '≠',
  approx: '≈',
  equiv: '≡',
  sim: '∼',
  propto: '∝',
  in: '∈',
  notin: '∉',
  subset: '⊂',
  subseteq: '⊆',
  cup: '∪',
  cap: '∩',
  emptyset: '∅',
  forall: '∀',
  exists: '∃',
  neg: '¬',
  land: '∧',
  lor: '∨',
  to: '→',
  rightarrow: '→',
  leftarrow: '←',
  Rightarrow: '⇒',
  implies: '⇒',
  iff: '⇔',
  mapsto: '↦',
  sum: '∑',
  prod: '∏',
  int: '∫',
  partial: '∂',
  nabla: '∇',
  infty: '∞',
  ldots: '…',
  cdots: '…',
  dots: '…',
  circ: '°',
  degree: '°',
  prime: '′',
  langle: '⟨',
  rangle: '⟩',
}

/** Commands that say how something looks, and stand for nothing. */
const LOOKS =
  /\\(?:left|right|big+[lr]?|Big+[lr]?|displaystyle|textstyle|limits|nolimits|quad|qquad|hline|nonumber|text[a-z]*|math[a-z]*|operatorname\*?|boxed|mbox|tag)(?![a-zA-Z])/g
const GROUP = '\\{([^{}]{0,400})\\}'
const FRACTION = new RegExp(String.raw`\\[dt]?frac\s*${GROUP}\s*${GROUP}`, 'g')
const ROOT = new RegExp(String.raw`\\sqrt\s*(?:\[([^\]]*)\])?\s*${GROUP}`, 'g')
const SCRIPT = new RegExp(String.raw`([_^])\s*${GROUP}`, 'g')
/** Groups in groups, as deep as people write them. */
const DEEPEST = 6

/** In brackets where it is more than one thing. */
const grouped = (text: string) =>
  /^[\p{L}\p{N}.]*$/u.test(text.trim()) ? text.trim() : `(${text.trim()})`

/** A formula in TeX as a line of text: `\frac{a}{2}` is a/2. */
function texInWords(tex: string): string {
  let text = tex
    .replaceAll(/\\(?:begin|end)\{[^{}]*\}(?:\{[lcr|]*\})?/g, ' ')
    .replaceAll(/\\\\(?:\[[^\]]*\])?/g, ', ')
    .replaceAll(LOOKS, ' ')
    .replaceAll(/\\([{}%#$&_])/g, (_, sign: string) => (/[{}]/.test(sign) ? ' ' : sign))
    .replaceAll(/\\[,;:! ]|~|(?<!\\)&/g, ' ')
    .replaceAll('^\\circ', '°')
    .replaceAll('^{\\circ}', '°')
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const before = text
    text = text
      .replaceAll(
        FRACTION,
        (_, over: string, under: string) => `${grouped(over)}/${grouped(under)}`,
      )
      .replaceAll(
        ROOT,
        (_, degree: string | undefined, of: string) => `${degree ?? ''}√${grouped(of)}`,
      )
      .replaceAll(SCRIPT, (_, mark: string, of: string) => `${mark}${grouped(of)}`)
    if (text === before) break
  }
  return text
    .replaceAll(/\\([a-zA-Z]+)/g, (_, name: string) =>
      Object.hasOwn(SIGNS, name) ? (SIGNS[name] ?? '') : `${name} `,
    )
    .replaceAll(/[{}\\]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** What is said of a tool; `result` is absent while it runs. */
type ToolInWords = (call: string, result?: string) => string

export interface SentenceReaderOptions {
  readonly strings?: () => AnswerStrings
  /** Without it nothing is said of tools. */
  readonly tool?: ToolInWords
}

export interface SentenceReader {
  /** What the answer is in the middle of; nothing while there is nothing of it. */
  readonly kind: SegmentKind | undefined
  /** Completed sentences since the last call, or an empty string. */
  read(text: string): string
  /** What is left when the answer is over. */
  end(): string
}

/** Where a sentence ends: before a space, after a full-width mark at once, and with a paragraph. */
const SENTENCE_END = /[.!?…؟۔।॥]["'”’»)\]*_~`]*(?=\s)|[。！？]+[」』”’）]*|\n\s*\n/g
/** The number of a list's item is none. */
const ONLY_NUMBER = /(?:^|\n)[ \t>]*\d{1,9}\.$/
/** At the end of a text: what may become a sentence's end with what comes. */
const MAY_END = /[.!?…؟۔।॥"'”’»)\]*_~`\s\d]/
/** Characters of it. */
const LONGEST_END = 100
/** Half a link or half a code waits for its other half; no longer than so many characters. */
const LONGEST_HALF = 300
const CODE = /(?<!`)(`+)(?!`)[^`]+\1(?!`)/g

/** Nothing is open that a cut would leave open: a bracket, an address, emphasis, code, a formula, a tag. */
function isWhole(text: string): boolean {
  if (text.length > LONGEST_HALF) return true
  const paragraph = text.slice(text.lastIndexOf('\n\n') + 1).replaceAll(CODE, '')
  const count = (mark: string) => paragraph.split(mark).length - 1
  if (paragraph.includes('`') || count('**') % 2 > 0 || count('$$') % 2 > 0) return false
  if (count('[') > count(']') || count('\\(') > count('\\)')) return false
  if (/<!--(?![\s\S]*-->)|<[a-z/][^<>]*$/i.test(text)) return false
  return paragraph.lastIndexOf('](') <= paragraph.lastIndexOf(')')
}

/** A note that is referred to, and a link by its name: what they stand for comes with another piece. */
const NOTE = /\[\^(?!\w-\w)[^\][\s]+\]:?/g
const REFERENCE = /!?\[([^[\]]+)\]\[[^[\]]*\]/g
/** Tags that part words. */
const PARTS =
  /^<(?!\/?(?:a|abbr|b|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|tt|u|wbr)\b)/i
/** For as long as the grammar of HTML is on its way. */
const TAG = /<\/?[a-z][a-z\d-]*(?:\s[^<>]*)?>|<!--[\s\S]*?-->/gi
const NO_LINKS = new Map<string, never>()

function inlineWords(
  tokens: readonly InlineToken[],
  { image }: Pick<MarkdownStrings, 'image'>,
): string {
  return tokens
    .map((token) => {
      if (typeof token === 'string')
        return decodeEntities(markup.loaded() ? token : token.replaceAll(TAG, ' '))
      if ('tokens' in token) {
        const words = inlineWords(token.tokens, { image })
        return token.type === 'image' ? `${image} ${words}` : words
      }
      switch (token.type) {
        case 'math':
          return texInWords(token.text)
        case 'code':
        case 'escape':
          return token.text
        case 'html':
          return PARTS.test(token.text) ? ' ' : ''
        default:
          return ' '
      }
    })
    .join('')
}

const textInWords = (text: string, inElement: boolean, strings: MarkdownStrings) =>
  inlineWords(
    readInline(text.replaceAll(NOTE, '').replaceAll(REFERENCE, '$1'), NO_LINKS, false, inElement),
    strings,
  )

const TASK = /^\[([ xX])\]\s+(?=\S)/
/** A row whose table began in another piece. */
const ROW = /^[ \t]*\|.*$/gm
const row = (line: string) => (/^[\s|:-]+$/.test(line) ? '' : line.replaceAll('|', ' '))

/** Turns blocks into words; those that stand `inElement`, in one of HTML that began before, may end it. */
function blocksInWords(
  tokens: readonly BlockToken[],
  strings: AnswerStrings,
  inElement: boolean,
): string {
  const inWords = (token: BlockToken): string => {
    switch (token.type) {
      case 'paragraph': {
        const [mark = '', done] = TASK.exec(token.text) ?? []
        const { taskDone, taskOpen } = strings.markdown
        const state = done === undefined ? '' : `${done === ' ' ? taskOpen : taskDone}: `
        return (
          state +
          textInWords(
            token.text.slice(mark.length).replaceAll(ROW, row),
            inElement,
            strings.markdown,
          )
        )
      }
      case 'heading':
        return textInWords(token.text, inElement, strings.markdown)
      case 'code':
        return token.text
      case 'quote':
        return blocksInWords(token.tokens, strings, inElement)
      case 'list':
        return token.items
          .map(({ tokens: inside }, at) => {
            const number = token.start === undefined ? '' : `${token.start + at}. `
            return number + blocksInWords(inside, strings, inElement)
          })
          .join('\n')
      case 'table':
        return [token.header, ...token.rows]
          .flat()
          .map((cell) => textInWords(cell, inElement, strings.markdown))
          .join(' ')
      case 'html':
        return inlineWords(
          markup.loaded()?.readHtml(token.text, 'all') ?? [token.text],
          strings.markdown,
        )
      case 'math':
        return texInWords(token.text ?? '') + (token.behind ?? '')
      case 'rule':
      case 'definition':
        return ''
      default:
        return token satisfies never
    }
  }
  return tokens.map(inWords).join('\n')
}

/** Stands for the words before, in a piece that goes on in their paragraph. */
const BEFORE = 'x'
/** A header that is longer is not kept for the rows to come. */
const LONGEST_HEADER = 1_000

/** Code in a list or a quotation that is longer is said before it is whole. */
const LONGEST_CODE = 4_000

/** The last block of a list or a quotation, and of those in it. */
function innermost(token: BlockToken | undefined): BlockToken | undefined {
  if (token?.type === 'list') return innermost(token.items.at(-1)?.tokens.at(-1))
  return token?.type === 'quote' ? innermost(token.tokens.at(-1)) : token
}

/** Says pieces of Markdown one after the other; each may begin in the middle of what the last one left open. */
function createSpeaker(strings: () => AnswerStrings) {
  /** What the next piece must stand behind to be read as what it is, and the words of that. */
  let opening = ''
  let openingWords = ''
  /** So many elements of HTML have begun and not ended. */
  let depth = 0

  /** Remembers what the piece leaves open. */
  const leaveOpen = (source: string, tokens: readonly BlockToken[]) => {
    const last = tokens.at(-1)
    const lines = source.split('\n')
    const [space = ''] = /\s*$/.exec(source) ?? []
    opening = ''
    if (last?.type === 'code' && last.info !== undefined && !last.isClosed) {
      opening = `${lines[last.line] ?? ''}\n`
    } else if (last?.type === 'list') {
      // Also behind a blank line: its next item has the next number.
      const { start, items } = last
      const marker = start === undefined ? '-' : `${start + items.length - 1}.`
      opening = `${marker} ${BEFORE}${space.replaceAll(/[^\n]/g, '').slice(0, 2)}`
    } else if (last?.type === 'table' && !/\n\s*\n/.test(space)) {
      opening = `${lines.slice(last.line, last.line + 2).join('\n')}\n`
      if (opening.length > LONGEST_HEADER) opening = ''
    } else if (source !== '' && !space.includes('\n')) opening = BEFORE
    openingWords = ''
    if (opening !== '')
      openingWords = blocksInWords(readBlocks(opening), strings(), false).trimEnd()
  }

  return {
    /** How much of a piece can be said: of code and of tables whole lines, of code in a list all of it. */
    cutBefore(piece: string): number {
      const last = readBlocks(opening + piece).at(-1)
      const inside = innermost(last)
      const isCode = inside?.type === 'code' && inside.info !== undefined && !inside.isClosed
      if (isCode && inside !== last) return piece.length > LONGEST_CODE ? piece.length : 0
      const isLines = last?.type === 'table' || (last?.type === 'code' && !last.isClosed)
      return isLines ? piece.lastIndexOf('\n') + 1 : piece.length
    },
    say(piece: string): string {
      if (piece === '') return ''
      for (const { code, sign } of LATE_GRAMMARS) if (sign.test(piece)) void code.load()
      const source = opening + withoutForeignCitations(piece)
      const tokens = readBlocks(source)
      const inside = depth
      depth = Math.max(0, depth + (markup.loaded()?.depthChange(piece) ?? 0))
      const inElement = inside > 0 || depth > 0
      const words = blocksInWords(tokens, strings(), inElement).slice(openingWords.length)
      leaveOpen(source, tokens)
      return words.replaceAll(/\s+/g, ' ').trim()
    },
  }
}

/** Reads text, and says of tools what `tool` has for them; thinking is shown, and not read out. */
export function createSentenceReader({
  strings = () => answerStrings,
  tool,
}: SentenceReaderOptions = {}): SentenceReader {
  const parser = createTagReader()
  const speaker = createSpeaker(strings)
  const kinds: SegmentKind[] = []
  /** What tools were called with, or gave, by the segment. */
  const contents = new Map<number, string>()
  /** Those without a result. */
  const waitingCalls: { readonly content: string; isSaid: boolean }[] = []
  /** In pieces, what is known to hold no sentence's end, and what may. */
  let begun: string[] = []
  let waiting = ''
  let said: string[] = []
  let current: SegmentKind | undefined

  /** What has been said is over: the rest of it is a sentence, whatever it ends with. */
  const finishText = () => {
    said.push(speaker.say(begun.join('') + waiting))
    begun = []
    waiting = ''
  }

  const closeTool = (kind: SegmentKind | undefined, content: string) => {
    if (kind === 'tool_call') waitingCalls.push({ content, isSaid: false })
    else if (kind === 'tool_result') {
      const call = waitingCalls.shift()
      said.push(tool?.(call?.content ?? '', content) ?? '')
    }
  }

  const take = (changes: ReturnType<typeof parser.push>) => {
    for (const change of changes) {
      const { index } = change
      if (change.type === 'open' || change.type === 'rekind') {
        kinds[index] = change.kind
        current = change.kind
        if (tool && change.kind.startsWith('tool')) finishText()
      } else if (change.type === 'close') {
        closeTool(kinds[index], contents.get(index) ?? '')
        contents.delete(index)
        // A call that is whole is said by its own sentence.
        if (tool && kinds[index] === 'tool_call') current = undefined
      } else if (kinds[index] === 'text') waiting += change.text
      else if (tool && kinds[index] !== 'think') {
        contents.set(index, (contents.get(index) ?? '') + change.text)
      }
    }
  }

  /** Where the last sentence ends that can be said, counted in `waiting`. */
  const lastEnd = (): number => {
    let cut = 0
    const before = begun.slice(-3).join('').slice(-LONGEST_END)
    for (const { index, 0: mark } of waiting.matchAll(SENTENCE_END)) {
      const end = index + mark.length
      if (!ONLY_NUMBER.test((cut > 0 ? '' : before) + waiting.slice(cut, end))) cut = end
    }
    if (cut === 0) return 0
    const piece = begun.join('') + waiting.slice(0, cut)
    if (!isWhole(piece)) return 0
    return Math.max(0, cut - (piece.length - speaker.cutBefore(piece)))
  }

  const takeSaid = () => {
    const words = said.filter((part) => part !== '').join(' ')
    said = []
    return words
  }

  return {
    get kind() {
      return current
    },
    read(text) {
      take(parser.push(text))
      const cut = lastEnd()
      if (cut > 0) {
        said.push(speaker.say(begun.join('') + waiting.slice(0, cut)))
        begun = []
      }
      let searched = waiting.length
      const least = Math.max(cut, searched - LONGEST_END)
      while (searched > least && MAY_END.test(waiting.charAt(searched - 1))) searched -= 1
      begun.push(waiting.slice(cut, searched))
      waiting = waiting.slice(searched)
      // One that is already over is said with what came of it.
      for (const call of waitingCalls) {
        if (!call.isSaid) said.push(tool?.(call.content) ?? '')
        call.isSaid = true
      }
      return takeSaid()
    },
    end() {
      take(parser.end())
      finishText()
      return takeSaid()
    },
  }
}
