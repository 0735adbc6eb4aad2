import './index.ts'
import { mount } from './testing/scripted/mount.ts'
import { ScriptedServer } from './testing/scripted/scripted-server.ts'
import { until } from './testing/scripted/until.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

interface TokenDetail {
  readonly refused: string
  readonly respondWith: (token: string | Promise<string>) => void
}

/** A token as a site would sign it for one visitor; without a signature, which the element never reads. */
const tokenOf = (number: number) => `h.${btoa(JSON.stringify({ sub: 'ada', number }))}.s`
const FIRST = tokenOf(1)
const SECOND = tokenOf(2)
const browserFetch = window.fetch

/** A chat of a signed-in visitor, and what the page hears. */
async function signedIn() {
  const server = new ScriptedServer()
  server.config = { ...server.config, auth_mode: 'jwt' }
  server.accepted.add(FIRST)
  window.fetch = server.fetch
  const mounted = await mount({ mode: 'inline' }, server)
  const { chat } = mounted
  // The element's own client, which asks the page.
  chat.client = undefined
  chat.token = FIRST
  const errors: string[] = []
  const refused: string[] = []
  chat.addEventListener('samosa-error', (event) => {
    if (event instanceof CustomEvent) errors.push(event.detail.code)
  })
  const onToken = (answer: (detail: TokenDetail) => void) =>
    chat.addEventListener('samosa-token', (event) => {
      if (!(event instanceof CustomEvent)) return
      const detail: TokenDetail = event.detail
      refused.push(detail.refused)
      answer(detail)
    })
  await chat.updateComplete
  const expire = (next?: string) => {
    server.accepted.clear()
    if (next !== undefined) server.accepted.add(next)
  }
  return { ...mounted, errors, refused, onToken, expire }
}

afterEach(() => {
  window.fetch = browserFetch
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

it('asks the page for a new token between two messages, and sends the second one silently', async () => {
  const { chat, server, errors, refused, onToken, expire, find } = await signedIn()
  onToken(({ respondWith }) => respondWith(Promise.resolve(SECOND)))
  chat.send('One')
  await until(() => server.turns.length === 1)
  server.lastTurn.done()
  await until(() => !find('.stop'))
  expire(SECOND)
  chat.send('Two')
  await until(() => server.turns.length === 2)
  server.lastTurn.token('Fine.')
  server.lastTurn.done()
  await until(() => !find('.stop'))
  assert(refused.join() === FIRST, refused.join())
  assert(errors.length === 0, errors.join())
  assert(chat.token === SECOND)
  assert(server.asked('POST', /messages$/).length === 3, 'one of them refused')
})

it('goes on with an answer whose token expires in mid-stream, and shows nothing twice', async () => {
  const { chat, server, errors, onToken, expire, find, texts } = await signedIn()
  onToken(() => {
    chat.token = SECOND
  })
  chat.send('Tell me')
  await until(() => server.turns.length === 1)
  server.lastTurn.token('One ')
  await until(() => texts().at(-1) === 'One')
  expire(SECOND)
  server.lastTurn.cut()
  server.lastTurn.token('two.')
  server.lastTurn.done()
  await until(() => texts().at(-1) === 'One two.' && !find('.stop'))
  assert(errors.length === 0, errors.join())
})

it('says once that one must sign in where the page has no token, and goes on when it has', async () => {
  const { chat, server, errors, expire, wait, texts, find } = await signedIn()
  expire()
  chat.send('Hello')
  const alert = await wait('[role=alert]')
  assert(alert.textContent?.includes('sign in'), alert.textContent ?? '')
  assert(errors.join() === 'unauthorized', errors.join())
  server.accepted.add(SECOND)
  chat.token = SECOND
  await until(() => server.turns.length === 1)
  server.lastTurn.token('There.')
  server.lastTurn.done()
  await until(() => texts().at(-1) === 'There.' && !find('[role=alert]'))
  assert(texts().join('|') === 'Hello|There.', texts().join('|'))
})

it('says so where the page fails to get a token', async () => {
  const { chat, errors, onToken, expire, wait } = await signedIn()
  onToken(({ respondWith }) => respondWith(Promise.reject(new Error('no'))))
  expire()
  chat.send('Hello')
  await wait('[role=alert]')
  assert(errors.join() === 'unauthorized', errors.join())
})
