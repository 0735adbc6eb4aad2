import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer, type Fault } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

interface Saved {
  readonly name: string
  readonly text: string
}

/** Files that the page was given to save. */
const saved: Saved[] = []
const click = HTMLAnchorElement.prototype.click
beforeEach(() => {
  saved.length = 0
  HTMLAnchorElement.prototype.click = function save(this: HTMLAnchorElement) {
    const { href, download: name } = this
    if (name === '') return click.call(this)
    void fetch(href)
      .then((response) => response.text())
      .then((text) => saved.push({ name, text }))
  }
})
afterEach(() => {
  HTMLAnchorElement.prototype.click = click
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
  document.documentElement.dir = ''
})

interface Listed extends Mounted {
  readonly ids: readonly string[]
  readonly button: HTMLElement
}

/** A chat whose list is open, and the button of its second conversation. */
async function listing(
  attributes: Readonly<Record<string, string>> = {},
  server = new ScriptedServer(),
): Promise<Listed> {
  const ids = server.addTitled(['Ferns', 'Café plants'])
  const mounted = await mount({ mode: 'inline', ...attributes }, server)
  if (mounted.chat.mode === 'bubble') mounted.chat.show()
  ;(await mounted.wait('.list')).click()
  await mounted.wait(`li[data-id="${ids[1]}"]`)
  const button = mounted.find(`li[data-id="${ids[1]}"] .download`)
  assert(button, 'no button')
  return { ...mounted, ids, button }
}

const itemsOf = ({ findAll }: Mounted) => findAll('[role=menuitem]')
const named = (mounted: Mounted, name: string) =>
  itemsOf(mounted).find((item) => item.textContent.trim() === name)

async function openMenu(mounted: Listed): Promise<void> {
  mounted.button.focus()
  mounted.button.click()
  await until(() => itemsOf(mounted).length === 4 && focused() === itemsOf(mounted)[0])
}

async function choose(mounted: Listed, name: string): Promise<void> {
  await openMenu(mounted)
  const item = named(mounted, name)
  assert(item instanceof HTMLElement)
  item.click()
}

const status = ({ find }: Mounted) => find('samosa-drawer [role=status], .drawer ~ [role=status]')
const isClosed = (mounted: Mounted) => until(() => itemsOf(mounted).length === 0)

