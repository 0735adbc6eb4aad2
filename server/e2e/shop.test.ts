import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
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

it('offers nothing of the demo once other documents answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'own-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'bread.md'), '# Bread\n\nBread is baked at four in the morning.')
  const own = await startHarness({ builtin: true, environment: { KNOWLEDGE_DIR: folder } })
  onTestFinished(() => own.close())
  const { page, errors } = await own.visitor()
  await page.goto(`${own.server.url}/docs.html`)
  await page.getByText('answers from its own documents').waitFor()
  expect(await page.locator('samosa-chat').count()).toBe(0)
  for (const [name, open] of [
    ['inline.html', false],
    ['page.html', false],
    ['', true],
  ] as const) {
    await page.goto(`${own.server.url}/${name}`)
    await page.waitForFunction(() => document.documentElement.dataset['documents'] === 'own')
    if (open) await page.getByRole('button', { name: 'Open chat' }).click()
    await say(page, 'When is bread baked?')
    await answers(page).filter({ hasText: 'four in the morning' }).waitFor()
    await page.getByRole('button', { name: 'New conversation' }).first().click()
    await answers(page).waitFor({ state: 'detached' })
    expect(await page.getByRole('button', { name: /monstera/ }).count(), name).toBe(0)
    // The owner's documents are not asked under the name of the shop.
    expect(await page.getByText('Ask Mossgrove').count(), name).toBe(0)
    expect(await page.locator('samosa-chat').getByRole('heading').first().textContent()).toMatch(
      /\S/,
    )
  }
  expect(errors).toEqual([])
})

it('keeps the conversations of the shop and of the manual apart', async () => {
  const { page } = await harness.visitor()
  await page.goto(`${harness.server.url}/inline.html`)
  await say(page, 'How often do I water a monstera?')
  await answers(page).filter({ hasText: 'once a week' }).waitFor()
  await page.goto(`${harness.server.url}/docs.html`)
  await page.getByRole('button', { name: 'How do I change the colours?' }).waitFor()
  expect(await answers(page).count()).toBe(0)
})
