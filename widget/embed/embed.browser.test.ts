import { MARK_BODY, MARK_SEAM_OUTLINE } from '../ui/mark-paths.ts'
import type { SamosaLoader } from './page-api.ts'
import { until } from '../testing/scripted/until.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const address = (file: string) => new URL(file, import.meta.url).href
/** In the build the element is a script beside the loader. */
const MAP = JSON.stringify({ imports: { [address('./samosa-chat.js')]: address('../index.ts') } })

interface Page {
  readonly window: Window
  readonly document: Document
  readonly stub: HTMLElement
  readonly button: HTMLElement
  readonly note: Element
}

interface Options {
  readonly language?: string
  readonly map?: string
  readonly given?: unknown
}

/** A page of its own with the loader, which keeps itself there; `window.samosa` is `given` before. */
async function open(
  data: Readonly<Record<string, string>>,
  { language = 'en', map = MAP, given }: Options = {},
): Promise<Page> {
  const frame = document.createElement('iframe')
  frame.width = '900'
  frame.height = '700'
  frame.srcdoc = `<!doctype html><html lang="${language}"><script type="importmap">${map}</script><p>A page</p>`
  document.body.append(frame)
  await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  const { contentWindow: window, contentDocument } = frame
  assert(window && contentDocument)
  if (given !== undefined) Reflect.set(window, 'samosa', given)
  const script = contentDocument.createElement('script')
  script.type = 'module'
  script.src = address('./embed.ts')
  Object.assign(script.dataset, data)
  contentDocument.body.append(script)
  const stub = () => contentDocument.querySelector<HTMLElement>('samosa-embed')
  await until(stub)
  const found = stub()
  const button = found?.shadowRoot?.querySelector('button')
  const note = found?.shadowRoot?.querySelector('output')
  assert(found && button && note)
  return { window, document: contentDocument, stub: found, button, note }
}

/** The loader's interface on that page. */
function loader({ window }: Page): SamosaLoader {
  const { samosa } = window
  assert(samosa && 'whenLoaded' in samosa)
  return samosa
}

const chatOf = async ({ document: page }: Page) => {
  await until(() => page.querySelector('samosa-chat'))
  const chat = page.querySelector('samosa-chat')
  assert(chat)
  return chat
}

afterEach(() => {
  for (const frame of document.querySelectorAll('iframe')) frame.remove()
})

describe('the launcher', () => {
  it('is drawn at once, and loads nothing', async () => {
    const { button, document: page, window } = await open({ endpoint: 'https://chat.example' })
    const box = button.getBoundingClientRect()
    assert(box.width === 56 && box.right === window.innerWidth - 20 && box.bottom === 680)
    // The browser writes a shape in its own way; this one is as it would write ours.
    const mark = button.querySelector('i') ?? button
    const { clipPath } = window.getComputedStyle(mark)
    mark.style.clipPath = `path(evenodd, "${MARK_BODY}${MARK_SEAM_OUTLINE}")`
    assert(clipPath !== 'none' && clipPath === window.getComputedStyle(mark).clipPath, clipPath)
    assert(!page.querySelector('samosa-chat'))
  })

  it('looks the same on a page that styles every tag, in the theme it is given', async () => {
    const { stub, button, document: page, window } = await open({ theme: 'dark' })
    const look = () => {
      const { colorScheme, opacity } = window.getComputedStyle(stub)
      return JSON.stringify([button.getBoundingClientRect(), colorScheme, opacity])
    }
    const before = look()
    assert(before.includes('"dark"'), before)
    const style = page.createElement('style')
    style.textContent = `body * { all: unset !important; display: none !important }
      samosa-embed { scale: .5 !important; rotate: 5deg !important; zoom: 1.5 !important;
      contain: strict !important; color-scheme: light !important; opacity: .2 !important }`
    page.head.append(style)
    const after = look()
    assert(after === before, `${before} became ${after}`)
  })

  it('can be hidden', async () => {
    const { stub, button } = await open({})
    stub.hidden = true
    assert(button.getBoundingClientRect().width === 0)
  })

  it('stands at the start side, in the accent, when told so', async () => {
    const { button, window } = await open({ position: 'start', accent: 'rgb(0, 90, 60)' })
    assert(button.getBoundingClientRect().left === 20)
    assert(window.getComputedStyle(button).backgroundColor === 'rgb(0, 90, 60)')
  })

  for (const [language, name] of [
    ['en', 'Open chat'],
    ['de-AT', 'Chat öffnen'],
    ['es', 'Abrir chat'],
    ['fr', 'Ouvrir le chat'],
    ['hi', 'चैट खोलें'],
    ['ja', 'チャットを開く'],
    ['ar-EG', 'فتح الدردشة'],
    ['tlh', 'Open chat'],
  ] as const) {
    it(`is named in the language of the page (${language})`, async () => {
      const { button } = await open({}, { language })
      assert(button.ariaLabel === name, String(button.ariaLabel))
    })
  }

  it('is named in the language that it is given, also later', async () => {
    const page = await open({ lang: 'fr' }, { language: 'de' })
    const names = [page.button.ariaLabel]
    loader(page).push({ lang: 'es' })
    names.push(page.button.ariaLabel)
    assert(names.join() === 'Ouvrir le chat,Abrir chat', names.join())
  })

  it('says that loading failed and to try again, and only to who waits for it', async () => {
    const broken = (attempt: number) => `data:text/javascript,window.tried=${attempt};throw 0`
    const nowhere = JSON.stringify({
      imports: {
        [address('./samosa-chat.js')]: broken(1),
        [address('./samosa-chat.js?1')]: broken(2),
        [address('./samosa-chat.js?2')]: address('../index.ts'),
      },
    })
    const page = await open({ lang: 'de' }, { map: nowhere })
    const { button, note } = page
    button.dispatchEvent(new PointerEvent('pointerenter'))
    await until(() => Reflect.get(page.window, 'tried') === 1)
    const says = () => note.textContent ?? ''
    assert(says() === '')
    button.click()
    assert(button.ariaBusy === 'true')
    await until(says)
    assert(says() === '⚠ Erneut versuchen', says())
    assert(button.ariaBusy === null)
    const box = note.getBoundingClientRect()
    assert(box.bottom < button.getBoundingClientRect().top && box.right === 880)
    button.click()
    const chat = await chatOf(page)
    await until(() => chat.open)
    assert(!page.stub.isConnected)
  })
})

