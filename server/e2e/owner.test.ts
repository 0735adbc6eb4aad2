/** The owner's words and switches, from the environment and from the tag to the screen. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { answers, input, say, startHarness, type Harness } from './harness.ts'

let harness: Harness
let context: BrowserContext | undefined
beforeAll(async () => {
  harness = await startHarness({
    environment: {
      WIDGET_TITLE: 'Fern & Leaf',
      WIDGET_GREETING: 'Hello from the shop.',
      WIDGET_GREETING_DE: 'Hallo aus dem Laden.',
      WIDGET_STARTERS_DE: 'Wann liefern Sie?|Wie oft gieße ich?',
      WIDGET_NOTICE: 'ai',
      WIDGET_PRIVACY_URL: 'https://shop.example/privacy',
      WIDGET_FEATURES: '-list',
    },
  })
})
afterEach(() => context?.close())
afterAll(() => harness.close())

const CHAT = '<samosa-chat mode="inline"></samosa-chat>'
const ELEMENT = `<script type="module" src="samosa-chat.js"></script>${CHAT}`

/** A page of the server's with that in its body. */
async function open(lang: string, body: string, page?: Page): Promise<Page> {
  const visitor = page ? undefined : await harness.visitor()
  context = visitor?.context ?? context
  const shown = page ?? visitor?.page
  if (!shown) throw new Error('no page')
  await shown.route('**/owner.html', (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body: `<!doctype html><html lang="${lang}"><title>Shop</title><body>${body}</body></html>`,
    }),
  )
  await shown.goto(`${harness.server.url}/owner.html`)
  return shown
}

/** Everything that stands in the header, the empty chat and the field, frame by frame. */
const RECORD = `
  globalThis.seen = []
  const textOf = (node) => [...(node.shadowRoot ?? node).childNodes].map((child) =>
    child instanceof Text ? child.data : child.tagName === 'STYLE' ? '' : textOf(child)).join('')
  const look = () => {
    const root = document.querySelector('samosa-chat')?.shadowRoot
    const shown = [...(root?.querySelectorAll('samosa-panel-header, samosa-empty-state') ?? [])]
    const field = root?.querySelector('samosa-composer')?.shadowRoot?.querySelector('textarea')
    const now = [...shown.map(textOf), field?.placeholder ?? ''].join(' ').replaceAll(/\\s+/g, ' ').trim()
    if (now !== (seen.at(-1) ?? '')) seen.push(now)
    requestAnimationFrame(look)
  }
  look()`

const seenOn = (page: Page) => page.evaluate<string[]>('seen')

/** Holds the configuration back until it is let go. */
async function holdConfig(page: Page): Promise<() => Promise<void>> {
  let letGo = () => {}
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route('**/api/widget-config', async (route) => {
    await gate
    await route.continue()
  })
  return async () => letGo()
}

it('shows nothing that will be replaced while the line is slow, and at the next visit all at once', async () => {
  const visitor = await harness.visitor()
  context = visitor.context
  const { page } = visitor
  await page.addInitScript(RECORD)
  const letGo = await holdConfig(page)
  await open('de', ELEMENT, page)
  await input(page).waitFor()
  await page.locator('samosa-empty-state[pending]').waitFor()
  expect(await seenOn(page)).toEqual([])
  await letGo()
  await page.getByText('Wann liefern Sie?').waitFor()
  const [first = '', ...more] = await seenOn(page)
  expect(more).toEqual([])
  expect(first).toMatch(/^Fern & Leaf Hallo aus dem Laden\..*Wann liefern Sie\?.*Hier antwortet/)

  await page.unroute('**/api/widget-config')
  await holdConfig(page)
  await page.reload()
  await page.getByText('Wann liefern Sie?').waitFor()
  expect((await seenOn(page)).at(-1)).toBe(first)
})

it('speaks the chat’s own words while the server’s cannot be had, and where nothing can be kept', async () => {
  const visitor = await harness.visitor()
  context = visitor.context
  const { page } = visitor
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(globalThis, name, {
        get() {
          throw new DOMException('Forbidden', 'SecurityError')
        },
      })
    }
  })
  await page.route('**/api/widget-config', (route) => route.abort())
  await open('ar', ELEMENT, page)
  await page.getByText('مرحبًا! كيف يمكنني مساعدتك؟').waitFor()
  await page.unroute('**/api/widget-config')
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.getByText('Hello from the shop.').waitFor()
  expect(visitor.errors.filter((error) => !error.includes('ERR_FAILED'))).toEqual([])
})

it('tells what answers before the first message and below the field afterwards', async () => {
  const page = await open('en', ELEMENT)
  const line = page.locator('samosa-disclosure p')
  await expect.poll(() => line.innerText()).toMatch(/^You are talking to a machine\. .* Privacy$/)
  expect(await line.getByRole('link').getAttribute('href')).toBe('https://shop.example/privacy')
  expect(await page.locator('samosa-empty-state samosa-disclosure p').count()).toBe(1)
  await say(page, 'Hello?')
  await answers(page).waitFor()
  await page.locator('.bottom samosa-disclosure').waitFor()
  expect(await line.count()).toBe(1)
})

it('has no list where the server has none, unless the tag wants it', async () => {
  const page = await open('en', ELEMENT)
  await page.getByText('Hello from the shop.').waitFor()
  const list = page.getByRole('button', { name: 'Conversations' })
  expect(await list.count()).toBe(0)
  await page.locator('samosa-chat').evaluate((chat) => chat.setAttribute('features', 'list'))
  await list.waitFor()
})

it('takes words and switches through the loader’s tag and window.samosa', async () => {
  const page = await open(
    'de',
    `<script>
       samosa = { strings: { composer: { placeholder: 'Sag was' } }, starters: ['Vom Skript?'] }
     </script>
     <script async src="embed.js" data-greeting="Vom Tag." data-features="-microphone -think"
       data-privacy-url="/datenschutz" data-notice="Kein Mensch."></script>`,
  )
  await page.locator('samosa-embed button').click()
  await page.getByText('Vom Tag.').waitFor()
  await page.getByRole('button', { name: 'Vom Skript?' }).waitFor()
  expect(await input(page).getAttribute('placeholder')).toBe('Sag was')
  expect(await page.locator('samosa-disclosure p').innerText()).toBe('Kein Mensch. Datenschutz')
  const link = page.locator('samosa-disclosure').getByRole('link')
  expect(await link.getAttribute('href')).toBe(`${harness.server.url}/datenschutz`)
  expect(await page.getByRole('button', { name: 'Nachdenken' }).count()).toBe(0)
})
