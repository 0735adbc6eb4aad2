import 'axe-core'
import './index.ts'
import { mount, type Mounted } from './testing/scripted/mount.ts'
import { ScriptedServer } from './testing/scripted/scripted-server.ts'
import { until } from './testing/scripted/until.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

/** A page that means no good to anybody. */
const ATTACK = `
  *, *::before, *::after { letter-spacing: 9px !important; text-transform: uppercase !important; font: 40px/3 fantasy !important;
    color: lime !important; background: hotpink !important; border: 7px dashed red !important; padding: 31px !important; margin: 17px !important;
    opacity: 0.3 !important; text-indent: 4em !important; word-spacing: 2em !important; visibility: collapse; text-shadow: 3px 3px red !important;
    text-align: center !important; white-space: pre !important; cursor: wait !important; filter: blur(2px) !important; transform: rotate(3deg) !important; }
  div, section, button, textarea, p, ul, li, article, form, h2, span, svg { display: none !important; }
  button { width: 300px !important; }
`

const PROPERTIES = [
  'display',
  'color',
  'backgroundColor',
  'fontSize',
  'fontFamily',
  'letterSpacing',
  'textTransform',
  'lineHeight',
  'textIndent',
  'wordSpacing',
  'textShadow',
  'textAlign',
  'whiteSpace',
  'visibility',
  'padding',
  'margin',
  'borderTopWidth',
  'opacity',
  'width',
  'height',
  'filter',
  'transform',
] as const

/** How everything inside looks. */
const look = ({ findAll }: Mounted) =>
  findAll('*')
    .filter((element) => element.tagName !== 'SLOT' && !element.closest('samosa-waiting'))
    .map((element) => {
      const style = getComputedStyle(element)
      return `${element.tagName}.${element.getAttribute('class') ?? ''} ${PROPERTIES.map((name) => `${name}:${style[name]}`).join(';')}`
    })

async function talk(mounted: Mounted): Promise<void> {
  mounted.chat.send('Is this **safe**?')
  await until(() => mounted.server.turns.length)
  mounted.server.lastTurn.token('Yes:\n\n1. one\n2. two\n\n```js\nlet a = 1\n```\n')
  mounted.server.lastTurn.done()
  await until(() => mounted.find('.assistant .actions'))
}

interface Axe {
  run(
    element: Element,
    options: object,
  ): Promise<{
    readonly violations: readonly {
      readonly id: string
      readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
    }[]
  }>
}

/** The package is a script of the old kind: it leaves a name on the window. */
function axeOfWindow(): Axe {
  const found: unknown = Reflect.get(window, 'axe')
  const isAxe = (value: unknown): value is Axe =>
    typeof value === 'object' && value !== null && 'run' in value
  assert(isAxe(found))
  return found
}

async function violations(element: Element): Promise<readonly string[]> {
  const { violations: found } = await axeOfWindow().run(element, { resultTypes: ['violations'] })
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
  )
}

/** Colours are checked as they are in the end, not on their way there. */
function settle({ findAll }: Mounted): void {
  for (const animation of findAll('*').flatMap((element) => element.getAnimations())) {
    if (animation.effect?.getComputedTiming().iterations === 1) animation.finish()
  }
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
  document.adoptedStyleSheets = []
  document.documentElement.dir = ''
})

for (const mode of ['bubble', 'inline', 'page']) {
  it(`looks the same as ${mode} on a page that styles every tag`, async () => {
    const mounted = await mount({ mode, open: '' })
    await talk(mounted)
    mounted.chat.style.setProperty('width', mode === 'bubble' ? '' : '600px')
    mounted.chat.style.setProperty('height', mode === 'bubble' ? '' : '500px')
    const before = look(mounted)
    assert(before.length > 40)
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(ATTACK)
    document.adoptedStyleSheets = [sheet]
    const after = look(mounted)
    const changed = before.flatMap((line, index) =>
      line === after[index] ? [] : [`${line}\n  became ${after[index]}`],
    )
    assert(changed.length === 0, changed.slice(0, 3).join('\n'))
    assert(getComputedStyle(mounted.chat).opacity === '1')
  })
}

it('leaves the page around it as it is', async () => {
  const paragraph = document.createElement('p')
  paragraph.textContent = 'A page'
  document.body.append(paragraph)
  const before = JSON.stringify(getComputedStyle(paragraph))
  const mounted = await mount({ mode: 'inline' })
  await talk(mounted)
  assert(JSON.stringify(getComputedStyle(paragraph)) === before)
  paragraph.remove()
})

