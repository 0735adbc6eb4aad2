import { mount, pressEnter, type, type Mounted } from './testing/scripted/mount.ts'
import { problem, ScriptedServer } from './testing/scripted/scripted-server.ts'
import { until } from './testing/scripted/until.ts'
import type { SamosaChat } from './samosa-chat.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

const EVENTS = [
  'samosa-open',
  'samosa-close',
  'samosa-send',
  'samosa-message',
  'samosa-error',
  'samosa-conversation',
]

function record(target: EventTarget): { readonly type: string; readonly detail: unknown }[] {
  const seen: { type: string; detail: unknown }[] = []
  for (const name of EVENTS) {
    target.addEventListener(name, (event) => {
      if (event instanceof CustomEvent) seen.push({ type: name, detail: event.detail })
    })
  }
  return seen
}

async function answer(mounted: Mounted, text: string): Promise<void> {
  const { server, find } = mounted
  await until(() => server.turns.at(-1)?.running)
  server.lastTurn.token(text)
  server.lastTurn.done()
  await until(() => !find('.stop'))
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('attributes', () => {
  it('are properties, and properties are attributes', async () => {
    const { chat } = await mount({
      mode: 'inline',
      heading: 'Ask',
      placeholder: 'Go on',
      theme: 'dark',
      lang: 'en',
      think: 'on',
    })
    equal(
      [chat.mode, chat.heading, chat.placeholder, chat.theme, chat.lang, chat.think],
      ['inline', 'Ask', 'Go on', 'dark', 'en', 'on'],
    )
    Object.assign(chat, {
      mode: 'page',
      heading: 'H',
      placeholder: 'P',
      theme: 'light',
      think: 'hidden',
      open: true,
    } satisfies Partial<SamosaChat>)
    await chat.updateComplete
    const names = ['mode', 'heading', 'placeholder', 'theme', 'think', 'open']
    equal(
      names.map((name) => chat.getAttribute(name)),
      ['page', 'H', 'P', 'light', 'hidden', ''],
    )
  })

  it('defaults leave nothing on the element but its mode', async () => {
    const { chat } = await mount()
    // With it a bubble stands above the page.
    await until(() => chat.popover === 'manual')
    equal(chat.getAttributeNames().toSorted(), ['endpoint', 'mode', 'popover'])
  })

  it('shows heading and placeholder, and the server’s words without them', async () => {
    const mine = await mount({ mode: 'inline', heading: 'Mine', placeholder: 'Type here' })
    equal([mine.find('h2')?.textContent, (await mine.input()).placeholder], ['Mine', 'Type here'])
    const theirs = await mount({ mode: 'inline' })
    await until(() => theirs.find('h2')?.textContent === 'Ask us')
    equal(theirs.find('.greeting')?.textContent, 'Good day')
  })

  it('shows another conversation when conversation-id is set, and none when it is taken away', async () => {
    const mounted = await mount({ mode: 'inline' })
    const id = mounted.server.addConversation([
      ['user', 'Older'],
      ['assistant', 'Much older'],
    ])
    mounted.chat.conversationId = id
    await until(() => mounted.texts().length === 2)
    equal(mounted.texts(), ['Older', 'Much older'])
    mounted.chat.removeAttribute('conversation-id')
    await until(() => mounted.texts().length === 0)
  })

  it('is a bubble where the mode is none, or is taken away', async () => {
    const { chat } = await mount({ mode: 'inline' })
    for (const change of [
      () => chat.removeAttribute('mode'),
      () => chat.setAttribute('mode', 'sidebar'),
    ]) {
      chat.mode = 'inline'
      await chat.updateComplete
      change()
      await chat.updateComplete
      equal([chat.mode, chat.getAttribute('mode')], ['bubble', 'bubble'])
    }
  })

  it('survives an endpoint that a page sets to null', async () => {
    const { chat } = await mount({ mode: 'inline' })
    Object.assign(chat, { endpoint: null })
    await chat.updateComplete
    equal(chat.hasAttribute('endpoint'), false)
  })

  it('takes a conversation-id away that the server does not know', async () => {
    const mounted = await mount({ mode: 'inline', 'conversation-id': 'unknown' })
    await until(() => !mounted.chat.hasAttribute('conversation-id'))
    equal(mounted.chat.conversationId, null)
  })

  it('asks the server for nothing while the bubble is closed', async () => {
    const { server, chat, wait } = await mount()
    equal(server.requests.length, 0)
    chat.show()
    await wait('.greeting')
    assert(server.requests.length > 0)
  })
})

it('offers no more than four starters', async () => {
  const server = new ScriptedServer()
  server.config = { ...server.config, starters: ['A', 'B', 'C', 'D', 'E', 'F'] }
  const mounted = await mount({ mode: 'inline' }, server)
  await until(() => mounted.findAll('[part=starter]').length === 4)
})

describe('the Think toggle', () => {
  it('is there when the server offers it, and is remembered', async () => {
    const mounted = await mount({ mode: 'inline' })
    const pill = await mounted.wait('.pill')
    equal(pill.getAttribute('aria-pressed'), 'false')
    pill.click()
    await mounted.wait('.pill[aria-pressed=true]')
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    equal(mounted.server.asked('POST', /messages/)[0]?.body, { content: 'Hi', thinking_mode: true })
    mounted.chat.remove()
    const again = await mount({ mode: 'inline', endpoint: mounted.chat.endpoint }, mounted.server)
    await again.wait('.pill[aria-pressed=true]')
  })

  it('follows the attribute, and sets it', async () => {
    const mounted = await mount({ mode: 'inline', think: 'on' })
    const pill = await mounted.wait('.pill[aria-pressed=true]')
    pill.click()
    await mounted.chat.updateComplete
    equal(mounted.chat.getAttribute('think'), 'off')
    mounted.chat.think = 'hidden'
    await mounted.chat.updateComplete
    await until(() => !mounted.find('.pill'))
  })
})

describe('methods and events', () => {
  it('opens, closes, and says so through shadow trees', async () => {
    const { chat } = await mount()
    const seen = record(document)
    chat.show()
    await chat.updateComplete
    chat.toggle()
    await chat.updateComplete
    chat.toggle()
    await chat.updateComplete
    chat.hide()
    await chat.updateComplete
    equal(
      seen.map((event) => event.type),
      ['samosa-open', 'samosa-close', 'samosa-open', 'samosa-close'],
    )
  })

  it('tells of a whole turn', async () => {
    const mounted = await mount({ mode: 'inline' })
    const seen = record(mounted.chat)
    equal(mounted.chat.send('  Hi '), true)
    await answer(mounted, 'Hello')
    const [conversation] = mounted.server.conversations.values()
    const [user, assistant] = conversation?.messages ?? []
    equal(seen, [
      { type: 'samosa-send', detail: { text: 'Hi' } },
      { type: 'samosa-conversation', detail: { id: conversation?.id } },
      {
        type: 'samosa-message',
        detail: { message: { id: user?.id, role: 'user', content: 'Hi' } },
      },
      {
        type: 'samosa-message',
        detail: { message: { id: assistant?.id, role: 'assistant', content: 'Hello' } },
      },
    ])
    equal(mounted.chat.getAttribute('conversation-id'), conversation?.id)
  })

  it('sends nothing when a listener cancels, and keeps the text', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.addEventListener('samosa-send', (event) => event.preventDefault())
    const input = await type(mounted, 'Hi')
    pressEnter(input)
    await mounted.chat.updateComplete
    equal([input.value, mounted.server.turns.length], ['Hi', 0])
  })

  it('sends nothing that is empty, and lets wait what comes while an answer is running', async () => {
    const { chat, server } = await mount({ mode: 'inline' })
    const sent: unknown[] = []
    chat.addEventListener('samosa-send', ({ detail }) => sent.push(detail.text))
    equal(chat.send('   '), false)
    equal(chat.send('Hi'), true)
    equal(chat.send('Again'), true)
    await until(() => server.turns.length)
    equal(server.turns.length, 1)
    server.lastTurn.token('Hello')
    server.lastTurn.done()
    await until(() => server.turns.length === 2)
    equal(sent, ['Hi', 'Again'])
  })

  it('opens the bubble for a message of the page', async () => {
    const { chat, server } = await mount()
    equal(chat.send('From a button'), true)
    await until(() => server.turns.length)
    assert(chat.open)
  })

  it('opens nothing where there is no bubble', async () => {
    const { chat, server } = await mount({ mode: 'inline' })
    equal(chat.send('From a button'), true)
    await until(() => server.turns.length)
    equal(chat.hasAttribute('open'), false)
  })

  it('sends nothing that is too long', async () => {
    const mounted = await mount({ mode: 'inline' })
    await until(() => mounted.find('h2')?.textContent === 'Ask us')
    const seen = record(mounted.chat)
    equal(mounted.chat.send('🥟'.repeat(101)), false)
    equal(seen, [])
    equal(mounted.chat.send('🥟'.repeat(100)), true)
  })

  it('offers to answer after all when it is stopped before the first word', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length && mounted.chat.conversationId)
    await mounted.wait('samosa-waiting')
    await until(() => mounted.find('article.user.settled'))
    mounted.chat.stop()
    const notice = await mounted.wait('samosa-notice[tone=hint]')
    equal(notice.shadowRoot?.querySelector('p')?.textContent, 'No answer yet.')
    notice.shadowRoot?.querySelector('button')?.click()
    await until(() => mounted.server.turns.length === 2)
    await answer(mounted, 'After all')
    await until(() => mounted.texts()[1] === 'After all')
    assert(!mounted.find('samosa-notice'))
  })

  it('stops an answer, keeping what came', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('So far')
    await until(() => mounted.texts().includes('So far'))
    mounted.find('.stop')?.click()
    await until(() => mounted.find('.note')?.textContent === 'Stopped')
    equal(mounted.texts(), ['Hi', 'So far'])
  })

  it('starts a new conversation', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await answer(mounted, 'Hello')
    const seen = record(mounted.chat)
    mounted.chat.newConversation()
    await mounted.wait('.greeting')
    equal(seen, [{ type: 'samosa-conversation', detail: { id: null } }])
    equal(mounted.chat.hasAttribute('conversation-id'), false)
  })

  it('tells of a failure in the words that the visitor sees', async () => {
    const mounted = await mount({ mode: 'inline' })
    const seen = record(mounted.chat)
    mounted.server.fail(/messages$/, 'refuse')
    mounted.chat.send('Hi')
    const notice = await mounted.wait('[role=alert]')
    const error = seen.find((event) => event.type === 'samosa-error')
    equal(error?.detail, { code: 'unreachable', message: notice.textContent })
  })
})

