import { countCodePoints } from '../core/history.ts'
import type { Knowledge, KnowledgeHit, Passage } from '../core/ports.ts'
import { MIN_SCORE } from '../core/retrieval.ts'
import { wordsOf } from '../core/words.ts'

const MOST = 3
/** Unicode code points. */
const LONGEST = 120
/** Headings that are tried: each is a search. */
const MOST_TRIED = 8

/** One word is a label, and no question; scripts without spaces are the exception. */
const ASKS = /\s|\?$|[\u0900-\u0dff\u3040-\u30ff\u4e00-\u9fff]/u

/**
 * What a visitor may ask next, and has not asked: headings beside what was quoted that, asked as they stand, lead to their own
 * section of the documents.
 */
export async function suggestionsBeside(
  knowledge: Knowledge,
  passages: readonly Passage[],
  earlier: readonly string[],
): Promise<readonly string[]> {
  const headings = passages.flatMap((passage) => knowledge.headingsNear(passage))
  return leading(
    knowledge,
    headings,
    new Set([...earlier, ...passages.map(({ section }) => lastOf(section))]),
  )
}

/** What a visitor may ask where nothing answered: the headings of what came nearest. */
export async function suggestionsNear(
  knowledge: Knowledge,
  nearest: readonly KnowledgeHit[],
  earlier: readonly string[],
): Promise<readonly string[]> {
  const headings = nearest.flatMap(({ passage }) => lastOf(passage.section) ?? [])
  return leading(knowledge, headings, new Set(earlier))
}

/** The first of some headings that can be asked, and lead to their own section. */
async function leading(
  knowledge: Knowledge,
  headings: readonly string[],
  known: ReadonlySet<string | undefined>,
): Promise<readonly string[]> {
  const asked = new Set([...known].map((text) => lettersOf(text ?? '')))
  const tried = [...new Set(headings.map((heading) => heading.replaceAll('`', '')))]
    .filter((heading) => ASKS.test(heading) && countCodePoints(heading) <= LONGEST)
    .filter((heading) => !asked.has(lettersOf(heading)))
    .slice(0, MOST_TRIED)
  const lead = await Promise.all(tried.map((heading) => leadsToItself(knowledge, heading)))
  return tried.filter((_, index) => lead[index]).slice(0, MOST)
}

/** A text without case and signs: "Dark mode?" asks for what is called Dark mode. */
const lettersOf = (text: string) => wordsOf(text).join(' ')

async function leadsToItself(knowledge: Knowledge, heading: string): Promise<boolean> {
  const [best] = await knowledge.search(heading, { limit: 1, byWords: true })
  return best !== undefined && best.score >= MIN_SCORE && lastOf(best.passage.section) === heading
}

/** A section is the path of its headings. */
const lastOf = (section: string | null) => section?.split(' › ').at(-1)?.replaceAll('`', '')
