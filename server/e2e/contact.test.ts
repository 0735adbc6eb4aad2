import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({
    builtin: true,
    environment: {
      WIDGET_CONTACT_EMAIL: 'help@shop.example',
      WIDGET_CONTACT_PHONE: '+49 30 123456',
      WIDGET_CONTACT_HOURS: 'Mon–Fri 9–17 h',
      WIDGET_CONTACT_FORM: 'yes',
    },
  })
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

const UNKNOWN = 'What is the airspeed of an unladen swallow?'

async function ask(question: string): Promise<Page> {
  visitor = await harness.visitor()
  await visitor.page.goto(`${harness.server.url}/page.html`)
  await say(visitor.page, question)
  return visitor.page
}

const card = (page: Page) => page.locator('samosa-contact section')
const letters = async () =>
  (await readFile(join(harness.server.directory, 'data/contacts.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line.includes('ada@mail.example'))

describe('a visitor', () => {
  it('writes to a person what the documents do not know, by the keyboard alone', async () => {
    const page = await ask(UNKNOWN)
    await card(page).getByRole('link', { name: 'help@shop.example' }).waitFor()
    await card(page).getByRole('button', { name: 'Write a message' }).focus()
    await page.keyboard.press('Enter')
    const message = page.getByRole('textbox', { name: 'Your message' })
    expect(await message.inputValue()).toBe(UNKNOWN)
    await page.locator('#email:focus').waitFor()
    await page.keyboard.type('ada@mail')
    await page.keyboard.press('Enter')
    await page.getByText('Enter one e-mail address').waitFor()
    await page.keyboard.type('.example')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByText('The answer comes to').waitFor()
    expect(await letters()).toHaveLength(1)
    expect((await letters())[0]).toContain(UNKNOWN)
    expect(await card(page).count()).toBe(0)
    expect(visitor.errors).toEqual([])
    expect(visitor.elsewhere).toEqual([])
  })

  it('is offered a person for the asking, in German too, and again after a reload', async () => {
    const page = await ask('Ich möchte mit einem Mitarbeiter sprechen')
    const phone = answers(page).last().getByRole('link', { name: '+49 30 123456' })
    expect(await phone.getAttribute('href')).toBe('tel:+4930123456')
    await answers(page).last().getByText('Mon–Fri 9–17 h').waitFor()
    // What the answer has said is not said again below it.
    const write = card(page).getByRole('button')
    await write.waitFor()
    expect(await card(page).getByRole('link').count()).toBe(0)
    await page.reload()
    await write.waitFor()
    expect(visitor.errors).toEqual([])
  })

  it('is offered a person when the server is gone, and keeps what was written', async () => {
    const page = await ask('Hello!')
    await answers(page).first().waitFor()
    await page.locator('samosa-contact:defined').waitFor({ state: 'attached' })
    await page.route('**/api/**', (route) => route.abort())
    await say(page, 'How do I send linen back?')
    await card(page).getByRole('link', { name: 'help@shop.example' }).waitFor()
    await card(page).getByRole('button', { name: 'Write a message' }).click()
    await page.locator('#email').fill('bob@mail.example')
    await page.locator('#consent').check()
    await page.getByRole('button', { name: 'Send message' }).click()
    await page.getByText('What you wrote is kept here.').waitFor()
    await page.unrouteAll()
    await page.reload()
    expect(await page.locator('#email').inputValue()).toBe('bob@mail.example')
  })
})
