import 'axe-core/axe.min.js'
import { mount, pressEnter, type, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

const menu = ({ findAll }: Mounted) => findAll('.menu b').map(({ textContent }) => textContent)
const chosen = ({ find }: Mounted) => find('[aria-selected=true] b')?.textContent
const said = ({ find }: Mounted) => find('.said')?.textContent?.trim()
const chips = ({ findAll }: Mounted) =>
  findAll('.chip').map(({ textContent }) => textContent.trim())

async function mounted(config: object = {}): Promise<Mounted> {
  const server = new ScriptedServer()
  server.config = { ...server.config, ...config }
  const made = await mount({ mode: 'inline' }, server)
  await made.wait('.pill')
  return made
}

/** Types a text and sends it with Enter. */
async function enter(at: Mounted, text: string): Promise<HTMLTextAreaElement> {
  const input = await type(at, text)
  await at.chat.updateComplete
  pressEnter(input)
  return input
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('the list of commands', () => {
  it('opens with a slash, is filtered by what follows, and closes with a text', async () => {
    const at = await mounted()
    const input = await type(at, '/')
    await at.wait('.menu')
    equal(menu(at), ['/temperature', '/topk', '/think', '/clear', '/help'])
    equal([input.getAttribute('aria-controls'), chosen(at)], ['commands', '/temperature'])
    assert(at.find(`#${input.getAttribute('aria-activedescendant')}`))
    await assertAccessible(at.chat)
    await type(at, '/t')
    await until(() => menu(at).length === 3)
    await type(at, 'text')
    await until(() => !at.find('.menu'))
    assert(!input.hasAttribute('aria-activedescendant'))
  })

  it('is walked with the arrows, round and round, while the focus stays in the text', async () => {
    const at = await mounted()
    const input = await type(at, '/')
    await at.wait('.menu')
    for (const expected of ['/topk', '/think', '/clear', '/help', '/temperature']) {
      assert(!press(input, 'ArrowDown'), 'the text does not move')
      await until(() => chosen(at) === expected)
    }
    press(input, 'ArrowUp')
    await until(() => chosen(at) === '/help')
    assert(focused() === input)
    assert(press(input, 'ArrowLeft'), 'other keys are the text’s')
  })

  it('Enter and Tab complete a command that says more, Enter runs one that does not', async () => {
    const at = await mounted()
    const input = await type(at, '/te')
    await at.wait('.menu')
    press(input, 'Enter')
    await until(() => input.value === '/temperature ')
    assert(!at.find('.menu'))
    await type(at, '/to')
    await at.wait('.menu')
    assert(!press(input, 'Tab'), 'the focus stays')
    await until(() => input.value === '/topk ')
    await type(at, '/h')
    await at.wait('.menu')
    press(input, 'Enter')
    await at.wait('.help')
    await assertAccessible(at.chat)
    equal(input.value, '')
    equal(at.server.turns.length, 0)
  })

  it('Escape closes it, and the panel only with the next one', async () => {
    const server = new ScriptedServer()
    const at = await mount({ open: '' }, server)
    const input = await type(at, '/')
    await at.wait('.menu')
    press(input, 'Escape')
    await until(() => !at.find('.menu'))
    assert(at.chat.open)
    equal(input.value, '/')
    press(input, 'Escape')
    assert(!at.chat.open)
  })

  it('is chosen from with a click, and leaves the keys of an input method alone', async () => {
    const at = await mounted()
    const input = await type(at, '/')
    await at.wait('.menu')
    assert(press(input, 'Enter', { isComposing: true }))
    at.find('#command-topk')?.click()
    await until(() => input.value === '/topk ')
    assert(focused() === input)
  })

  it('does not offer what the server does not', async () => {
    const server = new ScriptedServer()
    server.config = { ...server.config, features: { model_settings: true } }
    const at = await mount({ mode: 'inline' }, server)
    await type(at, '/th')
    await at.chat.updateComplete
    await type(at, '/t')
    await at.wait('.menu')
    equal(menu(at), ['/temperature', '/topk'])
  })
})

describe('a command', () => {
  it('sets what is then seen, kept over a reload, sent, and taken away', async () => {
    const at = await mounted()
    await enter(at, '/temperature 0.3')
    await until(() => chips(at).length === 1)
    await enter(at, '/topk 40')
    await until(() => chips(at).length === 2)
    equal(chips(at), ['temperature 0.3', 'top-k 40'])
    equal(said(at), 'From now on: top-k 40.')
    await assertAccessible(at.chat)
    at.chat.remove()
    const again = await mount({ mode: 'inline', endpoint: at.chat.endpoint }, at.server)
    await until(() => chips(again).length === 2)
    again.find('.chip')?.click()
    await until(() => chips(again).length === 1)
    assert(focused() === (await again.input()))
    await enter(again, 'Hi')
    await until(() => at.server.turns.length)
    equal(at.server.asked('POST', /messages$/)[0]?.body, {
      content: 'Hi',
      thinking_mode: false,
      top_k: 40,
    })
  })

  it('that is refused says so, stays in the field, and is not sent', async () => {
    const at = await mounted()
    for (const [text, words] of [
      ['/temperature 3', 'from 0 to 2'],
      ['/topk 0', 'from 1 to 200'],
      ['/frobnicate', 'no command /frobnicate'],
    ] as const) {
      const input = await enter(at, text)
      await until(() => said(at)?.includes(words))
      equal(input.value, text)
    }
    await assertAccessible(at.chat)
    await type(at, 'something else')
    await until(() => said(at) === '')
    equal([at.server.turns.length, chips(at)], [0, []])
  })

  it('starts over', async () => {
    const at = await mounted()
    await enter(at, 'Hi')
    await until(() => at.server.turns.length)
    at.server.lastTurn.token('Hello')
    at.server.lastTurn.done()
    await until(() => at.texts().length === 2)
    const input = await enter(at, '/clear')
    await until(() => at.texts().length === 0)
    equal([input.value, at.chat.conversationId], ['', null])
  })

  it('switches thinking', async () => {
    const at = await mounted()
    await enter(at, '/think')
    await at.wait('.pill[aria-pressed=true]')
    await enter(at, '/think off')
    await at.wait('.pill[aria-pressed=false]')
    equal(said(at), 'Thinking is off.')
  })

  it('is a text after two slashes, with one', async () => {
    const at = await mounted()
    const input = await enter(at, '//etc/hosts?')
    await until(() => at.server.turns.length)
    equal(at.texts()[0], '/etc/hosts?')
    await until(() => input.value === '')
  })

  it('gives both slashes back when the page does not let it go', async () => {
    const at = await mounted()
    at.chat.addEventListener('samosa-send', (event) => event.preventDefault())
    const input = await enter(at, '//etc/hosts?')
    await at.wait('.said')
    await at.chat.updateComplete
    equal([input.value, at.server.turns.length], ['//etc/hosts?', 0])
  })
})

describe('the Search toggle', () => {
  const features = { think: true, search: true }

  it('is there when the server offers it, is remembered, and searches', async () => {
    const at = await mounted({ features })
    await until(() => at.findAll('.pill').length === 2)
    const search = at.findAll('.pill')[1]
    assert(search instanceof HTMLElement)
    equal(search.textContent.trim(), 'Search')
    search.click()
    await until(() => search.getAttribute('aria-pressed') === 'true')
    await assertAccessible(at.chat)
    at.chat.remove()
    const again = await mount({ mode: 'inline', endpoint: at.chat.endpoint }, at.server)
    await again.wait('.pill[aria-pressed=true]')
    again.chat.send('Hi')
    await until(() => at.server.turns.length)
    equal(at.server.asked('POST', /messages$/)[0]?.body, {
      content: 'Hi',
      thinking_mode: false,
      force_web_search: true,
    })
  })

  it('asks for no search where the server has none any more', async () => {
    const at = await mounted({ features })
    await until(() => at.findAll('.pill').length === 2)
    const search = at.findAll('.pill')[1]
    assert(search instanceof HTMLElement)
    search.click()
    await until(() => search.getAttribute('aria-pressed') === 'true')
    at.chat.remove()
    at.server.config = { ...at.server.config, features: {} }
    const again = await mount({ mode: 'inline', endpoint: at.chat.endpoint }, at.server)
    await again.wait('.greeting')
    again.chat.send('Hi')
    await until(() => at.server.turns.length)
    equal(at.server.asked('POST', /messages$/)[0]?.body, { content: 'Hi', thinking_mode: false })
  })
})

it('the send button that is off says why', async () => {
  const at = await mounted()
  const button = await at.wait('.go')
  equal(button.title, 'Write a message first.')
  await type(at, 'Hi')
  await until(() => button.getAttribute('aria-disabled') === 'false')
  equal(button.title, 'Send')
})

it('the text field is 16 pixels or larger, so that no phone zooms into it', async () => {
  const at = await mounted()
  assert(Number.parseFloat(getComputedStyle(await at.input()).fontSize) >= 16)
})

it('stands on a narrow screen and from right to left', async () => {
  const frame = document.createElement('div')
  frame.dir = 'rtl'
  frame.style.setProperty('inline-size', '320px')
  document.body.append(frame)
  const at = await mounted({
    features: { think: true, search: true },
    attachments: { images: true, text: true, pdf: false, max_files: 5, max_bytes: 1000 },
  })
  frame.append(at.chat)
  await until(() => at.findAll('.pill').length === 2)
  const bar = await at.wait('.bar')
  assert(bar.scrollWidth <= bar.clientWidth, `${bar.scrollWidth} > ${bar.clientWidth}`)
  const [think, go] = [at.find('.pill'), at.find('.go')]
  assert(think && go)
  assert(think.getBoundingClientRect().left > go.getBoundingClientRect().left)
  await assertAccessible(at.chat)
  frame.remove()
})
