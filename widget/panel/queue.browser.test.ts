import 'axe-core/axe.min.js'
import { mount, pressEnter, type, visibleText, type Mounted } from '../testing/scripted/mount.ts'
import { problem } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(got: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(wanted)]
  if (left !== right) throw new Error(`expected ${right}, got ${left}`)
}

/** What waits, as the visitor sees it. */
const waiting = (at: Mounted) =>
  at.findAll('li.user').map((item) => visibleText(item).replaceAll(/\s+/g, ' ').trim())

const sends = (at: Mounted) =>
  at.server.asked('POST', /messages$/).map(({ body }) => (body as { content: string }).content)

async function begin(at: Mounted, text = 'One'): Promise<void> {
  at.chat.send(text)
  await until(() => at.server.turns.length > 0 && at.server.lastTurn.running)
  at.server.lastTurn.token('Half')
  await at.wait('samosa-answer')
}

async function end(at: Mounted): Promise<void> {
  at.server.lastTurn.token('.')
  at.server.lastTurn.done()
}

const button = (at: Mounted, label: string) =>
  at.findAll('button').find((one) => one.textContent?.trim() === label)

async function click(at: Mounted, label: string): Promise<void> {
  await until(() => button(at, label))
  const found = button(at, label)
  assert(found instanceof HTMLElement)
  found.click()
}

