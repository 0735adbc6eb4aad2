import { countCodePoints } from '../core/turn/history.ts'
import type { Knowledge, KnowledgeHit, Passage } from '../core/ports/index.ts'
import { MIN_SCORE } from '../core/retrieval.ts'
import { wordsOf } from '../text/words.ts'

const MOST = 3
/** Unicode code points. */
const LONGEST = 120
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
  return (await leading(knowledge, tried, creator)).slice(0, MOST)
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
    .filter((heading) => ASKS.test(heading) && countCodePoints(heading) <= LONGEST)
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
    if (found.length === MOST) break
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
