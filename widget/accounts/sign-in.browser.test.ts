import '../index.ts'
import { mount, pressEnter, type, visibleText, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { focused } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  assert(got === wanted, `${got} is not ${wanted}`)
}

const { fetch: browserFetch, matchMedia: browserMatchMedia } = window

/** From now on the browser is one with a touch screen. */
function touch(): void {
  window.matchMedia = (media) =>
    browserMatchMedia.call(window, media === '(pointer: coarse)' ? 'all' : media)
}

interface Heard {
  readonly type: string
  readonly detail: unknown
}

/** A server where Ada and Bo have accounts. */
function accountServer(): ScriptedServer {
  const server = new ScriptedServer()
  server.config = {
    ...server.config,
    auth_mode: 'local',
    features: { think: true, feedback: true, accounts: true },
  }
  server.accounts.add('ada', 'Ada Byron')
  server.accounts.add('bo')
  return server
}

/** A chat whose server has accounts, and what the page hears of it. */
async function open(
  attributes: Readonly<Record<string, string>> = { mode: 'inline' },
  server = accountServer(),
) {
  window.fetch = server.fetch
  const mounted = await mount(attributes, server)
  const { chat } = mounted
  // The element's own client, which knows accounts.
  chat.client = undefined
  const heard: Heard[] = []
  for (const name of ['samosa-sign-in', 'samosa-sign-out', 'samosa-error'] as const)
    chat.addEventListener(name, ({ type: of, detail }) => heard.push({ type: of, detail }))
  await chat.updateComplete
  return { ...mounted, heard }
}

type Opened = Awaited<ReturnType<typeof open>>

async function field({ wait }: Mounted, id: 'username' | 'password'): Promise<HTMLInputElement> {
  const input = await wait(`samosa-sign-in #${id}, #${id}`)
  assert(input instanceof HTMLInputElement)
  return input
}

/** Fills in the form and sends it, as Enter in a field does. */
async function enter(at: Mounted, username: string, password = `${username}’s secret`) {
  const [name, secret] = [await field(at, 'username'), await field(at, 'password')]
  name.value = username
  secret.value = password
  secret.form?.requestSubmit()
}

async function signedIn(username = 'ada', opened?: Opened): Promise<Opened> {
  const at = opened ?? (await open())
  await enter(at, username)
  await at.input()
  return at
}

const problemOf = ({ find }: Mounted) =>
  visibleText(find('#problem') ?? document.createElement('p'))
    .replaceAll(/\s+/g, ' ')
    .trim()

async function answered(at: Mounted, text: string): Promise<void> {
  const before = at.server.turns.length
  await until(() => at.server.turns.length > before || at.server.turns.at(-1)?.running)
  at.server.lastTurn.token(text)
  at.server.lastTurn.done()
  await until(() => at.texts().at(-1) === text && !at.find('.stop'))
}

async function say(at: Mounted, text: string, answer: string): Promise<void> {
  assert(at.chat.send(text), 'it was not taken')
  await answered(at, answer)
}

/** What the browser keeps that somebody's name, text or token could be found in. */
const kept = (endpoint: string) =>
  Object.entries(localStorage).filter(([name]) => name.startsWith(`samosa-chat:${endpoint}:`))

/** Another tab has changed what is stored. */
const tellOfStorage = () => window.dispatchEvent(new StorageEvent('storage'))

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
  window.fetch = browserFetch
  window.matchMedia = browserMatchMedia
})

