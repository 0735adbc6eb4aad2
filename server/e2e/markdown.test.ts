/** What of an answer is loaded when it is needed: colours of code, formulas, the sanitiser. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { answers, say, startHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())

/** The pieces of the page's code that `kind` colours, as a reader sees them. */
const coloured = (kind: string) =>
  [...(CSS.highlights.get(`samosa-${kind}`) ?? [])].map(
    ({ startContainer, startOffset, endOffset }) =>
      startContainer.textContent?.slice(startOffset, endOffset),
  )

it('colours code, sets formulas and cleans HTML within a strict policy', async () => {
  harness.script = [
    "```ts\nconst a = 'x' // note\n```\n\n",
    'So $x^2$ is \\(\\frac{a}{b}\\), for $5 and $10.\n\n',
    'Press <kbd class="x">Esc</kbd>. The end.',
  ]
  const { page, context, errors, elsewhere } = await harness.visitor()
  await page.goto(`${harness.server.url}/inline.html`)
  await say(page, 'Show me')
  await answers(page).locator('kbd').waitFor()
  await answers(page).locator('math mfrac').waitFor({ state: 'attached' })
  expect(await answers(page).locator('math').count()).toBe(2)
  expect(await answers(page).locator('kbd').getAttribute('class')).toBeNull()
  await page.waitForFunction(() => (CSS.highlights.get('samosa-comment')?.size ?? 0) > 0)
  expect(await page.evaluate(coloured, 'keyword')).toEqual(['const'])
  expect(await page.evaluate(coloured, 'string')).toEqual(["'x'"])
  expect(await answers(page).locator('pre').innerText()).toBe("const a = 'x' // note")
  expect(errors).toEqual([])
  expect(elsewhere).toEqual([])
  await context.close()
})

it('loads none of it for a plain answer', async () => {
  harness.script = [
    'A **plain** answer to <you>, a [link](https://example.com) &amp; `code`. The end.',
  ]
  const { page, context } = await harness.visitor()
  const asked = new Set<string>()
  page.on('request', (request) => asked.add(new URL(request.url()).pathname))
  await page.goto(`${harness.server.url}/inline.html`)
  await say(page, 'Show me')
  await answers(page).getByText('answer to <you>, a link & code. The end.').waitFor()
  const chunks = [...asked].filter((path) => /sanitize|typeset|highlight|katex/.test(path))
  expect(chunks).toEqual([])
  await context.close()
})
