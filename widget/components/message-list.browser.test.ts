import type { FinishReason } from '../../server/protocol/events.ts'
import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../scripted/mount.ts'
import { until } from '../scripted/until.ts'
import { assertAccessible } from '../scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
const PARAGRAPH = `${'A samosa is a pastry with a filling. '.repeat(12)}\n\n`

const distance = (scroller: HTMLElement) =>
  scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight

/** A conversation that is longer than its window, with an answer running. */
async function longTalk(): Promise<Mounted & { readonly scroller: HTMLElement }> {
  const mounted = await mount({ mode: 'inline' })
  mounted.chat.style.setProperty('height', '420px')
  mounted.chat.send('Tell me everything')
  await until(() => mounted.server.turns.length)
  const scroller = await mounted.wait('.scroller')
  mounted.server.lastTurn.token(PARAGRAPH.repeat(9))
  await until(() => scroller.scrollHeight > 800 && distance(scroller) < 2)
  await frame()
  return { ...mounted, scroller }
}

async function scrollTo(scroller: HTMLElement, top: number): Promise<void> {
  const scrolled = new Promise((resolve) => {
    scroller.addEventListener('scroll', resolve, { once: true })
  })
  scroller.scrollTop = top
  await scrolled
  await frame()
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('scrolling', () => {
  it('stays at the end while an answer grows', async () => {
    const { scroller, server } = await longTalk()
    await until(() => distance(scroller) < 2)
    const before = scroller.scrollHeight
    server.lastTurn.token(PARAGRAPH)
    await until(() => scroller.scrollHeight > before)
    await until(() => distance(scroller) < 2)
  })

  it('leaves a reader who went up where they are, and offers the way down', async () => {
    const { scroller, server, wait, find } = await longTalk()
    await scrollTo(scroller, 40)
    const before = scroller.scrollHeight
    server.lastTurn.token(PARAGRAPH.repeat(2))
    await until(() => scroller.scrollHeight > before)
    await frame()
    assert(scroller.scrollTop === 40, `moved to ${scroller.scrollTop}`)
    const jump = await wait('.jump')
    jump.click()
    await until(() => distance(scroller) < 2)
    await until(() => !find('.jump'))
  })

  it('goes by the reader who moves up just when something changes its size', async () => {
    const { scroller, chat } = await longTalk()
    await frame()
    scroller.scrollTop = 40
    chat.style.setProperty('height', '410px')
    await frame()
    await frame()
    assert(scroller.scrollTop === 40, `moved to ${scroller.scrollTop}`)
  })

  it('offers no way down when everything has come into sight', async () => {
    const { scroller, chat, wait, find } = await longTalk()
    await scrollTo(scroller, 0)
    await wait('.jump')
    chat.style.setProperty('height', '6000px')
    await until(() => !find('.jump'))
  })

  it('says that an answer goes on below, and how many came', async () => {
    const { scroller, server, chat, wait, find } = await longTalk()
    await scrollTo(scroller, 40)
    const jump = await wait('.jump')
    assert(jump.textContent?.trim() === 'Jump to latest', jump.textContent ?? '')
    server.lastTurn.token(PARAGRAPH)
    await until(() => find('.jump.news')?.textContent?.trim() === 'New text below')
    await Promise.all(jump.getAnimations().map(({ finished }) => finished))
    await assertAccessible(chat)
    server.lastTurn.done()
    await until(() => find('.jump.news')?.textContent?.trim() === '1 new message')
    ;(await wait('.jump')).click()
    // The button goes before the way down is made, with the next frame.
    await until(() => !find('.jump') && distance(scroller) < 2)
    await scrollTo(scroller, 40)
    await until(() => find('.jump')?.textContent?.trim() === 'Jump to latest')
    const [id = ''] = server.conversations.keys()
    server.conversations
      .get(id)
      ?.messages.push(
        { id: crypto.randomUUID(), role: 'user', content: 'From elsewhere' },
        { id: crypto.randomUUID(), role: 'assistant', content: 'Said there' },
      )
    document.dispatchEvent(new Event('visibilitychange'))
    await until(() => find('.jump.news')?.textContent?.trim() === '1 new message')
    assert(chat.isConnected)
  })

  it('follows again when the reader is back at the end', async () => {
    const { scroller, server } = await longTalk()
    await scrollTo(scroller, 40)
    await scrollTo(scroller, scroller.scrollHeight)
    const before = scroller.scrollHeight
    server.lastTurn.token(PARAGRAPH)
    await until(() => scroller.scrollHeight > before)
    await until(() => distance(scroller) < 2)
  })

  it('goes to the end when the visitor sends', async () => {
    const { scroller, server, chat } = await longTalk()
    server.lastTurn.done()
    await until(() => chat.send('And then?'))
    await scrollTo(scroller, 40)
    await until(() => server.turns.length === 2)
    server.lastTurn.done()
    await until(() => chat.send('More'))
    await until(() => distance(scroller) < 2)
  })

  it('can be reached and moved with the keyboard', async () => {
    const { scroller } = await longTalk()
    scroller.focus()
    assert(scroller.matches(':focus'))
  })
})

describe('what screen readers hear', () => {
  it('is whole sentences, and not every token', async () => {
    const { server, wait, chat } = await mount({ mode: 'inline' })
    chat.send('Hi')
    await until(() => server.turns.length)
    const region = await wait('.announcements')
    server.lastTurn.token('It is ', 'a **pastry**. It ', 'has')
    await until(() => region.textContent === 'It is a pastry.')
    server.lastTurn.token(' corners')
    server.lastTurn.done()
    await until(() => region.lastElementChild?.textContent === 'It has corners Answer complete.')
  })

  const ends: readonly (readonly [FinishReason, string])[] = [
    ['stop', 'Half Answer complete.'],
    ['length', 'Half The answer reached its length limit.'],
    ['stopped', 'Half Stopped'],
  ]
  for (const [reason, said] of ends) {
    it(`tells how an answer ended: ${reason}`, async () => {
      const { chat, server, wait } = await mount({ mode: 'inline' })
      chat.send('Hi')
      await until(() => server.turns.length)
      const region = await wait('.announcements')
      server.lastTurn.token('Half')
      server.lastTurn.done(reason)
      await until(() => region.textContent === said)
    })
  }

  it('does not say that a failed answer is complete', async () => {
    const { chat, server, wait } = await mount({ mode: 'inline' })
    chat.send('Hi')
    await until(() => server.turns.length)
    const region = await wait('.announcements')
    server.lastTurn.token('Half')
    server.lastTurn.fail('inference_error')
    await wait('[role=alert]')
    await until(() => region.textContent === 'Half')
  })

  it('goes with the conversation', async () => {
    const { chat, server, wait } = await mount({ mode: 'inline' })
    chat.send('Hi')
    await until(() => server.turns.length)
    const region = await wait('.announcements')
    server.lastTurn.token('Secret.')
    server.lastTurn.done()
    await until(() => region.textContent !== '')
    chat.newConversation()
    await until(() => region.textContent === '')
  })

  it('is nothing of what was said before the page was loaded', async () => {
    const first = await mount({ mode: 'inline' })
    first.chat.send('Hi')
    await until(() => first.server.turns.length)
    first.server.lastTurn.token('Old news.')
    first.server.lastTurn.done()
    await until(() => !first.find('.stop'))
    first.chat.remove()
    const { wait, texts } = await mount(
      { mode: 'inline', endpoint: first.chat.endpoint },
      first.server,
    )
    await until(() => texts().length === 2)
    assert((await wait('.announcements')).textContent === '')
  })
})

describe('drawing', () => {
  it('touches nothing but the answer while tokens come', async () => {
    const { server, findAll, chat, wait } = await longTalk()
    const spoken = await wait('.announcements')
    const touched: Node[] = []
    const observer = new MutationObserver((records) => {
      // What screen readers are told comes once a second, whenever that is.
      touched.push(...records.map(({ target }) => target).filter((node) => node !== spoken))
    })
    for (const { shadowRoot } of [chat, await wait('samosa-message-list')]) {
      if (shadowRoot)
        observer.observe(shadowRoot, { subtree: true, childList: true, attributes: true })
    }
    for (let index = 0; index < 20; index += 1) server.lastTurn.token(`word${index} `)
    await until(() =>
      findAll('samosa-answer').some((answer) => answer.shadowRoot?.textContent?.includes('word19')),
    )
    observer.disconnect()
    assert(touched.length === 0, touched.map(({ nodeName }) => nodeName).join())
  })
})
