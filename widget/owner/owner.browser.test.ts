import 'axe-core/axe.min.js'
import { createClient } from '../api/client.ts'
import { mount, pressEnter, type, visibleText, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'
import type { ReplacedStrings } from './replace-strings.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const equal = (actual: unknown, expected: unknown) => {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${is} is not ${should}`)
}

const page = document.documentElement
let at: Mounted | undefined
let warnings: string[] = []
const warn = console.warn
beforeEach(() => {
  warnings = []
  console.warn = (...words: unknown[]) => void warnings.push(words.join(' '))
})
afterEach(() => {
  at?.chat.remove()
  page.lang = 'en'
  console.warn = warn
})

const textOf = ({ find }: Mounted, selector: string) => {
  const found = find(selector)
  return found && visibleText(found).replaceAll(/\s+/g, ' ').trim()
}
const heading = (mounted: Mounted) => textOf(mounted, 'h2')
const greeting = (mounted: Mounted) => textOf(mounted, '.greeting')
const starters = ({ findAll }: Mounted) =>
  findAll('[part=starter]').map((button) => visibleText(button).trim())
const disclosure = (mounted: Mounted) => textOf(mounted, 'samosa-disclosure')

/** A server whose owner says that. */
function owned(config: Record<string, unknown>): ScriptedServer {
  const server = new ScriptedServer()
  server.config = { ...server.config, title: '', greeting: '', starters: [], ...config }
  return server
}

const open = async (
  attributes: Readonly<Record<string, string>>,
  config: Record<string, unknown> = {},
) => {
  at = await mount({ mode: 'inline', ...attributes }, owned(config))
  await at.wait('.greeting')
  return at
}

describe('the owner’s texts', () => {
  const said = {
    title: 'Shop',
    greeting: 'Hello from the shop.',
    starters: ['When?'],
    by_language: {
      de: { title: 'Laden', starters: ['Wann?', 'Wo?'] },
      'de-AT': { greeting: 'Servus!' },
      'pt-BR': { greeting: 'Oi!' },
      ja: { greeting: 'こんにちは' },
    },
  }

  it('are in the visitor’s language, then those for all, then the chat’s own', async () => {
    const mounted = await open({ lang: 'de-AT' }, said)
    equal([heading(mounted), greeting(mounted)], ['Laden', 'Servus!'])
    equal(starters(mounted), ['Wann?', 'Wo?'])
    mounted.chat.lang = 'de'
    await until(() => greeting(mounted) === 'Hello from the shop.')
    mounted.chat.lang = 'ja'
    await until(() => greeting(mounted) === 'こんにちは')
    equal([heading(mounted), starters(mounted)], ['Shop', ['When?']])
    // Nobody speaks it here, and the owner has greeted in it all the same.
    mounted.chat.lang = 'pt-BR'
    await until(() => greeting(mounted) === 'Oi!')
  })

  it('are those of the page before the server’s, in whatever form starters are given', async () => {
    const mounted = await open(
      { lang: 'de', heading: 'Seite', greeting: 'Hier!', starters: 'Eins?\n\n Zwei? ' },
      said,
    )
    equal([heading(mounted), greeting(mounted)], ['Seite', 'Hier!'])
    equal(starters(mounted), ['Eins?', 'Zwei?'])
    mounted.chat.setAttribute('starters', '["A, b?", 7, "C?"]')
    await until(() => starters(mounted).join() === 'A, b?,C?')
    mounted.chat.starters = ['<b>bold</b>?']
    await until(() => starters(mounted).join() === '<b>bold</b>?')
    mounted.chat.starters = []
    await until(() => starters(mounted).length === 0)
    mounted.chat.starters = ''
    await until(() => starters(mounted).join() === 'Wann?,Wo?')
  })

  for (const [lang, title] of Object.entries({ ar: 'الدردشة', ja: 'チャット', en: 'Chat' })) {
    it(`leave the chat’s own in ${lang} where nobody has said any`, async () => {
      const mounted = await open({ lang })
      equal(heading(mounted), title)
      assert(greeting(mounted))
    })
  }
})