describe('the keyboard', () => {
  it('sends with Enter and breaks the line with Shift+Enter', async () => {
    const mounted = await mount({ mode: 'inline' })
    const input = await type(mounted, 'Hi')
    equal(pressEnter(input, { shiftKey: true }), true)
    equal(mounted.server.turns.length, 0)
    equal(pressEnter(input), false)
    await until(() => mounted.server.turns.length)
    equal(input.value, '')
  })

  it('leaves the Enter of an input method alone', async () => {
    const mounted = await mount({ mode: 'inline' })
    const input = await type(mounted, 'こんにちは')
    equal(pressEnter(input, { isComposing: true }), true)
    // oxlint-disable-next-line typescript/no-deprecated -- what Safari sends
    equal(pressEnter(input, { keyCode: 229 }), true)
    equal(mounted.server.requests.filter(({ method }) => method === 'POST').length, 0)
    equal(input.value, 'こんにちは')
  })

  it('lets wait what is sent while an answer is running', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    const input = await type(mounted, 'Next')
    pressEnter(input)
    await mounted.wait('li.user')
    equal([input.value, mounted.server.turns.length], ['', 1])
  })

  it('goes to the composer on opening, closes with Escape, and goes back to the launcher', async () => {
    const mounted = await mount()
    mounted.find('samosa-launcher')?.shadowRoot?.querySelector('button')?.click()
    const input = await mounted.wait('textarea')
    await until(() => input.matches(':focus'))
    const escape = { key: 'Escape', bubbles: true, composed: true }
    // oxlint-disable-next-line typescript/no-deprecated -- of an input method, as Safari tells it
    input.dispatchEvent(new KeyboardEvent('keydown', { ...escape, keyCode: 229 }))
    equal(mounted.chat.open, true)
    input.dispatchEvent(new KeyboardEvent('keydown', escape))
    await until(() => !mounted.chat.open)
    await until(() => mounted.find('button[aria-expanded=false]')?.matches(':focus'))
  })

  it('does not take the focus of a page that loads with an open panel', async () => {
    const field = document.createElement('input')
    document.body.append(field)
    field.focus()
    const { wait } = await mount({ open: '' })
    await wait('textarea')
    equal(document.activeElement === field, true)
    field.remove()
  })
})

