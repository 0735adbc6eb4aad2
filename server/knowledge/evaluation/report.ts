/** What a run says in figures, in a table, and question by question. */
import type { QuestionResult, Run } from './evaluate.ts'
import {
  bootstrap,
  meanOf,
  percentileOf,
  separationOf,
  shareOf,
  type Estimate,
} from './statistics.ts'

const NONE: Estimate = { value: Number.NaN, low: Number.NaN, high: Number.NaN }

/** What is measured of some questions, in the order in which it is printed; shares and means from 0 to 1. */
export interface Figures {
  readonly questions: number
  readonly hitAt1: Estimate
  readonly hitAt5: Estimate
  readonly recallAt5: Estimate
  readonly meanReciprocalRank: Estimate
  readonly rightAnswers: Estimate
  readonly wrongRefusals: Estimate
  readonly rightRefusals: Estimate
  /** Of all quoted sentences, those that the cited passage has. */
  readonly trueQuotes: Estimate
  /** How well the score tells the answerable from the others. */
  readonly refusalAuc: Estimate
  /** Milliseconds. */
  readonly latencyMedian: Estimate
  readonly latencyP95: Estimate
}

const LABELS = {
  hitAt1: 'hit@1',
  hitAt5: 'hit@5',
  recallAt5: 'recall@5',
  meanReciprocalRank: 'MRR',
  rightAnswers: 'right answers',
  wrongRefusals: 'wrong refusals',
  rightRefusals: 'right refusals',
  trueQuotes: 'quoted text in its source',
  refusalAuc: 'AUC of refusals',
  latencyMedian: 'latency p50, ms',
  latencyP95: 'latency p95, ms',
} as const satisfies Readonly<Record<Exclude<keyof Figures, 'questions'>, string>>

export const reciprocalRank = ({ rank }: QuestionResult) => (rank === null ? 0 : 1 / rank)

const isWithin = ({ rank }: QuestionResult, places: number) => rank !== null && rank <= places

interface Timed extends QuestionResult {
  readonly latency: number
}

function timed({ results, latencies }: Run): readonly Timed[] {
  return results.map((result, index) => ({ ...result, latency: latencies[index] ?? Number.NaN }))
}

export function figuresOf(run: Run, kind?: string): Figures {
  const results = timed(run).filter((result) => kind === undefined || result.kind === kind)
  const answerable = results.filter((result) => result.answerable)
  const others = results.filter((result) => !result.answerable)
  const answersTo = (some: readonly Timed[]) => some.flatMap(({ answer }) => answer ?? [])
  const quotes = answersTo(results).flatMap(({ quotes: count, misquotes }) =>
    Array.from({ length: count }, (_, index) => index >= misquotes.length),
  )
  const latencies = results.map(({ latency }) => latency)
  const confidences = (some: readonly Timed[]) => some.map(({ confidence }) => confidence)
  return {
    questions: results.length,
    hitAt1: shareOf(answerable.map((result) => isWithin(result, 1))),
    hitAt5: shareOf(answerable.map((result) => isWithin(result, 5))),
    recallAt5: bootstrap(
      answerable.map(({ recall }) => recall),
      meanOf,
    ),
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

const kindsOf = ({ results }: Run) => [...new Set(results.map(({ kind }) => kind))]

function cell(name: keyof typeof LABELS, { value, low, high }: Estimate = NONE): string {
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
  const kinds = kindsOf(run)
  const columns = [
    figuresOf(run),
    ...(kinds.length > 1 ? kinds : []).map((kind) => figuresOf(run, kind)),
  ]
  const names = Object.keys(LABELS).filter((name): name is keyof typeof LABELS => name in LABELS)
  const rows = names.map((name) => [
    LABELS[name],
    ...columns.map((figures) => cell(name, figures[name])),
  ])
  return [
    ['', 'all', ...(kinds.length > 1 ? kinds : [])],
    ['questions', ...columns.map(({ questions }) => String(questions))],
    ...rows.filter(([, ...cells]) => cells.some((text) => text !== '–')),
  ]
}

/** The first column at the start of its place, the others, which are figures, at the end; texts stand at the start. */
export function formatTable(
  table: readonly (readonly string[])[],
  others: 'figures' | 'texts' = 'figures',
): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  return table
    .map((row) =>
      row
        .map((text, column) =>
          column === 0 || others === 'texts'
            ? text.padEnd(widths[column] ?? 0)
            : text.padStart(widths[column] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
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
