import 'axe-core/axe.min.js'
import { mount, visibleText, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused } from '../testing/scripted/visitor.ts'
import type { PageTool } from '../conversation/page-tool.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const buy: PageTool = {
  name: 'add_to_bag',
  title: 'Add to the bag',
  description: 'Puts a plant into the bag.',
  parameters: { type: 'object' },
  execute: ({ plant }) => ({ added: plant }),
}
const ARGS = { plant: 'fern <b>x</b>', gift_wrap: { colour: 'brown' } }

async function answering(mounted: Mounted): Promise<Mounted> {
  mounted.chat.registerTool(buy)
  mounted.chat.send('Put a fern into my bag')
  await until(() => mounted.server.turns.at(-1)?.running)
  return mounted
}

const state = ({ find }: Mounted) => find('.tool')?.dataset['state']
const words = (element: Element) => visibleText(element).replaceAll(/\s+/g, ' ').trim()

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('a tool of the page', () => {
  it('is asked for on its card, with what it is about to do, and runs when allowed', async () => {
    const mounted = await answering(await mount({ mode: 'inline' }))
    const turn = mounted.server.lastTurn
    turn.call('add_to_bag', ARGS)
    const request = await mounted.wait('.tool-request')
    assert(
      words(request).startsWith(
        'The assistant wants to use “Add to the bag”. plant fern <b>x</b> gift wrap { "colour": "brown" }',
      ),
      words(request),
    )
    assert(request.querySelector('[role=alert]'), 'it is announced')
    assert(request.closest('.tool') === mounted.find('.tool'))
    const allow = await mounted.wait('.allow')
    allow.focus()
    allow.click()
    await until(() => state(mounted) === 'done')
    assert(focused() === mounted.find('.tool-head'), 'the focus stays with the card')
    assert(!mounted.find('.tool-request'))
    assert(JSON.stringify(turn.results) === `[{"success":true,"output":{"added":"fern <b>x</b>"}}]`)
  })

  it('does not run when it is not allowed', async () => {
    const mounted = await answering(await mount({ mode: 'inline' }))
    mounted.server.lastTurn.call('add_to_bag')
    const deny = await mounted.wait('.deny')
    deny.click()
    await until(() => state(mounted) === 'denied')
    const said = words(await mounted.wait('.tool'))
    assert(said.endsWith('Not allowed'), said)
  })

  it('does not take the focus from the composer: a key meant for the text allows nothing', async () => {
    const mounted = await mount({ mode: 'inline' })
    const input = await mounted.input()
    input.focus()
    await answering(mounted)
    mounted.server.lastTurn.call('add_to_bag')
    await mounted.wait('.tool-request')
    assert(focused() === input)
  })

  it('is shown on its own card when several tools are called at once', async () => {
    const mounted = await answering(await mount({ mode: 'inline' }))
    const turn = mounted.server.lastTurn
    turn.token(
      '<|python_start|>{"tool":"calculator","arguments":{"expression":"1+1"}}<|python_end|>',
    )
    turn.call('add_to_bag', { plant: 'fern' })
    turn.call('add_to_bag', { plant: 'moss' })
    await until(() => mounted.findAll('.tool-request').length === 2)
    const cards = mounted.findAll('.tool').map((card) => words(card))
    assert(cards[1]?.includes('fern') && cards[2]?.includes('moss'), cards.join('\n'))
  })

  it('says in another window that it runs there, and asks again after a reload', async () => {
    const first = await mount({ mode: 'inline' })
    const endless: PageTool = { ...buy, execute: () => new Promise(() => {}) }
    first.chat.registerTool(endless)
    first.chat.send('Hi')
    await until(() => first.server.turns.at(-1)?.running)
    first.server.lastTurn.call('add_to_bag', ARGS)
    await first.wait('.tool-request')
    const second = await mount(
      { mode: 'inline', 'conversation-id': first.chat.conversationId ?? '' },
      first.server,
    )
    second.chat.registerTool(endless)
    await second.wait('.tool-request')
    first.find('.allow')?.click()
    await until(() => state(second) === 'elsewhere' && state(first) === 'running')
    assert(words(await second.wait('.tool-state')) === 'Running in another window')
  })

  it('that this page does not offer says so, and can be refused', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.at(-1)?.running)
    mounted.server.lastTurn.call('add_to_bag', ARGS)
    const deny = await mounted.wait('.deny')
    assert(state(mounted) === 'waiting' && !mounted.find('.allow'))
    assert(
      words(await mounted.wait('.tool-state')) === 'Waiting for the page that offers this',
      'it says what it waits for',
    )
    await assertAccessible(mounted.chat)
    deny.click()
    await until(() => state(mounted) === 'denied')
  })

  it('that the page takes away meanwhile waits for another page', async () => {
    const mounted = await mount({ mode: 'inline' })
    const unregister = mounted.chat.registerTool(buy)
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.at(-1)?.running)
    mounted.server.lastTurn.call('add_to_bag')
    await mounted.wait('.allow')
    unregister()
    await until(() => state(mounted) === 'waiting')
  })

  it('says on its card why an answer did not get through', async () => {
    const mounted = await answering(await mount({ mode: 'inline' }))
    mounted.server.lastTurn.call('add_to_bag')
    mounted.server.fail(/claim$/, () => problem(429))
    const allow = await mounted.wait('.allow')
    allow.click()
    const said = await mounted.wait('.tool-problem')
    assert(words(said).includes('a lot in a short time'), words(said))
    mounted.find('.allow')?.click()
    await until(() => state(mounted) === 'done')
  })

  it('shows what hides in its arguments, and says when there is more than fits', async () => {
    const mounted = await answering(await mount({ mode: 'inline' }))
    mounted.server.lastTurn.call('add_to_bag', { plant: 'f\u202ee', note: 'x '.repeat(900) })
    const args = await mounted.wait('.tool-args')
    assert(words(args).includes('f\\u{202e}e'), words(args))
    assert(args.scrollHeight > args.clientHeight, 'not all of it is shown')
    mounted.find('.show-all')?.click()
    const whole = await mounted.wait('.tool-args:not(.cut)')
    assert(whole.scrollHeight === whole.clientHeight, 'all of it is shown')
    assert(!mounted.find('.show-all'))
  })

  it('has its title on stored calls too, also when it is registered later', async () => {
    const server = new ScriptedServer()
    const call = '<|python_start|>{"tool":"add_to_bag","arguments":{}}<|python_end|>'
    const result =
      '<|output_start|>{"tool":"add_to_bag","success":true,"output":1}<|output_end|>Done'
    const id = server.addConversation([
      ['user', 'Hi'],
      ['assistant', call + result],
    ])
    const mounted = await mount({ mode: 'inline', 'conversation-id': id }, server)
    await until(() => words(mounted.find('.tool-words') ?? document.body) === 'Used add to bag')
    const unregister = mounted.chat.registerTool(buy)
    const title = () => words(mounted.find('.tool-words') ?? document.body)
    await until(() => title() === 'Add to the bag')
    unregister()
    await mounted.chat.updateComplete
    assert(title() === 'Add to the bag', 'the past keeps its words')
  })

  it('counts on the launcher when the bubble is closed over an open question', async () => {
    const mounted = await answering(await mount({ open: '' }))
    mounted.server.lastTurn.call('add_to_bag')
    const allow = await mounted.wait('.allow')
    assert(!mounted.find('.badge'))
    mounted.chat.hide()
    assert((await mounted.wait('.badge')).textContent === '1')
    allow.click()
    await until(() => !mounted.find('.badge'))
  })

  it('counts on the launcher of a closed bubble', async () => {
    const mounted = await answering(await mount({ open: '' }))
    mounted.chat.hide()
    mounted.server.lastTurn.call('add_to_bag')
    const launcher = await mounted.wait('samosa-launcher')
    await until(() => words(launcher).includes('1'))
  })

  it('is called off with the answer', async () => {
    const mounted = await mount({ mode: 'inline' })
    const signals: AbortSignal[] = []
    mounted.chat.registerTool({
      ...buy,
      readOnly: true,
      execute: (_, { signal }) => {
        signals.push(signal)
        return new Promise(() => {})
      },
    })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.at(-1)?.running)
    mounted.server.lastTurn.call('add_to_bag')
    await until(() => signals.length)
    mounted.chat.stop()
    assert(signals[0]?.aborted)
    await until(() => state(mounted) === 'unanswered')
  })

  it('can be taken away again, and cannot be registered twice', async () => {
    const { chat } = await mount({ mode: 'inline' })
    const unregister = chat.registerTool(buy)
    let refusal: unknown
    try {
      chat.registerTool(buy)
    } catch (error) {
      refusal = error
    }
    assert(refusal instanceof Error && refusal.message.includes('is registered already'))
    unregister()
    chat.registerTool(buy)
  })

  it('is accessible while it asks', async () => {
    const mounted = await answering(await mount({ mode: 'inline' }))
    mounted.server.lastTurn.call('add_to_bag', ARGS)
    const allow = await mounted.wait('.allow')
    assert(allow.getBoundingClientRect().height >= 24)
    await assertAccessible(mounted.chat)
  })
})