describe('the form', () => {
  for (const mode of ['inline', 'page', 'bubble'] as const) {
    it(`stands in the ${mode} in place of the chat until somebody signs in`, async () => {
      const at = await open(mode === 'bubble' ? { mode, open: '' } : { mode })
      await enter(at, 'ada')
      await at.input()
      assert(!at.find('samosa-sign-in'))
      equal(at.server.asked('POST', /login/)[0]?.body, {
        username: 'ada',
        password: 'ada’s secret',
      })
      equal(at.server.asked('POST', /session/).length, 0)
      equal(
        at.heard.map(({ type: name }) => name),
        ['samosa-sign-in'],
      )
    })
  }

  it('can be filled in by a password manager, and names its fields', async () => {
    const at = await open()
    const [name, secret] = [await field(at, 'username'), await field(at, 'password')]
    equal(
      [name.autocomplete, name.name, name.labels?.[0]?.textContent],
      ['username', 'username', 'User name'],
    )
    equal(
      [secret.autocomplete, secret.type, secret.labels?.[0]?.textContent],
      ['current-password', 'password', 'Password'],
    )
    assert(name.form !== null && name.form === secret.form)
    assert(!at.find('textarea'), 'there is nothing to write in')
  })

  it('shows the password when asked, and hides it again before it is sent', async () => {
    const at = await open()
    const secret = await field(at, 'password')
    const button = at.find('[aria-label="Show password"]')
    button?.click()
    await until(() => secret.type === 'text' && at.find('[aria-label="Hide password"]'))
    await enter(at, 'ada', 'wrong')
    await until(() => problemOf(at) !== '')
    equal(secret.type, 'password')
  })

  it('says what is wrong with name or password, aloud, and keeps what was typed', async () => {
    const at = await open()
    await enter(at, 'ada', 'wrong')
    await until(() => problemOf(at) !== '')
    equal(problemOf(at), 'The user name or the password is not right.')
    equal(at.find('#problem')?.getAttribute('role'), 'alert')
    const secret = await field(at, 'password')
    equal([(await field(at, 'username')).value, secret.value], ['ada', 'wrong'])
    equal(focused(), secret)
    equal(at.heard, [])
    await enter(at, 'ada')
    await at.input()
  })

  it('asks for what is missing, and nobody else', async () => {
    const at = await open()
    await enter(at, ' ', 'secret')
    await until(() => problemOf(at) === 'Enter your user name and your password.')
    equal(focused(), await field(at, 'username'))
    await enter(at, 'ada', '')
    await until(() => focused()?.id === 'password')
    equal(at.server.asked('POST', /login/).length, 0)
  })

  it('says for how long there were too many attempts, and waits so long', async () => {
    const at = await open()
    at.server.fail(/login/, () => problem(429, { code: 'rate_limited' }, { 'retry-after': '2' }))
    await enter(at, 'ada')
    await until(() => problemOf(at) !== '')
    equal(problemOf(at), 'That was too many attempts. Try again in 2 seconds.')
    const button = await at.wait('[type=submit]')
    equal(button.getAttribute('aria-disabled'), 'true')
    assert(button.textContent?.includes('Try again in'))
    await enter(at, 'ada')
    equal(at.server.asked('POST', /login/).length, 1)
    await until(() => button.getAttribute('aria-disabled') === 'false')
    await enter(at, 'ada')
    await at.input()
  })

  const failures = [
    ['a server that cannot be reached', 'refuse', /cannot be reached/],
    [
      'a server that is down',
      () => new Response('<h1>Bad</h1>', { status: 502 }),
      /cannot be reached/,
    ],
    ['a server that fails', () => problem(500, { code: 'internal' }), /went wrong on our side/],
    ['a page in place of an answer', () => new Response('<html>'), /no accounts/],
  ] as const
  for (const [name, fault, sentence] of failures) {
    it(`says one sentence for ${name}, and works afterwards`, async () => {
      const at = await open()
      at.server.fail(/login/, fault)
      await enter(at, 'ada')
      await until(() => problemOf(at) !== '')
      assert(sentence.test(problemOf(at)), problemOf(at))
      await enter(at, 'ada')
      await at.input()
    })
  }

  it('says that the browser is offline', async () => {
    const at = await open()
    await field(at, 'username')
    at.server.fail(/login/, 'refuse')
    Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })
    await enter(at, 'ada')
    await until(() => problemOf(at) !== '')
    Reflect.deleteProperty(navigator, 'onLine')
    assert(problemOf(at).startsWith('You are offline.'), problemOf(at))
  })

  it('asks once, however often it is sent meanwhile', async () => {
    const at = await open()
    await enter(at, 'ada')
    await enter(at, 'ada')
    await at.input()
    equal(at.server.asked('POST', /login/).length, 1)
  })

  it('has the focus when the visitor opens the bubble, and gives it to the composer', async () => {
    const at = await open({ mode: 'bubble' })
    at.chat.show()
    await until(() => focused()?.id === 'username')
    await enter(at, 'ada')
    const input = await at.input()
    await until(() => focused() === input)
  })

  it('calls no keyboard onto the screen of a telephone', async () => {
    touch()
    const at = await open({ mode: 'bubble' })
    at.chat.show()
    await until(() => focused()?.id === 'title')
  })

  it('calls none for a form of the page either', async () => {
    touch()
    const at = await open({ mode: 'bubble' })
    const own = document.createElement('input')
    own.slot = 'sign-in'
    at.chat.append(own)
    at.chat.show()
    await at.wait('samosa-sign-in')
    await until(() => focused()?.matches('.panel'))
    assert(own.checkVisibility())
  })

  it('leaves the focus of the page alone where nobody has opened it', async () => {
    const at = await open()
    await field(at, 'username')
    equal(focused(), document.body)
  })

  it('can be the page’s own', async () => {
    const at = await open({ mode: 'bubble' })
    const own = document.createElement('div')
    own.slot = 'sign-in'
    own.innerHTML = '<label>Badge <input></label>'
    at.chat.append(own)
    at.chat.show()
    await until(() => focused() === own.querySelector('input'))
    assert(own.checkVisibility() && !at.find('samosa-sign-in')?.checkVisibility())
    const failure = await at.chat.signIn('ada', 'wrong').then(
      () => undefined,
      (error: unknown) => error,
    )
    assert(failure instanceof Error)
    equal(failure.message, 'The user name or the password is not right.')
    await at.chat.signIn('ada', 'ada’s secret')
    assert(!own.checkVisibility())
    const [{ type: name, detail } = { type: '', detail: {} }] = at.heard
    equal(name, 'samosa-sign-in')
    assert(detail !== null && typeof detail === 'object' && 'user' in detail)
    const { id: _id, ...user } = Object(detail.user)
    equal(user, { username: 'ada', full_name: 'Ada Byron', roles: [] })
  })

  it('is never seen where the page has a token', async () => {
    const server = accountServer()
    server.accepted.add('T')
    window.fetch = server.fetch
    const at = await mount({ mode: 'inline' }, server)
    at.chat.token = 'T'
    at.chat.client = undefined
    await say(at, 'Hi', 'Hello.')
    assert(!at.find('samosa-sign-in'))
  })

  it('is not there where the server has no accounts, which a page is told', async () => {
    const at = await open({ mode: 'inline' }, new ScriptedServer())
    const failure = await at.chat.signIn('ada', 'x').then(
      () => '',
      (error: unknown) => String(error),
    )
    equal(failure, 'Error: This chat has no accounts.')
    await say(at, 'Hi', 'Hello.')
    assert(!at.find('samosa-sign-in'))
  })
})

