import { countCodePoints } from '../core/history.ts'
import type { Knowledge, Passage } from '../core/ports.ts'
import { MIN_SCORE } from '../core/retrieval.ts'

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
  const known = new Set([...earlier, ...passages.map(({ section }) => lastOf(section))])
  const asked = [...new Set(headings.map((heading) => heading.replaceAll('`', '')))].filter(
    (heading) => ASKS.test(heading) && countCodePoints(heading) <= LONGEST && !known.has(heading),
  )
  const tried = asked.slice(0, MOST_TRIED)
  const lead = await Promise.all(tried.map((heading) => leadsToItself(knowledge, heading)))
  return tried.filter((_, index) => lead[index]).slice(0, MOST)
}

async function leadsToItself(knowledge: Knowledge, heading: string): Promise<boolean> {
  const [best] = await knowledge.search(heading, { limit: 1 })
  return best !== undefined && best.score >= MIN_SCORE && lastOf(best.passage.section) === heading
}

/** A section is the path of its headings. */
const lastOf = (section: string | null) => section?.split(' › ').at(-1)?.replaceAll('`', '')
