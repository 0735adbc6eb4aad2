/** The demo's theme editor: what it shows is what its CSS makes of the chat. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({ builtin: true })
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

const open = async () => {
  visitor = await harness.visitor({ colorScheme: 'light' })
  const { page } = visitor
  await page.goto(`${harness.server.url}/theme.html`)
  await page.getByRole('textbox', { name: 'Message' }).waitFor()
  return page
}

it('dresses the chat in each style, and gives the CSS that does the same on any page', async () => {
  const page = await open()
  const panel = page.locator('samosa-chat .panel')
  const looks: string[] = []
  for (const name of ['Samosa', 'Ledger', 'Sorbet', 'Quarterly']) {
    await page.getByRole('button', { name }).first().click()
    looks.push(
      await panel.evaluate((element) => {
        const { backgroundColor, borderTopLeftRadius, fontFamily } = getComputedStyle(element)
        return `${backgroundColor} ${borderTopLeftRadius} ${fontFamily}`
      }),
    )
  }
  expect(new Set(looks).size).toBe(4)
  const css = await page.locator('code.css').innerText()
  const plain = await visitor.context.newPage()
  await plain.goto(`${harness.server.url}/page.html`)
  await plain.evaluate((text) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(text)
    document.adoptedStyleSheets = [sheet]
  }, css)
  const background = await plain
    .locator('samosa-chat .panel')
    .evaluate((element) => getComputedStyle(element).backgroundColor)
  expect(looks.at(-1)).toContain(background)
  expect(visitor.errors).toEqual([])
})

it('warns of an accent that nobody can read, and copies the CSS', async () => {
  const page = await open()
  await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByLabel('Accent, light').fill('#ffe28a')
  await page.getByText(/light: contrast 1\.\d : 1, too little to read/).waitFor()
  await page.locator('.result button').first().click()
  await page.locator('.result').getByRole('button', { name: 'Copied' }).waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain('--samosa-accent: light-dark(#ffe28a, #f0a24a);')
})

it('shows a conversation, a greeting and the bubble, and asks no server for them', async () => {
  const page = await open()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.locator('samosa-chat table').waitFor()
  await page.locator('samosa-chat').getByText('Calculated').waitFor()
  await page.getByRole('button', { name: 'Greeting' }).click()
  await page.locator('samosa-chat').getByText('Hello! What are you looking for?').waitFor()
  await page.getByRole('button', { name: 'How do you deliver?' }).click()
  await page.locator('samosa-answer').getByText('Your own chat answers here').waitFor()
  await page.getByRole('button', { name: 'Bubble' }).click()
  await page.getByRole('dialog').getByText('And the snake plant').waitFor()
  expect(asked.filter((path) => path.includes('/api/'))).toEqual([])
  expect(visitor.errors).toEqual([])
  // What the sample keeps is not what the chat of the next page goes on with.
  await page.goto(`${harness.server.url}/page.html`)
  await page.locator('samosa-chat .greeting').waitFor()
})

it('gives the tag that puts the chat on a page, with its title', async () => {
  const page = await open()
  await page.getByLabel('Title').fill('Ask "us"')
  expect(await page.locator('code.tag').innerText()).toBe(
    `<script async src="${harness.server.url}/embed.js" data-heading="Ask &quot;us&quot;"></script>`,
  )
  await page.locator('samosa-chat').getByText('Ask "us"').waitFor()
})

it('leads to all its settings in one row of the strip at 1280', async () => {
  visitor = await harness.visitor({ viewport: { width: 1280, height: 800 } })
  const { page } = visitor
  for (const path of ['/', '/inline.html', '/page.html', '/theme.html']) {
    await page.goto(harness.server.url + path)
    const bar = page.locator('demo-strip .bar')
    await expect.poll(() => bar.evaluate((element) => element.clientHeight)).toBeLessThan(60)
  }
})

it('finds a text of the chat, shows another one in its place, and gives the script for it', async () => {
  const page = await open()
  await page.getByText('Its words').click()
  await page.getByLabel('Find').fill('ask anything')
  const field = page.getByLabel('composer.placeholder')
  await field.fill('<b>Plants?</b>')
  const input = page.locator('samosa-chat textarea')
  await expect.poll(() => input.getAttribute('placeholder')).toBe('<b>Plants?</b>')
  await page.getByLabel('Language').selectOption('German')
  await page.getByLabel('Find').fill('composer.send')
  await page.getByLabel('composer.send').fill('Ab damit')
  await page.getByRole('button', { name: 'Ab damit' }).waitFor()
  const script = await page.locator('.words-of-chat samp').innerText()
  const own = await visitor.context.newPage()
  await own.route('**/own.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="de"><body>${script}<script async src="embed.js"></script>`,
    }),
  )
  await own.goto(`${harness.server.url}/own.html`)
  await own.locator('samosa-embed button').click()
  await own.getByRole('button', { name: 'Ab damit' }).waitFor()
  expect(await own.locator('textarea').getAttribute('placeholder')).toBe('<b>Plants?</b>')
  expect(visitor.errors).toEqual([])
})