describe('what was written before', () => {
  it('goes out as soon as somebody has signed in, when it was sent', async () => {
    const at = await open()
    assert(at.chat.send('What is a samosa?'))
    await field(at, 'username')
    await until(() => at.findAll('.note').some((note) => note.textContent.includes('as soon as')))
    equal(at.texts()[0], 'What is a samosa?')
    equal(at.server.turns.length, 0)
    await enter(at, 'ada')
    await answered(at, 'A pastry.')
    equal(at.texts(), ['What is a samosa?', 'A pastry.'])
    equal(
      at.heard.filter(({ type: name }) => name === 'samosa-error'),
      [],
    )
  })

  it('is in the composer afterwards, when it was typed', async () => {
    const server = accountServer()
    let letIn = () => {}
    const gate = new Promise<void>((resolve) => {
      letIn = resolve
    })
    const { fetch } = server
    Object.assign(server, {
      async fetch(...asked: Parameters<typeof fetch>) {
        if (new Request(...asked).url.endsWith('widget-config')) await gate
        return fetch(...asked)
      },
    })
    const at = await open({ mode: 'inline' }, server)
    const input = await type(at, 'Half a quest')
    letIn()
    await until(() => focused()?.id === 'username')
    assert(!input.isConnected)
    await signedIn('ada', at)
    equal((await at.input()).value, 'Half a quest')
  })

  it('outlives a reload before the sign-in, with the conversation that the page names', async () => {
    const first = await open()
    const { chat, server } = await signedIn('ada', first)
    await say(first, 'One', 'First answer.')
    const id = chat.conversationId ?? ''
    await chat.signOut()
    chat.remove()
    const attributes = { mode: 'inline', endpoint: chat.endpoint, 'conversation-id': id }
    const before = await open(attributes, server)
    before.chat.send('Two')
    await field(before, 'username')
    before.chat.remove()
    const at = await open(attributes, server)
    await signedIn('ada', at)
    await answered(at, 'Second answer.')
    equal(at.texts(), ['One', 'First answer.', 'Two', 'Second answer.'])
    equal(at.chat.conversationId, id)
  })
})

