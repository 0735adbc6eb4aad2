/** Two runs of the same questions: what got lost, what was won, and whether it is more than chance. */
import type { QuestionResult, Run } from './evaluate.ts'
import { questionText, reciprocalRank } from './report.ts'
import { chanceOfDifference, mcNemar, meanOf } from './statistics.ts'

/** A difference that chance makes less often than this is taken as real. */
const SIGNIFICANT = 0.05

/** One question in both runs. */
interface Pair {
  readonly before: QuestionResult
  readonly after: QuestionResult
}

export interface Change {
  readonly what: string
  readonly before: number
  readonly after: number
  /** How likely chance alone makes this difference or a larger one. */
  readonly chance: number
  readonly isLoss: boolean
  readonly lost: readonly QuestionResult[]
  readonly won: readonly QuestionResult[]
}

export interface Comparison {
  /** Questions that both runs have, with the same words. */
  readonly questions: number
  /** Questions that only one of the runs has. */
  readonly unpaired: number
  readonly changes: readonly Change[]
}

/** A figure that is yes or no for each question; `undefined`: the question does not count. */
const SHARES: Readonly<Record<string, (result: QuestionResult) => boolean | undefined>> = {
  'right answers': ({ answerable, answer }) => (answerable ? answer?.right : undefined),
  'right refusals': ({ answerable, answer }) => (answerable ? undefined : answer?.right),
  'answers quoted truly': ({ answer }) =>
    answer?.answered ? answer.misquotes.length === 0 : undefined,
  'hit@1': ({ answerable, rank }) => (answerable ? rank === 1 : undefined),
}

const MEANS: Readonly<Record<string, (result: QuestionResult) => number>> = {
  'recall@5': ({ recall }) => recall,
  MRR: reciprocalRank,
}

export function compareRuns(before: Run, after: Run): Comparison {
  const earlier = new Map(before.results.map((result) => [result.id, result]))
  const pairs = after.results.flatMap((result): Pair[] => {
    const known = earlier.get(result.id)
    const isSame =
      known?.answerable === result.answerable && questionText(known) === questionText(result)
    return known && isSame ? [{ before: known, after: result }] : []
  })
  return {
    questions: pairs.length,
    unpaired: before.results.length + after.results.length - 2 * pairs.length,
    changes: [
      ...Object.entries(SHARES).flatMap(([what, pick]) => shareChange(what, pairs, pick)),
      ...Object.entries(MEANS).flatMap(([what, pick]) => meanChange(what, pairs, pick)),
    ],
  }
}

function shareChange(
  what: string,
  pairs: readonly Pair[],
  pick: (result: QuestionResult) => boolean | undefined,
): Change[] {
  const judged = pairs.flatMap((pair) => {
    const before = pick(pair.before)
    const after = pick(pair.after)
    return before === undefined || after === undefined
      ? []
      : [{ result: pair.after, before, after }]
  })
  if (judged.length === 0) return []
  const lost = judged.flatMap(({ result, before, after }) => (before && !after ? [result] : []))
  const won = judged.flatMap(({ result, before, after }) => (!before && after ? [result] : []))
  const chance = mcNemar(lost.length, won.length)
  return [
    {
      what,
      before: meanOf(judged.map(({ before }) => Number(before))),
      after: meanOf(judged.map(({ after }) => Number(after))),
      chance,
      isLoss: lost.length > won.length && chance < SIGNIFICANT,
      lost,
      won,
    },
  ]
}

function meanChange(
  what: string,
  pairs: readonly Pair[],
  pick: (result: QuestionResult) => number,
): Change[] {
  const judged = pairs.filter(({ after }) => after.answerable)
  if (judged.length === 0) return []
  const values = judged.map((pair) => ({
    result: pair.after,
    before: pick(pair.before),
    after: pick(pair.after),
  }))
  const difference = values.map(({ before, after }) => after - before)
  const chance = chanceOfDifference(difference)
  return [
    {
      what,
      before: meanOf(values.map(({ before }) => before)),
      after: meanOf(values.map(({ after }) => after)),
      chance,
      isLoss: meanOf(difference) < 0 && chance < SIGNIFICANT,
      lost: values.flatMap(({ result, before, after }) => (after < before ? [result] : [])),
      won: values.flatMap(({ result, before, after }) => (after > before ? [result] : [])),
    },
  ]
}

const signed = (value: number) => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(3)

/** Of figures that lost or won a question: by how much, which ones, and whether it may be chance. */
export function formatComparison({ questions, unpaired, changes }: Comparison): string {
  const inOne = unpaired > 0 ? `; ${unpaired} stand in one run only and are left out` : ''
  const lines = [`Compared question by question: ${questions} are the same in both runs${inOne}.`]
  for (const { what, before, after, chance, isLoss, lost, won } of changes) {
    const verdict = isLoss
      ? 'a loss beyond noise'
      : chance < SIGNIFICANT
        ? 'a gain'
        : 'within noise'
    const p = chance < 0.001 ? 'p < .001' : `p = ${chance.toFixed(3).slice(chance < 1 ? 1 : 0)}`
    lines.push(
      `${what}: ${before.toFixed(3)} → ${after.toFixed(3)} (${signed(after - before)}, ${p}): ${verdict}`,
    )
    for (const result of lost) lines.push(`    lost  ${result.id}: ${questionText(result)}`)
    for (const result of won) lines.push(`    won   ${result.id}: ${questionText(result)}`)
  }
  return lines.join('\n')
}
