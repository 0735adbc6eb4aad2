import type { Knowledge, KnowledgeHit } from '../core/ports.ts'
import { queryTermsOf, termsOf } from '../core/words.ts'

/** Below this share of the question, what a passage says is not an answer to it. */
export const MIN_SCORE = 0.42
const CANDIDATES = 8
/** What the question before adds to a follow-up's score. */
const CONTEXT_SHARE = 0.35

const FOLLOW_UP =
  /^(?:and|or|but|also|so|then|what about|how about|what if|why|same)\b|\b(?:it|its|that|this|those|these|they|them|there|one)\b/i
/** A question with more words of its own than this stands alone. */
const FOLLOW_UP_TERMS = 3

export interface RetrievedTerm {
  readonly word: string
  readonly term: string
  /** From the question before this one. */
  readonly context: boolean
}

export interface Retrieval {
  readonly terms: readonly RetrievedTerm[]
  /** Best first; those at or above `MIN_SCORE` can be answered from. */
  readonly hits: readonly KnowledgeHit[]
}

const isFollowUp = (question: string, ownTerms: number) =>
  ownTerms === 0 || (ownTerms <= FOLLOW_UP_TERMS && FOLLOW_UP.test(question.trim()))

/** Passages for a question; a follow-up ("and on React?") is read together with the question before it. */
export function retrieve(
  knowledge: Knowledge,
  question: string,
  previousQuestion: string | undefined,
): Retrieval {
  const own = queryTermsOf(question)
  const ownTerms = own.map((term) => ({ ...term, context: false }))
  if (previousQuestion === undefined || !isFollowUp(question, own.length)) {
    return { terms: ownTerms, hits: knowledge.search(question, { limit: CANDIDATES }) }
  }
  const added = queryTermsOf(previousQuestion).filter(
    ({ term }) => !own.some((known) => known.term === term),
  )
  const terms = [...ownTerms, ...added.map((term) => ({ ...term, context: true }))]
  if (own.length === 0)
    return { terms, hits: knowledge.search(previousQuestion, { limit: CANDIDATES }) }
  return { terms, hits: withContext(knowledge, question, previousQuestion) }
}

/** The follow-up's own words decide; the earlier question only orders what they find. */
function withContext(knowledge: Knowledge, question: string, previous: string): KnowledgeHit[] {
  const own = new Map(
    knowledge.search(question, { limit: CANDIDATES * 3 }).map((hit) => [hit.passage.id, hit]),
  )
  return knowledge
    .search(`${previous} ${question}`, { limit: CANDIDATES * 3 })
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