describe('a message that is too long', () => {
  it('is counted in code points, explained, and not sent', async () => {
    const mounted = await mount({ mode: 'inline' })
    await until(() => mounted.find('h2')?.textContent === 'Ask us')
    const input = await type(mounted, '🥟'.repeat(100))
    const count = await mounted.wait('.count')
    equal(count.textContent.trim(), '0 characters left')
    input.value += '🥟🥟'
    input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
    await mounted.wait('.count.over')
    assert(count.textContent.trim().startsWith('2 characters too many'))
    equal(input.getAttribute('aria-invalid'), 'true')
    pressEnter(input)
    equal(mounted.server.turns.length, 0)
  })

  it('is no longer for the spaces around it, which are not sent', async () => {
    const mounted = await mount({ mode: 'inline' })
    await until(() => mounted.find('h2')?.textContent === 'Ask us')
    const input = await type(mounted, `${'x'.repeat(100)}  \n`)
    const count = await mounted.wait('.count')
    equal(count.textContent.trim(), '0 characters left')
    equal((await mounted.wait('.go')).getAttribute('aria-disabled'), 'false')
    pressEnter(input)
    await until(() => mounted.server.turns.length === 1)
  })
})

describe('a reload', () => {
  const reload = async ({ chat, server }: Mounted) => {
    chat.remove()
    return mount({ mode: 'inline', endpoint: chat.endpoint }, server)
  }

  it('keeps the draft', async () => {
    const before = await mount({ mode: 'inline' })
    await type(before, 'Half a thou')
    const after = await reload(before)
    equal((await after.input()).value, 'Half a thou')
  })

  it('keeps the conversation', async () => {
    const before = await mount({ mode: 'inline' })
    before.chat.send('Hi')
    await answer(before, 'Hello')
    const after = await reload(before)
    await until(() => after.texts().length === 2)
    equal(after.texts(), ['Hi', 'Hello'])
  })

  it('goes on with an answer from the middle of it', async () => {
    const before = await mount({ mode: 'inline' })
    before.chat.send('Hi')
    await until(() => before.server.turns.length)
    before.server.lastTurn.token('First half, ')
    const after = await reload(before)
    await until(() => after.texts().includes('First half,'))
    await answer(after, 'second half')
    await until(() => after.texts()[1] === 'First half, second half')
    equal(after.texts().length, 2)
  })

  it('sends a message whose confirmation was lost once', async () => {
    const before = await mount({ mode: 'inline' })
    before.server.fail(/messages$/, 'lose answer')
    before.chat.send('Hi')
    await before.wait('[role=alert]')
    const after = await reload(before)
    await answer(after, 'Hello')
    await until(() => after.texts().length === 2)
    equal([after.texts(), after.server.turns.length], [['Hi', 'Hello'], 1])
  })
})

