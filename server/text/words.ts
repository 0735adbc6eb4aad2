/** Words of a text, folded so that what a person types meets what a document says. Pure, any script. */
import { foldText } from '../protocol/fold-text.ts'

export interface QueryTerm {
  /** As it was typed, lower case. */
  readonly word: string
  /** As it is indexed. */
  readonly term: string
}

/** Runs of scripts written without spaces; `ー` and `々` belong to them but count as common. */
export const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]+/gu
const WORD = /[\p{L}\p{N}\p{M}]+/gu
const CLITIC = /'(?:s|re|ve|ll|d|m|t)(?!\p{L})/gu

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

/** Words that carry no meaning of their own in a question. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about actually after all also am an and another any anything are as at be because been before being
  but by can cannot could did didn do does doesn doing don done during each else ever every explain for from get
  gets getting give go going got had happen happens has hasn have haven having he hello help her here hey hi him his how
  however i if in into is isn it its itself just know let like look m make makes making many may maybe me
  mean might more most much must my need needs no not now of off ok okay on one only or other our out over
  own please possible s same say see shall she should so some somebody someone something such t tell
  than thank thanks that the their them then there these they thing things this those through to too under
  until up us use used uses using very want wants was wasn way ways we well were what when where whether
  which while who whom whose why will with within won work works would wouldn yes yet you your yours`.split(
    /\s+/,
  ),
)

function unspacedWords(run: string): string[] {
  const words: string[] = []
  for (const { segment, isWordLike } of segmenter.segment(run)) {
    if (!isWordLike) continue
    words.push(segment)
    // A longer word is also found by its parts, since two readers may cut it differently.
    const characters = [...segment]
    if (characters.length <= 2) continue
    for (let index = 0; index + 1 < characters.length; index += 1) {
      words.push(characters.slice(index, index + 2).join(''))
    }
  }
  return words
}

/** The words of a text in order: folded, `KNOWLEDGE_DIR` as two. */
export function wordsOf(text: string): string[] {
  const folded = foldText(text).replaceAll(CLITIC, '')
  const words: string[] = []
  let position = 0
  for (const run of folded.matchAll(UNSPACED)) {
    words.push(...(folded.slice(position, run.index).match(WORD) ?? []), ...unspacedWords(run[0]))
    position = run.index + run[0].length
  }
  words.push(...(folded.slice(position).match(WORD) ?? []))
  return words
}

const VOWEL = /[aeiouy]/

function undouble(stem: string): string {
  return /([bdfgmnprt])\1$/.test(stem) ? stem.slice(0, -1) : stem
}

function withoutSuffix(word: string, suffix: string, shortest: number): string | undefined {
  if (!word.endsWith(suffix)) return undefined
  const stem = word.slice(0, -suffix.length)
  return stem.length >= shortest && VOWEL.test(stem) ? stem : undefined
}

/** `embed` and `speed` are no past tenses. */
function withoutEd(word: string): string | undefined {
  return /(?:eed|mbed)$/.test(word) ? undefined : withoutSuffix(word, 'ed', 3)
}

function singular(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}i`
  if (/(?:ss|sh|ch|x)es$/.test(word)) return word.slice(0, -2)
  return /[^su]s$/.test(word) && !word.endsWith('is') ? word.slice(0, -1) : word
}

/** A light English stem: enough to meet plurals, -ing, -ed, -ation and British spelling; other words pass. */
export function stemOf(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word
  const base = singular(word)
  const verb = withoutSuffix(base, 'ation', 4) ?? withoutSuffix(base, 'ing', 3) ?? withoutEd(base)
  const stem = verb === undefined ? base : undouble(verb)
  if (stem.length > 4 && stem.endsWith('our')) return `${stem.slice(0, -3)}or`
  if (/[^aeiou]y$/.test(stem)) return `${stem.slice(0, -1)}i`
  return stem.length > 3 && stem.endsWith('e') ? stem.slice(0, -1) : stem
}

/** The terms under which a text is found. */
export function termsOf(text: string): string[] {
  return wordsOf(text).map(stemOf)
}

/** What a question asks for: its words without the filler, each term once. */
export function queryTermsOf(question: string): readonly QueryTerm[] {
  const terms = new Map<string, QueryTerm>()
  for (const word of wordsOf(question)) {
    if (STOP_WORDS.has(word)) continue
    const term = stemOf(word)
    if (!terms.has(term)) terms.set(term, { word, term })
  }
  return [...terms.values()]
}

/** Words that are written with a capital letter wherever they stand. */
const COMMON_CAPITALS =
  /^(?:I|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|January|February|March|April|May|June|July|August|September|October|November|December|Christmas|Easter|Dr|Mr|Mrs|Ms|English|OK)$/
const SPOKEN = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[.?!:]/gu

/** Words that a question writes with a capital letter inside of a sentence; none where it writes most of them so. */
export function namesIn(question: string): readonly string[] {
  const words = question.match(SPOKEN) ?? []
  const names = words.filter((word, index) => {
    const before = words[index - 1] ?? '.'
    const isFirst = /^[.?!:]$/.test(before)
    return /^\p{Lu}/u.test(word) && !isFirst && !COMMON_CAPITALS.test(word.replace(/['’].*/, ''))
  })
  return names.length > words.length / 2 ? [] : names
}

/** Whether two words differ by one letter behind the first, or by two beside each other that changed places. */
export function isMistyped(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1 || right.length < 4) return false
  let start = 0
  while (start < left.length && left[start] === right[start]) start += 1
  if (start === 0) return false
  let end = 0
  const most = Math.min(left.length, right.length) - start
  while (end < most && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1
  const rest = left.slice(start, left.length - end)
  const other = right.slice(start, right.length - end)
  if (/\d/.test(rest + other)) return false
  return (
    Math.max(rest.length, other.length) <= 1 ||
    (rest.length === 2 && rest === [...other].toReversed().join(''))
  )
}
