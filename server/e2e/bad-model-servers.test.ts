/** What a visitor sees when the model server misbehaves: a clear sentence, and a way on. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { HANG, HTML, type Script } from '../testing/fake-model-server.ts'
import { answers, messages, say, startHarness, type Harness, type Visitor } from './harness.ts'

const BAD: readonly {
  readonly name: string
  readonly script: Script
  readonly sentence: RegExp
  /** What of the answer stays in sight. */
  readonly kept?: string
}[] = [
  { name: 'hangs', script: HANG, sentence: /took too long/ },
  {
    name: 'hangs in mid-answer',
    script: ['Half of it', { wait: new Promise(() => {}) }],
    sentence: /took too long/,
    kept: 'Half of it',
  },
  {
    name: 'is cut in mid-word',
    script: ['Half of it', { raw: 'data: {"tok' }, { cut: true }],
    sentence: /cut off/,
    kept: 'Half of it',
  },
  { name: 'answers 500', script: [{ status: 500, body: '{}' }], sentence: /ran into an error/ },
  { name: 'answers with a web page', script: HTML, sentence: /ran into an error/ },
  {
    name: 'sends an error in mid-stream',
    script: ['Half of it', { error: 'out of memory' }],
    sentence: /ran into an error/,
    kept: 'Half of it',
  },
]

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({ timeoutSeconds: 0.3 })
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

describe('when the model server', () => {
  for (const { name, script, sentence, kept } of BAD) {
    it(`${name}, the visitor is told, and trying again loses and doubles nothing`, async () => {
      harness.script = script
      visitor = await harness.visitor()
      const { page } = visitor
      await page.goto(`${harness.server.url}/page.html`)
      await say(page, 'A question')
      const alert = page.locator('samosa-notice')
      await alert.getByText(sentence).waitFor()
      if (kept !== undefined) await answers(page).getByText(kept).waitFor()
      harness.script = ['A whole', ' answer']
      await alert.getByRole('button', { name: 'Try again' }).click()
      await answers(page).getByText('A whole answer').waitFor()
      expect(await answers(page).count()).toBe(1)
      await page.reload()
      await answers(page).getByText('A whole answer').waitFor()
      expect(await answers(page).count()).toBe(1)
      expect(await page.locator('samosa-message').count()).toBe(2)
    })
  }
})

it('marks an answer that broke off, also after a reload and in a second tab', async () => {
  harness.script = ['Half of it', { cut: true }]
  visitor = await harness.visitor()
  const { page, context } = visitor
  const at = `${harness.server.url}/page.html`
  const expectMark = async (tab: Page) => {
    await answers(tab).getByText('Half of it').waitFor()
    await messages(tab).locator('.note').getByText('Interrupted').waitFor()
    await tab.locator('samosa-notice').getByText('before it was complete').waitFor()
    await tab.locator('samosa-notice').getByRole('button', { name: 'Try again' }).waitFor()
  }
  await page.goto(at)
  await say(page, 'A question')
  await expectMark(page)
  await page.reload()
  await expectMark(page)
  const second = await context.newPage()
  await second.goto(at)
  await expectMark(second)

  harness.script = ['A whole', ' answer']
  await second.getByRole('button', { name: 'Try again' }).click()
  await answers(second).getByText('A whole answer').waitFor()
  await page.reload()
  await answers(page).getByText('A whole answer').waitFor()
  for (const tab of [page, second]) {
    expect(await messages(tab).locator('.note').count()).toBe(0)
    expect(await tab.locator('samosa-notice').count()).toBe(0)
  }
})

it('is told when nothing listens where the model server should be', async () => {
  const gone = await startHarness()
  try {
    await gone.model.close()
    visitor = await gone.visitor()
    const { page } = visitor
    await page.goto(`${gone.server.url}/page.html`)
    await say(page, 'Anybody?')
    const sentence = page.locator('samosa-notice').getByText(/cannot be reached/)
    await sentence.waitFor()
    expect(await sentence.count()).toBe(1)
  } finally {
    await gone.close()
  }
})
