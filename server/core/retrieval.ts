/** Finds passages for a question, read together with the questions before it. */
import type { Source } from '../protocol/events.ts'
import type {
  Knowledge,
  KnowledgeHit,
  KnowledgeScope,
  Passage,
  Retrieval,
  RetrievedTerm,
} from './ports.ts'
import { queryTermsOf, termsOf } from './words.ts'

/** Below this share of the question, what a passage says is not an answer to it. */
export const MIN_SCORE = 0.42
const CANDIDATES = 8
/** What the question before adds to a follow-up's score. */
const CONTEXT_SHARE = 0.35

const FOLLOW_UP =
  /^(?:and|or|but|also|so|then|what about|how about|what if|why|same)\b|\b(?:it|its|that|this|those|these|they|them|there|one)\b/i
/** A question with more words of its own than this stands alone. */
const FOLLOW_UP_TERMS = 3
/** Questions that a follow-up may reach back. */
const MOST_CONTEXT = 4
/** Characters of a passage that stand beside an answer. */
const SNIPPET_LENGTH = 280

/** Words that find a passage in its page; more of them are more likely to differ there. */
const FRAGMENT_WORDS = 8
/** Characters; fewer could stand anywhere, and scripts without spaces have no words to count. */
const SHORTEST_FRAGMENT = 8
const LONGEST_FRAGMENT = 80

const FENCED_CODE = /^(`{3,})[^\n`]*\n[\s\S]*?\n\1$/gm

const isFollowUp = (question: string) => {
  const ownTerms = queryTermsOf(question).length
  return ownTerms === 0 || (ownTerms <= FOLLOW_UP_TERMS && FOLLOW_UP.test(question.trim()))
}

/** What a follow-up is about: the questions before it, back to one that stands alone. */
function contextOf(questions: readonly string[]): string {
  const standing = questions.findLastIndex((question) => !isFollowUp(question))
  const first = Math.max(0, standing, questions.length - 1 - MOST_CONTEXT)
  return questions.slice(first, -1).join(' ')
}

/**
 * Passages for the last of the visitor's questions, oldest first; a follow-up ("and on React?") is read
 * together with what was asked before it.
 */
export async function retrieve(
  knowledge: Knowledge,
  questions: readonly string[],
  scope: KnowledgeScope = {},
): Promise<Retrieval> {
  const question = questions.at(-1) ?? ''
  const context = contextOf(questions)
  const own = queryTermsOf(question)
  const ownTerms = own.map((term) => ({ ...term, context: false }))
  const options = { limit: CANDIDATES, ...scope }
  if (context === '') return { terms: ownTerms, hits: await knowledge.search(question, options) }
  const added = queryTermsOf(context).filter(
    ({ term }) => !own.some((known) => known.term === term),
  )
  const terms = [...ownTerms, ...added.map((term) => ({ ...term, context: true }))]
  if (own.length === 0) return { terms, hits: await knowledge.search(context, options) }
  return { terms, hits: await withContext(knowledge, { question, context, scope }) }
}

/** The follow-up's own words decide; the earlier question only orders what they find. */
async function withContext(
  knowledge: Knowledge,
  asked: { readonly question: string; readonly context: string; readonly scope: KnowledgeScope },
): Promise<KnowledgeHit[]> {
  const { question, context, scope } = asked
  const options = { limit: CANDIDATES * 3, ...scope }
  const [ownHits, hits] = await Promise.all([
    knowledge.search(question, options),
    knowledge.search(`${context} ${question}`, options),
  ])
  const own = new Map(ownHits.map((hit) => [hit.passage.id, hit]))
  return hits
    .flatMap((hit) => {
      const ownHit = own.get(hit.passage.id)
      if (!ownHit) return []
      const score = ownHit.score * (1 - CONTEXT_SHARE) + hit.score * CONTEXT_SHARE
      return [{ passage: hit.passage, score, matchedTerms: hit.matchedTerms }]
    })
    .toSorted((left, right) => right.score - left.score)
    .slice(0, CANDIDATES)
}

/** How telling each term is among some texts: rare ones more. */
export function termWeights(
  terms: readonly RetrievedTerm[],
  texts: readonly string[],
): ReadonlyMap<string, number> {
  const sets = texts.map((text) => new Set(termsOf(text)))
  return new Map(
    terms.map(({ term, context }) => {
      const count = sets.filter((set) => set.has(term)).length
      const weight = Math.log(1 + texts.length / Math.max(1, count))
      return [term, context ? weight * CONTEXT_SHARE : weight]
    }),
  )
}

/** A passage as it stands beside an answer that cites it by the number. */
export function sourceOf({ passage, score }: KnowledgeHit, number: number): Source {
  return {
    number,
    title: passage.documentTitle,
    url: passage.url,
    creator: passage.creator,
    section: passage.section,
    snippet: plainSnippet(passage.text, SNIPPET_LENGTH),
    score: Math.round(score * 1_000) / 1_000,
    ...(passage.url !== null && { open_url: openUrlOf(passage, passage.url) }),
    ...(passage.page !== null && { page: passage.page }),
  }
}

/**
 * Opens a document at a passage: its own anchor, the page of a PDF, else a text fragment, which browsers
 * look for and the others pass over (https://wicg.github.io/scroll-to-text-fragment/).
 */
function openUrlOf({ anchor, page, text }: Passage, url: string): string {
  if (url.includes('#')) return url
  if (anchor !== null) return `${url}#${encodeURIComponent(anchor)}`
  if (page !== null) return `${url}#page=${page}`
  const words = fragmentWordsOf(text)
  // A hyphen ends the context of a fragment's words.
  return words === '' ? url : `${url}#:~:text=${encodeURIComponent(words).replaceAll('-', '%2D')}`
}

/** The first words of a passage's first line, as far as they stand in the page without a mark in between. */
function fragmentWordsOf(text: string): string {
  const line = text
    .replaceAll(FENCED_CODE, '')
    .split('\n')
    .find((written) => /[\p{L}\p{N}]/u.test(written))
  const [plain = ''] = (line ?? '').replace(/^(?:- |\d{1,9}\. |\| )/, '').split(/[`|]/)
  const sentence = plain.trim().split(/\s+/).slice(0, FRAGMENT_WORDS).join(' ')
  return sentence.length < SHORTEST_FRAGMENT
    ? ''
    : [...sentence].slice(0, LONGEST_FRAGMENT).join('')
}

/** A passage for a place that is not Markdown, without code marks and code blocks, cut at a word. */
function plainSnippet(text: string, maxLength: number): string {
  const plain = text
    .replaceAll(FENCED_CODE, ' ')
    .replaceAll('`', '')
    .replaceAll(/^- /gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const characters = [...plain]
  if (characters.length <= maxLength) return plain
  const cut = characters.slice(0, maxLength - 1).join('')
  const space = cut.lastIndexOf(' ')
  return `${(space > maxLength / 2 ? cut.slice(0, space) : cut).trimEnd()}…`
}
