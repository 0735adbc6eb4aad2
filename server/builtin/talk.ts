/** What the engine says without quoting: small talk, how a person is reached, and that it found nothing. */
import type { KnowledgeHit, Passage, Retrieval, Knowledge } from '../core/ports/index.ts'
import { quoteMarkdown } from '../text/quotables.ts'
import { sourceOf, MIN_SCORE } from '../core/retrieval.ts'
import { relatedWords } from '../text/synonyms.ts'
import { termsOf, wordsOf } from '../text/words.ts'
import type { ContactWaysBody } from '../protocol/api.ts'
import type { Source, CascadeTier } from '../protocol/events.ts'
import { countCodePoints } from '../text/code-points.ts'
import type { Say, SentenceKey } from './words.ts'

/** What is said, before it is cut into tokens. */
export interface Reply {
  readonly sources: readonly Source[]
  /** Whose documents they are, where there was a cascade. */
  readonly tier?: CascadeTier | undefined
  /** Goes into `<think>` when the visitor wants to see it. */
  readonly thinking: string
  /** Tool calls and results in their tags, each one token. */
  readonly toolParts: readonly string[]
  readonly markdown: string
  /** Behind the rest, where there is nothing to suggest. */
  readonly unlessSuggested?: string | undefined
  /** The documents do not answer it, and it says so. */
  readonly declines?: boolean
  /** What may be asked next; looked for once the rest is said. */
  readonly suggest?: () => Promise<readonly string[]>
}

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
const LONGEST_SMALL_TALK = 120

/** What to say to a message that asks nothing of the documents; `titles` are those of what can be asked about. */
export function smallTalk(
  message: string,
  titles: readonly string[],
  say: Say,
): string | undefined {
  const text = message.trim()
  const known = text.length <= LONGEST_SMALL_TALK ? SMALL_TALK : []
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

const LISTED = 3

const percent = (score: number) => `${Math.round(score * 100)}%`

/** Thinking is read as tagged text, so nothing in it may look like a tag or open code. */
export const harmless = (text: string) =>
  text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('`', '’')

function describeHit({ passage, score, meaning, matchedTerms }: KnowledgeHit): string {
  const place = passage.section
    ? `${passage.documentTitle} › ${passage.section}`
    : passage.documentTitle
  const has = matchedTerms.length > 0 ? ` (${matchedTerms.join(', ')})` : ''
  const near = meaning === undefined ? '' : `, ≈ ${percent(meaning)}`
  return `- ${place}: ${percent(score)}${near}${has}`
}

/** What was searched, what was found and what came of it, in true numbers. */
export function describeRetrieval(
  { size }: Knowledge,
  { terms, hits }: Retrieval,
  { isAnswered, say }: { readonly isAnswered: boolean; readonly say: Say },
): string {
  const wordsFrom = (context: boolean) =>
    terms.flatMap((term) => (term.context === context ? [term.word] : [])).join(', ')
  const searched = { count: String(size.passages), words: wordsFrom(false) || '–' }
  const context = wordsFrom(true)
  const lines = [
    terms.length === 0 ? say('think_no_words') : say('think_searched', searched),
    ...(context === '' ? [] : [say('think_context', { words: context })]),
    '',
    ...(hits.length === 0 ? [] : [say('think_best'), '']),
    ...hits.slice(0, LISTED).map(describeHit),
    ...(hits.length === 0 ? [] : ['']),
    say(isAnswered ? 'think_answers' : hits.length === 0 ? 'think_nothing' : 'think_declines'),
  ]
  return harmless(lines.join('\n'))
}

const MOST_SUGGESTIONS = 3
/** Unicode code points. */
const LONGEST_SUGGESTION = 120
/** Headings that are tried: each is a search. */
const MOST_TRIED = 8

/** One word is a label, and no question; scripts without spaces are the exception. */
const ASKS = /\s|\?$|[\u0900-\u0dff\u3040-\u30ff\u4e00-\u9fff]/u

/** What is known of who asks. */
export interface Asker {
  /** The visitor's questions, oldest first. */
  readonly questions: readonly string[]
  /** Whose documents come first. */
  readonly creator: string | undefined
  /** Whether the engine answers it as the next question. */
  readonly isAnswered: (question: string) => Promise<boolean>
}

/** Headings beside what was quoted that, asked as they stand, lead to their own section of the documents. */
export async function suggestionsBeside(
  knowledge: Knowledge,
  passages: readonly Passage[],
  { questions, creator }: Pick<Asker, 'questions' | 'creator'>,
): Promise<readonly string[]> {
  const headings = passages.flatMap((passage) => knowledge.headingsNear(passage))
  const quoted = passages.map(({ section }) => lastOf(section))
  const tried = fresh(headings, [...questions, ...quoted])
  return (await leading(knowledge, tried, creator)).slice(0, MOST_SUGGESTIONS)
}

/**
 * Where nothing answered: the headings of what came nearest, else the titles of what there is, as far as the engine
 * answers them. Nobody is sent from one refusal to the next.
 */
export async function suggestionsNear(
  knowledge: Knowledge,
  nearest: readonly KnowledgeHit[],
  { titles, ...asker }: Asker & { readonly titles: readonly string[] },
): Promise<readonly string[]> {
  const headings = nearest.flatMap(({ passage }) => lastOf(passage.section) ?? [])
  const near = await leading(knowledge, fresh(headings, asker.questions), asker.creator)
  return await answered(near.length > 0 ? near : fresh(titles, asker.questions), asker)
}

/** Those that can be asked, and have not been. */
function fresh(
  headings: readonly string[],
  known: readonly (string | undefined)[],
): readonly string[] {
  const asked = new Set(known.map((text) => lettersOf(text ?? '')))
  return [...new Set(headings.map((heading) => heading.replaceAll('`', '')))]
    .filter((heading) => ASKS.test(heading) && countCodePoints(heading) <= LONGEST_SUGGESTION)
    .filter((heading) => !asked.has(lettersOf(heading)))
    .slice(0, MOST_TRIED)
}

async function leading(
  knowledge: Knowledge,
  headings: readonly string[],
  creator: string | undefined,
): Promise<readonly string[]> {
  const lead = await Promise.all(
    headings.map((heading) => leadsToItself(knowledge, heading, creator)),
  )
  return headings.filter((_, index) => lead[index])
}

/** The first of them that are answered; each costs as much as a question does. */
async function answered(
  headings: readonly string[],
  { isAnswered }: Pick<Asker, 'isAnswered'>,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const heading of headings) {
    if (found.length === MOST_SUGGESTIONS) break
    if (await isAnswered(heading)) found.push(heading)
  }
  return found
}

/** A text without case and signs: "Dark mode?" asks for what is called Dark mode. */
const lettersOf = (text: string) => wordsOf(text).join(' ')

/** In the creator's documents, or in all. */
async function leadsToItself(
  knowledge: Knowledge,
  heading: string,
  creator: string | undefined,
): Promise<boolean> {
  const [best] = await knowledge.search(heading, { limit: 1, byWords: true, creator })
  if (best && best.score >= MIN_SCORE && lastOf(best.passage.section) === heading) return true
  return creator !== undefined && (await leadsToItself(knowledge, heading, undefined))
}

/** A section is the path of its headings. */
const lastOf = (section: string | null) => section?.split(' › ').at(-1)?.replaceAll('`', '')