describe('who has signed in', () => {
  it('stays so after a reload', async () => {
    const { chat, server } = await signedIn()
    await say({ ...(await again(chat.endpoint, server)) }, 'Hi', 'Hello.')
    const at = await again(chat.endpoint, server)
    await until(() => at.texts().join() === 'Hi,Hello.')
    equal(server.asked('POST', /login/).length, 1)
  })

  it('is renewed silently, once for all that asked, when the token is refused', async () => {
    const at = await signedIn()
    await say(at, 'Hi', 'Hello.')
    at.server.accounts.expire()
    at.find('.list')?.click()
    await say(at, 'More', 'Of course.')
    await until(() => at.find('samosa-drawer')?.shadowRoot?.querySelector('.entry'))
    equal(at.server.asked('POST', /refresh/).length, 1)
    equal(at.heard.length, 1)
  })

  it('goes on with an answer whose token ends in the middle of it, and shows nothing twice', async () => {
    const at = await signedIn()
    at.chat.send('Tell me')
    await until(() => at.server.turns.length === 1)
    at.server.lastTurn.token('One ')
    await until(() => at.texts().at(-1) === 'One')
    at.server.accounts.expire()
    at.server.lastTurn.cut()
    at.server.lastTurn.token('two.')
    at.server.lastTurn.done()
    await until(() => at.texts().at(-1) === 'One two.' && !at.find('.stop'))
    equal(at.heard.length, 1)
  })

  it('is renewed a little before the end, so that nothing is refused', async () => {
    const server = accountServer()
    server.accounts.nextExpiresIn = 0
    const at = await signedIn('ada', await open({ mode: 'inline' }, server))
    await say(at, 'Hi', 'Hello.')
    equal(server.asked('POST', /refresh/).length, 1)
    equal(server.asked('POST', /conversations$/).length, 1)
  })

  it('is not signed out by a server that is down just then', async () => {
    const at = await signedIn()
    at.server.accounts.expire()
    at.server.fail(/refresh/, 'refuse')
    at.chat.send('Hi')
    await at.wait('samosa-notice')
    assert(!at.find('samosa-sign-in'))
    at.find('[data-leaves]')?.click()
    await answered(at, 'Hello.')
    equal(at.texts(), ['Hi', 'Hello.'])
  })

  it('signs in again when nothing else helps, and goes on where they were', async () => {
    const at = await signedIn()
    await say(at, 'Hi', 'Hello.')
    await type(at, 'a draft')
    at.server.accounts.expireAll()
    at.chat.send('More')
    await at.wait('samosa-sign-in')
    await until(() => problemOf(at) === 'Please sign in again.')
    equal(at.texts(), ['Hi', 'Hello.', 'More'])
    assert(!at.find('samosa-notice'), 'one sentence is enough')
    equal((await field(at, 'username')).value, 'ada')
    await enter(at, 'ada')
    await answered(at, 'Of course.')
    equal(at.texts(), ['Hi', 'Hello.', 'More', 'Of course.'])
    equal((await at.input()).value, 'a draft')
    equal(at.heard.filter(({ type: name }) => name !== 'samosa-error').length, 1)
  })

  it('signs in again after a reload, and finds everything there', async () => {
    const { chat, server, ...rest } = await signedIn()
    await say({ chat, server, ...rest }, 'Hi', 'Hello.')
    server.accounts.expireAll()
    const at = await again(chat.endpoint, server)
    await until(() => problemOf(at) === 'Please sign in again.')
    await enter(at, 'ada')
    await until(() => at.texts().join() === 'Hi,Hello.')
  })

  it('is another one after the end of the first: of that one nothing is left', async () => {
    const at = await signedIn()
    await say(at, 'My secret', 'Is safe.')
    await type(at, 'a secret draft')
    at.server.accounts.expireAll()
    void at.chat.send('More')
    await at.wait('samosa-sign-in')
    await enter(at, 'bo')
    await until(() => at.texts().length === 0)
    equal((await at.input()).value, '')
    equal(at.chat.conversationId, null)
    const names = at.heard.map(({ type: name }) => name)
    equal(names.slice(-2), ['samosa-sign-out', 'samosa-sign-in'])
    assert(!JSON.stringify(kept(at.chat.endpoint)).includes('ecret'))
    assert(!JSON.stringify(kept(at.chat.endpoint)).includes('"ada"'))
    at.find('.list')?.click()
    await at.wait('samosa-drawer')
    await until(() => at.find('samosa-drawer')?.shadowRoot?.textContent?.includes('will be here'))
    assert(!at.find('samosa-drawer')?.shadowRoot?.querySelector('.entry'))
  })
})

/** The page is loaded again. */
async function again(endpoint: string, server: ScriptedServer): Promise<Opened> {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
  return open({ mode: 'inline', endpoint }, server)
}

