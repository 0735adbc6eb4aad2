import 'axe-core/axe.min.js'
import { mount, pressEnter, type, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

const WAYS = {
  email: 'help@shop.example',
  url: 'https://shop.example/contact',
  phone: '+49 30 123456',
  hours: 'Mon–Fri 9–17 h',
  form: true,
}
const FORM = { email: null, url: null, phone: null, hours: null, form: true }

const serverWith = (contact: unknown, more: object = {}): ScriptedServer => {
  const server = new ScriptedServer()
  server.config = { ...server.config, contact, ...more }
  return server
}

const open = (contact: unknown = WAYS, attributes = {}, more = {}): Promise<Mounted> =>
  mount({ mode: 'inline', ...attributes }, serverWith(contact, more))

type Outcome = 'unanswered' | 'wants_person' | undefined

/** Asks, and gets an answer with such an end. */
async function ask(at: Mounted, question: string, outcome?: Outcome, ...suggestions: string[]) {
  const asked = at.server.turns.length
  await at.input()
  at.chat.send(question)
  await until(() => at.server.turns.length > asked)
  const turn = at.server.lastTurn
  turn.outcome = outcome
  turn.token(`Answer ${asked}.`)
  if (suggestions.length > 0) turn.emit({ suggestions })
  turn.done()
  await until(() => at.texts().includes(`Answer ${asked}.`) && at.find('.go:not(.stop)'))
}

const isOffered = ({ find }: Mounted) => find('.card') !== undefined
const card = ({ find }: Mounted) => find('.card')
const hrefs = ({ findAll }: Mounted) =>
  findAll('.card li a').map((link) => link.getAttribute('href')?.replace(/\?.*/s, ''))

const field = async (at: Mounted, id: string) => {
  const found = await at.wait(`samosa-contact-form:defined`)
  const input = found.shadowRoot?.getElementById(id)
  if (input instanceof HTMLTextAreaElement || input instanceof HTMLInputElement) return input
  throw new Error(`no field ${id}`)
}
const write = async (at: Mounted) => {
  ;(await at.wait('.write button')).click()
  await at.wait('samosa-contact-form')
  await until(() => at.find('#website'))
}
async function fill(at: Mounted, words: { message?: string; email?: string; consent?: boolean }) {
  for (const id of ['message', 'email'] as const) {
    const text = words[id]
    const input = await field(at, id)
    if (text === undefined) continue
    input.value = text
    input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
  }
  const consent = await field(at, 'consent')
  if (consent instanceof HTMLInputElement && consent.checked !== (words.consent ?? true))
    consent.click()
}
const submit = async (at: Mounted) => {
  const form = (await at.wait('#website')).closest('form')
  form?.requestSubmit()
}
const problems = ({ findAll }: Mounted) =>
  findAll('.problem:not([hidden])').map(({ textContent }) => textContent.trim())
const posts = ({ server }: Mounted) => server.asked('POST', /\/api\/contact$/)

const LETTER = { message: 'Where is my order?', email: 'ada@mail.example' }

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('a way to a person', () => {
  it('stands below an answer that was none, with all that the owner has set', async () => {
    const at = await open()
    await ask(at, 'Do you sell samovars?', 'unanswered')
    await until(() => isOffered(at))
    equal(hrefs(at), [
      'mailto:help@shop.example',
      'tel:+4930123456',
      'https://shop.example/contact',
    ])
    const [mail] = at.findAll('.mail a')
    const letter = new URL(mail?.getAttribute('href') ?? '').searchParams
    equal(letter.get('subject'), 'Ask us: Do you sell samovars?')
    assert(letter.get('body')?.startsWith('Do you sell samovars?'))
    const [page] = at.findAll('.page a')
    equal(
      [page?.getAttribute('target'), page?.getAttribute('rel')],
      ['_blank', 'noopener noreferrer'],
    )
    assert(card(at)?.textContent?.includes('Mon–Fri 9–17 h'))
    assert(card(at)?.textContent?.includes('+49 30 123456'))
    await assertAccessible(at.chat)
  })

  it('comes once for each such answer, below the newest alone', async () => {
    const at = await open()
    await ask(at, 'One', 'unanswered')
    await until(() => isOffered(at))
    await ask(at, 'Two')
    await until(() => !isOffered(at))
    await ask(at, 'Three', 'unanswered')
    await until(() => isOffered(at))
    equal(at.findAll('.card').length, 1)
  })

  it('is offered at once, and plainly, to who asks for a person', async () => {
    const at = await open()
    await ask(at, 'Do you sell samovars?')
    await ask(at, 'I want to talk to a person', 'wants_person')
    await until(() => at.find('.card.asked'))
    const status = () => at.find('samosa-contact')?.shadowRoot?.querySelector('[role=status]')
    await until(() => status()?.textContent === 'Talk to a person')
    assert(card(at)?.textContent?.includes('Talk to a person'))
    await assertAccessible(at.chat)
  })

  it('has each address below its kind, or beside it, on a narrow screen too', async () => {
    const at = await open()
    at.chat.style.width = '320px'
    await ask(at, 'May I talk to a person?', 'wants_person')
    await at.wait('.card.asked')
    for (const link of at.findAll('.asked a')) {
      const [kind, value] = ['.kind', '.value'].map((part) => link.querySelector(part))
      const [begin, valueBegin] = [kind, value].map((part) => part?.getBoundingClientRect().left)
      assert(begin !== undefined && valueBegin !== undefined, 'a part is missing')
      assert(valueBegin >= begin, `${link.textContent}: ${valueBegin} is before ${begin}`)
    }
  })

  it('is written to about the question before the wish, or about nothing', async () => {
    const at = await open()
    const letter = () => new URL(at.find('.mail a')?.getAttribute('href') ?? '').searchParams
    await ask(at, 'Somebody there?', 'wants_person')
    await until(() => at.find('.card.asked'))
    equal([letter().get('subject'), letter().get('body')], ['Ask us', null])
    await ask(at, 'Do you sell samovars?')
    await ask(at, 'I want to talk to a person', 'wants_person')
    await ask(at, 'A human, please!', 'wants_person')
    await until(() => letter().get('subject') === 'Ask us: Do you sell samovars?')
    equal(letter().get('body')?.trim(), 'Do you sell samovars?')
    await write(at)
    equal((await field(at, 'message')).value, 'Do you sell samovars?')
  })

  it('follows an answer that failed, and one that broke off', async () => {
    const at = await open()
    await at.input()
    at.chat.send('One')
    await until(() => at.server.turns.length)
    at.server.lastTurn.fail('inference_error')
    await until(() => isOffered(at))
    assert(at.find('samosa-notice'), 'beside what went wrong')
  })

  it('follows a server that cannot be reached', async () => {
    const at = await open()
    await ask(at, 'One')
    assert(!isOffered(at))
    at.server.fail(/messages$/, 'refuse')
    at.chat.send('Two')
    await until(() => isOffered(at))
  })

  it('follows a thumbs down, and goes when that is taken back', async () => {
    const at = await open()
    await ask(at, 'One')
    const thumb = await at.wait('.thumbs .down')
    thumb.click()
    await until(() => isOffered(at))
    thumb.click()
    await until(() => !isOffered(at))
  })

  it('is there again when the conversation is loaded', async () => {
    const at = await open()
    await ask(at, 'One', 'unanswered')
    await until(() => isOffered(at))
    const id = at.chat.conversationId ?? ''
    const again = await mount({ mode: 'inline', 'conversation-id': id }, at.server)
    await until(() => isOffered(again))
  })

  it('is not offered where the owner has set none, or nothing that can be used', async () => {
    const bad = { email: 'x', url: 'javascript:alert(1)', phone: '', hours: 'now', form: 'yes' }
    for (const contact of [bad, 'help@shop.example', null]) {
      const at = await open(contact)
      await ask(at, 'One', 'wants_person', 'Two?')
      await at.wait('[part=suggestion]')
      await customElements.whenDefined('samosa-contact')
      await at.chat.updateComplete
      assert(!isOffered(at))
      at.chat.remove()
    }
  })

  it('is asked for with a command, from the first moment on', async () => {
    const at = await open()
    pressEnter(await type(at, '/person'))
    await until(() => at.find('.card.asked'))
    await until(() => focused() === at.find('.mail a'))
    const none = await open(null)
    pressEnter(await type(none, '/person'))
    await until(() => none.find('.said')?.textContent?.includes('no command /person'))
  })

  it('tells the page of a link that is followed', async () => {
    const at = await open()
    const heard: unknown[] = []
    at.chat.addEventListener('samosa-link', (event) => {
      heard.push(event.detail)
      event.preventDefault()
    })
    await ask(at, 'One', 'unanswered')
    ;(await at.wait('.page a')).click()
    equal(heard.length, 1)
    assert(JSON.stringify(heard).includes('"kind":"contact"'))
  })

  it('is written from the right in Arabic, and numbers from the left all the same', async () => {
    const at = await open(WAYS, { lang: 'ar' })
    await ask(at, 'One', 'wants_person')
    await until(() => card(at)?.textContent?.includes('التحدث مع شخص'))
    equal(at.find('.phone .value')?.getAttribute('dir'), 'ltr')
    equal(at.find('.phone .value')?.textContent, '+49 30 123456')
    await assertAccessible(at.chat)
  })
})

describe('the place of what is offered', () => {
  const PARAGRAPH = `${'A samosa is a pastry with a filling. '.repeat(8)}\n\n`

  /** A small chat in which an answer of such a length has ended so, and where its reader was led by that. */
  async function small(contact: unknown, height: number, text: string, outcome: Outcome) {
    const at = await open(contact)
    at.chat.style.inlineSize = '360px'
    at.chat.style.height = `${height}px`
    const scroller = await at.wait('.scroller')
    await ask(at, 'Do you sell samovars?')
    await at.input()
    at.chat.send('And where?')
    await until(() => at.server.turns.length > 1)
    at.server.lastTurn.outcome = outcome
    at.server.lastTurn.token(text)
    const isAtTop = () => {
      const bubble = at.findAll('.said > .bubble').at(-1)?.getBoundingClientRect()
      return Math.abs((bubble?.top ?? 0) - scroller.getBoundingClientRect().top) < 30
    }
    await until(isAtTop)
    at.server.lastTurn.done()
    await until(() => card(at))
    return { ...at, scroller, isAtTop }
  }

  const box = (element: Element | undefined) => {
    if (!element) throw new Error('it is not there')
    return element.getBoundingClientRect()
  }
  const settled = async () => {
    for (let count = 0; count < 4; count += 1)
      await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  const showsJump = ({ find }: Mounted) => find('.jump')?.checkVisibility() ?? false

  it('is below the words, and moves nothing that is read', async () => {
    const at = await small(WAYS, 420, PARAGRAPH, 'unanswered')
    await settled()
    assert(at.isAtTop())
    assert(box(card(at)).bottom > box(at.scroller).bottom, 'it is not whole in sight')
    assert(!showsJump(at))
  })

  it('is in sight for who asks for a person', async () => {
    const at = await small(WAYS, 480, PARAGRAPH.repeat(3), 'wants_person')
    await until(() => box(card(at)).bottom <= box(at.scroller).bottom)
    await settled()
    assert(box(card(at)).bottom <= box(at.scroller).bottom)
    assert(box(card(at)).top >= box(at.scroller).top)
    assert(!showsJump(at))
  })

  it('begins at the top where there is no room for all of it', async () => {
    const at = await small(FORM, 360, PARAGRAPH.repeat(3), 'wants_person')
    const isThere = () => Math.abs(box(card(at)).top - box(at.scroller).top) < 20
    await until(isThere)
    await settled()
    assert(isThere() && !showsJump(at))
  })

  it('keeps the form free, from its opening to its buttons', async () => {
    const at = await small(WAYS, 620, PARAGRAPH.repeat(4), 'unanswered')
    await write(at)
    await settled()
    const [{ top, bottom }, area] = [box(card(at)), box(at.scroller)]
    assert(bottom > area.bottom, 'it is too high for the list')
    assert(top >= area.top && top < area.top + 20, `its beginning is at ${top - area.top}`)
    for (const selector of ['#message', '#email', '.bar .strong', '.bar .quiet']) {
      ;(await at.wait(selector)).focus()
      await settled()
      assert(!showsJump(at), selector)
    }
    at.scroller.scrollTop = 0
    await settled()
    assert(!showsJump(at), 'while it is filled in')
    at.scroller.focus({ preventScroll: true })
    await until(() => showsJump(at))
  })
})

describe('the nearest topics', () => {
  it('are questions to choose from, with a word on why they stand there', async () => {
    const at = await open(null)
    await ask(at, 'Do you sell samovars?', 'unanswered', 'Do you sell teapots?')
    const topics = await at.wait('samosa-follow-ups')
    await until(() => topics.shadowRoot?.textContent?.includes('Perhaps one of these helps:'))
    ;(await at.wait('[part=suggestion]')).click()
    await until(() => at.server.turns.length === 2)
    assert(at.texts().includes('Do you sell teapots?'))
  })

  it('of an answer stand there without it', async () => {
    const at = await open(null)
    await ask(at, 'One', undefined, 'Two?')
    const topics = await at.wait('[part=suggestion]')
    assert(!topics.closest('ul')?.previousElementSibling)
  })
})

describe('the form', () => {
  it('begins with the question, and sends it once with what it is about', async () => {
    const at = await open()
    const heard: unknown[] = []
    at.chat.addEventListener('samosa-contact', ({ detail }) => heard.push(detail))
    await ask(at, 'Do you sell samovars?', 'unanswered')
    const button = await at.wait('.write button')
    equal(button.getAttribute('aria-expanded'), 'false')
    await write(at)
    await until(() => focused()?.id === 'email')
    equal((await field(at, 'message')).value, 'Do you sell samovars?')
    await fill(at, { email: ' ada@mail.example ' })
    await submit(at)
    await submit(at)
    const sent = await at.wait('.sent')
    assert(sent.textContent?.includes('ada@mail.example'), sent.textContent ?? '')
    await until(() => focused() === sent)
    const message_id = at.server.lastTurn.messageId
    const conversation_id = at.chat.conversationId
    const letter = { message: 'Do you sell samovars?', email: 'ada@mail.example' }
    equal(
      posts(at).map(({ body }) => body),
      [{ ...letter, consent: true, website: '', conversation_id, message_id }],
    )
    equal(heard, [{ ...letter, conversation_id, message_id }])
    assert(!isOffered(at), 'it is not offered again')
    await assertAccessible(at.chat)
    await ask(at, 'And kettles?')
    assert(at.find('.sent'), 'it stays for this visit')
  })

  it('is open at once where it is all that there is for who asks for a person', async () => {
    const at = await open(FORM)
    await ask(at, 'Let me talk to somebody', 'wants_person')
    equal((await field(at, 'message')).value, '')
    assert(focused()?.id !== 'message', 'the focus stays where it was')
    ;(await at.wait('.bar .quiet')).click()
    await until(() => !at.find('samosa-contact-form'))
    equal(focused(), at.find('.write button'))
  })

  it('names each field that lacks something, and goes to the first', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, { message: ' ', email: '', consent: false })
    await submit(at)
    await until(() => problems(at).length === 3)
    equal(focused()?.id, 'message')
    equal(problems(at)[1], 'Enter your e-mail address, so that we can answer.')
    for (const id of ['message', 'email', 'consent'])
      equal((await field(at, id)).getAttribute('aria-invalid'), 'true')
    await assertAccessible(at.chat)
    await fill(at, { ...LETTER, consent: true })
    await until(() => problems(at).length === 0)
    await fill(at, { message: 'x'.repeat(4_001) })
    await submit(at)
    await until(() => problems(at).join().includes('1 character too long'))
    equal(posts(at).length, 0)
  })

  it('takes one address alone, whatever is typed or pasted', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    for (const email of ['ada', 'ada@mail', 'a@b.example, c@d.example', 'a@b.example x']) {
      await fill(at, { email })
      await submit(at)
      await until(() => problems(at).join().includes('Enter one e-mail address'))
    }
    const input = await field(at, 'email')
    input.value = ''
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', 'a@b.ex\r\nample.org')
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    input.dispatchEvent(paste)
    assert(paste.defaultPrevented)
    equal(input.value, 'a@b.ex ample.org')
    await submit(at)
    equal(posts(at).length, 0)
  })

  it('shows what the server complains of beside the field', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    const errors = [{ path: 'email', message: 'no' }]
    at.server.fail(/contact$/, () => problem(422, { code: 'invalid_request', errors }))
    await submit(at)
    await until(() => problems(at).length === 1)
    await until(() => focused()?.id === 'email')
    equal((await field(at, 'message')).value, LETTER.message)
  })

  it('is sent with one key over failures, and fired once', async () => {
    const at = await open(FORM)
    let fired = 0
    at.chat.addEventListener('samosa-contact', () => (fired += 1))
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    at.server.fail(/contact$/, 'lose answer')
    await submit(at)
    const failure = await at.wait('.failure')
    assert(failure.textContent?.includes('What you wrote is kept here.'))
    await assertAccessible(at.chat)
    await submit(at)
    await at.wait('.sent')
    const keys = posts(at).map(({ headers }) => headers.get('idempotency-key'))
    equal([keys.length, new Set(keys).size, fired, at.server.letters.size], [2, 1, 1, 1])
  })

  it('outlives a reload with what was written, and is the same letter then', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    at.server.fail(/contact$/, 'lose answer')
    await submit(at)
    await at.wait('.failure')
    const { endpoint, conversationId } = at.chat
    at.chat.remove()
    const again = await mount(
      { mode: 'inline', endpoint, 'conversation-id': conversationId ?? '' },
      at.server,
    )
    equal((await field(again, 'message')).value, LETTER.message)
    equal((await field(again, 'email')).value, LETTER.email)
    await fill(again, {})
    await submit(again)
    await again.wait('.sent')
    equal(again.server.letters.size, 1)
  })

  it('keeps what was written when it is closed, and in each conversation its own', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, { message: 'About one' })
    press(await field(at, 'message'), 'Escape')
    await until(() => !at.find('samosa-contact-form'))
    await write(at)
    equal((await field(at, 'message')).value, 'About one')
    at.chat.newConversation()
    await until(() => !at.find('samosa-contact-form'))
    await ask(at, 'Two', 'unanswered')
    await write(at)
    equal((await field(at, 'message')).value, 'Two')
  })

  it('stays open when the conversation goes on', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, { message: 'About one' })
    await ask(at, 'Two')
    equal((await field(at, 'message')).value, 'About one')
  })

  it('says how long to wait after too many, and then sends', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    const limited = () => problem(429, { code: 'rate_limited' }, { 'retry-after': '90' })
    at.server.fail(/contact$/, limited)
    await submit(at)
    const failure = await at.wait('.failure')
    assert(failure.textContent?.includes('in 2 minutes'), failure.textContent ?? '')
    equal((await at.wait('.bar .strong')).getAttribute('aria-disabled'), 'true')
  })

  it('says that the visitor is offline, and keeps what was written', async () => {
    const at = await open(WAYS)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })
    at.server.fail(/contact$/, 'refuse')
    await submit(at)
    const failure = await at.wait('.failure')
    Reflect.deleteProperty(navigator, 'onLine')
    assert(failure.textContent?.includes('You are offline.'), failure.textContent ?? '')
    equal((await field(at, 'message')).value, LETTER.message)
    assert(hrefs(at).length === 3, 'other ways are there')
    await submit(at)
    await at.wait('.sent')
  })

  it('is sent without a conversation that is gone meanwhile', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    at.server.conversations.clear()
    await submit(at)
    await at.wait('.sent')
    assert(!JSON.stringify([...at.server.letters.values()]).includes('conversation_id'))
  })

  it('says so where no messages are taken any more', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    at.server.config = { ...at.server.config, contact: null }
    await submit(at)
    const failure = await at.wait('.failure')
    assert(failure.textContent?.includes('No messages are taken here at the moment.'))
  })

  it('is left to a page that sees to it itself', async () => {
    const at = await open(FORM)
    at.chat.addEventListener('samosa-contact', (event) => event.preventDefault())
    await ask(at, 'One', 'unanswered')
    await write(at)
    await fill(at, LETTER)
    await submit(at)
    await at.wait('.sent')
    equal(posts(at).length, 0)
  })

  it('has a field for robots that nobody else meets', async () => {
    const at = await open(FORM)
    await ask(at, 'One', 'unanswered')
    await write(at)
    const trap = await field(at, 'website')
    equal([trap.tabIndex, trap.autocomplete], [-1, 'off'])
    assert(trap.closest('[aria-hidden=true]'))
    const { width, height } = trap.closest('.trap')?.getBoundingClientRect() ?? {}
    equal([width, height], [1, 1])
    await fill(at, LETTER)
    trap.value = 'https://spam.example'
    await submit(at)
    await at.wait('.sent')
    assert(JSON.stringify(posts(at)[0]?.body).includes('spam.example'))
  })

  it('links to what the owner says of privacy', async () => {
    const at = await open(FORM, {}, { privacy_url: 'https://shop.example/privacy' })
    await ask(at, 'One', 'unanswered')
    await write(at)
    equal((await at.wait('a.privacy')).getAttribute('href'), 'https://shop.example/privacy')
    const bad = await open(FORM, {}, { privacy_url: 'javascript:alert(1)' })
    await ask(bad, 'One', 'unanswered')
    await write(bad)
    assert(!bad.find('a.privacy'))
  })

  it('fits into 320 pixels, in Arabic too', async () => {
    const at = await open(WAYS, { lang: 'ar' })
    at.chat.style.inlineSize = '320px'
    await ask(at, 'x'.repeat(90), 'wants_person')
    await write(at)
    await fill(at, { message: '', email: '', consent: false })
    await submit(at)
    await until(() => problems(at).length === 3)
    for (const element of at.findAll(
      'samosa-contact, .card, .card a, .card button, #message, #email',
    )) {
      const { left, right } = element.getBoundingClientRect()
      const box = at.chat.getBoundingClientRect()
      assert(left >= box.left && right <= box.right, element.outerHTML)
    }
    await assertAccessible(at.chat)
  })
})
