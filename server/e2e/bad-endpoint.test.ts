/** An `endpoint` where no chat server is: one sentence, one event, the text kept, and a way on. */
import type { Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startPageServer, type PageServer } from './foreign-page.ts'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let site: PageServer
let visitor: Visitor
beforeAll(async () => {
  site = await startPageServer()
  harness = await startHarness({ environment: { ALLOWED_ORIGINS: site.origin } })
})
afterEach(() => visitor.context.close())
afterAll(async () => {
  await harness.close()
  await site.close()
})

async function open(endpoint: string): Promise<Page> {
  visitor = await harness.visitor()
  const { page } = visitor
  await page.goto(
    site.put(
      '/shop',
      `<!doctype html><script>
        var failures = []
        addEventListener('samosa-error', (event) => failures.push(event.detail))
      </script>
      <script type="module" src="${harness.server.url}/samosa-chat.js"></script>
      <samosa-chat mode="inline" endpoint="${endpoint}"></samosa-chat>`,
    ),
  )
  return page
}

const alert = (page: Page) => page.getByRole('alert')
const failures = (page: Page) => page.evaluate('failures')
const NOT_SET_UP = {
  code: 'misconfigured',
  message: 'This chat is not set up correctly: there is no chat server at its address.',
}
const OUT_OF_REACH = {
  code: 'unreachable',
  message: 'The chat server cannot be reached right now.',
}

const cases: readonly (readonly [string, () => string, object])[] = [
  ['a host of files, which has no such page', () => site.origin, NOT_SET_UP],
  ['a path of the server that is not its root', () => `${harness.server.url}/chat`, NOT_SET_UP],
  ['no address at all', () => 'https://chat.example:port', NOT_SET_UP],
  ['a port where nothing listens', () => 'http://127.0.0.1:9', OUT_OF_REACH],
  ['a host that does not exist', () => 'nowhere.example', OUT_OF_REACH],
]

it.each(cases)('%s: says so once, and keeps the text', async (_, endpoint, failure) => {
  const page = await open(endpoint())
  await say(page, 'Are you there?')
  await alert(page)
    .getByText((failure as typeof NOT_SET_UP).message)
    .waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  expect(await alert(page).count()).toBe(1)
  expect(await page.getByText('Are you there?').count()).toBe(1)
  expect(await failures(page)).toEqual([failure])
})

const HTML = { contentType: 'text/html', body: '<h1>Welcome</h1>' }
const broken: readonly (readonly [string, (route: Route) => Promise<void>, object])[] = [
  ['a page with status 200', (route) => route.fulfill({ ...HTML, status: 200 }), NOT_SET_UP],
  ['a page with status 404', (route) => route.fulfill({ ...HTML, status: 404 }), NOT_SET_UP],
  ['a proxy’s page with 502', (route) => route.fulfill({ ...HTML, status: 502 }), OUT_OF_REACH],
  ['no permission for this page', (route) => route.abort('accessdenied'), OUT_OF_REACH],
]

it.each(broken)(
  '%s: goes on by “Try again” when the server is back',
  async (_, answer, failure) => {
    const page = await open(harness.server.url)
    await page.route('**/api/**', (route) => {
      const headers = { 'access-control-allow-origin': '*' }
      // The browser asks first whether it may; that much works.
      return route.request().method() === 'OPTIONS' ? route.fulfill({ headers }) : answer(route)
    })
    await say(page, 'Are you there?')
    await alert(page).waitFor()
    expect(await failures(page)).toEqual([failure])
    await page.unroute('**/api/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await answers(page).getByText('Hello world!').waitFor()
    expect(await page.getByText('Are you there?').count()).toBe(1)
    expect(await alert(page).count()).toBe(0)
  },
)

it('tells the developer of a page that may not use the chat, in one line, what to set', async () => {
  const page = await open(harness.server.url)
  const logged: string[] = []
  page.on('console', (message) => logged.push(message.text()))
  // The same page on an origin that the server does not know.
  await page.goto(site.put('/shop', await page.content()).replace('localhost', '127.0.0.1'))
  await say(page, 'Are you there?')
  await alert(page).getByText(OUT_OF_REACH.message).waitFor()
  const ours = () => logged.filter((line) => line.startsWith('Samosa Chat:'))
  await expect.poll(ours).toHaveLength(1)
  expect(ours()[0]).toContain(`ALLOWED_ORIGINS=${site.origin.replace('localhost', '127.0.0.1')}`)
  await page.getByRole('button', { name: 'Try again' }).click()
  await alert(page).getByText(OUT_OF_REACH.message).waitFor()
  expect(ours()).toHaveLength(1)
})
