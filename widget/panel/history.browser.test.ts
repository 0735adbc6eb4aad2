import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

const talk = (count: number) =>
  Array.from({ length: count }, (_, at): readonly ['user' | 'assistant', string] =>
    at % 2 === 0
      ? ['user', `Question ${at}?`]
      : ['assistant', `Answer ${at}. ${'It is **so** because of this. '.repeat(1 + (at % 40))}`],
  )

/** A conversation of so many messages, on a server that may give all of them at once. */
async function opened(count: number, givesAll = false) {
  const server = new ScriptedServer()
  server.givesAllMessages = givesAll
  const id = server.addConversation(talk(count))
  const mounted = await mount({ mode: 'inline', 'conversation-id': id }, server)
  const scroller = await mounted.wait('.scroller')
  await until(() => mounted.texts().length)
  await mounted.wait('samosa-history')
  await customElements.whenDefined('samosa-history')
  await settled(mounted)
  return { ...mounted, scroller, id }
}

/** All that is near has been drawn. */
async function settled({ findAll }: Mounted) {
  let before = -1
  let same = 0
  while (same < 4) {
    await frame()
    await new Promise((resolve) => setTimeout(resolve))
    const now = findAll('samosa-message').length
    same = now === before ? same + 1 : 0
    before = now
  }
}

/** Between two messages. */
const GAP_PX = 4

const distance = (scroller: HTMLElement) =>
  scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight

const pages = ({ findAll }: Mounted) => findAll('.page')
const last = (mounted: Mounted) => mounted.texts().at(-1) ?? ''

/** The first message in sight, and where it stands. */
function inSight({ findAll, scroller }: Mounted & { readonly scroller: HTMLElement }) {
  const { top } = scroller.getBoundingClientRect()
  const element = findAll('samosa-message').find(
    (message) => message.getBoundingClientRect().bottom > top,
  )
  assert(element, 'a message is in sight')
  return { element, at: element.getBoundingClientRect().top - top }
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('a long conversation', () => {
  for (const count of [500, 2_000]) {
    it(`of ${count} messages is opened at its end, with few of them drawn`, async () => {
      const mounted = await opened(count, true)
      const { findAll, scroller } = mounted
      assert(last(mounted).startsWith(`Answer ${count - 1}`), last(mounted))
      await until(() => distance(scroller) < 2)
      const drawn = findAll('samosa-message').length
      assert(drawn < 100, `${drawn} are drawn`)
      const room = scroller.scrollHeight / scroller.clientHeight
      assert(room > 20, `the others take ${room} windows`)
    })
  }

  it('shows what one scrolls to, and lets go of what is far away', async () => {
    const mounted = await opened(2_000, true)
    const { findAll, scroller, texts } = mounted
    for (const part of [0.7, 0.3, 0.5, 0.1, 0]) {
      scroller.scrollTop = scroller.scrollHeight * part
      await settled(mounted)
      const { element, at } = inSight(mounted)
      // The top may be between two messages; a page that is not drawn would be a larger gap.
      const shows = part === 0 ? at >= 0 : at <= GAP_PX
      assert(shows, `${element.textContent} at ${at}`)
      const drawn = findAll('samosa-message').length
      assert(drawn < 140, `${drawn} are drawn`)
    }
    assert(texts()[0] === 'Question 0?', texts()[0])
  })

  it('keeps a message in its place while others are drawn above it', async () => {
    const mounted = await opened(500, true)
    const { scroller } = mounted
    scroller.scrollTop = scroller.scrollHeight * 0.5
    await settled(mounted)
    const { element, at } = inSight(mounted)
    scroller.scrollTop -= 30
    await settled(mounted)
    const now = element.getBoundingClientRect().top - scroller.getBoundingClientRect().top
    assert(Math.abs(now - at - 30) < 2, `moved by ${now - at}`)
  })

  it('keeps what is written in an old message', async () => {
    const mounted = await opened(500, true)
    const { scroller, findAll, wait } = mounted
    scroller.scrollTop = 0
    await settled(mounted)
    const edit = findAll('.edit')[0]
    assert(edit instanceof HTMLElement)
    edit.click()
    await wait('samosa-text-form')
    for (let part = 1; part <= 20; part += 1) {
      scroller.scrollTop = (scroller.scrollHeight * part) / 20
      await settled(mounted)
    }
    assert(findAll('samosa-text-form').length === 1)
  })

  it('is printed whole', async () => {
    const { findAll } = await opened(100, true)
    assert(findAll('samosa-message').length < 100)
    dispatchEvent(new Event('beforeprint'))
    await until(() => findAll('samosa-message').length === 100)
    dispatchEvent(new Event('afterprint'))
    await until(() => findAll('samosa-message').length < 100)
  })
})

describe('older messages', () => {
  it('are loaded by the page when one comes near to the first one', async () => {
    const mounted = await opened(200)
    const { server, scroller, id } = mounted
    const asked = () => server.asked('GET', new RegExp(`${id}$`))
    assert(asked()[0]?.query.get('messages_limit') === '30')
    for (let more = 0; more < 8; more += 1) {
      scroller.scrollTop = 0
      await settled(mounted)
    }
    assert(!mounted.find('.earlier'), 'there are none left')
    const texts = mounted.texts()
    assert(texts[0] === 'Question 0?', texts[0])
    assert(asked().length === 7, `${asked().length} requests`)
  })

  it('come in above what is read, which stays where it is', async () => {
    const mounted = await opened(400)
    const { server, scroller, wait } = mounted
    server.fail(/conversations/, 'refuse')
    scroller.scrollTop = 0
    await settled(mounted)
    const pageCount = pages(mounted).length
    const { element, at } = inSight(mounted)
    assert(scroller.scrollTop === 0)
    const button = await wait('.earlier')
    button.click()
    await until(() => pages(mounted).length > pageCount)
    await settled(mounted)
    const now = element.getBoundingClientRect().top - scroller.getBoundingClientRect().top
    assert(Math.abs(now - at) < 2, `moved from ${at} to ${now}`)
  })

  it('can be asked for again when they did not come', async () => {
    const mounted = await opened(400)
    const { server, scroller, wait, find } = mounted
    const pageCount = pages(mounted).length
    server.fail(/conversations/, 'refuse')
    scroller.scrollTop = 0
    await until(() => find('.earlier')?.textContent?.includes('Try again'))
    // While it appears, its words have not the contrast that they are to have.
    for (const animation of (await wait('.jump')).getAnimations()) animation.finish()
    await assertAccessible(mounted.chat)
    const button = await wait('.earlier')
    button.click()
    await until(() => pages(mounted).length > pageCount)
  })
})

describe('looking again', () => {
  it('asks for the newest messages only, and draws nothing again', async () => {
    const mounted = await opened(120)
    const { chat, server, scroller, findAll } = mounted
    scroller.scrollTop = 0
    await settled(mounted)
    scroller.scrollTop = scroller.scrollHeight
    await settled(mounted)
    const shown = findAll('samosa-message')
    const pageCount = pages(mounted).length
    const before = server.asked('GET', /conversations/).length
    document.dispatchEvent(new Event('visibilitychange'))
    await until(() => server.asked('GET', /conversations/).length > before)
    await settled(mounted)
    const [, ...asked] = server.asked('GET', /conversations/).slice(before - 1)
    assert(asked.length === 1 && asked[0]?.query.get('messages_limit') === '30')
    assert(pages(mounted).length === pageCount)
    assert(findAll('samosa-message').every((message) => shown.includes(message)))
    assert(chat.isConnected)
  })
})
