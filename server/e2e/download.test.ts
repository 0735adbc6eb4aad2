import { readFile } from 'node:fs/promises'
import mammoth from 'mammoth'
import { extractText, getDocumentProxy } from 'unpdf'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness()
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

/** Takes the only conversation as a file, by the list's button and the menu. */
async function download(page: Page, format: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: 'Download “How are my ferns?”' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format }).click(),
  ])
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

it('gives a conversation in every format, from the list', async () => {
  visitor = await harness.visitor({ viewport: { width: 1280, height: 800 } })
  const { page } = visitor
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'How are my ferns?')
  await answers(page).last().getByText('Hello world!').waitFor()
  await page.locator('samosa-drawer li').hover()

  const markdown = await download(page, 'Markdown')
  expect(markdown.name).toBe('How are my ferns.md')
  expect(markdown.bytes.toString()).toMatch(/How are my ferns\?\n[^]*Hello world!/)

  const json = await download(page, 'JSON')
  expect(json.name).toBe('How are my ferns.json')
  expect(JSON.parse(json.bytes.toString())).toMatchObject({
    title: 'How are my ferns?',
    messages: [{ sender_type: 'user' }, { sender_type: 'assistant', text: 'Hello world!' }],
  })

  const pdf = await download(page, 'PDF')
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf.bytes)), {
    mergePages: true,
  })
  expect(text).toContain('Hello world!')

  const word = await download(page, 'Word (DOCX)')
  expect(word.name).toBe('How are my ferns.docx')
  const { value } = await mammoth.extractRawText({ buffer: word.bytes })
  expect(value).toContain('Hello world!')
  expect(visitor.errors).toEqual([])
  expect(visitor.elsewhere).toEqual([])
})
