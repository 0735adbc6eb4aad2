/** What the engine says without quoting: small talk, how a person is reached, and that it found nothing. */
import type { KnowledgeHit, Passage, Retrieval } from '../core/ports/index.ts'
import { quoteMarkdown } from '../core/quotables.ts'
import { sourceOf } from '../core/retrieval.ts'
import { relatedWords } from '../text/synonyms.ts'
import { termsOf } from '../text/words.ts'
import type { ContactWaysBody } from '../protocol/api.ts'
import type { Source } from '../protocol/events.ts'
import type { Say, SentenceKey } from './words.ts'

const MOST_TITLES = 6
const MOST_NEAREST = 4

const GREETING =
  /^(?:hi|hello|hey|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|guten (?:morgen|tag|abend)|buenos días|buenas tardes|namaste|namaskar|hola|hallo|bonjour|salut|ciao|olá|ola|こんにちは|你好|नमस्ते|مرحبا)(?:[\s,!.]+(?:there|all|everyone|team|again|samosa|bot|assistant))*[\s!.,👋🙂😀]*$/iu
const THANKS =
  /^(?:ok(?:ay)?[\s,]+)?(?:many thanks|thanks|thank you|thx|cheers|great|perfect|cool|nice|awesome|danke(?: schön)?|vielen dank|merci(?: beaucoup)?|(?:muchas )?gracias|ありがとう(?:ございます)?|धन्यवाद|शुक्रिया|شكرا)(?:[\s,]+(?:a lot|so much|very much|that helps?|for (?:your|the) help|thanks|thank you))*[\s!.。]*$/i
const GOODBYE =
  /^(?:bye(?:[ -]bye)?|goodbye|see you|good night|ciao ciao|tschüss|auf wiedersehen|au revoir|adiós|adios|hasta luego|さようなら|अलविदा|مع السلامة)[\s!.。]*$/i
const HELP =
  /^(?:help|what can (?:you|i) (?:do|ask|help(?: me)? with|answer|ask you)(?: about)?(?: here)?|how can you help(?: me)?|what (?:do you know|topics do you (?:know|cover))(?: about)?)[\s?!.]*$/i
