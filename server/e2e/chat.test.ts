import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MANUAL } from '../testing/fake-model-server.ts'
import {
  answers,
  input,
  messages,
  say,
  startHarness,
  type Harness,
  type Visitor,
} from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness()
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

const open = async (path: string) => {
  visitor = await harness.visitor()
  await visitor.page.goto(harness.server.url + path)
  return visitor.page
}
const shows = (text: string) => answers(visitor.page).last().getByText(text).waitFor()

describe('a visitor on a page with the chat', () => {
  it('sees the answer grow while it is written, and finds it again after a reload', async () => {
    harness.script = MANUAL
    const page = await open('/page.html')
    await say(page, 'Hi there')
    await page.getByText('Hi there').first().waitFor()
    await harness.model.send('First part')
    await shows('First part')
    await harness.model.send(' and the second.')
    await harness.model.finish()
    await shows('First part and the second.')
    await page.reload()
    await shows('First part and the second.')
    await page.getByText('Hi there').first().waitFor()
    expect(visitor.errors).toEqual([])
    expect(visitor.elsewhere).toEqual([])
  })

  it('reloads in mid-answer, and the answer goes on without a gap or a repeat', async () => {
    harness.script = MANUAL
    const page = await open('/page.html')
    const asked = harness.model.requests.length
    await say(page, 'Tell me')
    await harness.model.send('one ')
    await shows('one')
    await page.reload()
    await shows('one')
    await harness.model.send('two ')
    await shows('one two')
    await harness.model.send('three')
    await harness.model.finish()
    await shows('one two three')
    await page.getByRole('button', { name: /stop/i }).waitFor({ state: 'detached' })
    expect(await answers(page).count()).toBe(1)
    expect(harness.model.requests).toHaveLength(asked + 1)
  })

  it('stops an answer and keeps what came', async () => {
    harness.script = MANUAL
    const page = await open('/inline.html')
    await say(page, 'Tell me')
    await harness.model.send('so far')
    await shows('so far')
    await page.getByRole('button', { name: /stop/i }).click()
    await harness.model.idle()
    await page.reload()
    await shows('so far')
  })

  it('gets a clear sentence when the model server fails, and loses nothing by trying again', async () => {
    harness.script = [{ status: 500, body: '<h1>Traceback</h1>' }]
    const page = await open('/page.html')
    await say(page, 'Please work')
    const again = messages(page).getByRole('button', { name: /try again/i })
    await again.waitFor()
    harness.script = ['It', ' works']
    await again.click()
    await shows('It works')
    expect(await messages(page).getByText('Please work').count()).toBe(1)
    await page.reload()
    await shows('It works')
    expect(await answers(page).count()).toBe(1)
  })

  it('keeps a message that could not be sent, and sends it once when the server is back', async () => {
    harness.script = ['Back', ' again']
    const page = await open('/page.html')
    await input(page).waitFor()
    await page.route('**/api/conversations**', (route) => route.abort())
    await say(page, 'Are you there?')
    // The list beside the chat asks too, and offers the same.
    const again = messages(page).getByRole('button', { name: /try again/i })
    await again.waitFor()
    await page.unroute('**/api/conversations**')
    const asked = harness.model.requests.length
    await again.click()
    await shows('Back again')
    expect(harness.model.requests).toHaveLength(asked + 1)
    expect(await messages(page).getByText('Are you there?').count()).toBe(1)
  })

  it('asks for another answer', async () => {
    harness.script = ['first answer']
    const page = await open('/page.html')
    await say(page, 'Again, please')
    await shows('first answer')
    harness.script = ['second answer']
    await page.locator('samosa-message').last().hover()
    await page.getByRole('button', { name: 'Answer again' }).last().click()
    await shows('second answer')
    expect(await answers(page).getByText('first answer').count()).toBe(0)
  })

  it('sees thinking, a tool card and its result', async () => {
    harness.script = [
      '<think>I should ',
      'calculate.</think>',
      '<|python_start|>{"tool":"calculator","arguments":{"expression":"12*3"}}<|python_end|>',
      '<|output_start|>{"tool":"calculator","success":true,"output":{"expression":"12*3","value":36},"error":null}<|output_end|>',
      'It is **36**.',
    ]
    const page = await open('/page.html')
    await say(page, 'What is 12 times 3?')
    await shows('It is 36.')
    await answers(page)
      .getByText(/Thought for|Thought/)
      .first()
      .waitFor()
    await answers(page)
      .getByText(/Calculat/)
      .first()
      .waitFor()
    const text = await answers(page).last().innerText()
    expect(text).not.toContain('<think>')
    expect(text).not.toContain('python_start')
  })

  it('asks with thinking when Think is on', async () => {
    harness.script = ['fine']
    const page = await open('/page.html')
    const think = page.getByRole('button', { name: /think/i })
    await think.click()
    expect(await think.getAttribute('aria-pressed')).toBe('true')
    await say(page, 'Think about it')
    await shows('fine')
    expect(harness.model.requests.at(-1)?.messages[0]?.content).toMatch(/step by step/)
  })

  it('runs no script that a model wrote', async () => {
    harness.script = [
      '<img src=x onerror="window.hacked=1">',
      '<script>window.hacked=1</script>',
      '[link](javascript:window.hacked=1) ![x](https://evil.example/x.png)',
      '<svg onload="window.hacked=1"></svg> done',
    ]
    const page = await open('/page.html')
    await say(page, 'Attack')
    await shows('done')
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
    expect(visitor.elsewhere).toEqual([])
    expect(await page.locator('samosa-answer [href^="javascript"]').count()).toBe(0)
  })
})

describe('the bubble', () => {
  it('loads nothing but the loader until the visitor reaches for it', async () => {
    visitor = await harness.visitor()
    const { page } = visitor
    const scripts: string[] = []
    page.on('request', (request) => scripts.push(new URL(request.url()).pathname))
    await page.goto(harness.server.url)
    const launcher = page.getByRole('button', { name: /chat/i }).last()
    await launcher.waitFor()
    expect(scripts).toContain('/embed.js')
    // The demo's own script asks whose documents answer.
    expect(
      scripts.filter((path) => /samosa-chat|chunks|api\/(?!widget-config)/.test(path)),
    ).toEqual([])
    harness.script = ['Hello from the corner']
    await launcher.click()
    await say(page, 'Hi')
    await shows('Hello from the corner')
    await page.keyboard.press('Escape')
    await input(page).waitFor({ state: 'hidden' })
    expect(visitor.errors).toEqual([])
    expect(visitor.elsewhere).toEqual([])
  })
})