describe('handing over', () => {
  it('keeps what is asked for until the element is there', async () => {
    const page = await open({
      heading: 'Ask',
      theme: 'dark',
      think: 'off',
      endpoint: 'https://chat.example',
      conversationId: '7',
    })
    let seen: unknown
    loader(page).whenLoaded((chat) => (seen = chat))
    assert(!page.document.querySelector('samosa-chat'))
    loader(page).show()
    const chat = await chatOf(page)
    await until(() => chat.open)
    const given = ['heading', 'theme', 'think', 'endpoint', 'conversation-id'].map((name) =>
      chat.getAttribute(name),
    )
    assert(given.join() === 'Ask,dark,off,https://chat.example,7', given.join())
    assert(seen === chat && loader(page).element === chat)
    assert(page.document.querySelectorAll('[data-samosa]').length === 1)
  })

  it('gives the element no attribute that it does not know', async () => {
    const page = await open({ id: 'x', style: 'color:red', turboTrack: 'reload', cfasync: 'false' })
    loader(page).show()
    const chat = await chatOf(page)
    for (const name of ['id', 'turbo-track', 'turbotrack', 'cfasync', 'position', 'accent']) {
      assert(!chat.hasAttribute(name), name)
    }
    assert(!(chat.getAttribute('style') ?? '').includes('red'))
  })

  it('takes options that the page has set before, and those that it sets later', async () => {
    const page = await open({ heading: 'Tag' }, { given: { heading: 'Page', theme: 'dark' } })
    page.window.samosa = { placeholder: 'Write' }
    loader(page).push({ think: 'off' }, (samosa) => samosa.show())
    const chat = await chatOf(page)
    const { heading, theme, placeholder, think } = chat
    assert([heading, theme, placeholder, think].join() === 'Page,dark,Write,off')
    await until(() => chat.open)
    page.window.samosa = { heading: 'Later', open: false, token: 'secret' }
    assert([chat.heading, chat.open, chat.token].join() === 'Later,false,secret')
    assert(!chat.outerHTML.includes('secret'))
  })

  it('takes a list that the page has filled before', async () => {
    const calls: string[] = []
    const given = [{ heading: 'Listed' }, () => calls.push('called')]
    const page = await open({}, { given })
    assert(calls.join() === 'called')
    loader(page).show()
    assert((await chatOf(page)).heading === 'Listed')
  })
})
