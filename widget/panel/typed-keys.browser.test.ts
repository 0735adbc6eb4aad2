/** A page with shortcuts of its own, as documentation sites have them, around a chat. */
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { focused } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const PHASES = ['keydown', 'keypress', 'keyup'] as const
const page = { heard: [] as string[], shortcuts: [] as string[] }
let listening: AbortController

/** Whether a page that is careful takes this for typing, in the ways in which pages find out. */
const CAREFUL: Readonly<Record<string, (event: KeyboardEvent) => boolean>> = {
  'looks at the target': ({ target }) =>
    target instanceof HTMLElement &&
    (/^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable),
  'looks at the active element': () =>
    document.activeElement?.matches('input, textarea, select, [contenteditable]') ?? false,
  'looks one shadow root deep': ({ target }) =>
    target instanceof Element &&
    (target.shadowRoot?.activeElement?.matches('input, textarea') ?? false),
  'never looks': () => false,
}

beforeEach(() => {
  page.heard = []
  page.shortcuts = []
  listening = new AbortController()
  const { signal } = listening
  for (const target of [document, window, document.body]) {
    for (const type of PHASES) {
      target.addEventListener(
        type,
        (event) => {
          if (event instanceof KeyboardEvent) page.heard.push(`${type} ${event.key}`)
        },
        { signal },
      )
    }
  }
  for (const [how, isTyping] of Object.entries(CAREFUL)) {
    document.addEventListener(
      'keydown',
      (event) => {
        const { key, ctrlKey, metaKey } = event
        const isCommand = (ctrlKey || metaKey) && key === 'k'
        if (!isCommand && (!'s/?.'.includes(key) || isTyping(event))) return
        event.preventDefault()
        page.shortcuts.push(`${key}: ${how}`)
      },
      { signal },
    )
  }
})

afterEach(() => {
  listening.abort()
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

/** Presses a key and lets go of it; false when somebody has kept the browser from doing what it does. */
function strike(target: Element, key: string, init: KeyboardEventInit = {}): boolean {
  const given = { key, bubbles: true, composed: true, cancelable: true, ...init }
  const [down] = PHASES.map((type) => target.dispatchEvent(new KeyboardEvent(type, given)))
  return down ?? false
}

const staysIn = (target: Element, key: string, init?: KeyboardEventInit) => {
  page.heard = []
  assert(strike(target, key, init), `${key} does what it does`)
  assert(page.heard.length === 0, `the page hears ${page.heard.join()}`)
}
const goesThrough = (target: Element, key: string, init?: KeyboardEventInit) => {
  page.heard = []
  strike(target, key, init)
  for (const type of PHASES) {
    const times = page.heard.filter((heard) => heard === `${type} ${key}`).length
    assert(times === 3, `the page hears ${type} of ${key} ${times} times`)
  }
}

const field = async (attributes: Readonly<Record<string, string>> = { mode: 'inline' }) => {
  const mounted = await mount(attributes)
  const input = await mounted.input()
  input.focus()
  return { mounted, input }
}

const typing = ['s', '/', '?', '.', ' ', 'é', '字', '😀', 'Dead', 'Process', 'Unidentified']
const editing = ['Enter', 'Backspace', 'Delete', 'Home', 'End', 'PageUp', 'PageDown']
const arrows = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']

describe('a key that is typed in the chat', () => {
  it('is not heard by the page, whatever it types or edits', async () => {
    const { input } = await field()
    for (const key of [...typing, 'Backspace', 'Delete', 'Home', 'End', ...arrows]) {
      staysIn(input, key)
      staysIn(input, key, { shiftKey: true })
    }
    for (const key of editing) {
      strike(input, key)
      assert(!page.heard.some((heard) => heard.endsWith(key)), key)
    }
    assert(page.shortcuts.length === 0, page.shortcuts.join())
  })

  it('is heard where it goes to something that is no field', async () => {
    const { mounted } = await field()
    const button = await mounted.wait('.list')
    button.focus()
    goesThrough(button, '/')
    assert(page.shortcuts.includes('/: looks at the target'))
  })

  it('is not heard while an input method uses it', async () => {
    const { input } = await field()
    staysIn(input, 'Escape', { isComposing: true })
    staysIn(input, 'k', { isComposing: true, ctrlKey: true })
    // oxlint-disable-next-line typescript/no-deprecated -- nothing else tells it in Safari
    staysIn(input, 'Tab', { keyCode: 229 })
  })

  it('is not heard with AltGr, or with Option on a Mac, which type as well', async () => {
    const { input } = await field()
    staysIn(input, '@', { modifierAltGraph: true })
    staysIn(input, '@', { modifierAltGraph: true, ctrlKey: true, altKey: true })
    staysIn(input, 'ł', { modifierAltGraph: true, ctrlKey: true, altKey: true })
    staysIn(input, '€', { ctrlKey: true, altKey: true })
    staysIn(input, 'å', { altKey: true })
    staysIn(input, '÷', { altKey: true })
    staysIn(input, 'Dead', { altKey: true })
    goesThrough(input, '/', { altKey: true })
    Object.defineProperty(navigator, 'platform', { value: 'MacIntel', configurable: true })
    try {
      staysIn(input, '|', { altKey: true })
      staysIn(input, '@', { altKey: true })
      goesThrough(input, 'ArrowLeft', { altKey: true })
    } finally {
      Reflect.deleteProperty(navigator, 'platform')
    }
  })

  it('is heard by a listener on the chat itself', async () => {
    const { mounted, input } = await field()
    const heard: string[] = []
    mounted.chat.addEventListener('keydown', ({ key }) => heard.push(key))
    staysIn(input, '/')
    assert(heard.join() === '/')
  })
})

describe('a key that commands', () => {
  it('reaches the page in a field of the chat too: combinations', async () => {
    const { input } = await field()
    goesThrough(input, 'k', { ctrlKey: true })
    goesThrough(input, 'k', { metaKey: true })
    goesThrough(input, 'k', { altKey: true })
    goesThrough(input, 'K', { ctrlKey: true, shiftKey: true })
    goesThrough(input, 'k', { ctrlKey: true, altKey: true })
    goesThrough(input, 'ArrowLeft', { altKey: true })
    goesThrough(input, '/', { ctrlKey: true })
    assert(page.shortcuts.filter((said) => said.startsWith('k: looks at')).length >= 6)
  })

  it('reaches the page too: Tab, function keys, modifiers, and Escape where the chat has no use for it', async () => {
    const { input } = await field()
    for (const key of ['Tab', 'Escape', 'F1', 'F12', 'Shift', 'Control', 'Alt', 'Meta', 'CapsLock'])
      goesThrough(input, key)
    assert(strike(input, 'Tab'), 'Tab moves the focus')
  })

  it('is let go of where it was pressed, in whatever order', async () => {
    const { input } = await field()
    const event = (type: string, init: KeyboardEventInit) =>
      input.dispatchEvent(new KeyboardEvent(type, { bubbles: true, composed: true, ...init }))
    event('keydown', { key: 'Control', code: 'ControlLeft', ctrlKey: true })
    event('keydown', { key: 'k', code: 'KeyK', ctrlKey: true })
    event('keyup', { key: 'Control', code: 'ControlLeft' })
    event('keyup', { key: 'k', code: 'KeyK' })
    assert(page.heard.filter((heard) => heard === 'keyup k').length === 3, 'its shortcut is over')
    page.heard = []
    event('keydown', { key: 'k', code: 'KeyK' })
    event('keydown', { key: 'Control', code: 'ControlLeft', ctrlKey: true })
    event('keyup', { key: 'k', code: 'KeyK', ctrlKey: true })
    assert(!page.heard.some((heard) => heard.endsWith(' k')), 'it was typed')
  })

  it('that the chat has used does not reach the page, neither down nor up', async () => {
    const { mounted, input } = await field({ open: '' })
    input.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }),
    )
    await until(() => !mounted.chat.open)
    await until(() => focused()?.matches('button'))
    focused()?.dispatchEvent(
      new KeyboardEvent('keyup', { key: 'Escape', bubbles: true, composed: true }),
    )
    assert(page.heard.length === 0, page.heard.join())
  })
})