describe('trying again', () => {
  it('sends what failed, once', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.server.fail(/messages$/, 'lose answer')
    mounted.chat.send('Hi')
    await mounted.wait('[role=alert]')
    equal(mounted.find('.failed .note')?.textContent, 'Not sent')
    mounted.find('samosa-notice')?.shadowRoot?.querySelector('button')?.click()
    await answer(mounted, 'Hello')
    await until(() => mounted.texts().length === 2)
    equal([mounted.texts(), mounted.server.turns.length], [['Hi', 'Hello'], 1])
    assert(!mounted.find('[role=alert]'))
  })

  it('answers again what failed half-way', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Half')
    mounted.server.lastTurn.fail('inference_timeout')
    const alert = await mounted.wait('[role=alert]')
    assert(!alert.textContent.includes('raw words'))
    mounted.find('samosa-notice')?.shadowRoot?.querySelector('button')?.click()
    await until(() => mounted.server.turns.length === 2)
    await answer(mounted, 'Whole')
    await until(() => mounted.texts()[1] === 'Whole')
    equal(mounted.texts(), ['Hi', 'Whole'])
  })

  it('regenerates the last answer on request, and the old one stays meanwhile', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await answer(mounted, 'Hello')
    const again = await mounted.wait('[aria-label="Answer again"]')
    again.click()
    await mounted.wait('samosa-waiting')
    assert(mounted.texts().includes('Hello'))
    await until(() => mounted.server.turns.length === 2)
    await answer(mounted, 'Good day')
    await until(() => mounted.texts()[1] === 'Good day')
    equal(mounted.texts(), ['Hi', 'Good day'])
  })
})

