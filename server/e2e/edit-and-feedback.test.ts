import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answers, messages, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness()
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

async function ask(question: string, answer: string) {
  harness.script = [answer]
  visitor = await harness.visitor()
  await visitor.page.goto(`${harness.server.url}/page.html`)
  await say(visitor.page, question)
  await answers(visitor.page).last().getByText(answer).waitFor()
  return visitor.page
}

describe('a visitor', () => {
  it('edits a question, and finds the new one and its answer after a reload', async () => {
    const page = await ask('How much is a fren?', 'A friend is priceless.')
    harness.script = ['A fern is €24.']
    await page.locator('samosa-message').first().hover()
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('textbox', { name: 'Edit message' }).fill('How much is a fern?')
    await page.keyboard.press('Enter')
    await answers(page).last().getByText('A fern is €24.').waitFor()
    await page.reload()
    await answers(page).last().getByText('A fern is €24.').waitFor()
    await messages(page).getByText('How much is a fern?').waitFor()
    expect(await answers(page).count()).toBe(1)
    expect(await messages(page).getByText('How much is a fren?').count()).toBe(0)
    expect(visitor.errors).toEqual([])
  })

  it('says what an answer is worth, and finds that after a reload', async () => {
    const page = await ask('And moss?', 'Moss is free.')
    const down = page.getByRole('button', { name: 'Bad answer' })
    await down.click()
    await page.getByRole('textbox', { name: /wrong/ }).fill('It costs €3.')
    await page.keyboard.press('Enter')
    await page.getByText('Thank you for your feedback.').waitFor()
    await page.reload()
    await page.locator('[aria-pressed=true][aria-label="Bad answer"]').waitFor()
    expect(visitor.errors).toEqual([])
  })
})
