import { mount, pressEnter, type, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'

const equal = (actual: unknown, expected: unknown) => {
  if (actual !== expected) {
    throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
  }
}

const page = document.documentElement
let at: Mounted | undefined

afterEach(() => {
  at?.chat.parentElement?.closest('div')?.remove()
  at?.chat.remove()
  page.removeAttribute('lang')
  page.removeAttribute('dir')
})

const root = ({ chat }: Mounted) => {
  const element = chat.shadowRoot?.querySelector('.root')
  if (!(element instanceof HTMLElement)) throw new Error('nothing is drawn')
  return element
}
const directionOf = (mounted: Mounted) => getComputedStyle(root(mounted)).direction
const sendLabel = ({ find }: Mounted) => find('[part=send]')?.getAttribute('aria-label')
const saysSend = (mounted: Mounted, label: string) => until(() => sendLabel(mounted) === label)

describe('the language', () => {
  it('is its own, then that of the nearest element around it, then the page’s', async () => {
    page.lang = 'fr'
    at = await mount({ mode: 'inline' })
    await saysSend(at, 'Envoyer')
    const box = document.createElement('div')
    box.lang = 'es-MX'
    document.body.append(box)
    box.append(at.chat)
    await saysSend(at, 'Enviar')
    at.chat.lang = 'de'
    await saysSend(at, 'Senden')
  })

  it('follows changes around it, out of shadow trees too', async () => {
    const host = document.createElement('div')
    const shadow = host.attachShadow({ mode: 'open' })
    document.body.append(host)
    at = await mount({ mode: 'inline' })
    shadow.append(at.chat)
    await saysSend(at, 'Send')
    host.lang = 'ja'
    await saysSend(at, '送信')
    host.removeAttribute('lang')
    page.lang = 'hi'
    await saysSend(at, 'भेजें')
    host.remove()
  })

  it('is the server’s where nobody else speaks one that there is', async () => {
    page.lang = 'tlh'
    const languages = Object.getOwnPropertyDescriptor(Navigator.prototype, 'languages')
    Object.defineProperty(navigator, 'languages', { value: ['eo'], configurable: true })
    const server = new ScriptedServer()
    server.config['locale'] = 'de-CH'
    at = await mount({ mode: 'inline' }, server)
    await saysSend(at, 'Senden')
    if (languages) Object.defineProperty(navigator, 'languages', languages)
  })

  it('may be another one in each of two chats on a page', async () => {
    at = await mount({ mode: 'inline', lang: 'de' })
    const other = await mount({ mode: 'inline', lang: 'fr' })
    await saysSend(at, 'Senden')
    await saysSend(other, 'Envoyer')
    other.chat.remove()
  })

  it('turns the layout round for Arabic, and back', async () => {
    page.lang = 'en'
    page.dir = 'ltr'
    at = await mount({ lang: 'ar', open: '' })
    await saysSend(at, 'إرسال')
    equal(directionOf(at), 'rtl')
    const isSendLeft = ({ find }: Mounted) => {
      const send = find('[part=send]')?.getBoundingClientRect()
      const panel = find('.panel')?.getBoundingClientRect()
      return send && panel ? send.right < panel.left + panel.width / 2 : undefined
    }
    equal(isSendLeft(at), true)
    at.chat.lang = 'en'
    await saysSend(at, 'Send')
    equal(directionOf(at), 'ltr')
    equal(isSendLeft(at), false)
  })

  it('does not take the bubble to the other side of the page', async () => {
    page.lang = 'en'
    page.dir = 'ltr'
    at = await mount({ lang: 'en', open: '' })
    const places = ({ find }: Mounted) =>
      ['.panel', 'samosa-launcher'].map((name) => find(name)?.getBoundingClientRect().right)
    const before = String(places(at))
    at.chat.lang = 'ar'
    await saysSend(at, 'إرسال')
    equal(String(places(at)), before)
  })

  it('leaves the direction to an element that says one, as near as the language or nearer', async () => {
    page.lang = 'he'
    page.dir = 'rtl'
    at = await mount({ mode: 'inline' })
    await saysSend(at, 'Send')
    equal(directionOf(at), 'rtl')
    at.chat.lang = 'en'
    await until(() => at !== undefined && directionOf(at) === 'ltr')
    at.chat.dir = 'rtl'
    await until(() => at !== undefined && directionOf(at) === 'rtl')
  })

  it('of words in another one than the page’s is marked, and what is said stays in the page’s', async () => {
    page.lang = 'pt-BR'
    at = await mount({ mode: 'inline' })
    pressEnter(await type(at, 'Oi'))
    await until(() => at?.server.turns.length === 1)
    at.server.lastTurn.token('Tudo bem?')
    at.server.lastTurn.done()
    await at.wait('samosa-answer')
    equal(root(at).lang, 'en')
    equal(at.find('[part=bubble]')?.getAttribute('lang'), 'pt-BR')
    equal(at.find('samosa-answer')?.getAttribute('lang'), 'pt-BR')
    page.lang = 'fr-CA'
    await saysSend(at, 'Envoyer')
    equal(root(at).hasAttribute('lang'), false)
    equal(at.find('[part=bubble]')?.hasAttribute('lang'), false)
  })
})

describe('a change of language', () => {
  const TEXT = [
    'First **words**.\n\n```js\nlet a = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\nMore ',
    'to come.',
  ] as const

  it('keeps an answer that streams: its nodes, the reader’s selection, and what comes after', async () => {
    at = await mount({ mode: 'inline', lang: 'en' })
    pressEnter(await type(at, 'Go'))
    await until(() => at?.server.turns.length === 1)
    const turn = at.server.lastTurn
    turn.token('<think>Hm.</think>')
    turn.token(TEXT[0])
    await at.wait('.table-scroll')
    await at.wait('.think-head')
    const kept = ['.text p', 'strong', 'pre', '.code-copy', 'table', '.text li', '.think-head']
    const before = kept.map((selector) => at?.find(selector))
    const region = at.find('pre')?.getAttribute('aria-label')
    equal(region, 'Code, js')
    const strong = at.find('strong')
    if (strong) getSelection()?.selectAllChildren(strong)

    at.chat.lang = 'ja'
    await saysSend(at, '停止')
    await until(() => at?.find('.code-copy')?.textContent === 'コピー')
    equal(at.find('pre')?.getAttribute('aria-label'), 'コード（js）')
    equal(at.find('.table-scroll')?.getAttribute('aria-label'), '表')
    equal(at.find('.text input')?.getAttribute('aria-label'), '完了')
    if (!at.find('.think-head')?.textContent?.includes('考え'))
      throw new Error('thinking is not said')
    for (const [index, selector] of kept.entries()) {
      if (at.find(selector) !== before[index]) throw new Error(`${selector} is another one`)
    }

    turn.token(TEXT[1])
    turn.done()
    await until(() => at?.texts().at(-1)?.includes('More to come.') === true)
    equal(at.findAll('.code-block').length, 1)
  })
})
