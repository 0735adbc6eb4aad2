/** Finds passages for a question, read together with the questions before it. */
import type { Source } from '../protocol/events.ts'
import type { Knowledge, KnowledgeHit, KnowledgeScope, Passage, Retrieval } from './ports/index.ts'
import { FENCED_CODE } from '../text/quotables.ts'
import { contentOf, namesIn, queryTermsOf } from '../text/words.ts'
import { relatedWords } from '../text/synonyms.ts'

/** Below this share of the question, what a passage says is not an answer to it. */
export const MIN_SCORE = 0.42
/** Passages that are looked at for a question: long documents have several among the first. */
const CANDIDATES = 20
/** What the questions before add to a follow-up's score: they name its subject, or another case of it. */
const POINTING_SHARE = 0.8
const CONTEXT_SHARE = 0.35
/** What they add to the order of what is found for a question that stands alone; its scores stay its own. */
const TOPIC_SHARE = 0.15

/** Names another case of what was asked before: "and on React?", "what about dogs?" */
const OTHER_CASE = /^(?:and|or|but|also|so|then|what about|how about|what if|same)\b/i
/** Speaks of what was asked before: "how much is that?"; not "is there parking?" */
const POINTS_BACK =
  /\b(?:it|its|that|this|those|these|they|them|their|one|ones)\b|(?<!\b(?:is|are|was|were|will|would|be)\s+)\bthere\b(?!\s+(?:is|are|was|were|an?|any|some)\b)|^why\b/i
/** A question with more words of its own than this stands alone. */
const FOLLOW_UP_TERMS = 4
/** Questions that a follow-up may reach back. */
const MOST_CONTEXT = 4
/** Questions whose topic is still in the air. */
const TOPIC_QUESTIONS = 2
/** Passages that are looked at only because they may say the same in other words. */
const RELATED_CANDIDATES = 8
const RELATED_SHARE = 0.9
/** Characters of a passage that stand beside an answer. */
const SNIPPET_LENGTH = 280

/** Words that find a passage in its page; more of them are more likely to differ there. */
const FRAGMENT_WORDS = 8
/** Characters; fewer could stand anywhere, and scripts without spaces have no words to count. */
const SHORTEST_FRAGMENT = 8
const LONGEST_FRAGMENT = 80

/** Whether a question can only be read with those before it. */
export const isFollowUp = (question: string) => {
  const ownTerms = queryTermsOf(question).length
  const asked = question.trim()
  return (
    ownTerms === 0 || (ownTerms <= FOLLOW_UP_TERMS && (OTHER_CASE.test(asked) || pointsBack(asked)))
  )
}

/** Whether a question asks more about what was asked before, rather than about another case of it. */
export const pointsBack = (question: string) => POINTS_BACK.test(question.trim())

/** What a follow-up is about: the questions before it, back to one that stands alone. */
function contextOf(questions: readonly string[]): string {
  const standing = questions.findLastIndex((question) => !isFollowUp(question))
  const first = Math.max(0, standing, questions.length - 1 - MOST_CONTEXT)
  const context = questions.slice(first, -1).join(' ')
  const question = questions.at(-1) ?? ''
  const names = namesIn(question)
  if (pointsBack(question) || names.length === 0) return context
  // "And Norwich?" asks the same about another place: the one before is not meant.
  return namesIn(context).reduce((rest, name) => rest.replaceAll(name, ' '), context)
}

/**
 * Passages for the last of the visitor's questions, oldest first; a follow-up ("and on React?") is read
 * together with what was asked before it.
 */
export async function retrieve(
  knowledge: Knowledge,
  asked: readonly string[],
  scope: KnowledgeScope = {},
): Promise<Retrieval> {
  const questions = asked.map(contentOf)
  const question = questions.at(-1) ?? ''
  const context = contextOf(questions)
  const own = queryTermsOf(question)
  const added = queryTermsOf(context).filter(
    ({ term }) => !own.some((known) => known.term === term),
  )
  const terms = [
    ...own.map((term) => ({ ...term, context: false })),
    ...added.map((term) => ({ ...term, context: true })),
  ]
  const ranked = await rank(knowledge, { questions, context, scope })
  const hits = await withRelated(knowledge, ranked, { words: `${context} ${question}`, scope })
  return { terms, hits }
}

