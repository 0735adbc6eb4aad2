import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startFakeModelServer, type FakeModelServer } from '../testing/fake-model-server.ts'
import { serve } from './foreign-page.ts'
import { answers, input, say, startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness()
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

async function open(path: string, options?: Parameters<Harness['visitor']>[0]): Promise<Page> {
  visitor = await harness.visitor(options)
  const { page } = visitor
  await page.goto(harness.server.url + path)
  // It is the demo's own, and stands in the way from the page to the chat.
  await page.locator('demo-strip').evaluate((strip) => strip.remove())
  return page
}

/** What a screen reader calls the element that has the focus; `page: …` for one of the page's own. */
const focus = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement
    const isOurs = element?.matches('samosa-chat, samosa-embed') ?? false
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    const name = element?.getAttribute('aria-label') ?? element?.textContent ?? ''
    const words = name.replaceAll(/\s+/g, ' ').trim()
    return isOurs || element === document.body ? words : `page: ${words}`
  })

/** Whether the element that has the focus shows it. */
const showsFocus = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    const around = element?.closest('.pod') ?? element
    const marked = [element, around].map((node) => node && getComputedStyle(node))
    return marked.some(
      (style) => style && (style.outlineStyle !== 'none' || style.boxShadow !== 'none'),
    )
  })

/** What can be done with a message comes in a file of its own. */
const LATE = new Set(['Edit', 'Answer again'])

/** Presses a key until the focus is on a control; tells what it went over. */
async function go(page: Page, key: 'Tab' | 'Shift+Tab', to: string): Promise<readonly string[]> {
  // The way must not grow under who is on it.
  if (LATE.has(to)) await page.getByRole('button', { name: to, exact: true }).first().waitFor()
  const way: string[] = []
  while (way.length < 40) {
    await page.keyboard.press(key)
    const name = await focus(page)
    way.push(name)
    expect(await showsFocus(page), `${name} shows the focus`).toBe(true)
    if (name === to) return way
  }
  throw new Error(`${to} is not on the way: ${way.join(', ')}`)
}

const focusGoesTo = (page: Page, name: string) => expect.poll(() => focus(page)).toBe(name)

async function answered(page: Page, text: string): Promise<void> {
  await answers(page).last().getByText(text).waitFor()
  await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
}