describe('what comes back', () => {
  it('is tried again by itself: the network', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.server.fail(/messages$/, 'refuse')
    mounted.chat.send('Hi')
    await mounted.wait('[role=alert]')
    dispatchEvent(new Event('online'))
    await answer(mounted, 'Hello')
    await until(() => mounted.texts().length === 2)
    assert(!mounted.find('[role=alert]'))
  })

  it('is asked for again: what the server says of itself', async () => {
    const server = new ScriptedServer()
    server.fail(/widget-config$/, 'refuse')
    const mounted = await mount({ mode: 'inline' }, server)
    await until(() => server.requests.length)
    await mounted.wait('.greeting')
    equal(mounted.find('.pill'), undefined)
    await until(() => {
      dispatchEvent(new Event('online'))
      return mounted.find('.pill')
    })
    equal(mounted.find('h2')?.textContent, 'Ask us')
    equal(server.asked('GET', /widget-config$/).length, 2)
  })

  it('is asked for again after a message: what the server says of itself', async () => {
    const server = new ScriptedServer()
    server.fail(/widget-config$/, () => problem(503))
    const mounted = await mount({ mode: 'inline' }, server)
    await until(() => server.requests.length)
    await mounted.wait('.greeting')
    // The first session needs the answer that failed; what is sent after that gets one.
    await until(() => {
      if (!mounted.find('.go.stop')) mounted.chat.send('Hi')
      return server.turns.length
    })
    await answer(mounted, 'Hello')
    await mounted.wait('.pill')
  })
})

