/** Checks what an answer cites: whether the passage behind a `[n]` has what its sentence claims. */
import { splitCodeSpans } from '../../protocol/code.ts'
import { CodeTracker } from '../../protocol/code-tracker.ts'
import type { Citation } from '../../protocol/events.ts'
import { parseTagged } from '../../protocol/tags.ts'
import type { KnowledgeHit } from '../ports/index.ts'
import { sentencesOf, stemOf, termsOf, wordsOf } from '../../text/words.ts'

/** UTF-16 units of an answer that are checked; what is longer than that is no answer to read. */
const LONGEST_CHECKED = 200_000
/** Characters that make a word of a passage out of its beginning. */
const SHORTEST_PREFIX = 3
/** Numbers that are told of; no reader needs more, and one event must not be as long as the answer. */
const MOST_CITATIONS = 500
/** What of one sentence is told as unproven. */
const MOST_UNPROVEN = 5
/** Where more of the words inside sentences than this begin with a capital, capitals tell no names. */
const MOST_CAPITALS = 0.5
/** Words from which that share can be told. */
const ENOUGH_WORDS = 6
/** German writes every noun with a capital; two of its small words tell it. */
const GERMAN =
  /(?<!\p{L})(?:der|die|das|und|ist|nicht|ein|eine|einen|mit|für|sind|werden|wird|von|zu|den|dem|im|auf)(?!\p{L})/giu

/** `[1]`, `[1, 2]`, `[1-3]`, `[^1]` and `【1】`, but no link and no definition of one. */
const MARKER =
  /\[\^?(\d{1,3}(?:\s*[,;–-]\s*\^?\d{1,3})*)\](?!\(|\[(?!\^?\d))|【(\d{1,3})(?:†[^】\n]*)?】/g
/** `[1]: https://…` says where a marker leads, and is none. */
const DEFINITION = /^ {0,3}\[[^\]\n]{1,99}\]:/
/** Markers with nothing but spaces between them belong to one sentence. */
const BETWEEN_MARKERS = /^[\s,;]*$/

const QUOTED =
  /"([^"\n]{2,300})"|“([^”\n]{2,300})”|„([^“”\n]{2,300})[“”]|«([^»\n]{2,300})»|「([^」\n]{2,300})」/g
