import type { FinishReason } from '../../server/protocol/events.ts'
import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
/** Two frames, to the end of what they do. */
const painted = async () => {
  for (let count = 0; count < 2; count += 1) {
    await frame()
    await new Promise((resolve) => setTimeout(resolve))
  }
}
const PARAGRAPH = `${'A samosa is a pastry with a filling. '.repeat(12)}\n\n`

const distance = (scroller: HTMLElement) =>
  scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight

interface Talk extends Mounted {
  readonly scroller: HTMLElement
}

/** A chat that has been asked something. */
async function askedTalk(server?: ScriptedServer, id?: string): Promise<Talk> {
  const opens = id !== undefined && { 'conversation-id': id }
  const mounted = await mount({ mode: 'inline', ...opens }, server)
  mounted.chat.style.setProperty('height', '420px')
  const scroller = await mounted.wait('.scroller')
  if (id !== undefined) await until(() => distance(scroller) < 2 && scroller.scrollTop > 0)
  await ask(mounted, 'Tell me everything')
  return { ...mounted, scroller }
}

async function ask({ chat, server }: Mounted, text: string): Promise<void> {
  const turns = server.turns.length
  await until(() => chat.send(text))
  await until(() => server.turns.length > turns)
}

/** A conversation that is longer than its window, with an answer running; the reader has gone to its end. */
async function longTalk(): Promise<Talk> {
  const talk = await askedTalk()
  const { scroller, server, wait } = talk
  server.lastTurn.token(PARAGRAPH.repeat(9))
  await until(() => scroller.scrollHeight > 800)
  ;(await wait('.jump')).click()
  await until(() => distance(scroller) < 2)
  await frame()
  return talk
}

/** Where the last question stands, in pixels below the top of what is in sight. */
function questionAt({ findAll, scroller }: Talk): number {
  const bubble = findAll('.said > .bubble').at(-1)
  return (bubble?.getBoundingClientRect().top ?? NaN) - scroller.getBoundingClientRect().top
}

const isAtTop = (talk: Talk) => questionAt(talk) >= 0 && questionAt(talk) < 30

const old = (count: number) =>
  Array.from({ length: count }, (_, at) => [
    ['user', `Old question ${at}`] as const,
    ['assistant', PARAGRAPH] as const,
  ]).flat()

