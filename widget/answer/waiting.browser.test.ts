import 'axe-core/axe.min.js'
import { mount, visibleText, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'
import './waiting.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const stepOf = ({ find }: Mounted) => find('.step')?.textContent

/** Resolves when exactly this is said of what happens. */
const says = (mounted: Mounted, words: string | undefined) => until(() => stepOf(mounted) === words)

async function asking(): Promise<Mounted> {
  const mounted = await mount({ mode: 'inline' })
  mounted.chat.send('What is new?')
  await until(() => mounted.server.turns.length)
  return mounted
}

const CALL = '<|python_start|>{"tool":"web_search","arguments":{"query":"x"}}<|python_end|>'
const RESULT = '<|output_start|>{"tool":"web_search","success":true,"output":"y"}<|output_end|>'

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('while an answer is made', () => {
  it('says that the question is on its way', async () => {
    const server = new ScriptedServer()
    const { fetch } = server
    let arrive = () => {}
    const arrived = new Promise<void>((resolve) => (arrive = resolve))
    Object.assign(server, {
      fetch: async (...[input, init]: Parameters<typeof fetch>) => {
        if (typeof input === 'string' && input.endsWith('/messages')) await arrived
        return fetch(input, init)
      },
    })
    const mounted = await mount({ mode: 'inline' }, server)
    mounted.chat.send('Hello')
    await says(mounted, 'Sending…')
    arrive()
    await says(mounted, 'Thinking…')
  })

  it('says what the server does: it searches, reads, thinks', async () => {
    const mounted = await asking()
    const { lastTurn } = mounted.server
    await says(mounted, 'Thinking…')
    lastTurn.emit({ progress: { step: 'searching' } })
    await says(mounted, 'Looking it up…')
    lastTurn.emit({ progress: { step: 'searching', name: 'web_search' } })
    await says(mounted, 'Searching the web')
    lastTurn.emit({ progress: { step: 'reading', name: 'notes.txt', done: 1, total: 4 } })
    await says(mounted, 'Reading notes.txt…')
    lastTurn.emit({ sources: [{ number: 1, title: 'One' }] })
    lastTurn.token('Well')
    await says(mounted, undefined)
  })

  it('shows how much has been read as a bar that has a name', async () => {
    const mounted = await asking()
    const { lastTurn } = mounted.server
    lastTurn.emit({ progress: { step: 'reading', name: 'a.pdf', done: 1, total: 4 } })
    const bar = await mounted.wait('progress')
    assert(bar instanceof HTMLProgressElement && bar.position === 0.25)
    assert(bar.ariaLabel === 'Reading a.pdf…')
    assert(bar.getAttribute('aria-valuetext') === '1 of 4')
    await assertAccessible(mounted.chat)
    lastTurn.emit({ progress: { step: 'reading', name: 'a.pdf', done: 9, total: 4 } })
    await until(() => bar.position === 1)
  })

  it('says that it goes on between what a tool gave and the next word', async () => {
    const mounted = await asking()
    const { lastTurn } = mounted.server
    lastTurn.token('Let me see. ')
    lastTurn.token(CALL)
    await mounted.wait('.tool[data-state=running]')
    assert(stepOf(mounted) === undefined, 'the card says it')
    lastTurn.token(...RESULT)
    await says(mounted, 'Thinking…')
    await mounted.wait('.tool[data-state=done]')
    lastTurn.token('So ')
    await says(mounted, undefined)
    lastTurn.token(CALL, RESULT)
    await says(mounted, 'Thinking…')
    lastTurn.done()
    await says(mounted, undefined)
  })

  it('says that it goes on when no word comes for a while', async () => {
    const mounted = await asking()
    const { lastTurn } = mounted.server
    const { now } = performance
    const { setTimeout: set } = globalThis
    let look = () => {}
    const setTimeout = (callback: () => void, milliseconds?: number) => {
      if (milliseconds !== 4_000) return set(callback, milliseconds)
      look = callback
      return 0
    }
    Object.assign(globalThis, { setTimeout })
    try {
      lastTurn.token('It is')
      await until(() => mounted.texts().includes('It is'))
      Object.assign(performance, { now: () => now.call(performance) + 5_000 })
      look()
      await says(mounted, 'Writing the answer…')
      lastTurn.token(' so.')
      await says(mounted, undefined)
    } finally {
      Object.assign(globalThis, { setTimeout: set })
      Object.assign(performance, { now })
    }
  })

  it('counts the seconds of a longer wait, for the eye alone', async () => {
    const waiting = document.createElement('samosa-waiting')
    let tick = () => {}
    let now = 0
    const { setInterval: set } = globalThis
    const { now: clock } = performance
    try {
      const setInterval = (callback: () => void) => {
        tick = callback
        return 0
      }
      Object.assign(globalThis, { setInterval })
      Object.assign(performance, { now: () => now })
      document.body.append(waiting)
    } finally {
      Object.assign(globalThis, { setInterval: set })
    }
    const elapsed = async (milliseconds: number) => {
      now = milliseconds
      tick()
      await Promise.resolve()
      await Promise.resolve()
      return visibleText(waiting).trim()
    }
    try {
      assert((await elapsed(2_000)) === '')
      assert((await elapsed(4_100)) === '4 s')
      assert((await elapsed(65_000)) === '1 min 5 s')
      const shown = waiting.shadowRoot?.querySelector('.elapsed')
      assert(shown?.ariaHidden === 'true')
    } finally {
      Object.assign(performance, { now: clock })
      waiting.remove()
    }
  })
})
