/** A visit that goes from page to page and over several tabs: what is open or pending goes along. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MANUAL } from '../testing/fake-model-server.ts'
import { startForeignSite, type ForeignSite } from './foreign-site.ts'
import { answers, LONGEST_WAIT, say, startHarness, type Harness } from './harness.ts'

let harness: Harness
let site: ForeignSite
let context: BrowserContext
let errors: string[] = []
const fetched = new Map<Page, string[]>()

beforeAll(async () => {
  ;[harness, site] = await Promise.all([
    startHarness({ environment: { ALLOWED_ORIGINS: '*' } }),
    startForeignSite(),
  ])
  const tag = `<script async src="${harness.server.url}/embed.js"></script>`
  for (const [path, other] of [
    ['/one', '/two'],
    ['/two', '/one'],
  ] as const) {
    site.put(
      path,
      `<!doctype html><html lang="en"><title>A shop</title><body><a href="${other}">Next</a>${tag}</body></html>`,
    )
  }
})
afterEach(() => context.close())
afterAll(async () => {
  await harness.close()
  await site.close()
})

async function begin(
  options: Parameters<Harness['browser']['newContext']>[0] = {},
  init?: () => void,
): Promise<Page> {
  context = await harness.browser.newContext(options)
  context.setDefaultTimeout(LONGEST_WAIT)
  if (init) await context.addInitScript(init)
  errors = []
  fetched.clear()
  return visit()
}

/** Another tab. */
async function visit(path = '/one'): Promise<Page> {
  const page = await context.newPage()
  fetched.set(page, [])
  page.on('request', (request) => fetched.get(page)?.push(new URL(request.url()).pathname))
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(site.url + path)
  return page
}

const stub = (page: Page) => page.locator('samosa-embed button')
const launcher = (page: Page) => page.locator('samosa-launcher button')
const panel = (page: Page) => page.locator('samosa-chat').getByRole('textbox')
const next = (page: Page) => page.getByRole('link', { name: 'Next' }).click()
const hasChat = (page: Page) =>
  (fetched.get(page) ?? []).some((path) => path.includes('samosa-chat'))
/** What the closed launcher is called, once it is called that. */
const says = (page: Page, words: RegExp) =>
  page.locator('samosa-chat').getByRole('button', { name: words }).waitFor()

async function ask(page: Page, question: string): Promise<void> {
  harness.script = MANUAL
  const asked = harness.model.requests.length
  await say(page, question)
  await harness.model.requested(asked + 1)
  await harness.model.send('One ')
  await answers(page).last().getByText('One').waitFor()
}
const close = (page: Page) => page.keyboard.press('Escape')

describe('a panel that was open', () => {
  it('is open again on the next page and after a reload, without taking the focus', async () => {
    const page = await begin()
    await stub(page).click()
    await panel(page).waitFor()
    await next(page)
    await panel(page).waitFor()
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
    await page.reload()
    await panel(page).waitFor()
    await launcher(page).click()
    await next(page)
    await stub(page).waitFor()
    expect(errors).toEqual([])
  })

  it('stays closed in another tab, which loads nothing', async () => {
    const page = await begin()
    await stub(page).click()
    await panel(page).waitFor()
    const other = await visit('/two')
    await stub(other).waitFor()
    expect(hasChat(other)).toBe(false)
  })

  it('comes back closed where it covers the window', async () => {
    const page = await begin({ viewport: { width: 390, height: 800 } })
    await stub(page).click()
    await panel(page).waitFor()
    await ask(page, 'Will it rain?')
    await page.goto(`${site.url}/two`)
    await says(page, /Writing the answer/)
    expect(await panel(page).isVisible()).toBe(false)
    await harness.model.finish()
    await says(page, /1 new message/)
  })

  it('is the same as before when the browser shows a page that it kept aside', async () => {
    const page = await begin()
    await stub(page).click()
    await panel(page).waitFor()
    await next(page)
    await panel(page).waitFor()
    await launcher(page).click()
    await page.goBack()
    await page.waitForURL('**/one')
    await page.locator('samosa-embed, samosa-launcher').waitFor()
    expect(await panel(page).isVisible()).toBe(false)
  })
})