interface Asking {
  /** The visitor's, oldest first; the last one is asked. */
  readonly questions: readonly string[]
  /** What the last one is read with. */
  readonly context: string
  readonly scope: KnowledgeScope
}

async function rank(
  knowledge: Knowledge,
  { questions, context, scope }: Asking,
): Promise<readonly KnowledgeHit[]> {
  const question = questions.at(-1) ?? ''
  if (context === '') {
    const topic = questions.slice(-1 - TOPIC_QUESTIONS, -1).join(' ')
    if (topic.trim() === '')
      return await knowledge.search(question, { limit: CANDIDATES, ...scope })
    const { own, both } = await searchBoth(knowledge, question, topic, scope)
    return blend(own, both, TOPIC_SHARE).map(({ hit }) => hit)
  }
  if (queryTermsOf(question).length === 0) {
    return await knowledge.search(context, { limit: CANDIDATES, ...scope })
  }
  const { own, both } = await searchBoth(knowledge, question, context, scope)
  const share = pointsBack(question) ? POINTING_SHARE : CONTEXT_SHARE
  return blend(own, both, share).map(({ hit, context: found, score }) => ({
    ...hit,
    ...(found.meaning !== undefined && { meaning: found.meaning }),
    matchedTerms: found.matchedTerms,
    score,
  }))
}

/** What is found for a question alone, and read with what was asked before. */
async function searchBoth(
  knowledge: Knowledge,
  question: string,
  before: string,
  scope: KnowledgeScope,
) {
  const options = { limit: CANDIDATES * 3, ...scope }
  const [own, both] = await Promise.all([
    knowledge.search(question, options),
    knowledge.search(`${before} ${question}`, options),
  ])
  return { own, both }
}

/** The question's own hits, best first by a score to which what was asked before adds its share. */
function blend(own: readonly KnowledgeHit[], both: readonly KnowledgeHit[], share: number) {
  const contexts = new Map(both.map((hit) => [hit.passage.id, hit]))
  return own
    .flatMap((hit) => {
      const context = contexts.get(hit.passage.id)
      if (!context) return []
      return [{ hit, context, score: hit.score * (1 - share) + context.score * share }]
    })
    .toSorted((left, right) => right.score - left.score)
    .slice(0, CANDIDATES)
}

/** Behind what was found, passages that may say the same in other words; no score of theirs makes an answer. */
async function withRelated(
  knowledge: Knowledge,
  ranked: readonly KnowledgeHit[],
  { words, scope }: { readonly words: string; readonly scope: KnowledgeScope },
): Promise<readonly KnowledgeHit[]> {
  const related = relatedWords(words)
  if (related.length === 0) return ranked
  const options = { limit: RELATED_CANDIDATES, byWords: true, ...scope }
  const found = await knowledge.search(related.join(' '), options)
  const known = new Set(ranked.map(({ passage }) => passage.id))
  const lowest = Math.min(MIN_SCORE, ...ranked.map(({ score }) => score))
  const others = found.filter(({ passage }) => !known.has(passage.id))
  return [
    ...ranked,
    ...others.map(({ passage, score }) => ({
      passage,
      score: Math.min(score, lowest) * RELATED_SHARE,
      matchedTerms: [],
    })),
  ]
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
    .replaceAll(/^ *- /gm, '')
    .replaceAll(/^\|(?: *-+ *\|)+$/gm, ' ')
    .replaceAll(/(?<!\\)\|/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const characters = [...plain]
  if (characters.length <= maxLength) return plain
  const cut = characters.slice(0, maxLength - 1).join('')
  const space = cut.lastIndexOf(' ')
  return `${(space > maxLength / 2 ? cut.slice(0, space) : cut).trimEnd()}…`
}