/** A conversation with so many turns before, in which another question is asked. */
async function laterTalk(turns = 5): Promise<Talk> {
  const server = new ScriptedServer()
  return askedTalk(server, server.addConversation(old(turns)))
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
  it('stays at the end while an answer grows, for a reader who has gone there', async () => {
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

  it('offers no way down for what stands below the words, but to who is more than a window away', async () => {
    const talk = await laterTalk()
    const { scroller, server, find, wait, chat } = talk
    await until(() => isAtTop(talk))
    server.lastTurn.token('A line.')
    const questions = ['Why?', 'How?', 'When?'].map((word) => `${word} `.repeat(6))
    server.lastTurn.emit({ suggestions: questions })
    server.lastTurn.done()
    const followUps = await wait('samosa-follow-ups')
    const answer = talk.findAll('samosa-answer').at(-1)
    const fold = () => scroller.getBoundingClientRect().bottom
    await until(() => followUps.getBoundingClientRect().height > 60)
    chat.style.setProperty('height', '330px')
    await painted()
    await until(() => isAtTop(talk))
    assert(followUps.getBoundingClientRect().bottom > fold() + 30, 'the questions do not fit')
    assert((answer?.getBoundingClientRect().bottom ?? Infinity) < fold(), 'the words do')
    assert(!find('.jump'))
    await scrollTo(scroller, scroller.scrollTop - 10)
    await painted()
    assert(!find('.jump'), 'a little up, the words are in sight')
    await scrollTo(scroller, 0)
    await wait('.jump')
  })

  it('has no way down over a form that is filled in', async () => {
    const { scroller, server, find, findAll, wait } = await longTalk()
    server.lastTurn.done()
    await until(() => find('.user .actions button'))
    await scrollTo(scroller, 0)
    const jump = await wait('.jump')
    const edit = findAll('.user .actions button').find((button) =>
      button.getAttribute('aria-label')?.startsWith('Edit'),
    )
    if (edit instanceof HTMLElement) edit.click()
    const form = await wait('samosa-text-form')
    await until(() => !jump.checkVisibility())
    assert(form.matches(':focus-within'))
    scroller.focus()
    await until(() => find('.jump')?.checkVisibility())
  })

  it('shows the way down without words in a narrow chat, where its name is the same', async () => {
    const { scroller, chat, wait } = await longTalk()
    await scrollTo(scroller, 40)
    const jump = await wait('.jump')
    assert(jump.offsetWidth > 80, `${jump.offsetWidth} wide`)
    chat.style.setProperty('width', '420px')
    await until(() => jump.offsetWidth === 44 && jump.offsetHeight === 44)
    assert(jump.textContent?.trim() === 'Jump to latest')
    await Promise.all(jump.getAnimations().map(({ finished }) => finished))
    await assertAccessible(chat)
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

  it('can be reached and moved with the keyboard', async () => {
    const { scroller } = await longTalk()
    scroller.focus()
    assert(scroller.matches(':focus'))
  })
})

describe('the question that was sent last', () => {
  it('stands at the top, wherever its reader was', async () => {
    const talk = await laterTalk()
    await until(() => isAtTop(talk))
    talk.server.lastTurn.token('Yes.')
    talk.server.lastTurn.done()
    await until(() => talk.find('.thumbs'))
    await until(() => isAtTop(talk))
    await scrollTo(talk.scroller, 40)
    await ask(talk, 'And then?')
    await until(() => isAtTop(talk))
  })

  it('stays there while the answer fills the room below and goes on out of sight', async () => {
    const talk = await laterTalk()
    const { scroller, server, find, wait } = talk
    await until(() => isAtTop(talk))
    const top = questionAt(talk)
    for (const text of ['A word. ', PARAGRAPH, PARAGRAPH.repeat(5)]) {
      const before = talk.texts().at(-1)
      const isShort = text.length < 20
      server.lastTurn.token(text)
      await until(() => talk.texts().at(-1) !== before)
      await painted()
      await until(() => questionAt(talk) === top)
      if (isShort) assert(!find('.jump'), 'there is nothing below')
    }
    assert((await wait('.jump')).textContent?.trim() === 'Jump to latest')
    server.lastTurn.done()
    await until(() => !find('.stop'))
    await painted()
    await until(() => questionAt(talk) === top)
    ;(await wait('.jump')).click()
    await until(() => distance(scroller) < 2 && !find('.jump'))
  })

  it('stays there when a short answer is over, and questions to go on with appear', async () => {
    const talk = await laterTalk()
    await until(() => isAtTop(talk))
    const top = questionAt(talk)
    talk.server.lastTurn.token('Yes.')
    talk.server.lastTurn.emit({ suggestions: ['Why?', 'How?'] })
    talk.server.lastTurn.done()
    await talk.wait('samosa-follow-ups')
    await painted()
    await until(() => questionAt(talk) === top)
    assert(!talk.find('.jump'))
  })

  it('stays there when the area is another one: a keyboard opens, the composer grows, a phone is turned', async () => {
    const talk = await laterTalk()
    const { chat } = talk
    await until(() => isAtTop(talk))
    talk.server.lastTurn.token('A word.')
    await until(() => talk.texts().at(-1) === 'A word.')
    for (const [property, value] of [
      ['height', '300px'],
      ['height', '600px'],
      ['width', '330px'],
      ['width', '700px'],
      ['height', '420px'],
    ] as const) {
      chat.style.setProperty(property, value)
      await painted()
      await until(() => isAtTop(talk))
      assert(!talk.find('.jump'))
    }
  })

  it('shows its end when it is longer than half of the area', async () => {
    const talk = await laterTalk()
    talk.server.lastTurn.token('Yes.')
    talk.server.lastTurn.done()
    await until(() => talk.find('.thumbs'))
    await ask(talk, 'line\n'.repeat(19))
    const bottom = () =>
      talk.findAll('.said > .bubble').at(-1)?.getBoundingClientRect().bottom ?? NaN
    const area = talk.scroller.getBoundingClientRect()
    await until(() => Math.abs(bottom() - (area.top + area.bottom) / 2) < 30)
  })

  it('does not run with the text for who scrolls on within it', async () => {
    const talk = await laterTalk()
    const { scroller, server } = talk
    await until(() => isAtTop(talk))
    server.lastTurn.token(PARAGRAPH.repeat(6))
    await until(() => distance(scroller) > 300)
    await scrollTo(scroller, scroller.scrollTop + 100)
    const { scrollTop, scrollHeight } = scroller
    server.lastTurn.token(PARAGRAPH)
    await until(() => scroller.scrollHeight > scrollHeight)
    await painted()
    assert(scroller.scrollTop === scrollTop)
  })

  it('is where it was for who scrolled up from a short answer and came back', async () => {
    const talk = await laterTalk()
    const { scroller, server } = talk
    await until(() => isAtTop(talk))
    server.lastTurn.token('A word. ')
    const top = scroller.scrollTop
    await scrollTo(scroller, top - 150)
    await scrollTo(scroller, top)
    server.lastTurn.token(PARAGRAPH.repeat(6))
    await until(() => distance(scroller) > 300)
    await painted()
    await until(() => isAtTop(talk))
  })

  it('comes to the top when it is answered again, and the answer does not run away', async () => {
    const server = new ScriptedServer()
    const id = server.addConversation([
      ...old(3),
      ['user', 'Why?'],
      ['assistant', PARAGRAPH.repeat(6)],
    ])
    const mounted = await mount({ mode: 'inline', 'conversation-id': id }, server)
    mounted.chat.style.setProperty('height', '420px')
    const talk = { ...mounted, scroller: await mounted.wait('.scroller') }
    await until(() => talk.scroller.scrollTop > 0 && distance(talk.scroller) < 2)
    ;(await talk.wait('[last] [aria-label="Try another answer"], .assistant [data-leaves]')).click()
    await until(() => server.turns.length)
    server.lastTurn.token('Because. ')
    await until(() => isAtTop(talk))
    server.lastTurn.token(PARAGRAPH.repeat(6))
    await until(() => distance(talk.scroller) > 300)
    await painted()
    await until(() => isAtTop(talk))
  })

  it('stands at the top again when the page is loaded while it is answered', async () => {
    const first = await laterTalk()
    first.server.lastTurn.token('A word. ')
    await until(() => first.texts().at(-1) === 'A word.')
    const { endpoint, conversationId } = first.chat
    first.chat.remove()
    const mounted = await mount(
      { mode: 'inline', endpoint, 'conversation-id': conversationId ?? '' },
      first.server,
    )
    mounted.chat.style.setProperty('height', '420px')
    const talk = { ...mounted, scroller: await mounted.wait('.scroller') }
    await until(() => talk.texts().at(-1) === 'A word.')
    await until(() => isAtTop(talk))
    first.server.lastTurn.token(PARAGRAPH.repeat(6))
    await until(() => distance(talk.scroller) > 300)
    await painted()
    await until(() => isAtTop(talk))
  })

  it('stays there when older messages come in above', async () => {
    const talk = await laterTalk(60)
    await until(() => isAtTop(talk))
    talk.server.lastTurn.token('A word.')
    await until(() => talk.texts().at(-1) === 'A word.')
    const top = questionAt(talk)
    const height = talk.scroller.scrollHeight
    ;(await talk.wait('.earlier')).click()
    await until(() => talk.scroller.scrollHeight > height)
    await painted()
    await until(() => questionAt(talk) === top)
  })
})

describe('the end of a conversation', () => {
  it('is not lost when the browser moves the area and text comes in the same moment', async () => {
    const { scroller, server, chat, findAll } = await longTalk()
    const answer = findAll('samosa-answer').at(-1)
    for (let height = 420; height < 560; height += 20) {
      // As when the text field empties: the area is higher, and laid out, before there is more to read.
      chat.style.setProperty('height', `${height}px`)
      void scroller.scrollTop
      const before = scroller.scrollHeight
      if (answer instanceof HTMLElement) answer.style.paddingBlockEnd = `${height - 380}px`
      assert(scroller.scrollHeight > before)
      await frame()
      await frame()
      assert(distance(scroller) < 2, `${distance(scroller)} from the end at ${height}`)
    }
    server.lastTurn.token(PARAGRAPH)
    await frame()
    await until(() => distance(scroller) < 2)
  })

  it('is left by who scrolls up while the area becomes higher', async () => {
    const { scroller, chat } = await longTalk()
    chat.style.setProperty('height', '440px')
    await scrollTo(scroller, scroller.scrollTop - 120)
    const { scrollTop } = scroller
    await frame()
    assert(scroller.scrollTop === scrollTop)
    assert(distance(scroller) > 90)
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
