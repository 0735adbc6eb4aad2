/** What came of a question, where the visitor needs a way on. */
import type { AnswerOutcome } from '../../protocol/events.ts'
import type { GenerationResult } from './generate.ts'
import type { KnowledgeHit, Tool } from '../ports/index.ts'
import { wantsPerson } from '../../text/person-wanted.ts'
import type { TurnPlan } from './plan.ts'

export interface AnswerEnd {
  readonly plan: Pick<TurnPlan, 'grounding' | 'pageTools' | 'userMessage'>
  readonly result: Pick<GenerationResult, 'finishReason' | 'isDeclined' | 'rounds'>
  /** What this server's tools are. */
  readonly tools: readonly Tool[]
  /** What the model had to answer from; none of an engine that tells itself when it declines. */
  readonly passages: readonly KnowledgeHit[]
  readonly quotesPassages: boolean
}

/**
 * `undefined` for most answers. Of a model's own words none are judged: it counts as unanswered when the model
 * or its server says so, when it was told to answer from documents that have nothing on the question, and when
 * all that its tools did was to look into the documents and find nothing.
 */
export function outcomeOf(end: AnswerEnd): AnswerOutcome | undefined {
  const { plan, result, quotesPassages, passages } = end
  if (wantsPerson(plan.userMessage.content)) return 'wants_person'
  if (result.isDeclined) return 'unanswered'
  const isWhole = result.finishReason === 'stop'
  if (!isWhole || quotesPassages || passages.length > 0) return undefined
  return hadToCite(plan) || searchedInVain(end) ? 'unanswered' : undefined
}

/** A greeting has no words to look for, and is answered without any document. */
const hadToCite = ({ grounding }: AnswerEnd['plan']) =>
  grounding !== undefined && !grounding.isOptional && grounding.terms.length > 0

function searchedInVain({ plan, result, tools }: AnswerEnd): boolean {
  const succeeded = result.rounds.flatMap(({ calls, results }) =>
    calls.filter((_, index) => results[index]?.success === true),
  )
  const isOfPage = (wanted: string) => plan.pageTools.some(({ name }) => name === wanted)
  const searches = new Set(
    tools.flatMap(({ name, readsDocuments }) => (readsDocuments && !isOfPage(name) ? [name] : [])),
  )
  return succeeded.length > 0 && succeeded.every(({ name }) => searches.has(name))
}