describe('a token', () => {
  /** What a site signs for one of its users; each one is another text. */
  const tokenOf = ({ server }: Mounted, sub: string): string => {
    const claims = btoa(JSON.stringify({ sub, jti: crypto.randomUUID() }))
    const token = `e30.${claims.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.s`
    server.accepted.add(token)
    return token
  }

  it('that comes later lets the visitor in', async () => {
    const server = new ScriptedServer()
    server.config['auth_mode'] = 'jwt'
    const mounted = await mount({ mode: 'inline' }, server)
    mounted.chat.send('Hi')
    await mounted.wait('[role=alert]')
    mounted.chat.token = tokenOf(mounted, 'mira')
    await answer(mounted, 'Hello')
    await until(() => mounted.texts().length === 2)
    assert(!mounted.find('[role=alert]'))
  })

  it('of another visitor clears the screen of what is not theirs', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await answer(mounted, 'Hello')
    await until(() => mounted.texts().length === 2)
    mounted.server.conversations.clear()
    mounted.chat.token = tokenOf(mounted, 'mira')
    await until(() => mounted.texts().length === 0)
    equal(mounted.chat.conversationId, null)
  })

  it('of another visitor clears the screen in mid-answer too', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Secret')
    await until(() => mounted.texts().includes('Secret'))
    mounted.server.conversations.clear()
    mounted.chat.token = tokenOf(mounted, 'mira')
    await until(() => mounted.texts().length === 0)
    equal(mounted.chat.conversationId, null)
  })

  it('of another user leaves everything of the first one with them', async () => {
    const mounted = await mount({ mode: 'inline' })
    const { chat } = mounted
    const hints = () => mounted.findAll('samosa-notice').length
    chat.token = tokenOf(mounted, 'mira')
    chat.send('Hi')
    await answer(mounted, 'Hello Mira')
    await until(() => mounted.texts().includes('Hello Mira'))
    const first = chat.conversationId
    await type(mounted, 'a secret draft')
    chat.token = tokenOf(mounted, 'noor')
    await until(() => mounted.texts().length === 0)
    equal(chat.conversationId, null)
    equal((await mounted.input()).value, '')
    equal(hints(), 0)
    chat.send('I am Noor')
    await answer(mounted, 'Hello Noor')
    await until(() => mounted.texts().includes('Hello Noor'))
    chat.token = tokenOf(mounted, 'mira')
    await until(() => mounted.texts().includes('Hello Mira'))
    equal(chat.conversationId, first)
    equal((await mounted.input()).value, 'a secret draft')
    equal(hints(), 0)
  })

  it('renewed in mid-answer lets the answer go on', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.token = tokenOf(mounted, 'mira')
    await mounted.chat.updateComplete
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Hel')
    await until(() => mounted.texts().includes('Hel'))
    mounted.chat.token = tokenOf(mounted, 'mira')
    mounted.server.lastTurn.token('lo')
    mounted.server.lastTurn.done()
    await until(() => mounted.texts().includes('Hello'))
    equal(mounted.texts().length, 2)
  })
})

describe('a limit', () => {
  const refuse = (code: string, seconds: number) => () =>
    problem(429, { code }, { 'retry-after': `${seconds}` })
  const notice = ({ find }: Mounted) => find('samosa-notice')?.shadowRoot

  it('of messages a minute invites to try again when it can succeed', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.server.fail(/messages$/, refuse('rate_limited', 1))
    mounted.chat.send('Hi')
    await mounted.wait('samosa-notice')
    const button = notice(mounted)?.querySelector('button')
    equal(button?.textContent?.trim(), 'Try again in 1 second')
    equal(button?.getAttribute('aria-disabled'), 'true')
    button?.click()
    equal(mounted.server.turns.length, 0)
    await until(() => notice(mounted)?.querySelector('button')?.textContent?.trim() === 'Try again')
    notice(mounted)?.querySelector('button')?.click()
    await answer(mounted, 'Hello')
  })

  it('of a day says so, and gives the text back', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.server.fail(/messages$/, refuse('budget_exhausted', 5 * 3600 - 60))
    mounted.chat.send('Hi')
    await mounted.wait('samosa-notice')
    const said = notice(mounted)?.querySelector('p')?.textContent
    equal(said, 'This chat has reached its limit for today. Try again in 5 hours.')
    assert(!notice(mounted)?.querySelector('button'))
    equal((await mounted.input()).value, 'Hi')
  })
})

describe('the launcher', () => {
  it('counts answers that came while the panel was closed', async () => {
    const mounted = await mount()
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.chat.hide()
    await answer(mounted, 'Hello')
    const badge = await mounted.wait('.badge')
    equal(badge.textContent, '1')
    assert(badge.closest('button')?.ariaLabel?.includes('1 new message'))
    mounted.chat.show()
    await until(() => !mounted.find('.badge'))
  })
})

describe('the first word', () => {
  it('is on the screen within two frames of its arrival', async () => {
    const mounted = await mount({ mode: 'inline' }, new ScriptedServer())
    mounted.chat.send('Hi')
    await mounted.wait('samosa-waiting')
    await until(() => mounted.server.turns.length)
    let frames = 0
    const count = () => {
      frames += 1
      if (frames < 10) requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
    mounted.server.lastTurn.token('Hello')
    await until(() => mounted.texts().includes('Hello'))
    assert(frames <= 2, `took ${frames} frames`)
  })
})
