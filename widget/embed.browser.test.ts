import { MARK_BODY } from './components/mark-paths.ts'
import { until } from './scripted/until.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

interface Loader {
  show(): void
  hide(): void
  send(text: string): void
}

const loader = (): Loader => {
  const found: unknown = Reflect.get(window, 'samosa')
  const isLoader = (value: unknown): value is Loader =>
    typeof value === 'object' && value !== null && 'show' in value && 'send' in value
  assert(isLoader(found))
  return found
}

/** Runs the loader as the classic script that it is: `currentScript` is its tag, read at once. */
async function embed(data: Readonly<Record<string, string>>): Promise<void> {
  const tag = document.createElement('script')
  tag.src = new URL('./embed.ts', import.meta.url).href
  Object.assign(tag.dataset, data)
  Object.defineProperty(document, 'currentScript', { configurable: true, value: tag })
  await import(`./embed.ts?${crypto.randomUUID()}`)
  Reflect.deleteProperty(document, 'currentScript')
}

const stubs = () => [...document.querySelectorAll('samosa-embed')]
const stubButton = () => stubs()[0]?.shadowRoot?.querySelector('button') ?? undefined

afterEach(() => {
  for (const left of document.querySelectorAll('samosa-embed, samosa-chat')) left.remove()
  Reflect.deleteProperty(window, 'samosa')
})

describe('the loader', () => {
  it('draws the launcher at once, and loads nothing', async () => {
    await embed({ endpoint: 'https://chat.example' })
    const button = stubButton()
    assert(button)
    const box = button.getBoundingClientRect()
    assert(box.width === 56 && box.right === innerWidth - 20 && box.bottom === innerHeight - 20)
    assert(button.querySelector('path')?.getAttribute('d') === MARK_BODY)
    assert(!document.querySelector('samosa-chat'))
  })

  it('does nothing when a second copy runs', async () => {
    await embed({})
    const first = loader()
    await embed({})
    assert(stubs().length === 1 && loader() === first)
  })

  it('looks the same on a page that styles every tag, in the theme it is given', async () => {
    await embed({ theme: 'dark' })
    const stub = stubs()[0]
    const button = stubButton()
    assert(stub && button)
    const look = () => {
      const { colorScheme, opacity } = getComputedStyle(stub)
      return JSON.stringify([button.getBoundingClientRect(), colorScheme, opacity])
    }
    const before = look()
    assert(before.includes('"dark"'), before)
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`samosa-embed { scale: .5 !important; rotate: 5deg !important; zoom: 1.5 !important;
      contain: strict !important; color-scheme: light !important; opacity: .2 !important }`)
    document.adoptedStyleSheets = [sheet]
    const after = look()
    document.adoptedStyleSheets = []
    assert(after === before, `${before} became ${after}`)
  })

  it('stands at the start side, in the accent, when told so', async () => {
    await embed({ position: 'start', accent: 'rgb(0, 90, 60)' })
    const button = stubButton()
    assert(button?.getBoundingClientRect().left === 20)
    assert(getComputedStyle(button).backgroundColor === 'rgb(0, 90, 60)')
  })
})

describe('handing over', () => {
  before(() => {
    // In the build the element is samosa-chat.js beside embed.js.
    const map = document.createElement('script')
    map.type = 'importmap'
    const built = new URL('./samosa-chat.js', import.meta.url).href
    map.textContent = JSON.stringify({
      imports: { [built]: new URL('./index.ts', import.meta.url).href },
    })
    document.head.append(map)
  })

  it('keeps what is asked for until the element is there', async () => {
    await embed({ heading: 'Ask', theme: 'dark', think: 'off', endpoint: 'https://chat.example' })
    loader().show()
    await until(() => document.querySelector('samosa-chat')?.hasAttribute('open'))
    const chat = document.querySelector('samosa-chat')
    const given = ['heading', 'theme', 'think', 'endpoint', 'mode'].map((name) =>
      chat?.getAttribute(name),
    )
    assert(given.join() === 'Ask,dark,off,https://chat.example,bubble', given.join())
    assert(stubs().length === 0)
  })
})
