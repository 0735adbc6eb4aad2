/**
 * text: words, sentences and Markdown as text, of whoever wrote them; knows nothing of chats. Begin here with the words
 * of a text, folded so that what a person types meets what a document says. Pure, any script.
 */
import { foldText } from '../protocol/fold-text.ts'

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** What ends in a full stop without ending a sentence. */
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|vs|cf|approx|incl|[Ff]ig|[DM]rs?|Ms|Prof|[A-Z])\.\s*$/

/** Where a sentence ends before one that begins with inline code. */
const BEFORE_CODE = /(?<=[.!?] )(?=`[^`\s])/

/** Characters in which an abbreviation stands at the end of a text. */
const ABBREVIATED = 20

/** The sentences of one paragraph of any language, trimmed, in order. */
export function sentencesOf(paragraph: string): string[] {
  const sentences: string[] = []
  let open = ''
  let end = ''
  /** The cut fell inside inline code. */
  let inCode = false
  const segments = [...segmenter.segment(paragraph.replaceAll(/\s+/g, ' '))]
  for (const segment of segments.flatMap((found) => found.segment.split(BEFORE_CODE))) {
    // `Ask "Why?" or nothing.` is one sentence.
    const goesOn = inCode || /^\s*\p{Ll}/u.test(segment) || ABBREVIATION.test(end)
    if (!goesOn) {
      sentences.push(open.trim())
      open = ''
    }
    open += segment
    end = (goesOn ? end : '').concat(segment).slice(-ABBREVIATED)
    if (segment.split('`').length % 2 === 0) inCode = !inCode
  }
  return [...sentences, open.trim()].filter((sentence) => sentence !== '')
}

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

const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

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
  for (const { segment, isWordLike } of wordSegmenter.segment(run)) {
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

// Which of the languages of the chat a question is in, and its words that carry no meaning of their own.

/** Those that the element speaks. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'hi', 'ja', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]

const words = (text: string): ReadonlySet<string> => new Set(foldText(text).trim().split(/\s+/))

const FUNCTION_WORDS: Readonly<Record<Exclude<Language, 'ja'>, ReadonlySet<string>>> = {
  en: words(`a an and are as at be but by can could did do does for from had has have how i if in is it its me my
    no not of on or our shall should so than that the their them then there these they this those to us was we
    were what when where which who whose why will with would you your`),
  de: words(`danke hallo guten tag abend morgen aber alle als am an auch auf aus bei beim bin bis bist bitte da dann darf das dass dein deine dem den
    denn der des die diese dieser dieses doch du durch ein eine einem einen einer eines er es etwas euch euer eure für gibt
    habe haben habt hat hatte ich ihr ihre im in ist ja kann kannst können könnt man mein meine meinem meinen meiner mich mir
    mit möchte muss müssen nach nein noch nun nur ob oder ohne sein seine sich sie sind so soll sollte über um und uns
    unser unsere vom von vor wann war warum was wäre welche welchem welchen welcher welches wem wen wenn wer werde werden
    wie wieso wieviel will wir wird wo wohin woher zu zum zur viel viele`),
  fr: words(`bonjour salut merci a ai as au aux avec avez avoir avons c ce ces cela cet cette ceci chez combien comment d dans de des
    du elle elles en es est et été être eu fait faire il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont
    ou où par pas peut peux pour pourquoi puis puisje qu quand que quel quelle quelles quels qui quoi s sa sans se ses si
    son sont sur t ta te tes toi ton tu un une vers vos votre vous y sommes suis`),
  es: words(`hola gracias buenos días a al algo así aún como cómo con cual cuál cuales cuáles cuando cuándo cuanto cuánto cuanta cuánta cuantos cuántos de del desde donde dónde
    el él ella ellas ellos en entre era es esa ese eso esta está están este esto estos esas fue ha hace hacer han hasta hay la las le les
    lo los me mi mis muy más nos nosotros no o para pero por porque puede puedo pueden que qué quien quién se ser si sí sin
    sobre son su sus también te tengo tiene tienen tu tus un una uno unos unas y ya yo usted ustedes`),
  hi: words(`का की के को में से है हैं था थी थे हो और या पर तो भी क्या कब कहाँ कहां कैसे कितना कितनी कितने कौन क्यों यह
    वह ये वे मैं हम आप मेरा मेरी मेरे आपका आपकी आपके हमारा इस उस एक नहीं कर करना करते सकता सकते सकती ने तक लिए`),
  ar: words(`كم هل ما ماذا متى أين من الذي التي في على إلى عن مع أن إن إذا كان كانت يكون هو هي هم أنا نحن أنت لي لك
    لنا هذا هذه ذلك تلك و أو ثم لا لم لن قد كيف لماذا أي يمكن يمكنني عند بعد قبل`),
}

/** Hiragana alone writes particles and endings. */
const ENDINGS = /^\p{Script=Hiragana}+$/u

/** Letters and signs that only one of the languages writes. */
const LETTERS: readonly (readonly [pattern: RegExp, language: Language])[] = [
  [/[¿¡ñ]/i, 'es'],
  [/[ßäöü]/i, 'de'],
  [/[œçèêàùîôû]/i, 'fr'],
]

/** The language of a text; `undefined` where nothing tells. */
export function languageOf(text: string): Language | undefined {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja'
  if (/\p{Script=Arabic}/u.test(text)) return 'ar'
  if (/\p{Script=Devanagari}/u.test(text)) return 'hi'
  const letters = LETTERS.find(([pattern]) => pattern.test(text))
  if (letters) return letters[1]
  const said = wordsOf(text)
  const counts = (['en', 'de', 'fr', 'es'] as const).map((language) => ({
    language,
    count: said.filter((word) => FUNCTION_WORDS[language].has(word)).length,
  }))
  const [best] = counts.toSorted((left, right) => right.count - left.count)
  return best && best.count > 0 ? best.language : undefined
}

/** A question without the words that only make it one; English ones are known to whoever searches. */
export function contentOf(question: string): string {
  const language = languageOf(question)
  if (language === undefined || language === 'en') return question
  const isFiller = (word: string) =>
    language === 'ja' ? ENDINGS.test(word) : FUNCTION_WORDS[language].has(word)
  const content = wordsOf(question).filter((word) => !isFiller(word))
  return content.length === 0 ? question : content.join(' ')
}