describe('the line on what answers', () => {
  it('stands in the empty chat, is heard with the field, and later below it', async () => {
    const mounted = await open({}, { notice: 'ai', privacy_url: 'https://shop.example/privacy' })
    const sentence = 'You are talking to a machine. Its answers can be wrong.'
    equal(disclosure(mounted), `${sentence} Privacy`)
    assert(
      mounted.find('.greeting')?.getRootNode() === mounted.find('samosa-disclosure')?.getRootNode(),
    )
    equal(
      (await mounted.input()).ariaDescription ??
        (await mounted.input()).getAttribute('aria-description'),
      sentence,
    )
    const link = mounted.find('samosa-disclosure a')
    const isLink = mounted.findAll('a').find((each) => each instanceof HTMLAnchorElement)
    assert(isLink instanceof HTMLAnchorElement && isLink.href === 'https://shop.example/privacy')
    equal(isLink.rel, 'noopener')
    equal(link, undefined)
    await assertAccessible(mounted.chat)
    pressEnter(await type(mounted, 'Hi'))
    await until(() => mounted.find('.bottom samosa-disclosure') && !mounted.find('.greeting'))
    equal(disclosure(mounted), `${sentence} Privacy`)
    equal((await mounted.input()).getAttribute('aria-description'), null)
    await assertAccessible(mounted.chat)
  })

  for (const [lang, sentence] of Object.entries({
    de: 'Hier antwortet eine Maschine. Sie kann sich irren. Datenschutz',
    ar: 'أنت تتحدث مع آلة، وقد تخطئ في إجاباتها. الخصوصية',
  })) {
    it(`is said in ${lang}`, async () => {
      equal(disclosure(await open({ lang, notice: 'AI', 'privacy-url': '/privacy' })), sentence)
    })
  }

  it('says the owner’s own sentence, as text', async () => {
    const mounted = await open({ notice: 'Not <i>a</i> person.' }, { notice: 'ai' })
    equal(disclosure(mounted), 'Not <i>a</i> person.')
  })

  it('leads to pages alone', async () => {
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'http://', 'JavaScript:x']) {
      const mounted = await open({ notice: 'Hi.', 'privacy-url': url }, { privacy_url: url })
      assert(!mounted.findAll('a').length, url)
      mounted.chat.remove()
    }
    equal(warnings.length, 1)
    assert(warnings[0]?.includes('privacy-url takes'))
  })

  it('stands below the field where the page has something of its own in the empty chat', async () => {
    at = await mount({ mode: 'inline', notice: 'ai' }, owned({}))
    const own = document.createElement('p')
    own.slot = 'empty'
    at.chat.append(own)
    at.chat.requestUpdate()
    await at.wait('.bottom samosa-disclosure')
  })
})

describe('what is switched off', () => {
  const names = (mounted: Mounted) =>
    mounted.findAll('button').map((button) => button.getAttribute('aria-label') ?? '')

  it('is not there: list, microphone, commands, files', async () => {
    const limits = { images: true, text: true, max_files: 5, max_bytes: 1000 }
    const before = await open({}, { attachments: limits })
    assert(names(before).includes('Conversations') && names(before).includes('Add files'))
    before.chat.remove()
    const mounted = await open(
      { features: '-list, -microphone -commands -attachments' },
      { attachments: limits },
    )
    const left = names(mounted).join()
    assert(!/Conversations|Add files|Speak/.test(left), left)
    // A text with a slash is one, and files stay the page's.
    pressEnter(await type(mounted, '/help me'))
    await until(() => mounted.server.turns.length)
    equal(mounted.texts()[0], '/help me')
    const files = new DataTransfer()
    files.items.add(new File(['x'], 'x.txt'))
    const drag = new DragEvent('dragover', { dataTransfer: files, cancelable: true, bubbles: true })
    mounted.find('.panel')?.dispatchEvent(drag)
    assert(!drag.defaultPrevented)
  })

  it('on the server is on by the tag, but for what the server does not serve', async () => {
    const off = { features: { list: false, copy: false, search: false }, attachments: null }
    const mounted = await open({ features: 'list search attachments' }, off)
    const there = names(mounted).join()
    assert(there.includes('Conversations') && !/Search|Add files/.test(there), there)
    mounted.chat.features = ''
    await until(() => !names(mounted).includes('Conversations'))
  })

  it('takes the buttons of messages away', async () => {
    const mounted = await open({ features: '-copy -regenerate -edit -feedback' })
    pressEnter(await type(mounted, 'Hi'))
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Hello.')
    mounted.server.lastTurn.done()
    await until(() => mounted.find('article.assistant[aria-busy=false]'))
    await until(() => mounted.find('.actions'))
    equal(mounted.findAll('.actions button').length, 0)
  })

  it('offers no conversation as a file', async () => {
    for (const features of ['', '-download']) {
      at = await mount({ mode: 'inline', features }, owned({}))
      at.server.conversations.set('1', { id: crypto.randomUUID(), title: 'Peas', messages: [] })
      await at.wait('.greeting')
      at.find('.list')?.click()
      await at.wait('.rename')
      equal(at.findAll('.download').length, features === '' ? 1 : 0)
      at.chat.remove()
    }
  })

  it('sets no temperature that was set before', async () => {
    const first = await open({}, { features: { model_settings: true } })
    pressEnter(await type(first, '/temperature 2'))
    await first.wait('.chip')
    const { endpoint } = first.chat
    first.chat.remove()
    const mounted = await open({ endpoint }, { features: {} })
    assert(!mounted.find('.chip'))
    pressEnter(await type(mounted, '/temperature 1'))
    await until(() => textOf(mounted, '.said')?.includes('no command /temperature'))
    pressEnter(await type(mounted, 'Hi'))
    await until(() => mounted.server.turns.length)
    const body: unknown = mounted.server.asked('POST', /messages$/)[0]?.body
    assert(JSON.stringify(body).includes('Hi') && !JSON.stringify(body).includes('temperature'))
  })

  it('is named to the page’s builder where there is no such thing', async () => {
    await open({ features: '-mikrofone -list' })
    equal(warnings.length, 1)
    assert(warnings[0]?.includes('features has -mikrofone, which is none of think, search'))
  })
})

