import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({ builtin: true })
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

it('answers from the documents, with a numbered source that opens', async () => {
  visitor = await harness.visitor()
  const { page } = visitor
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'How do I add the chat to my site?')
  const answer = answers(page).last()
  await answer.getByText('embed.js').first().waitFor()
  const source = answer.getByRole('link', { name: /Embedding the chat/ }).first()
  await source.waitFor()
  const href = await source.getAttribute('href')
  const opened = await page.request.get(new URL(href ?? '', page.url()).href)
  expect(opened.status()).toBe(200)
  expect(await opened.text()).toContain('Embedding the chat')
  expect(visitor.elsewhere).toEqual([])
})

it('starts with a question that the site offers', async () => {
  visitor = await harness.visitor()
  const { page } = visitor
  await page.goto(`${harness.server.url}/docs.html`)
  await page.getByRole('button', { name: 'What is 18% of 250?' }).click()
  await answers(page).last().getByText('18% of 250 is 45.').waitFor()
})