describe('signing out', () => {
  async function leave(at: Mounted): Promise<void> {
    if (!at.find('.account')) at.find('.list')?.click()
    const button = await at.wait('.account button')
    equal(visibleText(at.find('.account bdi') ?? button), 'Ada Byron')
    button.click()
    await at.wait('samosa-sign-in')
  }

  it('stands across from the user, whose name is beside their sign in every direction', async () => {
    const at = await signedIn()
    at.find('.list')?.click()
    const name = await at.wait('.account bdi')
    const sign = await at.wait('.account .initial')
    const written = new Range()
    written.selectNodeContents(name)
    for (const direction of ['ltr', 'rtl'] as const) {
      at.chat.dir = direction
      await until(() => getComputedStyle(sign).direction === direction)
      const [text, mark] = [written.getBoundingClientRect(), sign.getBoundingClientRect()]
      const gap = direction === 'ltr' ? text.left - mark.right : mark.left - text.right
      assert(gap > 0 && gap < 16, `${gap} px between them`)
    }
  })

  it('is in the list of conversations, and leaves nothing behind', async () => {
    const at = await signedIn()
    await say(at, 'My secret', 'Is safe.')
    await type(at, 'a secret draft')
    await leave(at)
    equal(at.texts(), [])
    equal(at.chat.conversationId, null)
    equal(kept(at.chat.endpoint), [])
    await until(() => at.server.asked('POST', /logout/).length === 1)
    equal(at.heard.at(-1)?.type, 'samosa-sign-out')
    await until(() => focused()?.id === 'username')
    assert(!at.find('.list'), 'nobody has a list')
    await enter(at, 'bo')
    await at.input()
    equal(at.texts(), [])
    equal((await at.input()).value, '')
  })

  it('works also when the server cannot be reached', async () => {
    const at = await signedIn()
    await say(at, 'My secret', 'Is safe.')
    at.server.fail(/logout/, 'refuse')
    await at.chat.signOut()
    await at.wait('samosa-sign-in')
    equal(kept(at.chat.endpoint), [])
    equal(at.texts(), [])
  })

  it('reaches the server with a new token when the old one has ended', async () => {
    const at = await signedIn()
    at.server.accounts.expire()
    await at.chat.signOut()
    equal(at.server.asked('POST', /logout/).length, 2)
    equal(at.server.asked('POST', /refresh/).length, 1)
    const last = at.server.asked('POST', /logout/).at(-1)
    assert(last?.headers.get('authorization') !== null)
  })

  it('deletes first what was to be deleted', async () => {
    const at = await signedIn()
    await say(at, 'One', 'First.')
    at.find('.list')?.click()
    const remove = await at.wait('samosa-drawer [aria-label^="Delete"], [aria-label^="Delete"]')
    remove.click()
    await leave(at)
    await until(() => at.server.asked('POST', /logout/).length === 1)
    const order = at.server.requests.map(({ method, path }) => `${method} ${path}`)
    const deleted = order.findIndex((line) => line.startsWith('DELETE'))
    assert(deleted > 0 && deleted < order.indexOf('POST /api/auth/logout'), order.join('\n'))
    equal(at.server.conversations.size, 0)
  })

  it('of one tab is that of all', async () => {
    const at = await signedIn()
    await say(at, 'My secret', 'Is safe.')
    await type(at, 'a secret draft')
    // As the other tab leaves it.
    for (const [name] of kept(at.chat.endpoint)) localStorage.removeItem(name)
    tellOfStorage()
    await at.wait('samosa-sign-in')
    equal([at.texts(), at.chat.conversationId], [[], null])
    equal(kept(at.chat.endpoint), [])
    equal(at.heard.at(-1)?.type, 'samosa-sign-out')
  })

  it('and signing in are the same for two chats on a page', async () => {
    const at = await open()
    const other = await open({ mode: 'inline', endpoint: at.chat.endpoint }, at.server)
    await signedIn('ada', at)
    await other.input()
    await other.chat.signOut()
    await at.wait('samosa-sign-in')
    equal(
      at.heard.map(({ type: name }) => name),
      ['samosa-sign-in', 'samosa-sign-out'],
    )
  })

  it('ends an answer on the screen, and what comes of it later is not shown to the next', async () => {
    const at = await signedIn()
    at.chat.send('Tell me')
    await until(() => at.server.turns.length === 1)
    const turn = at.server.lastTurn
    turn.token('My secret ')
    await until(() => at.texts().length === 2)
    await at.chat.signOut()
    await enter(at, 'bo')
    await at.input()
    turn.token('is out.')
    turn.done()
    pressEnter(await type(at, 'I am Bo'))
    await until(() => at.server.turns.length === 2)
    await answered(at, 'Hello Bo.')
    equal(at.texts(), ['I am Bo', 'Hello Bo.'])
  })
})
