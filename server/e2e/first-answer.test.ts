/** What a visitor downloads up to the first answer: the element in one file, and nothing else that it needs. */
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FIRST_ANSWER_BUDGET } from '../scripts/sizes.ts'
import { answers, input, say, startHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())

/** Path of a script without the part that changes with its content. */
const lasting = (url: string) =>
  new URL(url).pathname.replace(/\.[\w-]{8}(?=\.js$)|(?<=^\/chunks\/)[\w-]{8}\//, '')

it('shows a plain answer by one script, even when no other can be had', async () => {
  harness.script = [
    'A **plain** answer.\n\n',
    '- with\n',
    '- a list\n\n',
    '```js\nlet it = be\n```',
  ]
  const { page, context } = await harness.visitor()
  const scripts: string[] = []
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.push(lasting(request.url()))
  })
  await page.route('**/chunks/**', (route) => route.abort())
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello?')
  await answers(page).locator('code', { hasText: 'let it = be' }).waitFor()
  expect(await answers(page).locator('strong, li').count()).toBe(3)
  expect(scripts.filter((name) => name.includes('/samosa-chat'))).not.toHaveLength(0)
  await context.close()
})

it('shows the words of an answer whose thinking cannot be shown, and all of it later', async () => {
  harness.script = ['<think>Six times', ' seven.</think>', 'Forty-', '**two**.']
  const { page, context } = await harness.visitor()
  const chunks = '**/chunks/**'
  await page.route(chunks, (route) => route.abort())
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello?')
  await answers(page).locator('strong').waitFor()
  expect((await answers(page).locator('.segments').innerText()).trim()).toBe('Forty-two.')
  await page.unroute(chunks)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await answers(page).locator('.think').waitFor()
  expect(await answers(page).locator('strong').count()).toBe(1)
  await context.close()
})

it('leads back to the end of an answer while what notices news cannot be had', async () => {
  harness.script = ['A line.\n\n'.repeat(80), 'The **end**.']
  const { page, context } = await harness.visitor()
  await page.route('**/chunks/**', (route) => route.abort())
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello?')
  await answers(page).locator('strong').waitFor()
  await page.locator('samosa-message-list .scroller').evaluate((scroller) => {
    scroller.scrollTop = 0
  })
  const jump = page.getByRole('button', { name: 'Jump to latest' })
  await jump.click()
  await jump.waitFor({ state: 'detached' })
  await context.close()
})

it('says so while the code that opens a conversation again cannot be had, and opens it later', async () => {
  harness.script = ['A **plain** answer.']
  const { page, context } = await harness.visitor()
  const chunks = '**/chunks/*/panel*'
  await page.route(chunks, (route) => route.abort())
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello?')
  await answers(page).locator('strong').waitFor()
  // Where nobody has asked for it, nothing is said: the visitor comes back to the tab.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await page.reload()
  await page.getByRole('alert').getByText('cannot be reached').waitFor()
  await page.unroute(chunks)
  await page.getByRole('button', { name: 'Try again' }).click()
  await answers(page).locator('strong').waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
  await context.close()
})

it('writes an unsent message into the field again where it cannot be restored', async () => {
  const { page, context } = await harness.visitor()
  await page.route('**/api/conversations', (route) => route.abort())
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello?')
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await page.route('**/chunks/**', (route) => route.abort())
  await page.reload()
  await expect.poll(() => input(page).inputValue()).toBe('Hello?')
  await page.unroute('**/api/conversations')
  await input(page).press('Enter')
  await answers(page).waitFor()
  await context.close()
})

it('asks for nothing that a plain answer has no use for', async () => {
  harness.script = ['A **plain** answer.']
  // Too narrow for the list of conversations to stand beside the chat by itself.
  const { page, context } = await harness.visitor({ viewport: { width: 800, height: 700 } })
  const chunks = new Set<string>()
  page.on('request', (request) => {
    const path = lasting(request.url())
    if (path.startsWith('/chunks/')) chunks.add(path)
  })
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello?')
  await answers(page).locator('strong').waitFor()
  await page.getByRole('button', { name: /stop/i }).waitFor({ state: 'detached' })
  for (const unused of [
    ...['sanitize', 'tools', 'sources', 'shared', 'panel', 'markdown', 'highlight', 'typeset'],
    ...['mhchem', 'composer', 'conversations', 'contact', 'account'],
  ]) {
    expect([...chunks].filter((path) => path.includes(unused))).toEqual([])
  }
  await context.close()
})

/** What comes beside a first answer and behind it; the answer waits for none of it. */
const BESIDE = new Set(['beside.js', 'rolldown-runtime.js', 'late-formats.js'])
/** Most bytes of them, compressed by brotli: 13,400 were measured, and 5 % are to spare. */
const BESIDE_BUDGET = 14_000

it('downloads no more up to the end of a first answer than is promised', async () => {
  harness.script = [
    'A **plain** answer with a [link](https://example.com/).\n\n',
    '- with\n- a list\n\n',
    '| and a | table |\n| --- | --- |\n| of two | cells |\n',
  ]
  // Too narrow for the list of conversations to stand beside the chat by itself.
  const { page, context } = await harness.visitor({ viewport: { width: 800, height: 700 } })
  const loaded = new Map<string, Promise<Buffer>>()
  page.on('response', (response) => {
    const path = lasting(response.url())
    if (/^\/(samosa-chat|chunks\/)/.test(path)) loaded.set(path, response.body())
  })
  // Words of the page's own are an addition.
  await page.route('**/page.html', async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace(/starters="[^"]*"/, '')
    await route.fulfill({ response, body })
  })
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello?')
  await answers(page).locator('td').last().waitFor()
  await page.getByRole('button', { name: 'Good answer' }).waitFor()
  // What is loaded when there is nothing else to do counts too.
  await page.evaluate(async () => {
    for (let times = 0; times < 3; times += 1)
      await new Promise((resolve) => requestIdleCallback(resolve))
  })
  // What keeps messages waiting without a network comes a while after the end.
  for (const path of ['panel', 'shared']) loaded.delete(`/chunks/${path}.js`)
  let atOnce = 0
  let beside = 0
  const besides: string[] = []
  for (const [path, body] of loaded) {
    const bytes = brotliCompressSync(await body).length
    if (path.startsWith('/samosa-chat')) atOnce += bytes
    else {
      beside += bytes
      besides.push(path.slice('/chunks/'.length))
    }
  }
  expect(atOnce).toBeLessThanOrEqual(FIRST_ANSWER_BUDGET)
  expect(besides.filter((name) => !BESIDE.has(name))).toEqual([])
  expect(beside).toBeLessThanOrEqual(BESIDE_BUDGET)
  await context.close()
})