describe('downloading a conversation', () => {
  it('offers the formats, and says what the menu is for', async () => {
    const mounted = await listing()
    assert(mounted.button.getAttribute('aria-label') === 'Download “Café plants”')
    assert(mounted.button.getAttribute('aria-haspopup') === 'menu')
    await openMenu(mounted)
    assert(mounted.button.getAttribute('aria-expanded') === 'true')
    assert(
      itemsOf(mounted)
        .map((item) => item.textContent.trim())
        .join() === 'Markdown,PDF,Word (DOCX),JSON',
    )
    // While the list still fades in, nothing in it has the contrast that it will have.
    const moving = mounted.findAll('*').flatMap((element) => element.getAnimations())
    await Promise.allSettled(moving.map(({ finished }) => finished))
    await assertAccessible(mounted.chat)
  })

  it('asks with the token, and saves under the name that the server gives', async () => {
    const mounted = await listing()
    await choose(mounted, 'PDF')
    await until(() => saved.length === 1)
    assert(saved[0]?.name === 'Café plants.pdf' && saved[0].text === '# Café plants')
    const [asked] = mounted.server.asked('GET', new RegExp(`threads/${mounted.ids[1]}/export$`))
    assert(asked?.query.get('format') === 'pdf')
    assert(asked.headers.get('authorization')?.startsWith('Bearer '))
    await isClosed(mounted)
    assert(focused() === mounted.button)
    await until(() => status(mounted)?.textContent.trim() === 'The file is downloaded.')
  })

  it('works by keys: arrows around, first letters, Escape and Tab back to the button', async () => {
    const mounted = await listing()
    const type = (key: string) => press(focused() ?? document.body, key)
    await openMenu(mounted)
    for (const [key, name] of [
      ['ArrowDown', 'PDF'],
      ['End', 'JSON'],
      ['ArrowDown', 'Markdown'],
      ['ArrowUp', 'JSON'],
      ['w', 'Word (DOCX)'],
      ['Home', 'Markdown'],
    ] as const) {
      type(key)
      assert(focused()?.textContent.trim() === name, `${key} leads to ${focused()?.textContent}`)
    }
    type('Escape')
    await isClosed(mounted)
    // The list behind it is still there.
    assert(mounted.find('.drawer') && focused() === mounted.button)
    await openMenu(mounted)
    type('Tab')
    await isClosed(mounted)
    assert(focused() === mounted.button)
  })

  it('closes when its button is pressed again, when the focus goes, and when the list scrolls', async () => {
    const mounted = await listing()
    await openMenu(mounted)
    mounted.button.focus()
    mounted.button.click()
    await isClosed(mounted)
    await openMenu(mounted)
    ;(await mounted.wait('.search input')).focus()
    await isClosed(mounted)
    await openMenu(mounted)
    mounted.find('.entries')?.dispatchEvent(new Event('scroll'))
    await isClosed(mounted)
    assert(mounted.button.getAttribute('aria-expanded') === 'false')
  })

  const faults: readonly (readonly [string, Fault, RegExp])[] = [
    ['has no connection', 'refuse', /was not downloaded\. \S.+/],
    [
      'is too long for the format',
      () => problem(413, { code: 'too_large' }),
      /too long for this format\. Please take Markdown or JSON/,
    ],
    ['is gone', () => problem(404, { code: 'not_found' }), /was not downloaded\. \S.+/],
  ]
  for (const [what, fault, sentence] of faults) {
    it(`says why, when it ${what}`, async () => {
      const mounted = await listing()
      mounted.server.fail(/export$/, fault)
      await choose(mounted, 'Word (DOCX)')
      const notice = await mounted.wait('.trouble samosa-notice')
      await until(() => sentence.test(notice.shadowRoot?.textContent ?? ''))
      assert(saved.length === 0)
      // And it can be asked for again.
      await choose(mounted, 'Markdown')
      await until(() => saved.length === 1)
      await until(() => !mounted.find('.trouble'))
    })
  }

  it('says that it takes its time, and saves nothing for whom is gone', async () => {
    const server = new ScriptedServer()
    let resolve: (response: Response) => void = () => {}
    const late = new Promise<Response>((take) => {
      resolve = take
    })
    const exports: AbortSignal[] = []
    const { fetch: answer } = server
    const waiting: typeof fetch = async (input, init) => {
      if (!(input instanceof Request) && !String(input).includes('/export')) {
        return await answer(input, init)
      }
      if (init?.signal) exports.push(init.signal)
      return await late
    }
    const mounted = await listing({}, Object.assign(server, { fetch: waiting }))
    await choose(mounted, 'PDF')
    await until(() => status(mounted)?.textContent.trim() === 'The file is being made…')
    assert(mounted.find('.toast.late'))
    await until(() => exports.length === 1)
    mounted.chat.remove()
    assert(exports[0]?.aborted)
    resolve(new Response('late'))
    await late
    assert(saved.length === 0)
  })

  for (const mode of ['bubble', 'inline', 'page']) {
    for (const direction of ['ltr', 'rtl']) {
      it(`stays in the window: ${mode}, ${direction}`, async () => {
        document.documentElement.dir = direction
        const mounted = await listing({ mode })
        await openMenu(mounted)
        const menu = await mounted.wait('[role=menu]')
        const box = menu.getBoundingClientRect()
        assert(box.left >= 0 && box.right <= innerWidth && box.top >= 0, 'out of the window')
        assert(box.bottom <= innerHeight, 'out of the window')
        // A pointer finds it, whatever lies around.
        let top = document.elementFromPoint(box.left + 20, box.top + 20)
        while (top?.shadowRoot) {
          const inside = top.shadowRoot.elementFromPoint(box.left + 20, box.top + 20)
          if (!inside || inside === top) break
          top = inside
        }
        assert(top?.closest('[role=menu]'), `${top?.localName} lies over it`)
      })
    }
  }
})