describe('every field of the chat keeps what is typed:', () => {
  const answered = async (attributes = {}) => {
    const server = new ScriptedServer()
    server.addTitled(['Ferns', 'Cacti'])
    const id = server.addConversation([
      ['user', 'One'],
      ['assistant', 'First'],
    ])
    const mounted = await mount({ mode: 'inline', 'conversation-id': id, ...attributes }, server)
    await until(() => mounted.texts().length === 2)
    return mounted
  }
  const press = async (mounted: Mounted, selector: string) => {
    const button = await mounted.wait(selector)
    button.focus()
    button.click()
  }
  const openList = async (mounted: Mounted) => {
    await press(mounted, '.list')
    await mounted.wait('li[data-id]')
  }
  const FIELDS: Readonly<Record<string, (mounted: Mounted) => Promise<HTMLElement>>> = {
    'the message': (mounted) => mounted.input(),
    'the search in the list': async (mounted) => {
      await openList(mounted)
      return await mounted.wait('.search input')
    },
    'a new title': async (mounted) => {
      await openList(mounted)
      await press(mounted, '.rename')
      return await mounted.wait('li input')
    },
    'an edited message': async (mounted) => {
      await press(mounted, '.edit')
      return await mounted.wait('form:not(.pod) textarea')
    },
    'a comment': async (mounted) => {
      await press(mounted, '.thumbs .down')
      return await mounted.wait('form:not(.pod) textarea')
    },
  }
  for (const [name, open] of Object.entries(FIELDS)) {
    it(name, async () => {
      const mounted = await answered()
      const target = await open(mounted)
      target.focus()
      assert(focused() === target)
      for (const key of ['s', '/', '?', '.']) staysIn(target, key)
      goesThrough(target, 'k', { ctrlKey: true })
      assert(
        page.shortcuts.every((said) => said.startsWith('k')),
        page.shortcuts.join(),
      )
    })
  }

  it('and a field of the page that stands in a slot of the chat is the page’s', async () => {
    const { mounted } = await field()
    const own = document.createElement('input')
    own.slot = 'footer'
    mounted.chat.append(own)
    own.focus()
    goesThrough(own, 'x')
    goesThrough(own, '/')
    assert(!page.shortcuts.includes('/: looks at the target'), 'which its shortcuts can tell')
  })
})
