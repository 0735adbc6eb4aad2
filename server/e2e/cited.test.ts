/** `<samosa-chat dialect="cited">`: its questions go to `POST /api/v1/chat`, and nothing else is missing. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { MANUAL } from '../testing/fake-model-server.ts'
import { answers, input, say, startHarness, type Harness, type Visitor } from './harness.ts'

const by = (creator: string, text: string) => `---\ncreator: ${creator}\n---\n\n${text}`
const DOCUMENTS = {
  'asha/dough.md': by(
    'Asha Rao',
    '# Samosa dough\n\nSamosa dough rests for thirty minutes under a towel.',
  ),
  'ben/dough.md': by('Ben', '# Samosa dough\n\nSamosa dough rests for two hours in the cold.'),
  'ovens.md': by('Cem', '# Ovens\n\nPreheat convection ovens to 190 degrees before baking.'),
  'visas.md': by('Dora', '# Visas\n\nThe embassy issues tourist visas within twelve days.'),
  'parrots.md': by('Eve', '# Parrots\n\nParrots eat sunflower seeds and fruit.'),
}
const QUESTION = 'How long does samosa dough rest?'

let directory: string
let harness: Harness
let builtin: Harness
let visitor: Visitor

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cited-'))
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
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

/** A page of the server's own with this in its body, and the questions that go to dialect B from it. */
async function open(at: Harness, body: string) {
  visitor = await at.visitor()
  const { page } = visitor
  await page.route('**/cited.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><title>A page</title><body>${body}`,
    }),
  )
  const questions: unknown[] = []
  const others: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'POST') return
    const { pathname } = new URL(request.url())
    if (pathname === '/api/v1/chat') questions.push(JSON.parse(request.postData() ?? ''))
    else if (/messages$|regenerate$/.test(pathname)) others.push(pathname)
  })
  await page.goto(`${at.server.url}/cited.html`)
  return { page, questions, others }
}

const chatWith = (attributes: string) =>
  `<script type="module" src="/samosa-chat.js"></script>
   <samosa-chat mode="page" dialect="cited" ${attributes}></samosa-chat>`

const shows = (page: Page, text: string) => answers(page).last().getByText(text).waitFor()

const shownConversation = (page: Page) =>
  page.locator('samosa-chat').getAttribute('conversation-id')

it('asks in the creator’s documents first, turn after turn, and finds it all again', async () => {
  const { page, questions, others } = await open(builtin, chatWith('creator="Asha Rao"'))
  await say(page, QUESTION)
  await shows(page, 'thirty minutes')
  const mark = answers(page).last().getByRole('button', { name: 'Source 1: Samosa dough' }).first()
  await mark.hover()
  await page.getByRole('dialog').getByText('thirty minutes').waitFor()
  await page.keyboard.press('Escape')
  await input(page).waitFor()
  await say(page, 'And why under a towel?')
  await expect.poll(() => questions.length).toBe(2)
  const id = { conversation_id: await shownConversation(page) }
  expect(questions).toMatchObject([
    { query: QUESTION, creator: 'Asha Rao', personality_weight: 0, ...id },
    { creator: 'Asha Rao', ...id },
  ])
  await expect.poll(() => answers(page).count()).toBe(2)
  await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
  await page.reload()
  await expect.poll(() => answers(page).count()).toBe(2)
  await answers(page)
    .first()
    .getByRole('button', { name: 'Source 1: Samosa dough' })
    .first()
    .waitFor()
  expect(others).toEqual([])
  expect(visitor.errors).toEqual([])
  expect(visitor.elsewhere).toEqual([])
})

it('keeps a conversation for each creator, and goes to another one’s at once', async () => {
  const { page, questions } = await open(builtin, chatWith('creator="Asha Rao"'))
  await say(page, QUESTION)
  await shows(page, 'thirty minutes')
  const element = page.locator('samosa-chat')
  const ofAsha = await shownConversation(page)
  await element.evaluate((chat) => chat.setAttribute('creator', 'Ben'))
  await answers(page).waitFor({ state: 'detached' })
  await say(page, QUESTION)
  await shows(page, 'two hours')
  expect(questions).toMatchObject([{ creator: 'Asha Rao' }, { creator: 'Ben' }])
  expect(await shownConversation(page)).not.toBe(ofAsha)
  await element.evaluate((chat) => chat.setAttribute('creator', 'Asha Rao'))
  await shows(page, 'thirty minutes')
})

it('goes on with an answer after a reload, and stops it', async () => {
  harness.script = MANUAL
  const { page, questions } = await open(harness, chatWith('creator="Asha Rao"'))
  await say(page, QUESTION)
  await harness.model.send('It rests ')
  await shows(page, 'It rests')
  await page.reload()
  await shows(page, 'It rests')
  await harness.model.send('for a while')
  await shows(page, 'It rests for a while')
  await page.getByRole('button', { name: /stop/i }).click()
  await harness.model.idle()
  await answers(page).last().getByText('It rests for a while').waitFor()
  await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
  expect(questions).toHaveLength(1)
})

it('shows what is not proven, and takes what the visitor thinks of the answer', async () => {
  harness.script = ['It rests for ten minutes [1].']
  const { page } = await open(harness, chatWith('creator="Asha Rao" personality-weight="0.5"'))
  await say(page, QUESTION)
  await answers(page)
    .last()
    .getByRole('button', { name: /^Source 1: Samosa dough.*: ten$/ })
    .waitFor()
  const good = page.getByRole('button', { name: 'Good answer' })
  await good.click()
  await expect.poll(() => good.getAttribute('aria-pressed')).toBe('true')
  await page.reload()
  await expect.poll(() => good.getAttribute('aria-pressed')).toBe('true')
  await answers(page)
    .last()
    .getByRole('button', { name: /^Source 1: Samosa dough.*: ten$/ })
    .waitFor()
  // What a question of this dialect cannot carry is not offered.
  expect(await page.getByRole('button', { name: /think|edit|regenerate|attach/i }).count()).toBe(0)
})

it('says what failed, and asks again', async () => {
  harness.script = [{ status: 500, body: '{}' }]
  const { page, questions } = await open(harness, chatWith('creator="Asha Rao"'))
  await say(page, QUESTION)
  const again = page.getByRole('button', { name: /try again/i })
  await again.waitFor()
  harness.script = ['Thirty minutes [1].']
  await again.click()
  await shows(page, 'Thirty minutes')
  expect(questions).toHaveLength(2)
})

it('is set up by the loader too', async () => {
  const { page, questions } = await open(
    builtin,
    '<script async src="/embed.js" data-dialect="cited" data-creator="Ben" data-open></script>',
  )
  await input(page).waitFor()
  await say(page, QUESTION)
  await shows(page, 'two hours')
  expect(questions).toMatchObject([{ creator: 'Ben' }])
})