afterEach(() => {
  Reflect.deleteProperty(navigator, 'onLine')
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('a message that is sent while an answer is written', () => {
  it('stands below the answer, marked, and goes out when that is done', async () => {
    const at = await mount({ mode: 'inline' })
    await begin(at)
    const input = await type(at, 'Two')
    pressEnter(input)
    await until(() => waiting(at).length === 1)
    equal(waiting(at), ['Two Sent when the answer is done Take back'])
    const list = at.find('samosa-queue')!.getBoundingClientRect()
    assert(list.top >= at.find('samosa-answer')!.getBoundingClientRect().bottom)
    equal([input.value, sends(at)], ['', ['One']])
    await assertAccessible(at.chat)
    await end(at)
    await until(() => at.server.turns.length === 2)
    await until(() => waiting(at).length === 0 && at.texts().includes('Two'))
  })

  it('comes back into the composer by its button, or by the arrow', async () => {
    const at = await mount({ mode: 'inline' })
    await begin(at)
    const input = await type(at, 'Two')
    pressEnter(input)
    await type(at, 'Three')
    pressEnter(input)
    await until(() => waiting(at).length === 2)
    press(input, 'ArrowUp')
    await until(() => input.value === 'Three' && waiting(at).length === 1)
    await click(at, 'Take back')
    await until(() => input.value === 'Two\nThree' && waiting(at).length === 0)
    assert(focused() === input)
  })

  it('waits behind what was sent before it, with the first one too', async () => {
    const at = await mount({ mode: 'inline' })
    await begin(at)
    const texts = ['Two', 'Three', 'Four', 'Five', 'Six']
    for (const text of texts) at.chat.send(text)
    await until(() => waiting(at).length === texts.length)
    equal(
      waiting(at).map((words) => words.split(' ')[0]),
      texts,
    )
  })

  it('is marked quietly: only what failed has the colour of faults', async () => {
    const at = await mount({ mode: 'inline' })
    await begin(at)
    at.chat.send('Two')
    const note = await at.wait('li.user .note')
    const colour = () => getComputedStyle(note).color
    const time = getComputedStyle(await at.wait('.user time')).color
    equal(colour(), time)
    note.closest('li')?.classList.add('failed')
    assert(colour() !== time, 'a fault does not stand out')
  })

  it('goes out when the answer is stopped', async () => {
    const at = await mount({ mode: 'inline' })
    await begin(at)
    const input = await type(at, 'Two')
    pressEnter(input)
    await until(() => waiting(at).length === 1)
    at.chat.stop()
    await until(() => sends(at).length === 2)
    equal(sends(at), ['One', 'Two'])
  })

  it('waits for the visitor after an error', async () => {
    const at = await mount({ mode: 'inline' })
    await begin(at)
    const input = await type(at, 'Two')
    pressEnter(input)
    await until(() => waiting(at).length === 1)
    at.server.lastTurn.fail('inference_error')
    await until(() => waiting(at)[0] === 'Two Not sent yet Send now Take back')
    await click(at, 'Send now')
    await until(() => sends(at).length === 2)
  })
})

describe('what failed', () => {
  it('keeps its mark and its own way on when the next is sent', async () => {
    const at = await mount({ mode: 'inline' })
    at.server.fail(/messages$/, () => problem(500))
    at.chat.send('One')
    await at.wait('samosa-notice')
    await begin(at, 'Two')
    await until(() => waiting(at)[0] === 'One Not sent Try again Take back')
    await end(at)
    await until(() => !at.find('.go.stop'))
    await click(at, 'Try again')
    await until(() => at.server.turns.length === 2)
    await until(() => at.texts().join() === 'Two,Half.,One')
  })

  it('in the middle is asked again at the end', async () => {
    const at = await mount({ mode: 'inline' })
    at.chat.send('One')
    await until(() => at.server.turns.length)
    at.server.lastTurn.fail('inference_error')
    await at.wait('samosa-notice')
    await begin(at, 'Two')
    await until(() => at.find('.user .note')?.textContent?.includes('No answer'))
    await end(at)
    await until(() => !at.find('.go.stop'))
    await click(at, 'Try again')
    await until(() => at.server.turns.length === 3)
    await until(() => at.texts().join() === 'Two,Half.,One')
  })

  it('says how long to wait, and lets go on by itself when that is over', async () => {
    const at = await mount({ mode: 'inline' })
    at.chat.send('One')
    await until(() => at.server.turns.length)
    at.server.lastTurn.emit({
      error: 'Busy',
      code: 'inference_unreachable',
      retryable: true,
      retry_after: 1,
    })
    at.server.lastTurn.done('error', false)
    const again = await at.wait('samosa-notice')
    const inside = again.shadowRoot!
    const way = () => inside.querySelector('button')!
    equal([way().textContent?.trim(), way().ariaDisabled], ['Try again in 1 second', 'true'])
    way().focus()
    const before = way()
    way().click()
    // Nothing that is read out changes with the seconds.
    assert(!way().closest('[aria-live], [role=alert], [role=status]'))
    await until(() => way().textContent?.trim() === 'Try again')
    assert(way() === before && way().ariaDisabled === 'false')
    way().click()
    await until(() => at.server.turns.length === 2)
  })
})

describe('without a network', () => {
  const network = (isThere: boolean) => {
    Object.defineProperty(navigator, 'onLine', { value: isThere, configurable: true })
    window.dispatchEvent(new Event(isThere ? 'online' : 'offline'))
  }

  it('one thing is said, and it is done', async () => {
    const at = await mount({ mode: 'inline' })
    await begin(at)
    await end(at)
    await until(() => !at.find('.go.stop'))
    network(false)
    at.server.fail(/messages$/, 'refuse')
    const input = await type(at, 'Two')
    pressEnter(input)
    await at.wait('.user.offline')
    const said = visibleText(at.chat).match(/offline|online|not sent|cannot be reached/gi)
    equal(said, ['online'])
    equal(at.find('.user.offline .note')?.textContent, 'Will be sent when you are back online')
    assert(!at.find('.banner') && !at.find('samosa-notice'))
    await assertAccessible(at.chat)
    network(true)
    await until(() => at.server.turns.length === 2)
    equal(sends(at), ['One', 'Two', 'Two'])
  })
})

describe('an answer that reached its length limit', () => {
  const FENCE = 'Here:\n\n```js\nconst total = on'

  async function cutOff(): Promise<Mounted> {
    const at = await mount({ mode: 'inline' })
    at.chat.send('Code, please')
    await until(() => at.server.turns.length)
    at.server.lastTurn.token(FENCE)
    at.server.lastTurn.done('length')
    await at.wait('.go-on')
    return at
  }
  const code = (at: Mounted) => at.findAll('pre code').map((one) => one.textContent?.trim())

  it('offers to go on before all else that can be done with it', async () => {
    const at = await cutOff()
    const [first] = at.findAll('.assistant .actions button')
    assert(first?.matches('.go-on'), first?.ariaLabel ?? 'no button')
  })

  it('goes on in the same message, in the middle of its code', async () => {
    const at = await cutOff()
    const [message] = at.findAll('samosa-answer')
    await click(at, 'Continue')
    await until(() => at.server.turns.length === 2)
    equal(at.server.asked('POST', /regenerate$/).at(-1)?.body, {
      thinking_mode: false,
      continue: true,
    })
    at.server.lastTurn.token(FENCE)
    at.server.lastTurn.token('e + two\n```\n\nDone.')
    await until(() => code(at)[0] === 'const total = one + two')
    at.server.lastTurn.done()
    await until(() => !at.find('.go.stop'))
    equal(code(at), ['const total = one + two'])
    equal(at.findAll('samosa-answer').length, 1)
    assert(at.find('samosa-answer') === message && !at.find('.go-on'))
    assert(at.texts().at(-1)?.endsWith('Done.'))
  })

  it('is what it was when the rest fails, and goes on when that is tried again', async () => {
    const at = await cutOff()
    await click(at, 'Continue')
    await until(() => at.server.turns.length === 2)
    at.server.lastTurn.token(FENCE, 'e + tw')
    await until(() => code(at)[0]?.endsWith('e + tw'))
    at.server.lastTurn.fail('inference_error')
    await until(() => code(at)[0] === 'const total = on')
    await click(at, 'Try again')
    await until(() => at.server.turns.length === 3)
    const bodies = at.server.asked('POST', /regenerate$/).map(({ body }) => body)
    equal(bodies.at(-1), { thinking_mode: false, continue: true })
  })
})

describe('the files of an edited message', () => {
  it('can be taken away, which alone is a change', async () => {
    const at = await mount({ mode: 'inline' })
    const id = at.server.addConversation([
      ['user', 'Look'],
      ['assistant', 'Yes.'],
    ])
    const [asked] = at.server.conversations.get(id)!.messages
    const file = (name: string) => ({
      id: crypto.randomUUID(),
      filename: name,
      content_type: 'text/plain',
      size_bytes: 3,
      download_url: '/',
    })
    const attachments = [file('a.txt'), file('b.txt')]
    Object.assign(asked!, { attachments })
    at.chat.conversationId = id
    const edit = await at.wait('.edit')
    edit.click()
    ;(await at.wait('[aria-label="Remove a.txt"]')).click()
    await until(() => at.findAll('.file .name').length === 1)
    await assertAccessible(at.chat)
    const field = at.find('samosa-text-form')!.shadowRoot!.querySelector('textarea')!
    await until(() => focused() === field)
    press(field, 'Enter')
    await until(() => sends(at).length)
    const { body } = at.server.asked('POST', /messages$/)[0]!
    equal((body as { keep_attachments: string[] }).keep_attachments, [attachments[1]!.id])
  })
})
