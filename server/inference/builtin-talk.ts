/** What the engine says without quoting: small talk, how a person is reached, and that it found nothing. */
import type { KnowledgeHit, Retrieval } from '../core/ports.ts'
import { quoteMarkdown } from '../core/quotables.ts'
import { sourceOf } from '../core/retrieval.ts'
import type { ContactWaysBody } from '../protocol/api.ts'
import type { Say, SentenceKey } from './builtin-words.ts'

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
  const named = titles.slice(0, MOST_TITLES).map((title) => `- ${quoteMarkdown(title)}`)
  const more = titles.length - named.length
  const rest = more > 0 ? [`- ${say('more', { count: String(more) })}`] : []
  return [say('topics'), '', ...named, ...rest].join('\n')
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

const NEAR_MEANING = 0.35

/** Hits that are near enough to be named: they share words with the question, or its meaning. */
export const nearestOf = ({ hits }: Retrieval): readonly KnowledgeHit[] =>
  hits.filter(({ matchedTerms, meaning = 0 }) => matchedTerms.length > 0 || meaning >= NEAR_MEANING)

/** Says that nothing here answers the question, and names the sections that come nearest, else what there is. */
export function declineAnswer(
  near: readonly KnowledgeHit[],
  titles: readonly string[],
  say: Say,
): string {
  const nearest = [...new Set(near.map(placeOf))].slice(0, MOST_NEAREST)
  if (nearest.length === 0) return `${say('not_found')} ${topicsOf(titles, say)}`
  const places = nearest.map((place) => `- ${place}`)
  return [say('not_found'), '', say('nearest'), '', ...places].join('\n')
}

/** A section by its own words, as a link where its page has an address. */
function placeOf(hit: KnowledgeHit): string {
  const { title, section, open_url: address } = sourceOf(hit, 1)
  const name = section === null ? title : `${title} › ${section}`
  return address === undefined ? quoteMarkdown(name) : linkTo(address, name)
}