describe('with the keyboard alone', () => {
  it('a visitor gets from the page to the chat, asks, reads, and gets back', async () => {
    harness.script = ['A samosa is ', 'a pastry.']
    const page = await open('/')
    await page.locator('footer a, main a, main button').last().focus()
    await go(page, 'Tab', 'Open chat')
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Message')
    await page.keyboard.type('What is a samosa?')
    await page.keyboard.press('Enter')
    await answered(page, 'a pastry.')
    // They come behind the first answer.
    await page.getByRole('button', { name: 'Bad answer' }).waitFor()
    await page.getByRole('button', { name: 'Download this conversation' }).waitFor()
    await focusGoesTo(page, 'Message')

    const back = await go(page, 'Shift+Tab', 'Conversations')
    const sources = back.filter((name) => /^\d /.test(name))
    expect(back).toEqual([
      ...['Download this conversation', 'Bad answer', 'Good answer', 'Answer again', 'Copy'],
      ...sources,
      ...['Edit', 'Copy'],
      ...['Messages', 'Close', 'Enlarge chat', 'New conversation', 'Conversations'],
    ])
    await go(page, 'Tab', 'Message')
    const on = await go(page, 'Tab', 'Close chat')
    expect(on).toEqual(['Think', 'Search', 'Add files', 'Speak your message', 'Send', 'Close chat'])
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Escape')
    await focusGoesTo(page, 'Open chat')
    await page.keyboard.press('Shift+Tab')
    expect(await focus(page)).toMatch(/^page: /)
    expect(visitor.errors).toEqual([])
  })

  it('nothing behind a chat that covers the window can be reached', async () => {
    const page = await open('/', { viewport: { width: 400, height: 700 } })
    await page.locator('samosa-embed').getByRole('button').focus()
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Message')
    // What covers the page comes with a file of its own.
    await page.locator('body > [inert]').first().waitFor({ state: 'attached' })
    const way: string[] = []
    for (let count = 0; count < 24; count += 1) {
      await page.keyboard.press('Tab')
      way.push(await focus(page))
    }
    expect(way.filter((name) => name.startsWith('page: '))).toEqual([])
    expect(way).toContain('Close')
    await page.keyboard.press('Escape')
    await focusGoesTo(page, 'Open chat')
    await page.keyboard.press('Shift+Tab')
    expect(await focus(page)).toMatch(/^page: /)
  })

  it('conversations are opened from the list, which keeps the focus until it is closed', async () => {
    harness.script = ['Yes.']
    const page = await open('/inline.html')
    await say(page, 'First question')
    await answered(page, 'Yes.')
    await go(page, 'Shift+Tab', 'New conversation')
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Message')
    await page.keyboard.type('Second question')
    await page.keyboard.press('Enter')
    await answered(page, 'Yes.')
    await go(page, 'Shift+Tab', 'Conversations')
    await page.keyboard.press('Enter')
    // The rows are still on their way.
    await focusGoesTo(page, 'Search conversations')
    await page.locator('samosa-drawer li').last().waitFor()
    await page.keyboard.press('ArrowDown')
    await focusGoesTo(page, 'Second question')
    const way = await go(page, 'Tab', 'Second question')
    expect(way).toEqual([
      ...['Download “Second question”', 'Rename “Second question”', 'Delete “Second question”'],
      ...['New conversation', 'Close the list', 'Search conversations', 'Second question'],
    ])
    await page.keyboard.press('ArrowDown')
    await focusGoesTo(page, 'First question')
    await page.keyboard.press('Escape')
    await focusGoesTo(page, 'Conversations')
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Second question')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Message')
    await page.locator('samosa-message').first().getByText('First question').waitFor()
    expect(visitor.errors).toEqual([])
  })

  it('a command is chosen from the menu, and Escape closes one thing at a time', async () => {
    const page = await open('/')
    await page.locator('samosa-embed').getByRole('button').focus()
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Message')
    await page.keyboard.type('/')
    await page.getByRole('listbox', { name: 'Commands' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('listbox').waitFor({ state: 'detached' })
    await page.keyboard.type('h')
    await page.getByRole('option', { name: '/help', selected: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.help').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.help').waitFor({ state: 'detached' })
    expect(await focus(page)).toBe('Message')
    await page.keyboard.press('Escape')
    await focusGoesTo(page, 'Open chat')
  })

  it('a message is edited, or left as it was', async () => {
    harness.script = ['Fine.']
    const page = await open('/page.html')
    await say(page, 'How are fern?')
    await answered(page, 'Fine.')
    await go(page, 'Shift+Tab', 'Edit')
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Edit message')
    await page.keyboard.press('End')
    await page.keyboard.type(' x')
    await page.keyboard.press('Escape')
    await focusGoesTo(page, 'Edit')
    await page.keyboard.press('Enter')
    await focusGoesTo(page, 'Edit message')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('How are ferns?')
    harness.script = ['Green.']
    await page.keyboard.press('Enter')
    await answered(page, 'Green.')
    expect(await page.locator('samosa-message .bubble').allInnerTexts()).toEqual(['How are ferns?'])
    await focusGoesTo(page, 'Message')
  })

  it('an answer is stopped, and asked for again', async () => {
    harness.script = [{ manual: true }]
    const page = await open('/page.html')
    await say(page, 'Tell me')
    await harness.model.send('So far')
    await answers(page).last().getByText('So far').waitFor()
    await go(page, 'Tab', 'Stop')
    await page.keyboard.press('Enter')
    await page.getByText('Stopped', { exact: true }).waitFor()
    expect(await focus(page)).toBe('Send')
    harness.script = ['All of it.']
    await go(page, 'Shift+Tab', 'Answer again')
    await page.keyboard.press('Enter')
    await answered(page, 'All of it.')
    expect(await input(page).evaluate((field) => field.matches(':focus'))).toBe(true)
  })
})

describe('on a page with shortcuts of its own, as documentation sites have them,', () => {
  const shortcuts = `
    const isField = (node) => node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName)
    const search = document.querySelector('input')
    const open = (event) => { event.preventDefault(); search.focus() }
    document.addEventListener('keydown', (event) => {
      if ('s/?.'.includes(event.key) && !isField(event.target)) open(event)
      if (event.key === 'k' && event.ctrlKey) open(event)
    })
    window.addEventListener('keydown', (event) => {
      const inside = event.target.shadowRoot?.activeElement ?? event.target
      if (event.key === '/' && !isField(inside)) open(event)
    })
    document.addEventListener('keyup', (event) => {
      if (event.key === '/' && document.activeElement.localName !== 'input') search.focus()
    })
    document.body.addEventListener('keypress', (event) => {
      if (event.key === '?' && document.activeElement.localName !== 'input') search.focus()
    })`

  it.each([
    ['by the loader', '<script async src="/embed.js" data-open></script>'],
    [
      'inline',
      '<script type="module" src="/samosa-chat.js"></script><samosa-chat mode="inline"></samosa-chat>',
    ],
  ])('what is typed in a chat arrives there: %s', async (_how, tag) => {
    visitor = await harness.visitor()
    const { page, context } = visitor
    const body = `<!doctype html><title>Docs</title><input aria-label="Search the docs">${tag}<script>${shortcuts}</script>`
    const url = `${harness.server.url}/docs-of-somebody`
    await serve(context, url, body)
    await page.goto(url)
    const message = page.getByRole('textbox', { name: 'Message' })
    await message.click()
    await page.keyboard.type('What is s/he? E.g. docs')
    expect(await message.inputValue()).toBe('What is s/he? E.g. docs')
    await message.fill('')
    await page.keyboard.type('/')
    await page.getByRole('listbox', { name: 'Commands' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('listbox').waitFor({ state: 'detached' })
    expect(await focus(page)).toBe('Message')

    await page.keyboard.press('Control+k')
    expect(await focus(page)).toBe('page: Search the docs')
    await page.keyboard.type('/s')
    expect(await page.getByLabel('Search the docs').inputValue()).toBe('/s')
    await page.locator('body').evaluate(() => document.querySelector('input')?.blur())
    await page.keyboard.press('/')
    expect(await focus(page)).toBe('page: Search the docs')
    await message.click()
    await page.keyboard.press('Shift+Tab')
    expect(await focus(page)).not.toBe('Message')
    expect(visitor.errors).toEqual([])
  })
})

describe('a tool of the page, with the keyboard alone,', () => {
  const call = { name: 'add_to_bag', arguments: '{"plant":"fern"}' }
  const toolCalls = [{ index: 0, id: 'call_1', type: 'function', function: call }]
  const chunk = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { tool_calls: toolCalls }, finish_reason: 'tool_calls' }],
  }
  let model: FakeModelServer
  let withTools: Harness
  beforeAll(async () => {
    model = await startFakeModelServer({
      protocol: 'openai',
      respond: ({ messages }) =>
        messages.at(-1)?.role === 'tool'
          ? ['It is in your bag.']
          : [{ raw: `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n` }, { end: true }],
    })
    const environment = { INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' }
    withTools = await startHarness({ environment })
  })
  afterAll(async () => {
    await withTools.close()
    await model.close()
  })

  it('is allowed, and its card is opened', async () => {
    visitor = await withTools.visitor()
    const { page } = visitor
    await page.goto(`${withTools.server.url}/inline.html`)
    await say(page, 'A fern, please')
    await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
    await go(page, 'Shift+Tab', 'Allow')
    await page.keyboard.press('Enter')
    await answered(page, 'It is in your bag.')
    await expect.poll(() => focus(page)).toContain('Add to the bag')
    await page.keyboard.press('Enter')
    await page.getByRole('group', { name: 'Arguments' }).waitFor()
    expect(await page.locator('[data-count]').innerText()).toBe('1')
    expect(visitor.errors).toEqual([])
  })
})
