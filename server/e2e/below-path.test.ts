/** The server below a path of a site, behind a proxy, as a browser sees it. */
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../../widget/testing/launch-chromium.ts'
import { DEMO, startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { answers, input, LONGEST_WAIT, say } from './harness.ts'

interface Site {
  readonly url: string
  close(): Promise<void>
}

/**
 * A site of which everything below `/desk/chat/` is passed on: with that path, or without it and without a
 * word. Its own pages are the given ones; all else is missing.
 */
async function startSite(
  server: TestServer,
  { strips }: { readonly strips: boolean },
  pages: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const target = new URL(server.url)
  const site: Server = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming
    if (!url.startsWith('/desk/chat/')) {
      const page = pages[url]
      outgoing.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(page)
      return
    }
    const path = strips ? url.slice('/desk/chat'.length) : url
    const passed = request({ port: target.port, host: target.hostname, path, method, headers })
    passed.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    // A browser that leaves, or a server that ends, is no event for a test.
    passed.on('error', () => outgoing.destroy())
    outgoing.on('close', () => passed.destroy())
    incoming.pipe(passed)
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  return {
    url: `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
    async close() {
      site.closeAllConnections()
      site.close()
      await once(site, 'close')
    },
  }
}

const SHOP = (tag: string) =>
  `<!doctype html><html lang="en"><head><title>A shop</title></head><body><h1>Shop</h1>${tag}</body></html>`
const PAGES = {
  '/loader/': SHOP('<script async src="/desk/chat/embed.js"></script>'),
  '/module/': SHOP(
    '<script type="module" src="/desk/chat/samosa-chat.js"></script><samosa-chat mode="inline"></samosa-chat>',
  ),
}

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

describe.each([
  { name: 'takes the path off and says nothing', strips: true, environment: {} },
  { name: 'passes the path on', strips: false, environment: { BASE_PATH: '/desk/chat' } },
])('behind a proxy that $name', ({ strips, environment }) => {
  let server: TestServer
  let site: Site
  let page: Page
  let errors: string[]
  let astray: string[]
  beforeAll(async () => {
    server = await startTestServer({ ...DEMO, ...environment })
    site = await startSite(server, { strips }, PAGES)
  })
  afterAll(async () => {
    await site.close()
    await server.close()
  })
  afterEach(() => page.context().close())

  async function open(path: string) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    context.setDefaultTimeout(LONGEST_WAIT)
    page = await context.newPage()
    errors = []
    astray = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('response', (response) => {
      const missing = response.status() >= 400 && !response.url().endsWith('/favicon.ico')
      if (missing) astray.push(`${response.status()} ${response.url()}`)
    })
    await page.goto(site.url + path)
  }

  /** Asks for what is in the manual, and opens the first source. */
  async function askAndOpenSource() {
    await say(page, 'How do I add the chat to my site?')
    const source = answers(page)
      .last()
      .getByRole('link', { name: /Embedding the chat/ })
      .first()
    await source.waitFor()
    const href = await source.getAttribute('href')
    const opened = await page.request.get(new URL(href ?? '', page.url()).href)
    expect(opened.status()).toBe(200)
    expect(await opened.text()).toContain('Embedding the chat')
  }

  it('a page with the loader alone gets its chat from there', async () => {
    await open('/loader/')
    await page.locator('samosa-embed button').click()
    await askAndOpenSource()
    expect([...errors, ...astray]).toEqual([])
  })

  it('a page with the module alone gets its chat from there', async () => {
    await open('/module/')
    await askAndOpenSource()
    expect([...errors, ...astray]).toEqual([])
  })

  it('the demo works, with files, downloads and what is loaded late', async () => {
    await open('/desk/chat/page.html')
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Add files' }).click(),
    ])
    const buffer = Buffer.from('Ferns like shade.')
    await chooser.setFiles({ name: 'ferns.txt', mimeType: 'text/plain', buffer })
    await page.getByRole('button', { name: 'Remove ferns.txt' }).waitFor()
    await input(page).fill('What do ferns like?')
    await page.locator('.go[aria-disabled=false]').waitFor()
    await input(page).press('Enter')
    await answers(page).last().getByText('Ferns like shade').waitFor()
    await page.reload()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download ferns.txt' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('ferns.txt')
    await page.locator('samosa-drawer li').hover()
    await page.getByRole('button', { name: 'Download “What do ferns like?”' }).click()
    const [exported] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Markdown' }).click(),
    ])
    expect(exported.suggestedFilename()).toMatch(/\.md$/)
    expect([...errors, ...astray]).toEqual([])
  })

  it('every page finds what it names', async () => {
    for (const path of ['', 'inline.html', 'theme.html', 'docs', 'knowledge/theming.html']) {
      await open(`/desk/chat/${path}`)
      await page.waitForLoadState('networkidle')
      const links = await page.evaluate(() =>
        Array.from(document.links, ({ href }) => href.replace(/#.*/, '')),
      )
      for (const link of new Set(links)) {
        if (link.startsWith(site.url))
          expect((await page.request.get(link)).status(), link).toBe(200)
      }
      expect([...errors, ...astray], path).toEqual([])
      if (path !== 'knowledge/theming.html') await page.context().close()
    }
  })
})
