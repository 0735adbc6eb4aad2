import { mount, type Mounted } from '../scripted/mount.ts'
import { ScriptedServer } from '../scripted/scripted-server.ts'
import { until } from '../scripted/until.ts'
import { focused } from '../scripted/visitor.ts'
import { ask } from './conversation-states.ts'
import { STATES } from './states.ts'

/** Pixels that a finger needs in each direction. */
const FINGER = 44

const browserMatchMedia = window.matchMedia
const browserFetch = window.fetch

/** What a browser on a touch screen says of a query, and the others as they are. */
const onTouch = (query: string) =>
  query.replaceAll(/\((?:any-)?pointer: coarse\)|\(hover: none\)/g, '(min-width: 0px)')

function* shadowRoots(root: ParentNode): Generator<ShadowRoot> {
  for (const { shadowRoot } of root.querySelectorAll('*')) {
    if (!shadowRoot) continue
    yield shadowRoot
    yield* shadowRoots(shadowRoot)
  }
}

/** Lets style sheets see a touch screen, also those that came meanwhile. */
function touchStyles(chat: Element): void {
  const roots = chat.shadowRoot ? [chat.shadowRoot, ...shadowRoots(chat.shadowRoot)] : []
  for (const rule of roots.flatMap((root) =>
    root.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules]),
  )) {
    if (!(rule instanceof CSSMediaRule)) continue
    const { mediaText } = rule.media
    if (mediaText === '(hover: hover)') rule.media.mediaText = 'not all'
    else if (onTouch(mediaText) !== mediaText) rule.media.mediaText = onTouch(mediaText)
  }
}

beforeEach(() => {
  window.matchMedia = (query) => browserMatchMedia.call(window, onTouch(query))
})

afterEach(() => {
  window.matchMedia = browserMatchMedia
  window.fetch = browserFetch
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

const CONTROLS =
  'button, a[href], input:not([type=checkbox]), textarea, select, summary, [role=option], [role=menuitem]'

/** Links and numbers in a sentence are as high as its lines, else they would cover the next one. */
const isInSentence = (element: Element) =>
  element.matches('.citation, .note a, .notes a') ||
  (element.matches('a') && getComputedStyle(element).display === 'inline')

/** The controls that a finger may miss, with their size. */
function tooSmall({ findAll }: Mounted): readonly string[] {
  return findAll(CONTROLS).flatMap((element) => {
    const isThere = element.checkVisibility({ visibilityProperty: true })
    // The trap for robots is no control of anybody's.
    if (!isThere || isInSentence(element) || element.closest('[aria-hidden=true]')) return []
    const { width, height } = element.getBoundingClientRect()
    if (width >= FINGER - 0.1 && height >= FINGER - 0.1) return []
    const name = element.getAttribute('aria-label') ?? element.textContent?.trim() ?? ''
    return [`${element.localName}.${element.className} “${name}”: ${width} × ${height}`]
  })
}

describe('on a touch screen every control is large enough for a finger:', () => {
  for (const { name, mode = 'inline', attributes, config, enter } of STATES) {
    it(name, async () => {
      const server = new ScriptedServer()
      server.config = { ...server.config, ...config }
      const mounted = await mount({ mode, ...attributes }, server)
      if (mode === 'inline') mounted.chat.style.setProperty('width', '320px')
      await enter(mounted)
      touchStyles(mounted.chat)
      await mounted.chat.updateComplete
      const small = tooSmall(mounted)
      if (small.length > 0) throw new Error(small.join('\n'))
    })
  }
})

function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** Whether a keyboard is up, on a device that has none of its own. */
const isTyping = () => focused()?.matches('textarea, input') ?? false

/** Taps as a finger does: what is tapped takes the focus, unless it is told not to. */
async function tap(mounted: Mounted, selector: string): Promise<void> {
  const target = await mounted.wait(selector)
  const down = new MouseEvent('mousedown', { bubbles: true, composed: true, cancelable: true })
  if (target.dispatchEvent(down)) target.focus()
  target.click()
}

const panelHasFocus = (mounted: Mounted) =>
  until(() => focused() === mounted.find('.panel') && !isTyping())

describe('on a touch screen no keyboard comes up', () => {
  it('when the chat is opened; the focus is in the panel, and Escape closes it', async () => {
    const mounted = await mount()
    await tap(mounted, 'samosa-launcher')
    await panelHasFocus(mounted)
    focused()?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    assert(!mounted.chat.open, 'it is closed')
  })

  it('when a question to start with is tapped', async () => {
    const server = new ScriptedServer()
    server.config = { ...server.config, starters: ['What is new?'] }
    const mounted = await mount({ open: '' }, server)
    await tap(mounted, '[part=starter]')
    await until(() => server.turns.length === 1)
    await panelHasFocus(mounted)
  })

  it('when a question that may follow is tapped', async () => {
    const mounted = await mount({ mode: 'inline' })
    await ask(mounted)
    mounted.server.lastTurn.token('A pastry.')
    mounted.server.lastTurn.emit({ suggestions: ['Who bakes them?'] })
    mounted.server.lastTurn.done()
    await tap(mounted, '[part=suggestion]')
    await until(() => mounted.server.turns.length === 2)
    await panelHasFocus(mounted)
  })

  for (const [what, selector] of [
    ['what failed is tried again', 'button[data-leaves]'],
    ['a new conversation is begun', '[aria-label="New conversation"]'],
  ] as const) {
    it(`when ${what}`, async () => {
      const mounted = await mount({ open: '' })
      await ask(mounted)
      mounted.server.lastTurn.token('So far')
      mounted.server.lastTurn.fail('inference_error')
      await tap(mounted, selector)
      await panelHasFocus(mounted)
    })
  }

  it('when an answer is asked for again', async () => {
    const mounted = await mount({ mode: 'inline' })
    await ask(mounted)
    mounted.server.lastTurn.token('A pastry.')
    mounted.server.lastTurn.done()
    await tap(mounted, '[aria-label="Answer again"]')
    await until(() => mounted.server.turns.length === 2)
    await panelHasFocus(mounted)
  })

  it('but stays for who is writing, when they send and use the switches below the text', async () => {
    const mounted = await mount({ mode: 'inline' })
    const input = await mounted.input()
    input.focus()
    await tap(mounted, '.pill')
    assert(focused() === input, 'Think takes the keyboard away')
    input.value = 'Hello'
    input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
    await mounted.wait('.go[aria-disabled=false]')
    await tap(mounted, '.go')
    await until(() => mounted.server.turns.length === 1)
    assert(focused() === input, 'Send takes the keyboard away')
  })
})

it('with a mouse the cursor goes to the text field when the chat is opened', async () => {
  window.matchMedia = browserMatchMedia
  const mounted = await mount()
  const launcher = await mounted.wait('samosa-launcher')
  launcher.click()
  const input = await mounted.input()
  await until(() => focused() === input)
})
