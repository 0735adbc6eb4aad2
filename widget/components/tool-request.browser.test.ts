import 'axe-core/axe.min.js'
import { mount, visibleText, type Mounted } from '../scripted/mount.ts'
import { until } from '../scripted/until.ts'
import { assertAccessible, focused } from '../scripted/visitor.ts'
import type { PageTool } from '../state/page-tools.ts'

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
    await until(() => state(mounted) === 'failed')
    assert(words(await mounted.wait('.tool')).includes('The visitor did not allow this.'))
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
