/** From the model server's byte to the painted text: the promise is 100 ms. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MANUAL } from '../testing/fake-model-server.ts'
import { say, startHarness, type Harness } from './harness.ts'

const ROUNDS = 9
const PROMISED_MS = 100

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())

/** Milliseconds since 1970, finer than Date. */
const now = () => performance.timeOrigin + performance.now()
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

it(`paints the first text within ${PROMISED_MS} ms of the model server's first byte`, async () => {
  harness.script = MANUAL
  const { page, context } = await harness.visitor()
  await page.goto(`${harness.server.url}/page.html`)
  const delays: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const word = `Word${round}`
    await say(page, `Round ${round}`)
    await harness.model.requested(round + 1)
    // Resolves in the frame after the one that painted the word: an upper bound.
    const painted = page.evaluate((wanted) => {
      const shows = (root: ParentNode): boolean =>
        [...root.querySelectorAll('*')].some(
          (element) =>
            element.shadowRoot &&
            (element.shadowRoot.textContent.includes(wanted) || shows(element.shadowRoot)),
        )
      return new Promise<number>((resolve) => {
        const look = () => {
          if (shows(document)) {
            requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
          } else requestAnimationFrame(look)
        }
        look()
      })
    }, word)
    const sent = now()
    await harness.model.send(word)
    delays.push((await painted) - sent)
    await harness.model.finish()
    await page.getByRole('button', { name: /stop/i }).waitFor({ state: 'detached' })
  }
  await context.close()
  const shown = delays.map((delay) => delay.toFixed(0)).join(', ')
  console.log(`first painted text: median ${median(delays).toFixed(1)} ms (${shown})`)
  expect(median(delays)).toBeLessThanOrEqual(PROMISED_MS)
})
