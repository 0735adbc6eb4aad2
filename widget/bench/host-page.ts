/** What the loader costs a page before anybody shows interest in it. */
import { figure, type Measurement } from '../../server/bench/report.ts'
import { median } from '../../server/bench/statistics.ts'
import type { Bench } from './bench.ts'
import { openTab } from './browser.ts'

/** How many times slower the processor is made. */
const SLOWER = 4
/** A page takes only a few milliseconds, so that many are needed to tell two apart. */
const TIMES = 3

interface Load {
  /** Main thread, milliseconds. */
  readonly busy: number
  /** The longest task over 50 ms, or 0. */
  readonly longest: number
}

async function loadOnce({ browser, url }: Bench, path: string): Promise<Load> {
  const tab = await openTab(browser)
  const { page } = tab
  try {
    await tab.throttle(SLOWER)
    const before = await tab.busy()
    await page.goto(`${url}${path}`, { waitUntil: 'load' })
    const tasks = await page.evaluate(async () => {
      const seen: number[] = []
      const observer = new PerformanceObserver((list) =>
        seen.push(...list.getEntries().map(({ duration }) => duration)),
      )
      observer.observe({ type: 'longtask', buffered: true })
      await new Promise((resolve) => requestIdleCallback(resolve))
      await new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve)))
      return seen
    })
    return { busy: (await tab.busy()) - before, longest: Math.max(0, ...tasks) }
  } finally {
    await tab.close()
  }
}

export async function measureHostPage(bench: Bench): Promise<Measurement> {
  const blank: Load[] = []
  const host: Load[] = []
  for (let round = 0; round < bench.rounds * TIMES; round += 1) {
    blank.push(await loadOnce(bench, '/blank.html'))
    host.push(await loadOnce(bench, '/host.html'))
  }
  const middleOf = (loads: readonly Load[]): Load => ({
    busy: median(loads.map(({ busy }) => busy)),
    longest: median(loads.map(({ longest }) => longest)),
  })
  const without = middleOf(blank)
  const page = middleOf(host)
  return {
    name: `A page before the chat is opened, processor ${SLOWER} times slower`,
    table: [
      ['', 'busy ms', 'longest task ms'],
      ['blank page', figure(without.busy), figure(without.longest, 0)],
      ['with the loader', figure(page.busy), figure(page.longest, 0)],
    ],
    budgets: [
      { what: 'more than the blank page', value: page.busy - without.busy, unit: 'ms', atMost: 15 },
      {
        what: 'longer than its longest task',
        value: page.longest - without.longest,
        unit: 'ms',
        atMost: 0,
      },
    ],
    figures: { blank, host },
  }
}
