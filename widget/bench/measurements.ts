/** What is measured in the page, and what each figure must reach. */
import type { WidgetMeasurement } from '../../server/bench/names.ts'
import type { Budget, Measurement } from '../../server/bench/report.ts'
import type { Bench } from './bench.ts'
import { measureFirstPaint } from './first-paint.ts'
import { measureHistory } from './history.ts'
import { measureHostPage } from './host-page.ts'
import { draw, named, RIVAL, tableOf, type Case, type Result } from './streaming.ts'

type Measure = (bench: Bench) => Promise<Measurement>

/** One stream, and what is promised of it. */
interface Plan {
  readonly asked: (bench: Bench) => Case
  readonly budgets?: (results: readonly Result[]) => readonly Budget[]
  /** Nobody else is measured. */
  readonly alone?: boolean
}

const of = (results: readonly Result[], name = 'ours') =>
  results.find(({ contender }) => contender === name)

const against = (results: readonly Result[], value: (result: Result) => number) => {
  const [ours, rival] = [of(results), of(results, RIVAL)]
  return ours && rival ? value(ours) / value(rival) : Number.NaN
}

const cost = (results: readonly Result[]): Budget => ({
  what: `main thread, against ${RIVAL}`,
  value: against(results, ({ busy }) => busy),
  unit: '×',
  atMost: 1.1,
})

const late = (results: readonly Result[]): Budget => ({
  what: 'from the last token to the screen',
  value: of(results)?.late ?? Number.NaN,
  unit: 'ms',
  atMost: 200,
})

const longTasks = (results: readonly Result[]): Budget => ({
  what: 'tasks over 50 ms',
  value: of(results)?.longTasks ?? Number.NaN,
  unit: '',
  atMost: 0,
})

const streaming =
  ({ asked: chosen, budgets, alone = false }: Plan): Measure =>
  async (bench) => {
    const asked = chosen(bench)
    const results = await draw(bench, alone ? ['ours'] : bench.contenders, asked)
    return {
      name: named(asked),
      table: tableOf(results, asked),
      budgets: budgets?.(results) ?? [],
      figures: { ...asked, results },
    }
  }

/** Beside the long answer a short one at the same pace: what a token costs must not grow. */
const measureLongest: Measure = async (bench) => {
  const long: Case = { tokens: 48_000, rate: 2_000, rounds: bench.longRounds }
  const short: Case = { tokens: 4_000, rate: 2_000, rounds: bench.rounds }
  const results = await draw(bench, bench.contenders, long)
  const shorter = await draw(bench, ['ours'], short)
  const perToken = (busy: number | undefined, { tokens }: Case) => (busy ?? Number.NaN) / tokens
  return {
    name: named(long),
    table: tableOf(results, long),
    budgets: [
      cost(results),
      late(results),
      longTasks(results),
      {
        what: 'what a token costs, against one of 4,000 at the same pace',
        value: perToken(of(results)?.busy, long) / perToken(of(shorter)?.busy, short),
        unit: '×',
        atMost: 1.4,
      },
      {
        what: `heap afterwards with the DOM, against ${RIVAL}`,
        value: against(results, ({ heap }) => heap.script + heap.document),
        unit: '×',
        atMost: 1.5,
      },
    ],
    figures: { ...long, results, shorter },
  }
}

export const MEASUREMENTS = {
  'stream-1000': streaming({
    asked: ({ rounds }) => ({ tokens: 1_000, rate: 200, rounds }),
    budgets: (results) => [late(results), longTasks(results)],
  }),
  'stream-4000': streaming({
    asked: ({ rounds }) => ({ tokens: 4_000, rate: 200, rounds }),
    budgets: (results) => [cost(results), late(results), longTasks(results)],
  }),
  'stream-16000': streaming({
    asked: ({ longRounds: rounds }) => ({ tokens: 16_000, rate: 2_000, rounds }),
    budgets: (results) => [longTasks(results)],
  }),
  'stream-48000': measureLongest,
  'stream-at-once': streaming({
    asked: ({ rounds }) => ({ tokens: 4_000, rate: 0, rounds }),
  }),
  'stream-slow': streaming({
    asked: ({ rounds }) => ({ tokens: 4_000, rate: 200, rounds, slower: 4 }),
    budgets: (results) => [
      { what: 'longest task', value: of(results)?.longest ?? Number.NaN, unit: 'ms', atMost: 100 },
    ],
    alone: true,
  }),
  history: measureHistory,
  'host-page': measureHostPage,
  'first-paint': measureFirstPaint,
} satisfies Record<WidgetMeasurement, Measure>
