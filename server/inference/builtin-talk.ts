/** What the engine says without quoting: small talk, and that it found nothing. */
import type { Knowledge, KnowledgeHit, Retrieval } from '../core/ports.ts'
import { quoteMarkdown } from '../core/quotables.ts'
import { sourceOf } from '../core/retrieval.ts'
import { wordsFor, type Words } from './builtin-words.ts'

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
function topicsOf({ documentTitles, size }: Knowledge, words: Words): string {
  if (size.documents === 0) return words.noDocuments
  const titles = documentTitles.slice(0, MOST_TITLES).map((title) => `- ${quoteMarkdown(title)}`)
  const more = size.documents - titles.length
  const rest = more > 0 ? [`- ${words.more(more)}`] : []
  return [words.topics, '', ...titles, ...rest].join('\n')
}

interface SmallTalk {
  readonly pattern: RegExp
  readonly about: string
  reply(knowledge: Knowledge, words: Words): string
}

const SMALL_TALK: readonly SmallTalk[] = [
  {
    pattern: IDENTITY,
    about: 'about who is answering',
    reply: (knowledge, words) =>
      `${words.identity(knowledge.size.documents)}\n\n${topicsOf(knowledge, words)}`,
  },
  {
    pattern: GREETING,
    about: 'a greeting',
    reply: (knowledge, words) => `${words.greeting} ${topicsOf(knowledge, words)}`,
  },
  {
    pattern: HELP,
    about: 'about what can be asked',
    reply: (knowledge, words) => `${words.help} ${topicsOf(knowledge, words)}`,
  },
  { pattern: THANKS, about: 'a thank-you', reply: (_, words) => words.thanks },
  { pattern: GOODBYE, about: 'a goodbye', reply: (_, words) => words.goodbye },
  {
    pattern: /^[^\p{L}\p{N}]*$/u,
    about: 'without a word',
    reply: (knowledge, words) => `${words.noWords} ${topicsOf(knowledge, words)}`,
  },
]

/** No small talk is longer, but for a message of nothing but signs. */
const LONGEST = 120

export interface SmallTalkReply {
  /** What kind of message it was, for the thinking. */
  readonly about: string
  readonly markdown: string
}

/** What to say to a message that asks nothing of the documents; the messages are the visitor's, oldest first. */
export function smallTalk(
  messages: readonly string[],
  knowledge: Knowledge,
): SmallTalkReply | undefined {
  const text = (messages.at(-1) ?? '').trim()
  const found = SMALL_TALK.find(
    ({ pattern, about }) =>
      (text.length <= LONGEST || about === 'without a word') && pattern.test(text),
  )
  return found && { about: found.about, markdown: found.reply(knowledge, wordsFor(messages)) }
}

const NEAR_MEANING = 0.35

/** Hits that are near enough to be named: they share words with the question, or its meaning. */
export const nearestOf = ({ hits }: Retrieval): readonly KnowledgeHit[] =>
  hits.filter(({ matchedTerms, meaning = 0 }) => matchedTerms.length > 0 || meaning >= NEAR_MEANING)

/** Says that nothing here answers the question, and names the sections that come nearest. */
export function declineAnswer(
  knowledge: Knowledge,
  questions: readonly string[],
  retrieval: Retrieval,
): string {
  const words = wordsFor(questions)
  const nearest = [...new Set(nearestOf(retrieval).map(placeOf))].slice(0, MOST_NEAREST)
  if (nearest.length === 0) return `${words.notFound} ${topicsOf(knowledge, words)}`
  return [words.notFound, '', words.nearest, '', ...nearest.map((place) => `- ${place}`)].join('\n')
}

/** A section by its own words, as a link where its page has an address. */
function placeOf(hit: KnowledgeHit): string {
  const { title, section, open_url: address } = sourceOf(hit, 1)
  const name = quoteMarkdown(section === null ? title : `${title} › ${section}`)
  return address === undefined
    ? name
    : `[${name}](<${address.replaceAll(/[<>\s]/g, encodeURIComponent)}>)`
}
