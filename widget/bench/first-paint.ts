/** From the model server's byte to painted text: through the server, over the wire and onto the page. */
import type { Page } from 'playwright-core'
import { figure, type Measurement } from '../../server/bench/report.ts'
import { startProduct } from '../../server/bench/servers.ts'
import { median } from '../../server/bench/statistics.ts'
import {
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
} from '../../server/testing/fake-model-server.ts'
import type { Bench } from './bench.ts'
import { openTab } from './browser.ts'

const PROMISED_MS = 100
/** An answer takes a moment only. */
const TIMES = 4

/** Milliseconds since 1970, finer than Date. */
const now = () => performance.timeOrigin + performance.now()

/** Resolves in the frame after the one that painted the word, with its time: an upper bound. */
const painted = (page: Page, word: string) =>
  page.evaluate((wanted) => {
    const shows = (root: ParentNode): boolean =>
      [...root.querySelectorAll('*')].some(
        ({ shadowRoot }) =>
          shadowRoot && (shadowRoot.textContent.includes(wanted) || shows(shadowRoot)),
      )
    return new Promise<number>((resolve) => {
      const look = () => {
        if (!shows(document)) requestAnimationFrame(look)
        else requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
      }
      look()
    })
  }, word)

/** One answer: milliseconds from its first byte until it is on the screen. */
async function answer(page: Page, model: FakeModelServer, round: number): Promise<number> {
  const field = page.getByRole('textbox')
  await field.fill(`Round ${round}`)
  await field.press('Enter')
  await model.requested(round + 1)
  const seen = painted(page, `Word${round}`)
  const sent = now()
  await model.send(`Word${round}`)
  const delay = (await seen) - sent
  await model.finish()
  await page.getByRole('button', { name: /stop/i }).waitFor({ state: 'detached' })
  return delay
}

export async function measureFirstPaint({
  browser,
  rounds,
  directory,
}: Bench): Promise<Measurement> {
  const model = await startFakeModelServer({ protocol: 'nanochat', respond: () => MANUAL })
  const product = await startProduct({
    directory,
    profiles: undefined,
    model: model.url,
    core: undefined,
  })
  const tab = await openTab(browser)
  const delays: number[] = []
  try {
    await tab.page.goto(`${product.target.url}/page.html`)
    for (let round = 0; round < rounds * TIMES; round += 1) {
      delays.push(await answer(tab.page, model, round))
    }
  } finally {
    await tab.close()
    await product.stop()
    await model.close()
  }
  const ordered = delays.toSorted((a, b) => a - b)
  return {
    name: 'From the first byte of the model server to painted text',
    table: [
      ['', 'median ms', 'least ms', 'most ms'],
      [
        'ours',
        figure(median(delays), 0),
        figure(ordered.at(0) ?? 0, 0),
        figure(ordered.at(-1) ?? 0, 0),
      ],
    ],
    budgets: [{ what: 'median', value: median(delays), unit: 'ms', atMost: PROMISED_MS }],
    figures: { delays },
  }
}
