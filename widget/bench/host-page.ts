/** What the loader costs a page before anybody shows interest in it. */
import { figure, type Measurement } from '../../server/bench/report.ts'
import { median } from '../../server/bench/statistics.ts'
import type { Bench } from './bench.ts'
import { openTab } from './browser.ts'

/**
 * How many times slower a cheap phone is. The times are multiplied, and the browser's own throttle is not
 * used: it interrupts the thread, which adds more than it should to many tasks of far less than one
 * millisecond, and a little more or less in every run.
 */
const SLOWER = 4
/** A page takes only a few milliseconds, so that many are needed to tell two apart. */
const TIMES = 12

interface Load {
  /** Main thread, milliseconds. */
  readonly busy: number
  /** The longest task over 50 ms, or 0. */
  readonly longest: number
}

/** In the page: waits until it has nothing left to do. Its longest task over 50 ms, or 0. */
async function settled(): Promise<number> {
  const seen = [0]
  const observer = new PerformanceObserver((list) =>
    seen.push(...list.getEntries().map(({ duration }) => duration)),
  )
  observer.observe({ type: 'longtask', buffered: true })
  await new Promise((resolve) => requestIdleCallback(resolve))
  await new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve)))
  return Math.max(...seen)
}

async function loadOnce({ browser, url }: Bench, path: string): Promise<Load> {
  const tab = await openTab(browser)
  const { page } = tab
  try {
    await page.evaluate(settled)
    const before = await tab.busy()
    await page.goto(`${url}${path}`, { waitUntil: 'load' })
    const longest = await page.evaluate(settled)
    return { busy: ((await tab.busy()) - before) * SLOWER, longest: longest * SLOWER }
  } finally {
    await tab.close()
  }
}

export async function measureHostPage(bench: Bench): Promise<Measurement> {
  const blank: Load[] = []
  const floor: Load[] = []
  const host: Load[] = []
  for (let round = 0; round < bench.rounds * TIMES; round += 1) {
    blank.push(await loadOnce(bench, '/blank.html'))
    floor.push(await loadOnce(bench, '/one-element.html'))
    host.push(await loadOnce(bench, `/host.html?chat=${bench.endpoint}`))
  }
  const middleOf = (loads: readonly Load[]): Load => ({
    busy: median(loads.map(({ busy }) => busy)),
    longest: median(loads.map(({ longest }) => longest)),
  })
  const without = middleOf(blank)
  const least = middleOf(floor)
  const page = middleOf(host)
  return {
    name: `A page before the chat is opened, processor ${SLOWER} times slower`,
    table: [
      ['', 'busy ms', 'longest task ms'],
      ['blank page', figure(without.busy), figure(without.longest, 0)],
      ['with a script that adds an empty element', figure(least.busy), figure(least.longest, 0)],
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
    figures: { blank, floor, host },
  }
}
