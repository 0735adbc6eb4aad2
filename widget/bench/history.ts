/** A long conversation that is opened: how soon it is there, and whether the page stays free. */
import { figure, type Measurement } from '../../server/bench/report.ts'
import { median } from '../../server/bench/statistics.ts'
import type { Bench } from './bench.ts'
import { openTab } from './browser.ts'
import { HISTORY, HISTORY_ID, NEWEST } from './server.ts'

const longest = (tasks: readonly number[]) => Math.max(0, ...tasks)

async function openOnce({ browser, url }: Bench) {
  const tab = await openTab(browser)
  const { page } = tab
  try {
    await page.goto(`${url}/bench.html`)
    await page.waitForFunction(() => 'bench' in window)
    const report = await page.evaluate(({ id, words }) => window.bench.openHistory(id, words), {
      id: HISTORY_ID,
      words: NEWEST,
    })
    const { script, document } = await tab.heap()
    return { ...report, heap: script + document }
  } finally {
    await tab.close()
  }
}

export async function measureHistory(bench: Bench): Promise<Measurement> {
  const opened = []
  for (let round = 0; round < bench.rounds; round += 1) opened.push(await openOnce(bench))
  const took = median(opened.map((one) => one.took))
  const task = median(opened.map(({ longTasks }) => longest(longTasks)))
  const scrolling = median(opened.map((one) => longest(one.scrolling)))
  const heap = median(opened.map((one) => one.heap))
  return {
    name: `A history of ${HISTORY} messages`,
    table: [
      ['', 'first view ms', 'longest task ms', 'scrolling up ms', 'heap with DOM MB'],
      ['ours', figure(took, 0), figure(task, 0), figure(scrolling, 0), figure(heap)],
    ],
    budgets: [
      { what: 'first view after the data is there', value: took, unit: 'ms', atMost: 150 },
      { what: 'longest task', value: task, unit: 'ms', atMost: 50 },
      { what: 'longest task while scrolling up', value: scrolling, unit: 'ms', atMost: 50 },
    ],
    figures: opened,
  }
}
