/** What a run says in figures, in a table, and question by question. */
import type { QuestionResult, Run } from './evaluate.ts'

// How sure a figure is, and whether two runs really differ. Nothing here is random: resampling has a fixed seed.

/** A figure with the range that holds the true one in 95 of 100 cases; all NaN where there is nothing to tell. */
interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The normal distribution has 95 % of its mass within so many standard deviations. */
const Z = 1.959964
const RESAMPLES = 2_000
const SEED = 20_240_607

const NOTHING: Estimate = { value: Number.NaN, low: Number.NaN, high: Number.NaN }

/** A share of yes among answers, with Wilson’s interval, which holds also near 0 and 1. */
export function shareOf(yes: readonly boolean[]): Estimate {
  const n = yes.length
  if (n === 0) return NOTHING
  const value = yes.filter(Boolean).length / n
  const middle = (value + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n)
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((value * (1 - value)) / n + Z ** 2 / (4 * n ** 2))
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

export const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The value that `share` (0–1) of the values do not exceed; NaN of none. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Whole numbers below a limit, the same ones each time (xorshift). */
function createDraw(): (below: number) => number {
  let state = SEED
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** As many as there are, each drawn from all of them. */
const resample = (values: readonly number[], draw: (below: number) => number) =>
  values.map(() => values[draw(values.length)] ?? Number.NaN)

function middle95(value: number, figures: readonly number[]): Estimate {
  return { value, low: percentileOf(figures, 0.025), high: percentileOf(figures, 0.975) }
}

/** Any figure of a list of values, with the interval that resampling (bootstrap) gives. */
export function bootstrap(
  values: readonly number[],
  figureOf: (values: readonly number[]) => number,
): Estimate {
  if (values.length === 0) return NOTHING
  const draw = createDraw()
  const figures = Array.from({ length: RESAMPLES }, () => figureOf(resample(values, draw)))
  return middle95(figureOf(values), figures)
}

/** How often a score of `above` is higher than one of `below`, of all pairs; a tie counts half. */
function areaUnderCurve(above: readonly number[], below: readonly number[]): number {
  const sorted = below.toSorted((left, right) => left - right)
  /** How many of the sorted are less than the score, or not more than it. */
  const count = (score: number, orEqual: boolean) => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const at = (low + high) >>> 1
      const value = sorted[at] ?? Infinity
      if (value < score || (orEqual && value === score)) low = at + 1
      else high = at
    }
    return low
  }
  const wins = above.map((score) => (count(score, false) + count(score, true)) / 2)
  return meanOf(wins) / below.length
}

/**
 * Area under the ROC curve: how well a score tells the ones from the others; 0.5 is guessing, 1 is perfect.
 * Both groups are resampled.
 */
export function separationOf(above: readonly number[], below: readonly number[]): Estimate {
  if (above.length === 0 || below.length === 0) return NOTHING
  const draw = createDraw()
  const areas = Array.from({ length: RESAMPLES }, () =>
    areaUnderCurve(resample(above, draw), resample(below, draw)),
  )
  return middle95(areaUnderCurve(above, below), areas)
}

/**
 * McNemar’s exact test: how likely it is that chance alone makes `lost` and `won` differ by so much, when
 * each question whose result has changed could as well have changed the other way.
 */
export function mcNemar(lost: number, won: number): number {
  const changed = lost + won
  // In logarithms: half to the power of a thousand is too small for a number.
  let logarithm = changed * Math.log(0.5)
  let tail = 0
  for (let k = 0; k <= Math.min(lost, won); k += 1) {
    tail += Math.exp(logarithm)
    logarithm += Math.log((changed - k) / (k + 1))
  }
  return Math.min(1, 2 * tail)
}

/** How likely it is that chance alone makes the mean of these differences so far from 0 (paired bootstrap). */
export function chanceOfDifference(differences: readonly number[]): number {
  if (differences.every((difference) => difference === 0)) return 1
  const draw = createDraw()
  let below = 1
  let above = 1
  for (let round = 0; round < RESAMPLES; round += 1) {
    const mean = meanOf(resample(differences, draw))
    if (mean <= 0) below += 1
    if (mean >= 0) above += 1
  }
  return Math.min(1, (2 * Math.min(below, above)) / (RESAMPLES + 1))
}

