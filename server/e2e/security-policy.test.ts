/** The pages under their own Content-Security-Policy, which allows nothing inline and no other origin. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { answers, input, say, startHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())

/** Everything that Markdown can ask a page for. */
const ANSWER = [
  '# Heading\n\n**bold** `code` [link](https://example.com)\n\n',
  '| left | right |\n| :--- | ---: |\n| a | b |\n\n',
  '```js\nconst a = 1\n```\n\n1. one\n2. two\n\n- [x] done\n\n',
  '<kbd>key</kbd> H<sub>2</sub>O\n\n',
  '<think>thinking</think>',
  'The end.',
]

it.each(['/inline.html', '/page.html'])('%s works within its policy', async (path) => {
  harness.script = ANSWER
  const { page, context, errors, elsewhere } = await harness.visitor()
  await page.goto(harness.server.url + path)
  await say(page, 'Show me everything')
  await answers(page).getByText('The end.').waitFor()
  expect(errors).toEqual([])
  expect(elsewhere).toEqual([])
  await context.close()
})

it('a cited answer opens its card within a policy that lists the names of trusted types', async () => {
  const builtin = await startHarness({ builtin: true })
  const { page, errors, elsewhere } = await builtin.visitor()
  await page.route('**/policy.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      headers: {
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types samosa-chat lit-html",
      },
      body: `<!doctype html><html lang="en"><title>A page</title>
        <script type="module" src="/samosa-chat.js"></script>
        <samosa-chat mode="page" dialect="cited"></samosa-chat>`,
    }),
  )
  await page.goto(`${builtin.server.url}/policy.html`)
  await say(page, 'What is the default port of the server?')
  const answer = answers(page).last()
  const citation = answer.getByRole('link', { name: /^Source 1: Configuration/ }).first()
  await citation.hover()
  const card = answer.getByRole('dialog', { name: /^Configuration/ })
  await card.getByText('8787').waitFor()
  expect(await card.evaluate((element) => element.style.top)).toMatch(/px$/)
  expect([errors, elsewhere]).toEqual([[], []])
  await builtin.close()
})

it('/ works within its policy, from the launcher on', async () => {
  harness.script = ANSWER
  const { page, context, errors, elsewhere } = await harness.visitor()
  await page.goto(`${harness.server.url}/`)
  await page.getByRole('button', { name: 'dark', exact: true }).click()
  await page.getByRole('button', { name: 'Add Monstera to the bag' }).click()
  await page.locator('samosa-embed').getByRole('button').click()
  await input(page).waitFor()
  await say(page, 'Show me everything')
  await answers(page).getByText('The end.').waitFor()
  expect(errors).toEqual([])
  expect(elsewhere).toEqual([])
  await context.close()
})

it.each(['/docs', '/knowledge/getting-started.html'])(
  '%s opens within its policy',
  async (path) => {
    const { page, context, errors, elsewhere } = await harness.visitor()
    await page.goto(harness.server.url + path, { waitUntil: 'networkidle' })
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(errors).toEqual([])
    expect(elsewhere).toEqual([])
    await context.close()
  },
)

it('a page of another origin cannot put ours into a frame', async () => {
  const { page, context } = await harness.visitor()
  await page.goto('about:blank')
  await page.setContent(`<iframe src="${harness.server.url}/page.html"></iframe>`)
  expect(page.frames().map((frame) => frame.url())).toEqual([
    'about:blank',
    'chrome-error://chromewebdata/',
  ])
  await context.close()
})