it('takes the colours that the page gives it', async () => {
  const mounted = await mount({ mode: 'inline' })
  mounted.chat.style.setProperty('--samosa-surface', 'rgb(1, 2, 3)')
  const panel = await mounted.wait('.panel')
  assert(getComputedStyle(panel).backgroundColor === 'rgb(1, 2, 3)')
})

it('takes what the page sets on anything around it, and gives it to every part', async () => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`:root {
    --samosa-accent: rgb(0, 90, 60);
    --samosa-font-size: 20px;
    --samosa-radius-bubble: 3px;
    --samosa-space: 6px;
  }`)
  document.adoptedStyleSheets = [sheet]
  const mounted = await mount({ mode: 'inline' })
  await talk(mounted)
  const style = async (selector: string) => getComputedStyle(await mounted.wait(selector))
  assert((await style('.bubble')).fontSize === '20px')
  assert((await style('.bubble')).borderTopLeftRadius === '3px')
  assert((await style('samosa-answer')).fontSize === '20px')
  assert((await style('.content')).paddingInlineStart === '24px')
  const mark = mounted.findAll('samosa-panel-header, .mark').at(-1)
  assert(mark)
  assert(pixel(getComputedStyle(mark).color).join() === '0,90,60')
  // What is nearer wins, as everywhere.
  mounted.chat.style.setProperty('--samosa-font-size', '17px')
  assert((await style('.bubble')).fontSize === '17px')
})

/** Red, green and blue of a colour as the screen shows it, 0 to 255. */
function pixel(color: string): readonly number[] {
  const context = new OffscreenCanvas(1, 1).getContext('2d')
  assert(context)
  context.fillStyle = color
  context.fillRect(0, 0, 1, 1)
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
}

/** The luminance of a colour as the screen shows it. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = pixel(color).map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The contrast of two colours as WCAG counts it, 1 to 21. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

for (const theme of ['light', 'dark']) {
  it(`writes on any accent in what can be read on it (${theme})`, async () => {
    const mounted = await mount({ mode: 'inline', theme })
    const send = await mounted.wait('[part~=send]')
    for (const accent of [
      '#a84b08',
      '#f0a24a',
      '#14417b',
      '#ffd400',
      '#d6003c',
      '#0b8043',
      '#eee',
    ]) {
      mounted.chat.style.setProperty('--samosa-accent', accent)
      send.removeAttribute('aria-disabled')
      for (const animation of send.getAnimations()) animation.finish()
      const { color, backgroundColor } = getComputedStyle(send)
      const reached = contrast(color, backgroundColor)
      assert(reached >= 4.5, `${reached} on ${accent}`)
    }
  })
}

/** Accents of sites, and whether they can be read on our paper and on our dark surface as they are. */
const ACCENTS = [
  ['navy', '#0b1f4b', true, false],
  ['forest', '#14532d', true, false],
  ['lemon', '#fff44f', false, true],
  ['black', '#000', true, false],
  ['white', '#fff', false, true],
  ['brand red', '#e4002b', false, false],
  ['brand blue', '#1a73e8', false, false],
  ['brand green', '#0b8043', false, false],
  ['violet', '#5b21b6', true, false],
  ['pink', '#ff9cc4', false, true],
  ['pure blue', '#00f', true, false],
  ['pure green', '#0f0', false, true],
  ['ours for paper', '#a84b08', true, false],
  ['ours for the dark', '#f0a24a', false, true],
  ['a pair', 'light-dark(#14417b, #8db8f0)', true, true],
] as const