describe('words in place of the chat’s own', () => {
  it('are texts, forms of numbers and functions, in all languages or in one', async () => {
    const strings: ReplacedStrings = {
      greeting: 'Hi <b>there</b>',
      unread: { one: 'one new', other: '{1} new' },
      composer: { left: 'still {1}', send: 'Off it goes' },
      de: { composer: { send: 'Ab damit' } },
    }
    const mounted = await open({}, {})
    mounted.chat.strings = strings
    await until(() => greeting(mounted) === 'Hi <b>there</b>')
    const send = () => mounted.find('[part=send]')?.getAttribute('aria-label')
    equal(send(), 'Off it goes')
    await type(mounted, 'x'.repeat(95))
    await until(() => textOf(mounted, '#count') === 'still 5')
    mounted.chat.lang = 'de'
    await until(() => send() === 'Ab damit')
    equal(greeting(mounted), 'Hi <b>there</b>')
    mounted.chat.strings = { composer: { left: (count) => `${count}!` } }
    await until(() => textOf(mounted, '#count') === '5!')
    equal(warnings, [])
  })

  it('reach those that come late, in English too', async () => {
    at = await mount({ mode: 'inline' }, owned({ features: { model_settings: true } }))
    at.chat.strings = {
      extras: { commands: { unknown: 'No {1} here', does: { help: 'All of it' } } },
      drawer: { empty: 'Nothing yet' },
      hints: { changed: 'Somebody was quicker' },
    }
    await at.wait('.greeting')
    await type(at, '/')
    await until(() => at && textOf(at, '#command-help')?.includes('All of it'))
    pressEnter(await type(at, '/nonsense'))
    await until(() => at && textOf(at, '.said') === 'No nonsense here')
    at.find('.list')?.click()
    await until(() => at && textOf(at, 'samosa-drawer')?.includes('Nothing yet'))
  })

  it('that cannot be are left, and told once', async () => {
    const mounted = await open({}, {})
    const given: Record<string, unknown> = {
      heading: ' ',
      nonsense: 'x',
      language: 'de',
      messages: 7,
      composer: { send: '', left: 3, tupo: 'x' },
      actions: 'Copy',
    }
    mounted.chat.strings = JSON.stringify(given)
    await until(() => warnings.length >= 7)
    mounted.chat.strings = JSON.stringify({ ...given, greeting: 'Ho' })
    await until(() => greeting(mounted) === 'Ho')
    equal(mounted.find('[part=send]')?.getAttribute('aria-label'), 'Send')
    for (const place of [
      'nonsense',
      'language',
      'messages',
      'composer.send',
      'composer.tupo',
      'actions',
    ]) {
      equal(warnings.filter((warning) => warning.includes(place)).length, 1)
    }
    mounted.chat.strings = '{"close":'
    await until(() => warnings.some((warning) => warning.includes('as JSON')))
    equal(warnings.length, new Set(warnings).size)
  })
})

