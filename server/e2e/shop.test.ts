import { afterAll, beforeAll, expect, it } from 'vitest'
import { answers, say, startHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness({ builtin: true })
})
afterAll(() => harness.close())

it('answers a shopper from the shop, and offers topics that it knows where it has none', async () => {
  const { page, errors } = await harness.visitor()
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'How often do I water a monstera?')
  await answers(page).filter({ hasText: 'once a week' }).waitFor()
  // What may be asked next comes with the end of the answer.
  await page.getByRole('button', { name: 'How to care for a snake plant' }).waitFor()
  await say(page, 'Do you sell orchids?')
  await answers(page).filter({ hasText: 'I could not find that on this site.' }).waitFor()
  await page.getByRole('button', { name: 'Plant care', exact: true }).click()
  await answers(page).nth(2).waitFor()
  await answers(page)
    .nth(2)
    .getByText(/Sources/)
    .waitFor()
  expect(errors).toEqual([])
})

it('answers from the manual on the manual’s page', async () => {
  const { page, errors } = await harness.visitor()
  await page.goto(`${harness.server.url}/docs.html`)
  await say(page, 'How do I add the chat to my site?')
  await answers(page).filter({ hasText: 'embed.js' }).waitFor()
  expect(errors).toEqual([])
})
