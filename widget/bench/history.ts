/** A long conversation that is opened: how soon it is there, and whether the page stays free. */
import { createClient } from '../api/client.ts'
import { decodeSession } from '../api/decode-body.ts'
import { figure, type Measurement } from '../../server/bench/report.ts'
import { median } from '../../server/bench/statistics.ts'
import type { Bench } from './bench.ts'
import { openTab } from './browser.ts'
import { lastWords } from './markdown.ts'
import { askFor } from './model-server.ts'

/** Messages of the long conversation. */
const HISTORY = 500
const ANSWERS = HISTORY / 2

interface History {
  readonly id: string
  /** Of the visitor whose conversation it is. */
  readonly token: string
}

/** Has as many questions answered as the conversation has pairs of messages. */
async function createHistory(endpoint: string): Promise<History> {
  const response = await fetch(`${endpoint}/api/session`, { method: 'POST' })
  const { token } = decodeSession(await response.json())
  const client = createClient({ endpoint, token: () => token })
  const id = await client.createConversation()
  for (let seed = 1; seed <= ANSWERS; seed += 1) {
    const content = askFor({ tokens: 150, rate: 0, seed })
    const events = await client.send(id, { content }, { idempotencyKey: `answer ${seed}` })
    for await (const _ of events) continue
  }
  return { id, token }
}

const longest = (tasks: readonly number[]) => Math.max(0, ...tasks)

async function openOnce({ browser, url, scripts, endpoint }: Bench, history: History) {
  const tab = await openTab(browser)
  const { page } = tab
  try {
    await page.goto(`${url}/bench.html`)
    await page.waitForFunction(() => 'bench' in window)
    const opened = { ...history, scripts, endpoint, lastWords: lastWords(ANSWERS) }
    const report = await page.evaluate((how) => window.bench.openHistory(how), opened)
    const { script, document } = await tab.heap()
    return { ...report, heap: script + document }
  } finally {
    await tab.close()
  }
}

export async function measureHistory(bench: Bench): Promise<Measurement> {
  const history = await createHistory(bench.endpoint)
  const opened = []
  for (let round = 0; round < bench.rounds; round += 1) opened.push(await openOnce(bench, history))
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
