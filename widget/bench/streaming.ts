/** Answers that stream into a page: how long its main thread works, and what it keeps. */
import { figure, type Measurement } from '../../server/bench/report.ts'
import { median } from '../../server/bench/statistics.ts'
import type { Bench } from './bench.ts'
import { openTab, profile, type Heap } from './browser.ts'
import { lastWords } from './markdown.ts'
import { askFor, type Stream } from './model-server.ts'

/** The one to be near: it is incremental, and sanitises nothing. */
export const RIVAL = 'streaming-markdown'

/** All that are measured against each other. */
export const CONTENDERS = ['ours', RIVAL, 'naive', 'floor'] as const

/** One answer, drawn once. */
interface Drawn {
  /** Main thread, milliseconds. */
  readonly busy: number
  readonly took: number
  /** Milliseconds from the model server's last token until it is painted: an upper bound. */
  readonly late: number
  readonly longTasks: readonly number[]
  /** When it is over. */
  readonly heap: Heap
}

/** The medians of several. */
export interface Result extends Omit<Drawn, 'longTasks'> {
  readonly contender: string
  /** How many tasks over 50 ms. */
  readonly longTasks: number
  /** Milliseconds; 0 when there is none over 50 ms. */
  readonly longest: number
}

export interface Case extends Stream {
  /** How often each contender draws it. */
  readonly rounds: number
  /** How many times slower than it is the processor shall be. */
  readonly slower?: number
}

async function drawOnce(bench: Bench, contender: string, asked: Case): Promise<Drawn> {
  const tab = await openTab(bench.browser)
  const { page } = tab
  try {
    await page.goto(`${bench.url}/bench.html`)
    await page.waitForFunction(() => 'bench' in window)
    const { scripts, endpoint } = bench
    const how = { name: contender, scripts, endpoint }
    await page.evaluate((chosen) => window.bench.prepare(chosen), how)
    await tab.heap()
    if (asked.slower !== undefined) await tab.throttle(asked.slower)
    const stop = bench.profiles === undefined ? undefined : await profile(page, bench.profiles)
    const before = await tab.busy()
    const report = await page.evaluate((message) => window.bench.answer(message), askFor(asked))
    const busy = (await tab.busy()) - before
    await stop?.(`${contender}-${asked.tokens}-${asked.rate}`)
    if (!(await page.evaluate((words) => window.bench.shows(words), lastWords(1)))) {
      throw new Error(`${contender} does not show the end of the answer`)
    }
    const late = report.paintedAt - bench.model.lastTokenAt
    return { ...report, late, busy, heap: await tab.heap() }
  } finally {
    await tab.close()
  }
}

/** Draws an answer with each contender in turn, several times, so that a slow minute hits all. */
export async function draw(
  bench: Bench,
  contenders: readonly string[],
  asked: Case,
): Promise<readonly Result[]> {
  const drawn = new Map<string, Drawn[]>(contenders.map((name) => [name, []]))
  for (let round = 0; round < asked.rounds; round += 1) {
    for (const [name, results] of drawn) results.push(await drawOnce(bench, name, asked))
  }
  return [...drawn].map(([contender, results]) => {
    const middle = (value: (one: Drawn) => number) => median(results.map(value))
    return {
      contender,
      busy: middle(({ busy }) => busy),
      took: middle(({ took }) => took),
      late: middle(({ late }) => late),
      heap: {
        script: middle(({ heap }) => heap.script),
        document: middle(({ heap }) => heap.document),
      },
      longTasks: middle(({ longTasks }) => longTasks.length),
      longest: middle(({ longTasks }) => Math.max(0, ...longTasks)),
    }
  })
}

/** The case in words. */
export function named({ tokens, rate, slower }: Case): string {
  const pace = rate === 0 ? 'as fast as possible' : `at ${figure(rate, 0)} a second`
  const machine = slower === undefined ? '' : `, processor ${slower} times slower`
  return `An answer of ${figure(tokens, 0)} tokens ${pace}${machine}`
}

export function tableOf(results: readonly Result[], { tokens }: Case): Measurement['table'] {
  const rival = results.find(({ contender }) => contender === RIVAL)
  return [
    [
      '',
      'busy ms',
      'µs a token',
      'of rival',
      'tasks > 50 ms',
      'longest ms',
      'script heap MB',
      'with DOM',
      'seconds',
      'late ms',
    ],
    ...results.map(({ contender, busy, longTasks, longest, heap, took, late }) => [
      contender,
      figure(busy, 0),
      figure((busy * 1000) / tokens),
      figure(busy / (rival?.busy ?? Number.NaN), 2),
      figure(longTasks, 0),
      figure(longest, 0),
      figure(heap.script),
      figure(heap.script + heap.document),
      figure(took / 1000),
      figure(late, 0),
    ]),
  ]
}
