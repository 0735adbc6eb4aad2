/** Pages that make it hard: strict policies, hostile style sheets, frames, bases, second copies, printers. */
import type { FrameLocator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { serve, startPageServer, type PageServer } from './foreign-page.ts'
import { answers, input, say, startHarness, type Harness, type Visitor } from './harness.ts'

const EVERYTHING = [
  '<think>Let me ',
  'see.</think>',
  '<|python_start|>{"tool":"calculator","arguments":{"expression":"1+1"}}<|python_end|>',
  '<|output_start|>{"tool":"calculator","success":true,"output":{"expression":"1+1","value":2},"error":null}<|output_end|>',
  '# Heading\n\n**bold** [link](https://example.com) <kbd>key</kbd> $x^2$ and \\(y\\)\n\n',
  '| left | right |\n| :--- | ---: |\n| a | b |\n\n```js\nconst a = 1\n```\n\n- [x] done\n\n',
  '![image](https://example.com/a.png)\n\nThe end.',
]
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; style-src 'self'; " +
  "require-trusted-types-for 'script'"

/** The style sheet of somebody who means every element. */
const ATTACK = `:not(html) { display: contents !important; position: static !important; opacity: .2 !important;
  transform: rotate(9deg) !important; filter: invert(1) !important; font: 40px fantasy !important;
  visibility: hidden !important; pointer-events: none !important; z-index: 1 !important }`

let harness: Harness
let site: PageServer
let visitor: Visitor
beforeAll(async () => {
  site = await startPageServer()
  harness = await startHarness({ environment: { ALLOWED_ORIGINS: '*' } })
  harness.script = EVERYTHING
})
afterEach(() => visitor.context.close())
afterAll(async () => {
  await harness.close()
  await site.close()
})

/** A visitor on a page of that content, at the server's own origin unless told otherwise. */
async function visit(
  body: string,
  {
    at = `${harness.server.url}/foreign.html`,
    headers = {},
    ...options
  }: {
    readonly at?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly viewport?: { readonly width: number; readonly height: number }
  } = {},
): Promise<Page> {
  visitor = await harness.visitor(options)
  await serve(visitor.context, at, `<!doctype html><html lang="en">${body}</html>`, headers)
  await visitor.page.goto(at)
  return visitor.page
}

const launcher = (page: Page) => page.getByRole('button', { name: /open chat/i })
const module = () => `<script type="module" src="${harness.server.url}/samosa-chat.js"></script>`
const inline = () => `<samosa-chat mode="inline" endpoint="${harness.server.url}"></samosa-chat>`
const theEnd = (page: Page | FrameLocator) =>
  page.locator('samosa-answer').last().getByText('The end.').waitFor()

async function sayInFrame(page: Page): Promise<void> {
  const frame = page.frameLocator('iframe')
  await frame.getByRole('textbox').fill('Is anybody there?')
  await frame.getByRole('textbox').press('Enter')
  await theEnd(frame)
  expect(visitor.errors).toEqual([])
}

it('works from the launcher on under a policy that allows nothing but the own origin', async () => {
  const page = await visit('<body><h1>Shop</h1><script async src="/embed.js"></script></body>', {
    headers: { 'content-security-policy': POLICY },
  })
  await launcher(page).click()
  await say(page, 'Show me everything')
  await theEnd(page)
  await page.getByRole('button', { name: /thought/i }).click()
  await page.getByRole('button', { name: /bad answer/i }).click()
  await page.keyboard.press('Escape')
  expect(visitor.errors).toEqual([])
  expect(visitor.elsewhere).toEqual([])
})

it('keeps launcher and panel in their places where a page’s style sheet means every element', async () => {
  const page = await visit(`<style>${ATTACK}</style><body>
    <script async src="/embed.js"></script></body>`)
  await launcher(page).click()
  await say(page, 'Are you still there?')
  await theEnd(page)
  const panel = await page.getByRole('dialog').boundingBox()
  expect(panel).toMatchObject({ width: 404 })
  const button = await page.getByRole('button', { name: /close chat/i }).boundingBox()
  const { x = 0, y = 0, width = 0, height = 0 } = button ?? {}
  // Its middle: it is a little larger under the pointer.
  expect([x + width / 2, y + height / 2].map(Math.round)).toEqual([1232, 672])
})

it('asks its own server, and loads its own parts, whatever a page’s <base> says', async () => {
  const page = await visit(`<head><base href="https://elsewhere.example/deep/"></head><body>
    <script async src="${harness.server.url}/embed.js" data-endpoint="/"></script></body>`)
  await launcher(page).click()
  await say(page, 'Where am I?')
  await theEnd(page)
  expect(visitor.errors).toEqual([])
  expect(visitor.elsewhere).toEqual([])
})

it('works once where a page loads it twice, as two versions with a Lit of their own', async () => {
  visitor = await harness.visitor()
  const { page, context } = visitor
  await context.route('**/other/**', async (route) => {
    const url = route.request().url().replace('/other/', '/')
    await route.fulfill({ response: await route.fetch({ url }) })
  })
  const body = `<!doctype html><body>${module()}
    <script type="module" src="/other/samosa-chat.js"></script>${inline()}</body>`
  await serve(context, `${harness.server.url}/twice.html`, body)
  await page.goto(`${harness.server.url}/twice.html`)
  await say(page, 'Which one are you?')
  await theEnd(page)
  expect(await answers(page).count()).toBe(1)
  expect(visitor.errors).toEqual([])
})

it('works in a sandboxed frame, which has no storage and no origin', async () => {
  visitor = await harness.visitor()
  const { page } = visitor
  const framed = `${module()}${inline()}`.replaceAll('"', '&quot;')
  await page.goto(
    site.put('/sandbox', `<!doctype html><iframe sandbox="allow-scripts" srcdoc="${framed}">`),
  )
  await sayInFrame(page)
})

it('works in a frame of another origin', async () => {
  visitor = await harness.visitor()
  const { page } = visitor
  const framed = site.put('/framed', `<!doctype html>${module()}${inline()}`)
  // Another name for the same machine: another site.
  const inner = framed.replace('localhost', 'chat.localhost')
  await page.goto(site.put('/outer', `<!doctype html><iframe src="${inner}"></iframe>`))
  await sayInFrame(page)
})

it('lives in the shadow root of a component: focus, words and events cross it', async () => {
  const page = await visit(`<body><shop-help></shop-help>${module()}<script>
    const root = document.querySelector('shop-help').attachShadow({ mode: 'open' })
    root.innerHTML = \`<style>* { color: lime }</style>${inline()}\`
    addEventListener('samosa-message', (event) => (document.title += event.detail.message.role))
    customElements.whenDefined('samosa-chat').then(() => root.querySelector('samosa-chat').focus())
    </script></body>`)
  await input(page).waitFor()
  await page.locator('samosa-chat').evaluate((chat) => chat.focus())
  await page.keyboard.type('Hello from inside')
  await page.keyboard.press('Enter')
  await theEnd(page)
  await page.waitForFunction(() => document.title === 'userassistant')
  const colour = await answers(page).evaluate((answer) => getComputedStyle(answer).color)
  expect(colour).toBe('rgb(43, 36, 32)')
  expect(visitor.errors).toEqual([])
})

it('prints the whole conversation, with addresses and without controls', async () => {
  const page = await visit(`<body>${module()}${inline()}</body>`, {
    viewport: { width: 800, height: 600 },
  })
  for (const question of ['One', 'Two', 'Three']) {
    await say(page, question)
    await page.getByText(question, { exact: true }).waitFor()
    await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
  }
  await page.emulateMedia({ media: 'print' })
  expect(await page.getByRole('textbox').count()).toBe(0)
  expect(await page.getByRole('button', { name: /copy|again|new conversation/i }).count()).toBe(0)
  const boxes = await page.locator('samosa-message').evaluateAll((messages) => {
    const chat = messages[0]?.getRootNode()
    const panel = document.querySelector('samosa-chat')?.shadowRoot?.querySelector('.panel')
    const bottom = panel?.getBoundingClientRect().bottom ?? 0
    return messages.map((message) => ({
      isInside: message.getBoundingClientRect().bottom <= bottom,
      isInTree: chat instanceof ShadowRoot,
    }))
  })
  expect(boxes).toHaveLength(6)
  expect(boxes.every(({ isInside }) => isInside)).toBe(true)
  const address = await answers(page)
    .first()
    .locator('a[href^="https"]')
    .first()
    .evaluate((link) => getComputedStyle(link, '::after').content)
  expect(address).toContain('https://example.com')
})

it('keeps the draft and the conversation where storage is full', async () => {
  visitor = await harness.visitor()
  const { page } = visitor
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  await page.goto(`${harness.server.url}/inline.html`)
  await say(page, 'Will you remember?')
  await theEnd(page)
  await input(page).fill('Half a thought')
  await page.locator('samosa-chat').evaluate((chat) => document.body.append(chat))
  expect(await input(page).inputValue()).toBe('Half a thought')
  await theEnd(page)
  expect(visitor.errors).toEqual([])
})

it.each([-1, 1])('does not mind a clock that is a day off (%i), over a reload', async (days) => {
  visitor = await harness.visitor()
  const { page } = visitor
  await page.goto(`${harness.server.url}/inline.html`)
  await say(page, 'What time is it?')
  await theEnd(page)
  await page.addInitScript((milliseconds) => {
    const now = Date.now.bind(Date)
    Date.now = () => now() + milliseconds
  }, days * 86_400_000)
  await page.reload()
  await theEnd(page)
  await say(page, 'And now?')
  await answers(page).nth(1).getByText('The end.').waitFor()
  expect(visitor.errors).toEqual([])
})

it('is modal where it covers a small window: the page behind is out of reach until it closes', async () => {
  const page = await visit(
    `<body><main><button>Buy</button></main><script async src="/embed.js"></script></body>`,
    { viewport: { width: 360, height: 640 } },
  )
  await launcher(page).click()
  await input(page).waitFor()
  await page.locator('main[inert]').waitFor()
  expect(await page.getByRole('dialog').getAttribute('aria-modal')).toBe('true')
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab')
    const isOutside = await page.evaluate(() => document.activeElement?.tagName === 'BUTTON')
    expect(isOutside).toBe(false)
  }
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.locator('main:not([inert])').waitFor()
  expect(await launcher(page).evaluate((button) => button.matches(':focus'))).toBe(true)
  // In a larger window it stands beside the page.
  await page.setViewportSize({ width: 1000, height: 800 })
  await launcher(page).click()
  await input(page).waitFor()
  expect(await page.getByRole('dialog').getAttribute('aria-modal')).toBeNull()
  expect(await page.locator('[inert]').count()).toBe(0)
})