const IDENTITY =
  /^(?:(?:so|and|but|hey|hi|hello)[\s,]+)?(?:who|what) (?:exactly )?are you\b|\bare you (?:an? )?(?:(?:real|actual|live) )?(?:ai|bot|chat ?bot|robot|human|person|machine|model|llm|language model|chatgpt|gpt(?:-?\d)?|claude|gemini|llama|real)\b|\bwhat(?:['’]s| is) your name\b|\b(?:which|what) (?:ai |language )?(?:model|llm|ai) (?:are you|do you (?:use|run)|is (?:this|behind (?:this|you)))\b|\bwho (?:made|built|created|wrote) you\b|\bam i (?:talking|speaking|chatting) (?:to|with) (?:an? )?(?:ai|bot|human|person|machine|robot)\b/i

/** The titles of what can be asked about. */
function topicsOf(titles: readonly string[], say: Say): string {
  if (titles.length === 0) return say('no_documents')
  return [say('topics'), '', ...namedTopics(titles, say).map((topic) => `- ${topic}`)].join('\n')
}

/** The first of the titles, and how many more there are. */
function namedTopics(titles: readonly string[], say: Say): readonly string[] {
  const named = titles.slice(0, MOST_TITLES).map(quoteMarkdown)
  const more = titles.length - named.length
  return [...named, ...(more > 0 ? [say('more', { count: String(more) })] : [])]
}

interface SmallTalk {
  readonly pattern: RegExp
  readonly sentence: SentenceKey
  /** Whether what can be asked about follows, in the same paragraph or in one of its own. */
  readonly topics?: 'beside' | 'below'
}

const NO_WORDS: SmallTalk = { pattern: /^[^\p{L}\p{N}]*$/u, sentence: 'no_words', topics: 'beside' }
const SMALL_TALK: readonly SmallTalk[] = [
  { pattern: IDENTITY, sentence: 'identity', topics: 'below' },
  { pattern: GREETING, sentence: 'greeting', topics: 'beside' },
  { pattern: HELP, sentence: 'help', topics: 'beside' },
  { pattern: THANKS, sentence: 'thanks' },
  { pattern: GOODBYE, sentence: 'goodbye' },
]

/** No small talk is longer, but for a message of nothing but signs. */
const LONGEST = 120

/** What to say to a message that asks nothing of the documents; `titles` are those of what can be asked about. */
export function smallTalk(
  message: string,
  titles: readonly string[],
  say: Say,
): string | undefined {
  const text = message.trim()
  const known = text.length <= LONGEST ? SMALL_TALK : []
  const found = [...known, NO_WORDS].find(({ pattern }) => pattern.test(text))
  if (!found) return undefined
  const sentence = say(found.sentence)
  if (!found.topics) return sentence
  return `${sentence}${found.topics === 'below' ? '\n\n' : ' '}${topicsOf(titles, say)}`
}

/** Tells who asks for a person how one is reached, or that none is. */
export function pointToPerson(ways: ContactWaysBody | null, say: Say): string {
  if (!ways) return say('no_person')
  const { email, url, phone, hours, form } = ways
  const lines = [
    ...(email === null ? [] : [say('person_email', { email: linkTo(`mailto:${email}`, email) })]),
    ...(phone === null
      ? []
      : [say('person_phone', { phone: linkTo(`tel:${phone.replaceAll(/[^\d+]/g, '')}`, phone) })]),
    ...(url === null
      ? []
      : [say('person_url', { url: linkTo(url, url.replace(/^https?:\/\//, '')) })]),
    ...(hours === null ? [] : [say('person_hours', { hours: quoteMarkdown(hours) })]),
    ...(form ? [say('person_form')] : []),
  ]
  if (lines.length === 0) return say('no_person')
  return [say('person'), '', ...lines.map((line) => `- ${line}`)].join('\n')
}

const linkTo = (address: string, text: string) =>
  `[${quoteMarkdown(text)}](<${address.replaceAll(/[<>\s]/g, encodeURIComponent)}>)`

/** Texts that have nothing to do with each other come up to 0.44. */
const NEAR_MEANING = 0.45

/**
 * Hits that are near enough to be named, by their words or by their meaning. One word of several that stands in a
 * single place is chance: a bicycle courier is no way to a repaired bicycle.
 */
export function nearestOf({ terms, hits }: Retrieval): readonly KnowledgeHit[] {
  const isSpokenOf = (word: string) =>
    hits.filter(({ matchedTerms }) => matchedTerms.includes(word)).length > 1
  // Its heading says another word of the question in other words: "Prices" for what it costs.
  const isNamedOtherwise = ({ section, documentTitle }: Passage, known: readonly string[]) => {
    const others = terms.flatMap(({ word }) => (known.includes(word) ? [] : [word]))
    const related = new Set(relatedWords(others.join(' ')).flatMap(termsOf))
    return termsOf(section ?? documentTitle).some((term) => related.has(term))
  }
  return hits.filter(
    ({ passage, matchedTerms, meaning = 0 }) =>
      matchedTerms.length > 1 ||
      (matchedTerms.length === 1 && terms.length === 1) ||
      matchedTerms.some(isSpokenOf) ||
      (matchedTerms.length === 1 && isNamedOtherwise(passage, matchedTerms)) ||
      meaning >= NEAR_MEANING,
  )
}

/** Says in one paragraph that nothing here answers the question. */
interface Refusal {
  /** With links to the sections that come nearest, where their pages have addresses. */
  readonly markdown: string
  /** What else there is, where neither links nor suggestions lead there. */
  readonly unlessSuggested?: string | undefined
}

export function declineAnswer(
  near: readonly KnowledgeHit[],
  titles: readonly string[],
  say: Say,
): Refusal {
  const sources = near.map((hit) => sourceOf(hit, 1))
  const links = sources.flatMap((source) =>
    source.open_url === undefined ? [] : [linkTo(source.open_url, placeOf(source))],
  )
  const nearest = (places: readonly string[]) =>
    `${say('nearest')} ${[...new Set(places)].slice(0, MOST_NEAREST).join(', ')}`
  if (links.length > 0) return { markdown: `${say('not_found')} ${nearest(links)}` }
  if (titles.length === 0) return { markdown: `${say('not_found')} ${say('no_documents')}` }
  const names = sources.map((source) => quoteMarkdown(placeOf(source)))
  return {
    markdown: say('not_found'),
    unlessSuggested:
      names.length > 0 ? nearest(names) : `${say('topics')} ${namedTopics(titles, say).join(', ')}`,
  }
}

/** A section by its own words. */
const placeOf = ({ title, section }: Source) => (section === null ? title : `${title} › ${section}`)
