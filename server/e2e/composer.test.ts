import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answers, input, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({ environment: { WIDGET_FEATURES: 'model_settings' } })
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

async function open() {
  visitor = await harness.visitor()
  await visitor.page.goto(`${harness.server.url}/page.html`)
  return visitor.page
}

describe('the composer', () => {
  it('sends a file that the model reads, and gives it back after a reload', async () => {
    harness.script = ['Two orders.']
    const page = await open()
    const text = 'day,orders\nMonday,2\n'
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Add files' }).click()
    const file = { name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }
    await (await chooser).setFiles(file)
    await page.getByRole('button', { name: 'Remove orders.csv' }).waitFor()
    await input(page).fill('How many orders?')
    await page.locator('.go[aria-disabled=false]').waitFor()
    await input(page).press('Enter')
    await answers(page).last().getByText('Two orders.').waitFor()
    expect(JSON.stringify(harness.model.requests.at(-1)?.body)).toContain('Monday,2')

    await page.reload()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download orders.csv' }).click()
    const saved = await download
    expect(saved.suggestedFilename()).toBe('orders.csv')
    expect(await readFile(await saved.path(), 'utf8')).toBe(text)
    expect([visitor.errors, visitor.elsewhere]).toEqual([[], []])
  })

  it('sends what is sent with a double click, and does not stop it with the second one', async () => {
    harness.script = ['Sent.']
    const page = await open()
    await input(page).fill('Twice?')
    await page.locator('.go[aria-disabled=false]').dblclick()
    await answers(page).last().getByText('Sent.').waitFor()
    expect(await input(page).inputValue()).toBe('')
    expect(visitor.errors).toEqual([])
  })

  it('asks for answers as the commands say, after a reload too', async () => {
    harness.script = ['Cool.']
    const page = await open()
    await say(page, '/temperature 0.3')
    await page.getByRole('button', { name: 'Remove temperature 0.3' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Remove temperature 0.3' }).waitFor()
    await say(page, 'Hello')
    await answers(page).last().getByText('Cool.').waitFor()
    expect(harness.model.requests.at(-1)?.body).toMatchObject({ temperature: 0.3 })
    expect(visitor.errors).toEqual([])
  })

  it('sends texts while nothing more can be loaded, and no command as a text', async () => {
    harness.script = ['Yes.']
    visitor = await harness.visitor()
    const { page } = visitor
    const chunks = '**/chunks/**'
    await page.route(chunks, (route) => route.abort())
    await page.goto(`${harness.server.url}/page.html`)
    await say(page, '/help')
    await page.locator('#count', { hasText: 'cannot be reached' }).waitFor()
    expect(await input(page).inputValue()).toBe('/help')
    await say(page, 'Is it open?')
    await answers(page).last().getByText('Yes.').waitFor()
    const asked = JSON.stringify(harness.model.requests.at(-1)?.body)
    expect([asked.includes('Is it open?'), asked.includes('/help')]).toEqual([true, false])
    await page.unroute(chunks)
    await say(page, '/help')
    await page.locator('.help').waitFor()
  })

  it('is used with the keyboard alone', async () => {
    harness.script = ['Yes.']
    const page = await open()
    await input(page).focus()
    await page.keyboard.type('/to')
    await page.getByRole('option', { name: '/topk' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.type('40')
    await page.keyboard.press('Enter')
    const chip = page.getByRole('button', { name: 'Remove top-k 40' })
    await chip.waitFor()
    await page.keyboard.press('Shift+Tab')
    expect(await chip.evaluate((button) => button.matches(':focus-visible'))).toBe(true)
    await page.keyboard.press('Enter')
    await chip.waitFor({ state: 'detached' })
    await page.keyboard.type('Is it open?')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.locator('.pill[aria-pressed=true]').waitFor()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await answers(page).last().getByText('Yes.').waitFor()
    expect(visitor.errors).toEqual([])
  })
})
