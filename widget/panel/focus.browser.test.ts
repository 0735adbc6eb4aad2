import { mount, type, type Mounted } from '../testing/scripted/mount.ts'
import { until } from '../testing/scripted/until.ts'
import { focused } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

async function press(mounted: Mounted, selector: string): Promise<void> {
  const button = await mounted.wait(selector)
  button.focus()
  assert(focused() === button, `${selector} takes no focus`)
  button.click()
}

/** An open bubble with an answer on its way. */
async function answering(): Promise<Mounted> {
  const mounted = await mount({ open: '' })
  mounted.chat.send('Hi')
  await until(() => mounted.server.turns.at(-1)?.running)
  mounted.server.lastTurn.token('So far. '.repeat(400))
  await until(() => mounted.texts().length === 2)
  return mounted
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('the focus', () => {
  it('stays on the one button that stops and sends', async () => {
    const mounted = await answering()
    await press(mounted, '.stop')
    await until(() => !mounted.find('.stop'))
    assert(focused() === mounted.find('.go'))
  })

  it('goes to the composer when an answer is asked for again, and Escape still closes', async () => {
    const mounted = await answering()
    mounted.server.lastTurn.done()
    await press(mounted, '[aria-label="Answer again"]')
    await until(() => mounted.server.turns.length === 2)
    const input = await mounted.input()
    assert(focused() === input)
    input.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }),
    )
    assert(!mounted.chat.open)
  })

  it('goes to the composer when what failed is tried again, which is offered once', async () => {
    const mounted = await answering()
    mounted.server.lastTurn.fail('inference_error')
    await mounted.wait('[role=alert]')
    assert(!mounted.find('[aria-label="Answer again"]'))
    await press(mounted, 'button[data-leaves]')
    await until(() => mounted.server.turns.length === 2)
    assert(focused() === (await mounted.input()))
  })

  it('goes to the conversation with its latest message', async () => {
    const mounted = await answering()
    const scroller = await mounted.wait('.scroller')
    await press(mounted, '.jump')
    await until(() => !mounted.find('.jump'))
    assert(focused() === scroller)
  })
})

it('stopping an answer does not send what is in the field meanwhile', async () => {
  const mounted = await answering()
  await type(mounted, 'Next')
  mounted.find('.stop')?.click()
  await until(() => !mounted.find('.stop'))
  assert(mounted.server.turns.length === 1)
})
