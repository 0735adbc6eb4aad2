/** How answers are read, and what can be kept of them, in a real browser against the real server. */
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness()
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

it('leaves a question at the top while its answer grows, and leads to its end', async () => {
  visitor = await harness.visitor({ viewport: { width: 900, height: 600 } })
  const { page, errors } = visitor
  harness.script = Array.from({ length: 60 }, (_, at) => `Line ${at} of the answer.\n\n`)
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'The first question')
  await answers(page).last().getByText('Line 59').waitFor({ state: 'attached' })
  await say(page, 'The second question')
  await answers(page).nth(1).getByText('Line 59').waitFor({ state: 'attached' })
  const log = await page.getByRole('log').boundingBox()
  const question = await page.getByText('The second question').last().boundingBox()
  expect((question?.y ?? 0) - (log?.y ?? 0)).toBeGreaterThanOrEqual(0)
  expect((question?.y ?? 0) - (log?.y ?? 0)).toBeLessThan(40)
  await page.getByRole('button', { name: 'Jump to latest' }).click()
  await answers(page).nth(1).getByText('Line 59').waitFor()
  expect(errors).toEqual([])
})

it('gives the open conversation as a file and to the printer, within the policy of the page', async () => {
  visitor = await harness.visitor({ viewport: { width: 420, height: 800 } })
  const { page, context, errors, elsewhere } = visitor
  const printed: string[] = []
  await context.exposeFunction('tellPrinted', (text: string) => void printed.push(text))
  await context.addInitScript(
    'window.print = () => top.tellPrinted(document.title + "\\n" + document.body.innerText + "\\n" + getComputedStyle(document.querySelector("h1")).fontSize)',
  )
  harness.script = ['<think>Hm.</think>', 'Hello **world**!\n\n```js\nlet a = 1\n```']
  await page.goto(`${harness.server.url}/inline.html`)
  await say(page, 'How are my ferns?')
  await answers(page).last().getByText('world').waitFor()
  const button = page.getByRole('button', { name: 'Download this conversation' })
  await button.click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Markdown' }).click(),
  ])
  expect(await readFile(await file.path(), 'utf8')).toMatch(
    /How are my ferns\?[^]*Hello \*\*world\*\*!/,
  )
  await button.click()
  await page.getByRole('menuitem', { name: 'Print' }).click()
  await expect.poll(() => printed.length).toBe(1)
  expect(printed[0]).toMatch(/How are my ferns\?[^]*Hello world![^]*let a = 1[^]*24px$/)
  expect(printed[0]).not.toContain('Hm.')
  expect([errors, elsewhere]).toEqual([[], []])
})
