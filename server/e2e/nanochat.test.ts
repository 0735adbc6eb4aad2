import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startFakeNanochatWeb, type FakeNanochatWeb } from '../testing/fake-nanochat-web.ts'
import { answers, input, say, startHarness, type Harness, type Visitor } from './harness.ts'

let web: FakeNanochatWeb
let harness: Harness
let visitor: Visitor | undefined
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  web = await startFakeNanochatWeb({ answer: () => ['Hello', ' from', ' **nanochat**'] })
  harness = await startHarness({
    environment: {
      INFERENCE_SERVICE_URL: web.url,
      INFERENCE_API: 'auto',
      SYSTEM_PROMPT: 'p'.repeat(7_900),
      THINK_PROMPT: 'Think.',
    },
  })
})
afterEach(async () => {
  await visitor?.context.close()
  for (const close of closers.splice(0)) await close()
})
afterAll(async () => {
  await harness.close()
  await web.close()
})

it('nanochat’s own web server answers in the chat, which knows how long a message may be', async () => {
  visitor = await harness.visitor()
  const { page } = visitor
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hi there')
  await answers(page).getByText('Hello from nanochat').waitFor()
  await input(page).fill('x'.repeat(103))
  await page.getByText(/5 characters too many: a message holds 98/).waitFor()
  await input(page).fill('x'.repeat(98))
  await input(page).press('Enter')
  await answers(page).nth(1).getByText('Hello from nanochat').waitFor()
  expect(visitor.errors).toEqual([])
})

it('a model server that is not set up is told to visitors in their language, with nothing to try again', async () => {
  const unset = await startHarness({ environment: { SYSTEM_PROMPT: 'Be kind.' } })
  closers.push(() => unset.close())
  unset.script = [{ status: 401, body: '{"detail":"invalid internal api key"}' }]
  for (const [locale, sentence] of [
    ['en-GB', 'The assistant is not set up right yet. Please try again later.'],
    ['de-DE', 'Der Assistent ist noch nicht richtig eingerichtet.'],
    ['ja-JP', 'アシスタントの設定がまだ正しくありません。'],
  ] as const) {
    visitor = await unset.visitor({ locale })
    const { page } = visitor
    await page.goto(`${unset.server.url}/inline.html?lang=${locale}`)
    await page
      .locator('samosa-chat')
      .evaluate((chat, lang) => chat.setAttribute('lang', lang), locale)
    await say(page, 'Hi')
    await page.locator('samosa-notice').getByText(sentence).waitFor()
    expect(await page.locator('samosa-notice').getByRole('button').count()).toBe(0)
    await visitor.context.close()
  }
  visitor = undefined
})