describe('what a visitor sees at first', () => {
  /** Everything that stood in the header and in the empty chat, in its order. */
  function record({ chat, findAll }: Mounted): readonly string[] {
    const seen: string[] = []
    const look = () => {
      if (!chat.isConnected) return
      const now = findAll('h2, samosa-empty-state, textarea, samosa-disclosure')
        .map((element) =>
          element instanceof HTMLTextAreaElement ? element.placeholder : visibleText(element),
        )
        .join(' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
      if (now !== seen.at(-1)) seen.push(now)
      requestAnimationFrame(look)
    }
    look()
    return seen
  }

  /** A chat whose server says what it is only when it is let. */
  async function slow(config: Record<string, unknown>, attributes: Record<string, string> = {}) {
    let letGo = () => {}
    const gate = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const server = owned(config)
    const endpoint = attributes['endpoint'] ?? `https://${crypto.randomUUID()}.example`
    at = await mount({ endpoint, ...attributes }, server)
    at.chat.client = createClient({
      endpoint,
      async fetch(input, init) {
        if (typeof input === 'string' && input.endsWith('/widget-config')) await gate
        return server.fetch(input, init)
      },
    })
    const seen = record(at)
    at.chat.open = true
    return { mounted: at, seen, letGo }
  }

  it('is nothing that will be replaced, in any language', async () => {
    page.lang = 'ar'
    const { mounted, seen, letGo } = await slow({ title: 'متجر', notice: 'ai' })
    await mounted.wait('samosa-empty-state[pending]')
    await assertAccessible(mounted.chat)
    equal([...seen], [''])
    equal(
      mounted.findAll('[part=heading]').map((element) => element.textContent),
      [''],
    )
    letGo()
    await mounted.wait('.greeting')
    await until(() => seen.length > 1)
    equal(seen.length, 2)
    assert(seen[1]?.startsWith('متجر مرحبًا'), seen[1])
  })

  it('is the page’s own title at once', async () => {
    const { mounted, seen, letGo } = await slow({ title: 'Server' }, { heading: 'Page' })
    await until(() => seen.at(-1) === 'Page')
    letGo()
    await mounted.wait('.greeting')
    assert(seen.every((each) => !each.includes('Server')))
  })

  it('is what the server said the last time, until it says something else', async () => {
    const { endpoint } = (await open({}, { title: 'Old', greeting: 'Old greeting' })).chat
    at?.chat.remove()
    const { mounted, seen, letGo } = await slow(
      { title: 'New', greeting: 'New greeting' },
      { endpoint },
    )
    await mounted.wait('.greeting')
    equal([heading(mounted), greeting(mounted)], ['Old', 'Old greeting'])
    letGo()
    await until(() => heading(mounted) === 'New' && greeting(mounted) === 'New greeting')
    assert(
      seen.every((each) => !/Chat|Hello/.test(each)),
      seen.join('|'),
    )
  })

  for (const kept of ['{', '[]', '7', 'null', '"x"', '{"features":{"list":7},"starters":{}}']) {
    it(`is right where the browser has kept ${kept}`, async () => {
      const endpoint = `https://${crypto.randomUUID()}.example`
      localStorage.setItem(`samosa-chat-config-1:${endpoint}`, kept)
      const mounted = await open({ endpoint }, { title: 'Right' })
      await until(() => heading(mounted) === 'Right')
    })
  }

  it('is the chat’s own where the server cannot be reached', async () => {
    const server = owned({})
    for (let each = 0; each < 3; each += 1) server.fail(/widget-config/, 'refuse')
    at = await mount({ mode: 'inline', lang: 'de' }, server)
    await at.wait('.greeting')
    equal(heading(at), 'Chat')
  })
})

describe('the owner’s logo', () => {
  it('stands in the middle where our mark stood, also one that is wider than high', async () => {
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="68" height="34"></svg>'
    const logo = URL.createObjectURL(new Blob([drawing], { type: 'image/svg+xml' }))
    at = await mount({ logo }, owned({}))
    const inLauncher = at.findAll('samosa-launcher .mark, .mark')[0]
    assert(inLauncher, 'no mark')
    await until(() => getComputedStyle(inLauncher).backgroundImage !== 'none')
    equal(getComputedStyle(inLauncher).backgroundPosition, '50% 50%')
    URL.revokeObjectURL(logo)
  })
})