for (const theme of ['light', 'dark'] as const) {
  it(`shows what is not filled in the accent where it can be read, else near it (${theme})`, async () => {
    const server = new ScriptedServer()
    const contact = { email: 'help@shop.example', url: null, phone: null, hours: null, form: false }
    server.config = { ...server.config, contact }
    const mounted = await mount({ mode: 'inline', theme }, server)
    const input = await mounted.input()
    mounted.chat.send('Where is it?')
    await until(() => server.turns.length)
    const source = { number: 1, title: 'One', url: null, creator: null, section: null, score: 1 }
    server.lastTurn.emit({ sources: [{ ...source, snippet: 'There.' }] })
    server.lastTurn.token('[There](https://shop.example/there), it says [1].')
    server.lastTurn.outcome = 'unanswered'
    server.lastTurn.done()
    await mounted.wait('.citation')
    await mounted.wait('.card a')
    const panel = await mounted.wait('.panel')
    const send = await mounted.wait('[part~=send]')
    const icon = (await mounted.wait('.card a')).querySelector('svg')
    const mark = mounted.findAll('.mark').at(-1)
    const link = mounted.find('a[href^="https://shop.example/there"]')
    const number = mounted.find('.citation')
    assert(icon && mark && link && number)
    send.removeAttribute('aria-disabled')
    input.focus()
    const ring = await mounted.wait('.pod:focus-within')
    for (const [name, accent, onPaper, inTheDark] of ACCENTS) {
      mounted.chat.style.setProperty('--samosa-accent', accent)
      settle(mounted)
      const surface = getComputedStyle(panel).backgroundColor
      for (const [what, element] of Object.entries({ icon, mark, link, number })) {
        const { color } = getComputedStyle(element)
        const reached = contrast(color, surface)
        assert(reached >= 4.5, `${what}: ${reached} with ${name}`)
        // The filled button has the accent itself.
        const asSet = pixel(getComputedStyle(send).backgroundColor).join()
        const kept = pixel(color).join() === asSet
        const isReadable = theme === 'light' ? onPaper : inTheDark
        assert(kept === isReadable, `${what}: ${color} with ${name}`)
      }
      const chip = contrast(
        getComputedStyle(number).color,
        getComputedStyle(number).backgroundColor,
      )
      assert(chip >= 4.4, `number on its ground: ${chip} with ${name}`)
      const seen = contrast(getComputedStyle(ring).borderTopColor, surface)
      assert(seen >= 3, `focus ring: ${seen} with ${name}`)
    }
  })
}

it('lets a site style its parts, however deep they stand', async () => {
  const parts = ['heading', 'bubble', 'answer', 'code', 'input', 'pill', 'send', 'message']
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(
    parts.map((part) => `samosa-chat::part(${part}) { outline: 3px solid lime }`).join(''),
  )
  document.adoptedStyleSheets = [sheet]
  const mounted = await mount({ mode: 'inline' })
  await talk(mounted)
  for (const part of parts) {
    const styled = await mounted.wait(`[part~='${part}']`)
    assert(getComputedStyle(styled).outlineWidth === '3px', `${part} is not styled`)
  }
})

it('opens over the full window where the window is small', async () => {
  const frame = document.createElement('iframe')
  frame.width = '360'
  frame.height = '640'
  frame.style.setProperty('border', '0')
  const module = new URL('./index.ts', import.meta.url).href
  frame.srcdoc = `<!doctype html><script type="module" src="${module}"></script>
    <samosa-chat open endpoint="${new URL('/nothing', import.meta.url).href}"></samosa-chat>`
  document.body.append(frame)
  const panel = () =>
    frame.contentDocument?.querySelector('samosa-chat')?.shadowRoot?.querySelector('.panel')
  await until(() => panel()?.getBoundingClientRect().height === 640)
  const box = panel()?.getBoundingClientRect()
  assert(box?.width === 360 && box.left === 0, `${box?.width} wide at ${box?.left}`)
  frame.remove()
})

describe('accessibility', () => {
  for (const theme of ['light', 'dark']) {
    it(`finds nothing to say about the closed bubble and the empty chat (${theme})`, async () => {
      const mounted = await mount({ theme })
      assert((await violations(mounted.chat)).length === 0, String(await violations(mounted.chat)))
      mounted.chat.show()
      await mounted.wait('.pill')
      await mounted.wait('samosa-empty-state')
      settle(mounted)
      const found = await violations(mounted.chat)
      assert(found.length === 0, found.join('\n\n'))
    })

    it(`finds nothing to say about a conversation, a waiting answer and a failure (${theme})`, async () => {
      const mounted = await mount({ mode: 'inline', theme, think: 'on' })
      await talk(mounted)
      settle(mounted)
      const talked = await violations(mounted.chat)
      assert(talked.length === 0, talked.join('\n\n'))
      mounted.chat.send('More')
      await mounted.wait('samosa-waiting')
      await until(() => mounted.server.turns.length === 2)
      settle(mounted)
      const waiting = await violations(mounted.chat)
      assert(waiting.length === 0, waiting.join('\n\n'))
      mounted.server.lastTurn.fail('inference_error')
      await mounted.wait('[role=alert]')
      settle(mounted)
      const failed = await violations(mounted.chat)
      assert(failed.length === 0, failed.join('\n\n'))
    })
  }
})