describe('an answer', () => {
  it('is at work on the closed launcher, then unread, then read, from page to page', async () => {
    const page = await begin()
    await stub(page).click()
    await panel(page).waitFor()
    await ask(page, 'How tall is it?')
    await close(page)
    await says(page, /Writing the answer/)
    expect(await page.locator('samosa-chat .steam').count()).toBe(1)
    await next(page)
    await says(page, /Writing the answer/)
    await harness.model.send('two')
    await harness.model.finish()
    await says(page, /1 new message/)
    expect(await page.locator('samosa-chat .steam').count()).toBe(0)
    await next(page)
    await says(page, /1 new message/)
    await launcher(page).click()
    await answers(page).getByText('One two').waitFor()
    await launcher(page).click()
    await next(page)
    await stub(page).waitFor()
    expect(errors).toEqual([])
  })

  it('that came while no page was open is unread on the next', async () => {
    const page = await begin()
    await stub(page).click()
    await panel(page).waitFor()
    await ask(page, 'Is it there?')
    await close(page)
    await page.goto('about:blank')
    await harness.model.finish()
    await harness.model.idle()
    await page.goto(`${site.url}/two`)
    await says(page, /1 new message/)
  })

  it('shows in a tab that had loaded nothing, and is read there when it is read here', async () => {
    const page = await begin()
    const other = await visit('/two')
    await stub(other).waitFor()
    await page.bringToFront()
    await stub(page).click()
    await panel(page).waitFor()
    expect(hasChat(other)).toBe(false)
    await ask(page, 'Shall I wait?')
    await says(other, /Writing the answer/)
    await close(page)
    await harness.model.finish()
    await says(other, /1 new message/)
    await says(page, /1 new message/)
    await launcher(page).click()
    await other
      .locator('samosa-chat')
      .getByRole('button', { name: 'Open chat', exact: true })
      .waitFor()
    expect(errors).toEqual([])
  })

  it('streams in another window that shows the same conversation', async () => {
    const page = await begin()
    await stub(page).click()
    await panel(page).waitFor()
    harness.script = ['First.']
    await say(page, 'Begin')
    await answers(page).getByText('First.').waitFor()
    const other = await visit('/two')
    await stub(other).click()
    await answers(other).getByText('First.').waitFor()
    await ask(page, 'Go on')
    await other.getByText('Go on').waitFor()
    await answers(other).last().getByText('One').waitFor()
    await harness.model.send('two')
    await answers(other).last().getByText('One two').waitFor()
    await harness.model.finish()
    await other.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
    expect(await answers(other).count()).toBe(2)
    expect(errors).toEqual([])
  })

  it('is marked in the list, until it is there, also when another conversation is shown', async () => {
    context = await harness.browser.newContext({ viewport: { width: 1280, height: 800 } })
    context.setDefaultTimeout(LONGEST_WAIT)
    const page = await context.newPage()
    await page.goto(`${harness.server.url}/page.html`)
    await panel(page).waitFor()
    await ask(page, 'What of the ferns?')
    const mark = page.getByRole('button', { name: /Writing the answer…$/ })
    await mark.waitFor()
    await page.locator('samosa-drawer button.new').click()
    await answers(page).waitFor({ state: 'detached' })
    expect(await mark.count()).toBe(1)
    await harness.model.finish()
    await mark.waitFor({ state: 'detached' })
  })
})

describe('what cannot be read or kept', () => {
  it('is as though nothing were pending, and goes', async () => {
    const page = await begin()
    await page.evaluate(() => {
      for (const store of [localStorage, sessionStorage]) {
        store.setItem('samosa-chat:pending', '{"version":99,"answers":[{"of":7}]}')
      }
    })
    await page.reload()
    await launcher(page).waitFor()
    expect(await panel(page).isVisible()).toBe(false)
    await page.waitForFunction(
      "localStorage.getItem('samosa-chat:pending') === null && sessionStorage.getItem('samosa-chat:pending') === null",
    )
    await page.reload()
    await stub(page).waitFor()
    expect(errors).toEqual([])
  })

  it('costs nothing but what goes from page to page, where storage is forbidden', async () => {
    const page = await begin({}, () => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('Forbidden', 'SecurityError')
          },
        })
      }
    })
    await stub(page).click()
    await panel(page).waitFor()
    harness.script = ['Fine.']
    await say(page, 'Does it work?')
    await answers(page).getByText('Fine.').waitFor()
    await next(page)
    await stub(page).waitFor()
    expect(errors).toEqual([])
  })
})
