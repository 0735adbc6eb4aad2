import './index.ts'
import { mount } from './testing/scripted/mount.ts'
import { ScriptedServer } from './testing/scripted/scripted-server.ts'
import { until } from './testing/scripted/until.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
  document.adoptedStyleSheets = []
})

for (const rule of [
  'scale: .5; rotate: 5deg; translate: 9px',
  'zoom: 1.5',
  'contain: strict',
  'container-type: size',
  'will-change: transform',
  'perspective: 100px',
  'backdrop-filter: blur(2px)',
  'mask: linear-gradient(red, transparent)',
  'content-visibility: hidden',
  'offset-path: circle(40px)',
]) {
  it(`keeps the bubble’s place on a page that sets ${rule}`, async () => {
    const { wait } = await mount({ open: '' })
    const panel = await wait('.panel')
    for (const animation of panel.getAnimations()) animation.finish()
    const before = JSON.stringify(panel.getBoundingClientRect())
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`samosa-chat { ${rule.replaceAll(';', ' !important;')} !important }`)
    document.adoptedStyleSheets = [sheet]
    const after = JSON.stringify(panel.getBoundingClientRect())
    assert(after === before, `${before} became ${after}`)
    assert(panel.checkVisibility())
  })
}

it('opens over the full window where the window is low', async () => {
  const frame = document.createElement('iframe')
  frame.width = '740'
  frame.height = '340'
  frame.style.setProperty('border', '0')
  const module = new URL('./index.ts', import.meta.url).href
  frame.srcdoc = `<!doctype html><script type="module" src="${module}"></script>
    <samosa-chat open endpoint="${new URL('/nothing', import.meta.url).href}"></samosa-chat>`
  document.body.append(frame)
  const panel = () =>
    frame.contentDocument?.querySelector('samosa-chat')?.shadowRoot?.querySelector('.panel')
  await until(() => panel()?.getBoundingClientRect().height === 340)
  const list = panel()?.querySelector('samosa-message-list')
  const height = list?.getBoundingClientRect().height ?? 0
  assert(height >= 150, `${height} px of conversation`)
  frame.remove()
})

it('shows what failed while loading no larger than its words', async () => {
  const first = await mount({ mode: 'inline' })
  const id = first.server.addConversation([['user', 'Older']])
  first.chat.remove()
  first.server.fail(/conversations\/[^/]+$/, 'refuse')
  const { wait, chat } = await mount({ mode: 'page', 'conversation-id': id }, first.server)
  const notice = (await wait('samosa-notice')).getBoundingClientRect()
  chat.style.setProperty('width', '1000px')
  assert(notice.height < 110, `${notice.height} px high`)
  assert(notice.width <= 680, `${notice.width} px wide`)
})

it('breaks a starter that has no spaces, however long it is', async () => {
  const server = new ScriptedServer()
  server.config = { ...server.config, starters: ['x'.repeat(400)] }
  const { wait, chat } = await mount({ mode: 'inline' }, server)
  chat.style.setProperty('width', '400px')
  const { width } = (await wait('[part=starter]')).getBoundingClientRect()
  assert(width < 400, `${width} px wide`)
})

it('shows that code and tables go on, and tools’ states by sign alone where it is narrow', async () => {
  const mounted = await mount({ mode: 'inline' })
  const state = async (width: string) => {
    mounted.chat.style.setProperty('width', width)
    return (await mounted.wait('.state-word')).getBoundingClientRect().width
  }
  mounted.chat.send('Hi')
  await until(() => mounted.server.turns.length)
  mounted.server.lastTurn.token(
    '<|python_start|>{"tool":"calculator","arguments":{"expression":"1"}}<|python_end|>',
    `\n\n| ${'Wide | '.repeat(30)}\n| ${'-|'.repeat(30)}\n\n\`\`\`\n${'x'.repeat(300)}\n\`\`\`\n`,
  )
  mounted.server.lastTurn.done()
  await until(() => !mounted.find('.stop'))
  assert((await state('380px')) <= 1)
  assert((await state('640px')) > 10)
  for (const selector of ['pre', '.table-scroll']) {
    const { backgroundAttachment } = getComputedStyle(await mounted.wait(selector))
    assert(backgroundAttachment.includes('local') && backgroundAttachment.includes('scroll'))
  }
})

for (const measure of ['', '40ch', '90ch']) {
  it(`lets all that is said and the composer share their edges on a page${measure && `, with lines of ${measure}`}`, async () => {
    const server = new ScriptedServer()
    server.config = { ...server.config, max_message_length: 1_000 }
    const mounted = await mount({ mode: 'page' }, server)
    mounted.chat.style.setProperty('width', '1000px')
    mounted.chat.style.setProperty('--samosa-measure', measure)
    mounted.chat.send('What is inside? '.repeat(30))
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token(
      `${'A paragraph. '.repeat(40)}\n\n| ${'Wide | '.repeat(30)}\n| ${'-|'.repeat(30)}\n\n`,
      `\`\`\`\n${'x'.repeat(300)}\n\`\`\`\n\n\`\`\`\nshort\n\`\`\`\n`,
    )
    mounted.server.lastTurn.done()
    await until(() => !mounted.find('.stop') && mounted.findAll('pre').length === 2)
    const edges = (elements: readonly Element[], sides: readonly ('left' | 'right')[]) =>
      elements.map((element) => {
        const box = element.getBoundingClientRect()
        return sides.map((side) => Math.round(box[side])).join()
      })
    const both = edges(mounted.findAll('.pod, .text, .table-scroll, .code-block'), [
      'left',
      'right',
    ])
    assert(both.length >= 5 && new Set(both).size === 1, both.join(' '))
    const ends = edges(mounted.findAll('.pod, .said > .bubble'), ['right'])
    assert(ends.length === 2 && new Set(ends).size === 1, ends.join(' '))
  })
}
