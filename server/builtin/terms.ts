/**
 * What a question asks for and what a text speaks of, in words and in what they may mean, and how well the one
 * covers the other. Terms are weighed by how much they tell.
 */
import type { Retrieval } from '../core/ports/index.ts'
import { baseStemOf, baseStemsOf, meaningsOf } from '../text/synonyms.ts'
import { isMistyped, namesIn, queryTermsOf } from '../text/words.ts'
import type { Asked } from './question.ts'

/** What a text speaks of: its words, and what they may mean. */
export interface Sense {
  readonly stems: ReadonlySet<string>
  readonly groups: ReadonlySet<number>
}

/** Figures that say what they are about without the word. */
const FIGURES: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/[£$€¥₹]\s?\d|\d\s?[£€¥₹]/, 'price'],
  [/\$\s?\d/, 'dollar'],
  [/€\s?\d|\d\s?€/, 'euro'],
  [/£\s?\d/, 'pound'],
  [/\d\s?[ap]\.?m\b|\b\d{1,2}[.:]\d{2}\b/i, 'hours'],
  [/\d\s?°/, 'temperature'],
  [/\d\s?(?:kg|g|lbs?|stone)\b/, 'weight'],
  [/\S@\S+\.\S/, 'e-mail'],
  [/\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b/, 'day'],
]

export const EMPTY: Sense = { stems: new Set(), groups: new Set() }

/** What a text speaks of; figures say it, too. */
export function senseOf(text: string): Sense {
  const said = FIGURES.filter(([pattern]) => pattern.test(text)).map(([, word]) => word)
  const stems = baseStemsOf([text, ...said].join(' '))
  return {
    stems: new Set(stems),
    groups: new Set(meaningsOf(stems).flatMap(({ groups }) => [...groups])),
  }
}

/** What several texts speak of together. */
export const union = (senses: readonly Sense[]): Sense => ({
  stems: new Set(senses.flatMap(({ stems }) => [...stems])),
  groups: new Set(senses.flatMap(({ groups }) => [...groups])),
})

/** A word of the question with what it may mean and how much it tells. */
export interface Term {
  readonly stem: string
  readonly groups: ReadonlySet<number>
  readonly weight: number
  readonly isName: boolean
  /** It asks, and does not only tell of the case or stand in an earlier question. */
  readonly asks: boolean
  /** How well texts have it, as far as it was looked for: many pieces stand below one heading. */
  readonly covered: Map<Sense, number>
}

const RELATED = 0.75
const ALIKE = 0.85

/** Whether two stems are forms of one word: `deliver`, `delivery`. */
function isAlike(left: string, right: string): boolean {
  const shortest = Math.min(left.length, right.length)
  if (shortest < 5) return false
  let same = 0
  while (same < shortest && left[same] === right[same]) same += 1
  return same >= Math.max(5, Math.max(left.length, right.length) * 0.7)
}

/** 0–1: how well a text has what a term means. */
export function cover(term: Term, sense: Sense): number {
  const known = term.covered.get(sense)
  if (known !== undefined) return known
  const found = lookFor(term, sense)
  term.covered.set(sense, found)
  return found
}

function lookFor({ stem, groups }: Term, sense: Sense): number {
  if (sense.stems.has(stem)) return 1
  for (const other of sense.stems) if (isAlike(stem, other)) return ALIKE
  if (stem.length >= 5) for (const other of sense.stems) if (isMistyped(stem, other)) return ALIKE
  for (const group of groups) if (sense.groups.has(group)) return RELATED
  return 0
}

/** Words that stand in many questions and tell little of what is asked. */
const LIGHT = new Set(
  `able accept actually add aged along avoid become begin carry connect cover create deal do easy feel fill form get goes hand handle hook join leave link make manage move pick possible provide reach remain return sell serve share special switch turn value various version wear wish write allow allowed already also always anyone anything apply around ask available away back bad best better big bit bring buy call
  change check choose come consider cost day different end enough ever exactly exist fast far find first fit
  follow good great happy hard high hold hope idea include keep kind know large last late lately later least leave
  less like little live long look lot low main matter mean mention minute month need new next nice normal normally
  number offer old open own part people person place plan pay please possible present price problem put quick quickly
  quite read ready really receive right run seem send set short show simple small someone soon sort
  spend start stay still stop support sure take tell thing think thought time today together told tomorrow total try turn
  type use usually using want week well went work working world wrong year yet yesterday zero got getting give`
    .split(/\s+/)
    .map(baseStemOf),
)
const LIGHT_WEIGHT = 0.45
/** Words that ask for whatever there is about a thing, and that no text has to have. */
const ONLY_ASKS = new Set(
  `compare comparison describe description detail duration explain info information list option overview period
  policy procedure process rule show summary summarise summarize term tip way`
    .split(/\s+/)
    .map(baseStemOf),
)
/** What a visitor tells beside the question, and what was asked before it. */
const ASIDE_WEIGHT = 0.35

/** The stems that ask; where they only say how ("what can you do about it?"), all of the question's. */
function askingStems({ focus }: Asked, terms: Retrieval['terms']): ReadonlySet<string> {
  const stems = queryTermsOf(focus).map(({ word }) => baseStemOf(word))
  if (stems.some((stem) => !LIGHT.has(stem))) return new Set(stems)
  return new Set(terms.filter(({ context }) => !context).map(({ word }) => baseStemOf(word)))
}

/** What each stem of a question may mean, alone or in a phrase that it stands in. */
function meaningsIn(question: string): ReadonlyMap<string, ReadonlySet<number>> {
  const meanings = new Map<string, ReadonlySet<number>>()
  for (const { stems, groups } of meaningsOf(baseStemsOf(question))) {
    for (const stem of stems)
      meanings.set(stem, new Set([...(meanings.get(stem) ?? []), ...groups]))
  }
  return meanings
}

/** The terms of a question; those that few of the pieces have tell more. */
export function weighTerms(
  asked: Asked,
  { terms }: Retrieval,
  pieces: readonly { readonly own: Sense }[],
): readonly Term[] {
  const asking = askingStems(asked, terms)
  const meanings = meaningsIn(`${terms.map(({ word }) => word).join(' ')}\n${asked.focus}`)
  const names = new Set(namesIn(asked.focus).flatMap(baseStemsOf))
  return terms.map(({ word, context }) => {
    const stem = baseStemOf(word)
    const count = pieces.filter(({ own }) => own.stems.has(stem)).length
    const rarity = Math.log(1 + pieces.length / Math.max(1, count))
    const asks = !context && asking.has(stem) && !asked.wantedBy.has(stem) && !ONLY_ASKS.has(stem)
    const isAside = !asks && !(context && asked.pointsBack)
    const isLight = LIGHT.has(stem) || /^\d+$/.test(stem)
    const isName = names.has(stem)
    return {
      stem,
      // A name means nothing but itself.
      groups: isName ? new Set() : (meanings.get(stem) ?? new Set()),
      weight: rarity * (isAside ? ASIDE_WEIGHT : 1) * (isLight ? LIGHT_WEIGHT : 1),
      isName,
      asks,
      covered: new Map(),
    }
  })
}
