import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { press, retype } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const SOURCE = {
  number: 1,
  title: 'Care',
  url: 'https://shop.example/care',
  snippet: 'Water it.',
  score: 1,
  creator: null,
  section: null,
}

/** A chat with an answer that has links, and what the page hears of them. */
async function answered() {
  const server = new ScriptedServer()
  const id = server.addConversation([
    ['user', 'One'],
    ['assistant', 'See [our **pots**](https://shop.example/pots "Pots") [1].'],
  ])
  Object.assign(server.conversations.get(id)?.messages[1] ?? {}, { sources: [SOURCE] })
  const at = await mount({ mode: 'inline', 'conversation-id': id }, server)
  const heard: unknown[] = []
  at.chat.addEventListener('samosa-link', ({ detail }) => heard.push(detail))
  return { ...at, heard }
}

/** Clicks a link; whether the browser goes there, which the test keeps it from. */
async function follow(at: Mounted, selector: string, init: MouseEventInit = {}): Promise<boolean> {
  const link = await at.wait(selector)
  let goes = false
  const keep = (event: Event) => {
    goes = !event.defaultPrevented
    event.preventDefault()
  }
  addEventListener('click', keep, { once: true })
  link.dispatchEvent(
    new MouseEvent('click', { bubbles: true, composed: true, cancelable: true, ...init }),
  )
  removeEventListener('click', keep)
  return goes
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('a link that is followed', () => {
  it('is told to the page with its address, its words and where it stands', async () => {
    const at = await answered()
    assert(await follow(at, 'a[title=Pots] strong'))
    assert(await follow(at, 'a.citation'))
    assert(await follow(at, '.sources a'))
    const wanted = [
      { href: 'https://shop.example/pots', text: 'our pots', kind: 'answer' },
      { href: 'https://shop.example/care', text: '1', kind: 'source' },
    ]
    assert(
      JSON.stringify(at.heard.slice(0, 2)) === JSON.stringify(wanted),
      JSON.stringify(at.heard),
    )
    assert(JSON.stringify(at.heard[2]).includes('"kind":"source"'))
  })

  it('is left to a page that goes there by itself', async () => {
    const at = await answered()
    at.chat.addEventListener('samosa-link', (event) => event.preventDefault())
    assert(!(await follow(at, 'a[title=Pots]')))
    for (const key of ['ctrlKey', 'metaKey', 'shiftKey'] as const)
      assert(await follow(at, 'a[title=Pots]', { [key]: true }), key)
    assert(at.heard.length === 4, 'they are told of, too')
  })

  it('of the page itself is the page’s own business', async () => {
    const at = await answered()
    const own = document.createElement('a')
    Object.assign(own, { slot: 'footer', href: 'https://shop.example/privacy', id: 'own' })
    at.chat.append(own)
    addEventListener('click', (event) => event.preventDefault(), { once: true })
    own.click()
    assert(at.heard.length === 0)
  })
})

describe('a rating', () => {
  it('is told to the page once the server has it', async () => {
    const at = await answered()
    const heard: unknown[] = []
    at.chat.addEventListener('samosa-feedback', ({ detail }) => heard.push(detail))
    at.server.fail(/feedback$/, 'refuse')
    const thumb = await at.wait('.thumbs .down')
    thumb.click()
    await at.wait('.failed[role=alert]')
    assert(heard.length === 0, 'nobody has it')
    thumb.click()
    const field = await at.wait('form:not(.pod) textarea')
    assert(field instanceof HTMLTextAreaElement)
    retype(field, 'Too short')
    press(field, 'Enter')
    await until(() => heard.length === 2)
    thumb.click()
    await until(() => heard.length === 3)
    const [conversation] = at.server.conversations.values()
    const message_id = conversation?.messages[1]?.id
    const wanted = [
      { message_id, rating: 'down', comment: null },
      { message_id, rating: 'down', comment: 'Too short' },
      { message_id, rating: null, comment: null },
    ]
    assert(JSON.stringify(heard) === JSON.stringify(wanted), JSON.stringify(heard))
  })
})