/** Figures in the order in which they are printed; shares and means from 0 to 1. */
const LABELS = {
  hitAt1: 'hit@1',
  hitAt5: 'hit@5',
  recallAt5: 'recall@5',
  meanReciprocalRank: 'MRR',
  rightAnswers: 'right answers',
  wrongRefusals: 'wrong refusals',
  rightRefusals: 'right refusals',
  /** Of all quoted sentences, those that the cited passage has. */
  trueQuotes: 'quoted text in its source',
  /** How well the score tells the answerable from the others. */
  refusalAuc: 'AUC of refusals',
  latencyMedian: 'latency p50, ms',
  latencyP95: 'latency p95, ms',
} as const

type Figure = keyof typeof LABELS

/** What is measured of some questions. */
export type Figures = Readonly<Record<Figure, Estimate>> & { readonly questions: number }

export const reciprocalRank = ({ rank }: QuestionResult) => (rank === null ? 0 : 1 / rank)

const isWithin = ({ rank }: QuestionResult, places: number) => rank !== null && rank <= places

export function figuresOf(run: Run, kind?: string): Figures {
  const timed = run.results
    .map((result, index) => ({ result, latency: run.latencies[index] ?? Number.NaN }))
    .filter(({ result }) => kind === undefined || result.kind === kind)
  const latencies = timed.map(({ latency }) => latency)
  const results = timed.map(({ result }) => result)
  const answerable = results.filter((result) => result.answerable)
  const others = results.filter((result) => !result.answerable)
  const answersTo = (some: readonly QuestionResult[]) => some.flatMap(({ answer }) => answer ?? [])
  const confidences = (some: readonly QuestionResult[]) => some.map((result) => result.confidence)
  const quotes = answersTo(results).flatMap(({ quotes: count, misquotes }) =>
    Array.from({ length: count }, (_, index) => index >= misquotes.length),
  )
  const recalls = answerable.map(({ recall }) => recall)
  return {
    questions: results.length,
    hitAt1: shareOf(answerable.map((result) => isWithin(result, 1))),
    hitAt5: shareOf(answerable.map((result) => isWithin(result, 5))),
    recallAt5: bootstrap(recalls, meanOf),
    meanReciprocalRank: bootstrap(answerable.map(reciprocalRank), meanOf),
    rightAnswers: shareOf(answersTo(answerable).map(({ right }) => right)),
    wrongRefusals: shareOf(answersTo(answerable).map(({ answered }) => !answered)),
    rightRefusals: shareOf(answersTo(others).map(({ right }) => right)),
    trueQuotes: shareOf(quotes),
    refusalAuc: separationOf(confidences(answerable), confidences(others)),
    latencyMedian: bootstrap(latencies, (values) => percentileOf(values, 0.5)),
    latencyP95: bootstrap(latencies, (values) => percentileOf(values, 0.95)),
  }
}

function cell(name: Figure, { value, low, high }: Estimate): string {
  if (Number.isNaN(value)) return '–'
  const digits = name.startsWith('latency') ? 1 : 3
  const [middle, from, to] = [value, low, high].map((figure) => figure.toFixed(digits))
  return `${middle} [${from}, ${to}]`
}

/**
 * The figures of a run, of all questions and of each kind; the first row holds the names of the columns. What
 * nothing is known of is left out.
 */
export function tableOf(run: Run): readonly (readonly string[])[] {
  const all = [...new Set(run.results.map(({ kind }) => kind))]
  const kinds = all.length > 1 ? all : []
  const columns = [figuresOf(run), ...kinds.map((kind) => figuresOf(run, kind))]
  const names = Object.keys(LABELS).filter((name): name is Figure => name in LABELS)
  const rows = names.map((name) => [
    LABELS[name],
    ...columns.map((figures) => cell(name, figures[name])),
  ])
  return [
    ['', 'all', ...kinds],
    ['questions', ...columns.map(({ questions }) => String(questions))],
    ...rows.filter(([, ...cells]) => cells.some((text) => text !== '–')),
  ]
}

