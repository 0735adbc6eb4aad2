import 'axe-core/axe.min.js'
import { mount } from '../testing/scripted/mount.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

/** Stands in for the browser's sound: counts the notes. */
let notes = 0
const parameter = { value: 0, setValueAtTime() {}, exponentialRampToValueAtTime() {} }
class SilentContext {
  readonly currentTime = 0
  readonly destination = {}
  resume = async () => {}
  createGain = () => ({ gain: parameter, connect() {} })
  createOscillator = () => ({
    frequency: parameter,
    connect() {},
    stop() {},
    start() {
      notes += 1
    },
  })
}

let hasBeenActive = true
Object.defineProperty(navigator, 'userActivation', { get: () => ({ hasBeenActive }) })
Object.assign(globalThis, { AudioContext: SilentContext })

/** A bubble that is closed while its answer comes; resolves when that is there. */
async function answeredUnseen(attributes: Readonly<Record<string, string>>, endpoint?: string) {
  const mounted = await mount({ ...attributes, ...(endpoint !== undefined && { endpoint }) })
  const { chat, server } = mounted
  chat.send('Hi')
  await until(() => server.turns.length)
  chat.hide()
  server.lastTurn.token('Hello.')
  const answered = new Promise((resolve) => {
    chat.addEventListener('samosa-message', resolve, { once: true })
  })
  server.lastTurn.done()
  await answered
  await until(() => mounted.find('samosa-launcher'))
  return mounted
}

beforeEach(() => {
  notes = 0
  hasBeenActive = true
})

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('the sound of an answer', () => {
  it('is heard when the bubble is closed and the page asks for it', async () => {
    await answeredUnseen({ sound: '' })
    await until(() => notes > 0)
  })

  it('is never heard by default, nor before a gesture, nor while the chat is looked at', async () => {
    await answeredUnseen({})
    hasBeenActive = false
    await answeredUnseen({ sound: '' })
    hasBeenActive = true
    const { chat, server, find } = await mount({ sound: '', mode: 'inline' })
    chat.send('Hi')
    await until(() => server.turns.length)
    server.lastTurn.token('Hello.')
    server.lastTurn.done()
    await until(() => !find('.stop'))
    assert(notes === 0, `${notes} notes`)
  })

  it('can be turned off by the visitor, which is remembered', async () => {
    const mounted = await mount({ sound: '', open: '' })
    const button = await mounted.wait('samosa-panel-header')
    const sound = () => button.shadowRoot?.querySelector('.sound')
    await until(() => sound()?.ariaLabel === 'Turn sound off')
    await assertAccessible(mounted.chat)
    const pressed = sound()
    assert(pressed instanceof HTMLElement)
    pressed.click()
    await until(() => sound()?.ariaLabel === 'Turn sound on')
    mounted.chat.remove()
    await answeredUnseen({ sound: '' }, mounted.chat.endpoint)
    assert(notes === 0, `${notes} notes`)
  })

  it('has no button where the page does not offer it', async () => {
    const { chat, wait } = await mount({ open: '' })
    const header = await wait('samosa-panel-header')
    assert(header.shadowRoot?.querySelector('h2') && !header.shadowRoot.querySelector('.sound'))
    assert(chat.isConnected)
  })
})
