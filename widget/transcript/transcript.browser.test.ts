import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const ANSWER =
  '<think>Hm.</think>## Care\n\n**Water** it, see [here](/care).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nlet a = 1\n```\n\nArea: $x^2$ <script>alert(1)</script>'

/** A conversation of which only the newest part is on the screen. */
async function opened(lang = 'en'): Promise<Mounted> {
  const server = new ScriptedServer()
  const many = Array.from({ length: 40 }, (_, at) => [
    ['user', `Question ${at}?`] as const,
    ['assistant', `Answer ${at}.`] as const,
  ]).flat()
  const id = server.addConversation([...many, ['user', 'And <b>last</b>?'], ['assistant', ANSWER]])
  const mounted = await mount({ mode: 'inline', lang, 'conversation-id': id }, server)
  await mounted.wait('samosa-transcript')
  return mounted
}

const button = async ({ findAll, wait }: Mounted) => {
  await wait('samosa-transcript')
  const found = findAll('samosa-transcript')[0]?.shadowRoot?.querySelector('button')
  assert(found)
  return found
}

const items = ({ findAll }: Mounted) =>
  findAll('samosa-transcript')[0]
    ?.shadowRoot?.querySelector('samosa-download-menu')
    ?.shadowRoot?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? []

async function choose(mounted: Mounted, name: RegExp): Promise<void> {
  ;(await button(mounted)).click()
  await until(() => items(mounted).length)
  const item = [...items(mounted)].find(({ textContent }) => name.test(textContent))
  assert(item, 'no such item')
  item.click()
}

/** The page that is given to the printer. */
function nextPrint(): Promise<Document> {
  return new Promise((resolve) => {
    const observer = new MutationObserver((records) => {
      for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
        if (!(node instanceof HTMLIFrameElement) || !node.contentWindow) continue
        observer.disconnect()
        const { contentWindow } = node
        contentWindow.print = () => {
          const page = document.implementation.createHTMLDocument()
          page.documentElement.replaceWith(
            page.importNode(contentWindow.document.documentElement, true),
          )
          contentWindow.dispatchEvent(new Event('afterprint'))
          resolve(page)
        }
      }
    })
    observer.observe(document.body, { childList: true })
  })
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('the conversation that is open', () => {
  it('leaves the time beside it in one line when it says what went wrong', async () => {
    const at = await opened()
    at.chat.style.width = '320px'
    const time = await at.wait('.assistant:has(samosa-transcript) time')
    const height = time.offsetHeight
    at.server.fail(/export$/, () => problem(429, {}, { 'retry-after': '30' }))
    await choose(at, /Markdown/)
    await at.wait('[role=alert]')
    assert(time.offsetHeight === height, `${time.offsetHeight} instead of ${height}`)
  })

  it('is downloaded as a file, whatever of it is on the screen', async () => {
    const mounted = await opened()
    const saved: string[] = []
    const { click } = HTMLAnchorElement.prototype
    HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
      saved.push(this.download)
    }
    await choose(mounted, /Markdown/)
    await until(() => saved.length)
    HTMLAnchorElement.prototype.click = click
    assert(saved[0]?.endsWith('.markdown'), saved[0])
    const asked = mounted.server.requests.find(({ path }) => path.endsWith('/export'))
    assert(asked?.path.includes(mounted.chat.conversationId ?? '-'))
  })

  it('is printed from its beginning, without anything of the page', async () => {
    const mounted = await opened('de')
    const opener = await button(mounted)
    await until(() => opener.title === 'Diese Unterhaltung herunterladen')
    const printed = nextPrint()
    await choose(mounted, /Drucken/)
    const page = await printed
    const text = page.body.textContent ?? ''
    for (let at = 0; at < 40; at += 1) assert(text.includes(`Answer ${at}.`), `${at}`)
    assert(text.indexOf('Answer 3.') < text.indexOf('Answer 39.'))
    assert(text.includes('And <b>last</b>?') && !text.includes('Hm.'), text.slice(-400))
    assert(page.title !== '' && page.querySelector('h1')?.textContent === page.title)
    assert(/(?:1\. Januar 2026|31\. Dezember 2025)/.test(text), 'times')
    assert(page.documentElement.lang === 'de')
    assert(!page.querySelector('script, button, [class*=code-], [part]'))
    assert(page.querySelector('td')?.textContent === '1')
    assert(page.querySelector('pre > code')?.textContent === 'let a = 1')
    assert(page.querySelector('math'), 'formulas are set')
    assert(page.querySelector('a')?.getAttribute('href') === `${location.origin}/care`)
    await until(() => !document.querySelector('iframe[aria-hidden]'))
  })

  it('says why it cannot be had, and lets it be tried again', async () => {
    const mounted = await opened()
    mounted.server.fail(/conversations\/[^/]+$/, 'refuse')
    await choose(mounted, /Print/)
    const said = await mounted.wait('.problem')
    assert(
      said.getAttribute('role') === 'alert' &&
        /reach|network|connection/i.test(said.textContent ?? ''),
      said.textContent ?? '',
    )
    await assertAccessible(mounted.chat)
    const printed = nextPrint()
    await choose(mounted, /Print/)
    await printed
    await until(() => !mounted.find('.problem'))
  })

  it('offers that to the keyboard', async () => {
    const mounted = await opened()
    const opener = await button(mounted)
    assert(
      opener.ariaLabel === 'Download this conversation' ||
        opener.getAttribute('aria-label') === 'Download this conversation',
    )
    opener.focus()
    opener.click()
    await until(() => items(mounted).length > 0 && focused() === items(mounted)[0])
    await assertAccessible(mounted.chat)
    press(items(mounted)[0] ?? opener, 'ArrowUp')
    assert(focused() === [...items(mounted)].at(-1))
    press([...items(mounted)].at(-1) ?? opener, 'Escape')
    await until(() => items(mounted).length === 0 && focused() === opener)
  })

  it('is not offered where the owner switched that off', async () => {
    const server = new ScriptedServer()
    Object.assign(server.config, { features: { download: false } })
    const id = server.addConversation([
      ['user', 'Hi'],
      ['assistant', 'Hello.'],
    ])
    const mounted = await mount({ mode: 'inline', 'conversation-id': id }, server)
    await mounted.wait('.assistant time')
    await until(() => !mounted.find('samosa-transcript'))
  })

  it('is not offered while its last answer is written', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Half')
    await until(() => mounted.texts().includes('Half'))
    assert(!mounted.find('samosa-transcript'))
    mounted.server.lastTurn.done()
    await mounted.wait('samosa-transcript')
  })
})
