import 'axe-core/axe.min.js'
import { mount, type, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press, retype } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const SHOWN = ['One', 'First', 'Two', 'Second']

/** A conversation of two questions. */
async function conversing(attributes: Readonly<Record<string, string>> = { mode: 'inline' }) {
  const server = new ScriptedServer()
  const id = server.addConversation([
    ['user', 'One'],
    ['assistant', 'First'],
    ['user', 'Two'],
    ['assistant', 'Second'],
  ])
  const mounted = await mount({ ...attributes, 'conversation-id': id }, server)
  await until(() => mounted.texts().length === 4)
  return mounted
}

const shows = (mounted: Mounted, texts: readonly string[]) =>
  until(() => mounted.texts().join('|') === texts.join('|'))

/** Opens the first message; resolves to its field. */
async function edit(mounted: Mounted): Promise<HTMLTextAreaElement> {
  const button = await mounted.wait('.edit')
  button.focus()
  button.click()
  await mounted.wait('samosa-text-form')
  await until(() => mounted.findAll('form:not(.pod) textarea').includes(focused() ?? document.body))
  const field = focused()
  assert(field instanceof HTMLTextAreaElement)
  return field
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('editing a message', () => {
  it('sends with Enter what then takes the place of all that followed', async () => {
    const mounted = await conversing()
    const field = await edit(mounted)
    assert(field.value === 'One')
    retype(field, 'Uno')
    press(field, 'Enter')
    await shows(mounted, ['Uno'])
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Primo')
    mounted.server.lastTurn.done()
    await shows(mounted, ['Uno', 'Primo'])
    assert(focused() === (await mounted.input()), 'the focus goes on in the composer')
  })

  it('breaks lines with Shift and Enter, and leaves Enter to an input method', async () => {
    const mounted = await conversing()
    const field = await edit(mounted)
    retype(field, 'Uno')
    assert(press(field, 'Enter', { shiftKey: true }), 'the line break stays')
    press(field, 'Enter', { isComposing: true })
    press(field, 'Escape', { isComposing: true })
    assert(mounted.find('samosa-text-form'))
    assert(mounted.server.turns.length === 0)
  })

  it('is given up with Escape, which gives the focus back and leaves the bubble open', async () => {
    const mounted = await conversing({ open: '' })
    const field = await edit(mounted)
    retype(field, 'Uno')
    press(field, 'Escape')
    await until(() => focused() === mounted.find('.edit'))
    assert(mounted.chat.open)
    await shows(mounted, SHOWN)
    assert((await edit(mounted)).value === 'One', 'what was typed is gone')
  })

  for (const [what, text] of [
    ['nothing', '  '],
    ['what is there already', ' One '],
    ['more than a message holds', 'x'.repeat(101)],
  ] as const) {
    it(`does not send ${what}`, async () => {
      const mounted = await conversing()
      const field = await edit(mounted)
      retype(field, text)
      await until(() => mounted.find('.strong')?.ariaDisabled === 'true')
      press(field, 'Enter')
      mounted.find('.strong')?.click()
      assert(mounted.server.turns.length === 0)
      assert(mounted.find('samosa-text-form'))
    })
  }

  it('is not offered while an answer is written, nor on what the server does not have', async () => {
    const mounted = await conversing()
    mounted.server.fail(/messages$/, 'refuse')
    mounted.chat.send('Three')
    await until(() => mounted.server.asked('POST', /messages$/).length)
    await mounted.wait('.failed')
    assert(mounted.findAll('.edit').length === 2)
    mounted.find('button[data-leaves]')?.click()
    await until(() => mounted.server.turns.length)
    await until(() => mounted.findAll('.edit').length === 0)
    mounted.server.lastTurn.done()
    await until(() => mounted.findAll('.edit').length === 3)
  })

  it('brings what followed back when it cannot be sent', async () => {
    const mounted = await conversing()
    mounted.server.fail(/messages$/, () => problem(503, { code: 'inference_unreachable' }))
    const field = await edit(mounted)
    retype(field, 'Uno')
    press(field, 'Enter')
    await mounted.wait('[role=alert]')
    await shows(mounted, [...SHOWN, 'Uno'])
    mounted.find('button[data-leaves]')?.click()
    await shows(mounted, ['Uno'])
  })

  it('says why it cannot be sent as it is, and what sending does', async () => {
    const mounted = await conversing()
    const field = await edit(mounted)
    const why = async (words: string) => {
      await until(() => mounted.find('#why')?.textContent?.includes(words))
      assert(mounted.find('.strong')?.getAttribute('aria-describedby') === 'why')
    }
    await why('Sending this replaces everything below it.')
    await why('Change the text to send it.')
    retype(field, ' ')
    await why('Write something to send it.')
    retype(field, 'Uno')
    await until(() => !mounted.find('#why')?.textContent?.includes('Write something'))
    await why('Sending this replaces everything below it.')
    mounted.chat.send('Three')
    await why('Wait for the answer, or stop it.')
  })

  it('is called an edit when it was not sent', async () => {
    const mounted = await conversing()
    mounted.server.fail(/messages$/, 'refuse')
    const field = await edit(mounted)
    retype(field, 'Uno')
    press(field, 'Enter')
    await until(() => mounted.find('.user .note')?.textContent === 'Edit not sent')
  })

  it('is open again when it is stopped before it got there', async () => {
    const mounted = await conversing()
    mounted.server.fail(/messages$/, () => problem(503, { code: 'inference_unreachable' }))
    const field = await edit(mounted)
    retype(field, 'Uno')
    press(field, 'Enter')
    mounted.chat.stop()
    await until(() => mounted.server.asked('POST', /stop$/).length)
    const fields = () => mounted.findAll('form:not(.pod) textarea')
    await until(() => fields().length === 1 && mounted.texts().length === 3)
    const [again] = fields()
    assert(again instanceof HTMLTextAreaElement)
    assert(again.value === 'Uno', again.value)
    const composer = mounted.findAll('.pod textarea')[0]
    assert(composer instanceof HTMLTextAreaElement && composer.value === '')
    press(again, 'Escape')
    await shows(mounted, SHOWN)
  })

  it('can be refused by the page, and keeps what was typed', async () => {
    const mounted = await conversing()
    mounted.chat.addEventListener('samosa-send', (event) => event.preventDefault())
    const field = await edit(mounted)
    retype(field, 'Uno')
    press(field, 'Enter')
    assert(field.isConnected && field.value === 'Uno')
    await shows(mounted, SHOWN.slice(1))
  })

  it('is accessible, and does not move the other messages by its button', async () => {
    const mounted = await conversing()
    const bubble = await mounted.wait('.bubble')
    const before = JSON.stringify(bubble.getBoundingClientRect())
    const button = await mounted.wait('.edit')
    button.focus()
    assert(getComputedStyle(button.parentElement ?? button).opacity !== '0', 'shown when focused')
    assert(JSON.stringify(bubble.getBoundingClientRect()) === before)
    const { width, height } = button.getBoundingClientRect()
    assert(width >= 24 && height >= 24, `${width} × ${height}`)
    const field = await edit(mounted)
    retype(field, 'x'.repeat(101))
    await assertAccessible(mounted.chat)
  })

  it('leaves the draft in the composer', async () => {
    const mounted = await conversing()
    await type(mounted, 'Later')
    const field = await edit(mounted)
    retype(field, 'Uno')
    press(field, 'Enter')
    await shows(mounted, ['Uno'])
    assert((await mounted.input()).value === 'Later')
  })
})