/** Why a question failed; nothing when it did not. */
export function problemsOf({ answerable, rank, answer, found }: QuestionResult): readonly string[] {
  if (!answer) {
    return answerable && rank !== 1
      ? [`${placeInWords(rank)}; first is ${found[0] ?? 'nothing'}`]
      : []
  }
  const misquotes = answer.misquotes.map((quote) => `not in the cited passage: “${quote}”`)
  if (answer.right) return misquotes
  if (!answerable) return ['answered, and the documents have no answer', ...misquotes]
  if (!answer.answered) return [`declined; ${placeInWords(rank)}`]
  return [
    ...(answer.cites ? [] : [`cites other documents; ${placeInWords(rank)}`]),
    ...answer.missing.map((words) => `lacks “${words}”`),
    ...misquotes,
  ]
}

const placeInWords = (rank: number | null) =>
  rank === null ? 'what answers it was not found' : `what answers it was found in place ${rank}`

/** A question as a conversation on one line. */
export const questionText = ({ turns }: Pick<QuestionResult, 'turns'>) => turns.join(' → ')

/** The questions that failed, and why. */
export function formatMisses({ results }: Run): string {
  return results
    .flatMap((result) => {
      const problems = problemsOf(result)
      if (problems.length === 0) return []
      return [`${result.id}: ${questionText(result)}`, ...problems.map((text) => `    ${text}`)]
    })
    .join('\n')
}

// Two runs of the same questions: what got lost, what was won, and whether it is more than chance.

/** A difference that chance makes less often than this is taken as real. */
const SIGNIFICANT = 0.05

interface Change {
  readonly what: string
  readonly before: number
  readonly after: number
  /** How likely chance alone makes this difference or a larger one. */
  readonly chance: number
  readonly isLoss: boolean
  readonly lost: readonly QuestionResult[]
  readonly won: readonly QuestionResult[]
}

interface Comparison {
  /** Questions that both runs have, with the same words. */
  readonly questions: number
  /** Questions that only one of the runs has. */
  readonly unpaired: number
  readonly changes: readonly Change[]
}

/** A figure of each question, of yes or no or from 0 to 1; `undefined`: the question does not count. */
type FigureOf = (result: QuestionResult) => boolean | number | undefined

const COMPARED: Readonly<Record<string, FigureOf>> = {
  'right answers': ({ answerable, answer }) => (answerable ? answer?.right : undefined),
  'right refusals': ({ answerable, answer }) => (answerable ? undefined : answer?.right),
  'answers quoted truly': ({ answer }) =>
    answer?.answered ? answer.misquotes.length === 0 : undefined,
  'hit@1': ({ answerable, rank }) => (answerable ? rank === 1 : undefined),
  'recall@5': ({ answerable, recall }) => (answerable ? recall : undefined),
  MRR: (result) => (result.answerable ? reciprocalRank(result) : undefined),
}

export function compareRuns(before: Run, after: Run): Comparison {
  const earlier = new Map(before.results.map((result) => [result.id, result]))
  const pairs = after.results.flatMap((result) => {
    const known = earlier.get(result.id)
    const isSame =
      known?.answerable === result.answerable && questionText(known) === questionText(result)
    return known && isSame ? [{ before: known, after: result }] : []
  })
  return {
    questions: pairs.length,
    unpaired: before.results.length + after.results.length - 2 * pairs.length,
    changes: Object.entries(COMPARED).flatMap(([what, pick]) => {
      const judged = pairs.flatMap((pair) => {
        const [from, to] = [pick(pair.before), pick(pair.after)]
        return from === undefined || to === undefined ? [] : [{ result: pair.after, from, to }]
      })
      return judged.length === 0 ? [] : [changeOf(what, judged)]
    }),
  }
}

/** What became of a figure, of each question before and after. */
function changeOf(
  what: string,
  judged: readonly {
    readonly result: QuestionResult
    readonly from: boolean | number
    readonly to: boolean | number
  }[],
): Change {
  const differences = judged.map(({ from, to }) => Number(to) - Number(from))
  const lost = judged.filter(({ from, to }) => to < from).map(({ result }) => result)
  const won = judged.filter(({ from, to }) => to > from).map(({ result }) => result)
  const isShare = judged.every(({ from }) => typeof from === 'boolean')
  const chance = isShare ? mcNemar(lost.length, won.length) : chanceOfDifference(differences)
  return {
    what,
    before: meanOf(judged.map(({ from }) => Number(from))),
    after: meanOf(judged.map(({ to }) => Number(to))),
    chance,
    isLoss: meanOf(differences) < 0 && chance < SIGNIFICANT,
    lost,
    won,
  }
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
