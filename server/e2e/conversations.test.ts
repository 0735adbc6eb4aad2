import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestClient, type TestClient } from '../testing/test-client.ts'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness()
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

/** What the page's visitor has, from outside. */
async function clientOf(page: Page): Promise<TestClient> {
  const token = await page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => name.endsWith(':session')) ?? ''
    const { token: kept } = JSON.parse(localStorage.getItem(key) ?? '{}') as { token?: string }
    return kept ?? ''
  })
  return createTestClient(() => harness.server.url, token)
}

const row = (page: Page, title: string) => page.locator('samosa-drawer li', { hasText: title })
const titles = (page: Page) => page.locator('samosa-drawer .title').allInnerTexts()
const box = async (page: Page, selector: string) => {
  const found = await page.locator(selector).boundingBox()
  if (!found) throw new Error(`${selector} has no box`)
  return found
}

async function open(path: string, size: { readonly width: number; readonly height: number }) {
  const touch = size.width < 500 ? { hasTouch: true, isMobile: true } : {}
  visitor = await harness.visitor({ viewport: size, ...touch })
  await visitor.page.goto(harness.server.url + path)
  return visitor.page
}

describe('the list of conversations', () => {
  it('stands beside the chat on a wide page, and lies over it on a narrow one', async () => {
    const page = await open('/page.html', { width: 1280, height: 800 })
    await say(page, 'How are my ferns?')
    await answers(page).last().getByText('Hello world!').waitFor()
    await row(page, 'How are my ferns?').waitFor()
    const list = await box(page, 'samosa-drawer .drawer')
    const messages = await box(page, 'samosa-message-list')
    expect(list.x + list.width).toBeLessThanOrEqual(messages.x + 1)
    const folds = page.getByRole('button', { name: 'Conversations', expanded: true })
    expect(await folds.count()).toBe(1)
    // One button for one thing: the list's.
    expect(await page.getByRole('button', { name: 'New conversation' }).count()).toBe(1)
    await page.setViewportSize({ width: 800, height: 800 })
    await page.locator('samosa-drawer .drawer').waitFor({ state: 'detached' })
    expect((await box(page, 'samosa-message-list')).x).toBeLessThan(10)
    await page.getByRole('button', { name: 'Conversations' }).click()
    await page.getByRole('dialog', { name: 'Conversations' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Conversations' }).waitFor()
    expect(visitor.errors).toEqual([])
  })

  it('finds what was said long ago among hundreds, a page at a time', async () => {
    const page = await open('/page.html', { width: 1280, height: 700 })
    await page.getByText('Your conversations will be here.').waitFor()
    const client = await clientOf(page)
    const old = await client.conversation({ title: 'Plants' })
    await client.send(old, 'Is a calathea happy in the shade?')
    for (let count = 0; count < 130; count += 1) {
      await client.conversation({ title: `Conversation ${count}` })
    }
    await page.reload()
    await row(page, 'Conversation 129').waitFor()
    expect((await titles(page)).length).toBe(50)
    await page.locator('samosa-drawer .end').scrollIntoViewIfNeeded()
    await expect.poll(async () => (await titles(page)).length).toBe(100)
    await page.getByRole('searchbox').fill('CALATHEA')
    await row(page, 'calathea').locator('mark').first().waitFor()
    await row(page, 'calathea').locator('.entry').click()
    await page.locator('samosa-message').first().getByText('happy in the shade').waitFor()
    expect(visitor.errors).toEqual([])
  })

  it('renames, deletes and undoes; what was deleted is gone when the page is left', async () => {
    const page = await open('/page.html', { width: 1280, height: 800 })
    await page.getByText('Your conversations will be here.').waitFor()
    const client = await clientOf(page)
    for (const title of ['Soil', 'Cacti', 'Ferns']) await client.conversation({ title })
    await page.reload()
    await row(page, 'Cacti').locator('.entry').focus()
    await page.keyboard.press('F2')
    await page.keyboard.type('Cactuses')
    await page.keyboard.press('Enter')
    await row(page, 'Cactuses').waitFor()
    await page.keyboard.press('Delete')
    await row(page, 'Cactuses').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await row(page, 'Cactuses').waitFor()
    await row(page, 'Soil').locator('.entry').focus()
    await page.keyboard.press('Delete')
    await row(page, 'Soil').waitFor({ state: 'detached' })
    await page.goto('about:blank')
    await expect
      .poll(async () => {
        const { body } = await client.request('GET', '/api/conversations')
        return body.items.map((item) => item.title)
      })
      .toEqual(['Cactuses', 'Ferns'])
    expect(visitor.errors).toEqual([])
  })

  it('fits 320 px, and a thumb can hit everything in it', async () => {
    const page = await open('/', { width: 320, height: 640 })
    await page.getByRole('button', { name: /chat/i }).last().tap()
    const opener = page.getByRole('button', { name: 'Conversations' })
    await opener.tap()
    await page.getByText('Your conversations will be here.').waitFor()
    const client = await clientOf(page)
    for (const title of ['Soil', 'x'.repeat(200)]) await client.conversation({ title })
    await page.getByRole('button', { name: 'Close the list' }).tap()
    await opener.tap()
    await row(page, 'Soil').waitFor()
    const { width } = await box(page, 'samosa-drawer .drawer')
    expect(width).toBeLessThanOrEqual(320)
    for (const button of await page.locator('samosa-drawer button:visible').all()) {
      const target = await button.boundingBox()
      if (!target) throw new Error('no box')
      expect(target.width).toBeGreaterThanOrEqual(43.9)
      expect(target.height).toBeGreaterThanOrEqual(43.9)
      expect(target.x + target.width).toBeLessThanOrEqual(320)
    }
    expect(visitor.errors).toEqual([])
  })
})