/** Digits in groups of three, or in one row, and perhaps a fraction; of `9:00`, the minutes say nothing. */
const NUMBER =
  /(?<![\p{L}\p{N}])(?:\p{Nd}{1,3}(?:[.,'’\u00a0\u202f]\p{Nd}{3})+(?!\p{Nd})|\p{Nd}+)(?:[.,]\p{Nd}+)?(?::00(?!\p{Nd}))?/gu
/** Hours on either clock: `5 pm` and `17:00`. */
const AFTERNOON = /(?<!\d)(\d{1,2})(?:[:.]\d{2})?\s?p\.?m\b/gi
const LATE_HOUR = /(?<![\d:.])(1[3-9]|2[0-3])[:.h]\d{2}(?!\d)/g
/** Marks of Markdown before the words of a line: a list's number is none of the sentence's. */
const LINE_START = /^[\s>]*(?:#{1,6}\s+|[-*+]\s+|\d{1,9}[.)]\s+|\|)?\s*/
const EMPHASIS = /\*{1,3}|_{2,3}|~~/g
const LINK = /!?\[([^\]\n]*)\]\([^)\n]*\)/g

const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  `two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
  seventeen eighteen nineteen twenty`
    .split(/\s+/)
    .map((word, index) => [word, String(index + 2)] as const)
    .concat([
      ['thirty', '30'],
      ['forty', '40'],
      ['fifty', '50'],
      ['sixty', '60'],
      ['seventy', '70'],
      ['eighty', '80'],
      ['ninety', '90'],
    ]),
)

interface MarkerGroup {
  readonly start: number
  end: number
  readonly numbers: number[]
}

/** One sentence, or the part of one that stands before its markers. */
interface Claim {
  readonly text: string
  readonly numbers: readonly number[]
}

/** What a claim is held against. */
interface Evidence {
  readonly folded: string
  readonly terms: ReadonlySet<string>
  readonly numbers: ReadonlySet<string>
}

/**
 * One entry for each number of the markers in the visible text of an answer, in its order; numbers that
 * name no passage have none. `passages`: the first one is cited as `[1]`.
 */
export function checkCitations(
  answer: string,
  passages: readonly Pick<KnowledgeHit, 'passage'>[],
): readonly Citation[] {
  if (passages.length === 0) return []
  const evidence = passages.map(({ passage: { documentTitle, section, text } }) =>
    evidenceOf(`${documentTitle}\n${section ?? ''}\n${text}`),
  )
  const prose = proseOf(answer)
  const hasNames = tellsNames(prose)
  const citations = claimsOf(prose).flatMap(({ text, numbers }) => {
    const cited = [...new Set(numbers)].flatMap((number) => evidence[number - 1] ?? [])
    if (cited.length === 0) return []
    const unproven = unprovenOf(text, cited, hasNames)
    return numbers
      .filter((number) => evidence[number - 1] !== undefined)
      .map((number) => ({ number, ...(unproven.length > 0 && { unproven }) }))
  })
  return citations.slice(0, MOST_CITATIONS)
}

/** What a reader sees of an answer; code holds the place of what could be a marker. */
function proseOf(answer: string): string {
  return parseTagged(answer.slice(0, LONGEST_CHECKED))
    .filter(({ kind }) => kind === 'text')
    .map(({ content }) => content)
    .map(withoutCode)
    .join('\n')
}

/** A text without its code: what looks like a marker there is an index of an array. */
function withoutCode(text: string): string {
  const code = new CodeTracker()
  const lines = text.split('\n').map((line) => {
    const wasFenced = code.inFence
    code.read(`${line}\n`)
    return wasFenced || code.inFence ? '' : line
  })
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .map(withoutCodeSpans)
    .join('\n')
}

const withoutCodeSpans = (paragraph: string) =>
  splitCodeSpans(paragraph)
    .map((piece, at) => (at % 2 === 0 ? piece : ' '))
    .join('')

function claimsOf(prose: string): readonly Claim[] {
  const claims: Claim[] = []
  for (const line of prose.split('\n').filter((written) => !DEFINITION.test(written))) {
    let position = 0
    for (const group of groupsOf(line)) {
      const text = lastSentence(line.slice(position, group.start))
      claims.push({ text, numbers: group.numbers })
      position = group.end
    }
  }
  return claims
}

/** The markers of a line; those side by side are one group. */
function groupsOf(line: string): readonly MarkerGroup[] {
  const groups: MarkerGroup[] = []
  for (const match of line.matchAll(MARKER)) {
    const end = match.index + match[0].length
    const numbers = numbersOf(match[1] ?? match[2] ?? '')
    const before = groups.at(-1)
    if (before && BETWEEN_MARKERS.test(line.slice(before.end, match.index))) {
      before.end = end
      before.numbers.push(...numbers)
    } else groups.push({ start: match.index, end, numbers })
  }
  return groups
}

/** `1, 3-5` → 1, 3, 4, 5. A range the wrong way round is two numbers. */
function numbersOf(list: string): number[] {
  return list.split(/[,;]/).flatMap((part) => {
    const [first = 0, last = first] = part
      .split(/[–-]/)
      .map((digits) => Number(digits.replace('^', '')))
    if (last < first || last - first > 20) return [first, last]
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** What stands right before a marker; what came before that has no source, and claims none. */
function lastSentence(text: string): string {
  const plain = text.replace(LINE_START, '').replaceAll(LINK, '$1').replaceAll(EMPHASIS, '')
  return sentencesOf(plain).at(-1) ?? ''
}

function evidenceOf(text: string): Evidence {
  return {
    folded: comparable(text),
    terms: new Set(termsOf(text)),
    numbers: new Set([
      ...numbersIn(text).flatMap(({ values }) => values),
      ...hoursIn(text, AFTERNOON, 12),
      ...hoursIn(text, LATE_HOUR, -12),
    ]),
  }
}

const hoursIn = (text: string, written: RegExp, later: number) =>
  [...text.matchAll(written)].map(([, hour]) => String(Number(hour) + later))

/** Words with one space between them, so that punctuation and breaks make no difference. */
const comparable = (text: string) => ` ${wordsOf(text).join(' ')} `

function unprovenOf(
  claim: string,
  evidence: readonly Evidence[],
  hasNames: boolean,
): readonly string[] {
  const quotes = [...claim.matchAll(QUOTED)].flatMap((match) => {
    const quote = match.slice(1).find((group) => group !== undefined) ?? ''
    return comparable(quote).trim() === '' ? [] : [quote]
  })
  const unproven = [
    ...quotes.filter((quote) => !evidence.some(({ folded }) => folded.includes(comparable(quote)))),
    ...numbersIn(claim)
      .filter(
        ({ values }) => !evidence.some(({ numbers }) => values.some((value) => numbers.has(value))),
      )
      .map(({ written }) => written),
    ...(hasNames ? namesIn(claim) : []).filter(
      (name) => !evidence.some((passage) => wordsOf(name).every((word) => hasWord(passage, word))),
    ),
  ]
  return [...new Set(unproven)].slice(0, MOST_UNPROVEN)
}

/** In another form too, or as the whole of what the answer has shortened: `Mon` is Monday. */
const hasWord = ({ folded, terms }: Evidence, word: string) =>
  terms.has(stemOf(word)) || (word.length >= SHORTEST_PREFIX && folded.includes(` ${word}`))

interface WrittenNumber {
  readonly written: string
  /** What it may mean: `1.234` is 1234 to some and 1.234 to others. */
  readonly values: readonly string[]
}

function numbersIn(text: string): readonly WrittenNumber[] {
  const digits = [...text.normalize('NFKC').matchAll(NUMBER)].map(([written]) => ({
    written: written.trim(),
    values: readings(westernDigits(written)),
  }))
  const words = wordsOf(text).flatMap((word) => {
    const value = NUMBER_WORDS.get(word)
    return value === undefined ? [] : [{ written: word, values: [value] }]
  })
  return [...digits, ...words]
}

/** The digits of any script as 0 to 9: each script has its own in one row, from its zero on. */
const westernDigits = (text: string) =>
  text.replaceAll(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0
    if (code < 0x80) return digit
    let zero = code
    while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
    return String(code - zero)
  })

function readings(number: string): readonly string[] {
  const written = number.replace(/:00$/, '')
  const decimal = /^(.*)[.,](\d+)$/.exec(written)
  const whole = canonical(written.replaceAll(/\D/g, ''), '')
  if (!decimal) return [whole]
  const [, before = '', fraction = ''] = decimal
  const asDecimal = canonical(before.replaceAll(/\D/g, ''), fraction)
  return fraction.length === 3 ? [whole, asDecimal] : [asDecimal]
}

function canonical(whole: string, fraction: string): string {
  const start = whole.replace(/^0+(?=\d)/, '')
  const end = fraction.replace(/0+$/, '')
  return end === '' ? start : `${start}.${end}`
}

/** Words of a line that begin with a capital inside a sentence, the neighbours together; and `NATO`. */
function namesIn(claim: string): readonly string[] {
  const names: string[] = []
  let open: string[] = []
  const close = () => {
    if (open.length > 0) names.push(open.join(' '))
    open = []
  }
  const tokens = [...claim.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*|[^\s\p{L}\p{N}]/gu)].map(
    ([token]) => token,
  )
  let isStart = true
  for (const token of tokens) {
    const isWord = /^[\p{L}\p{N}]/u.test(token)
    if (!isWord) {
      close()
      if (/[.!?:;…"“„«(]/u.test(token)) isStart = true
      continue
    }
    const isAcronym = /^\p{Lu}[\p{Lu}\p{N}]+$/u.test(token)
    const isName = isAcronym || (!isStart && /^\p{Lu}/u.test(token) && !/^I(?:['’]|$)/.test(token))
    if (isName) open.push(token.replace(/['’]s$/, ''))
    else close()
    isStart = false
  }
  close()
  return names
}

/** Whether a capital inside a sentence means a name: not where every noun, or Every Word, has one. */
function tellsNames(prose: string): boolean {
  if (new Set(prose.match(GERMAN)?.map((word) => word.toLowerCase())).size >= 2) return false
  const words = prose.match(/(?<=\p{L}[,;]? )\p{L}/gu) ?? []
  const capitals = words.filter((first) => /\p{Lu}/u.test(first))
  return words.length < ENOUGH_WORDS || capitals.length <= words.length * MOST_CAPITALS
}
