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
  const css = await page.locator('pre code').innerText()
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
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain('--samosa-accent: light-dark(#ffe28a, #f0a24a);')
})
