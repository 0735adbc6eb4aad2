import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

const URL_OF_RETURNS = 'https://shop.example.com/returns'
const DOCUMENTS = {
  'returns.md': `---\nurl: ${URL_OF_RETURNS}\n---\n\n# Returns\n\nSend linen back within thirty days of its delivery.`,
  'washing.md':
    '# Washing\n\nAfter delivery, wash linen at forty degrees before you send it back to the shelf.',
}
const QUESTION = 'How do I send linen back after delivery?'

let directory: string
let harness: Harness
let builtin: Harness
let visitor: Visitor

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'citations-'))
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    await writeFile(join(directory, name), text)
  }
  const environment = { KNOWLEDGE_DIR: directory }
  harness = await startHarness({ environment })
  builtin = await startHarness({ environment, builtin: true })
})
afterEach(() => visitor.context.close())
afterAll(async () => {
  await harness.close()
  await builtin.close()
  await rm(directory, { recursive: true })
})

const ask = async (
  at: Harness,
  question: string,
  options?: Parameters<Harness['visitor']>[0],
): Promise<Visitor['page']> => {
  visitor = await at.visitor(options)
  await visitor.page.goto(`${at.server.url}/page.html`)
  await say(visitor.page, question)
  return visitor.page
}

it('cites the passages of the documents, and opens them at the place', async () => {
  const page = await ask(builtin, QUESTION)
  const answer = answers(page).last()
  const citation = answer.getByRole('link', { name: 'Source 1: Returns' }).first()
  await citation.waitFor()
  const href = await citation.getAttribute('href')
  expect(href).toMatch(`${URL_OF_RETURNS}#:~:text=`)
  expect(await citation.getAttribute('target')).toBe('_blank')
  await citation.hover()
  const card = answer.getByRole('dialog', { name: 'Returns' })
  await card.getByText('within thirty days').waitFor()
  // It stays while it is read.
  await card.getByText('within thirty days').hover()
  expect(await card.getByRole('link', { name: /^Open/ }).getAttribute('href')).toBe(href)
  await page.keyboard.press('Escape')
  await card.waitFor({ state: 'hidden' })
  expect(visitor.elsewhere).toEqual([])
})

it('shows what a model claims that its source does not have, also after a reload', async () => {
  harness.script = [
    'Linen goes back within sixty days [1], ',
    'and is washed at forty degrees [2]. Ask [7].',
  ]
  const page = await ask(harness, QUESTION)
  for (const isAgain of [false, true]) {
    if (isAgain) await page.reload()
    const answer = answers(page).last()
    const unproven = answer.getByRole('link', { name: /^Source 1: Returns.*Not found.*: sixty$/ })
    await unproven.waitFor()
    const proven = answer.getByRole('button', { name: /^Source 2: Washing$/ })
    await proven.waitFor()
    expect(await answer.getByText('Ask [7].').count()).toBe(1)
    await unproven.hover()
    await answer.getByRole('dialog').getByText('Not found in this source:').waitFor()
    await proven.hover()
    await answer.getByRole('dialog', { name: 'Washing' }).waitFor()
    expect(await answer.getByText('Not found in this source:').count()).toBe(0)
  }
  expect(visitor.errors).toEqual([])
})

it('lists what was found and is not cited apart from what is', async () => {
  harness.script = ['Linen goes back within thirty days [1].']
  const page = await ask(harness, QUESTION)
  const answer = answers(page).last()
  await answer.getByRole('list', { name: 'Also found' }).getByText('Washing').waitFor()
  const used = answer.getByRole('list', { name: 'Sources' })
  expect(await used.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringContaining('Returns'),
  ])
})

it('shows a finger the passage first, inside a small screen', async () => {
  const size = { width: 320, height: 568 }
  harness.script = ['Linen goes back within sixty days, and here are many words [1].']
  const page = await ask(harness, QUESTION, { viewport: size, hasTouch: true, isMobile: true })
  const answer = answers(page).last()
  const citation = answer.getByRole('link', { name: /^Source 1/ }).first()
  await citation.tap()
  const card = answer.getByRole('dialog')
  await card.getByRole('link', { name: /^Open/ }).waitFor()
  const box = await card.boundingBox()
  expect(box && box.x >= 0 && box.x + box.width <= size.width).toBe(true)
  expect(box && box.y >= 0 && box.y + box.height <= size.height).toBe(true)
  expect(page.context().pages()).toHaveLength(1)
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    card.getByRole('link', { name: /^Open/ }).tap(),
  ])
  expect(opened).toBeDefined()
})
