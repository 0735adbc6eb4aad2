import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press, retype } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

async function answered(server = new ScriptedServer(), attributes = {}): Promise<Mounted> {
  const id = server.addConversation([
    ['user', 'One'],
    ['assistant', 'First'],
  ])
  const mounted = await mount({ mode: 'inline', 'conversation-id': id, ...attributes }, server)
  await until(() => mounted.texts().length === 2)
  return mounted
}

const given = ({ server }: Mounted) =>
  JSON.stringify(server.asked('PUT', /feedback$/).map(({ body }) => body))

const pressed = ({ findAll }: Mounted) =>
  findAll('.thumbs [aria-pressed="true"]').map((button) => button.getAttribute('aria-label'))

const status = ({ find }: Mounted) =>
  find('samosa-feedback')?.shadowRoot?.querySelector('[role=status]')?.textContent?.trim()

async function rate(mounted: Mounted, rating: 'up' | 'down'): Promise<HTMLElement> {
  const thumb = await mounted.wait(`.thumbs .${rating}`)
  thumb.focus()
  thumb.click()
  return thumb
}

async function comment(mounted: Mounted, text: string): Promise<HTMLTextAreaElement> {
  const field = await mounted.wait('form:not(.pod) textarea')
  assert(field instanceof HTMLTextAreaElement)
  field.focus()
  retype(field, text)
  return field
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('feedback', () => {
  it('is given with a click, shown at once, and taken back with another', async () => {
    const mounted = await answered()
    const thumb = await rate(mounted, 'up')
    await until(() => pressed(mounted).join() === 'Good answer')
    thumb.click()
    await until(() => pressed(mounted).length === 0)
    assert(!mounted.find('.form'), 'nothing more to comment on')
    await until(() => given(mounted) === '[{"rating":"up","comment":null},{"rating":null}]')
  })

  it('does not move the thumbs when it asks for a comment, however wide the page is', async () => {
    const mounted = await answered()
    mounted.chat.style.inlineSize = '900px'
    const thumb = await mounted.wait('.thumbs .up')
    const before = thumb.getBoundingClientRect()
    await rate(mounted, 'up')
    const form = await mounted.wait('.form')
    const after = thumb.getBoundingClientRect()
    assert(before.x === after.x && before.y === after.y, 'they stay where they are')
    assert(form.getBoundingClientRect().top >= after.bottom - 1, 'the form stands below')
  })

  it('on an answer that was replaced elsewhere shows what there is now, and says so', async () => {
    const mounted = await answered()
    const [conversation] = mounted.server.conversations.values()
    conversation?.messages.splice(1, 1, {
      id: crypto.randomUUID(),
      role: 'assistant',
      content: 'New',
    })
    await rate(mounted, 'up')
    await until(() => mounted.texts().includes('New'))
    const notice = await mounted.wait('samosa-notice')
    assert(notice.shadowRoot?.textContent?.includes('replaced in another window'))
  })

  it('takes a comment with Enter, and thanks for it', async () => {
    const mounted = await answered()
    const thumb = await rate(mounted, 'down')
    const field = await comment(mounted, 'Too short')
    retype(field, 'x'.repeat(2001))
    press(field, 'Enter')
    assert(!given(mounted).includes('xx'), 'no more than the server takes')
    retype(field, 'Too short')
    assert(press(field, 'Enter', { shiftKey: true }), 'a comment may have lines')
    press(field, 'Enter')
    await until(() => status(mounted) === 'Thank you for your feedback.')
    assert(given(mounted).endsWith('{"rating":"down","comment":"Too short"}]'))
    assert(focused() === thumb, 'the focus goes back')
    assert(!mounted.find('.form'))
  })

  it('needs no comment: Escape and Skip close it, and the bubble stays open', async () => {
    const mounted = await answered(new ScriptedServer(), { mode: 'bubble', open: '' })
    const thumb = await rate(mounted, 'up')
    press(await comment(mounted, 'x'), 'Escape')
    await until(() => !mounted.find('.form'))
    assert(mounted.chat.open && focused() === thumb)
    await rate(mounted, 'down')
    const skip = await mounted.wait('.quiet')
    skip.click()
    await until(() => !mounted.find('.form'))
    assert(pressed(mounted).join() === 'Bad answer')
    assert(!given(mounted).includes('"x"'))
  })

  it('says politely that a comment is possible, and does not take the focus', async () => {
    const mounted = await answered()
    const thumb = await rate(mounted, 'up')
    await mounted.wait('.form')
    assert(focused() === thumb)
    assert(status(mounted) === 'Rated. You can add a comment.')
  })

  it('goes back and says why when it cannot be kept', async () => {
    const mounted = await answered()
    mounted.server.fail(/feedback$/, 'refuse')
    await rate(mounted, 'up')
    const said = await mounted.wait('.failed[role=alert]')
    assert(said.textContent?.startsWith('Your feedback was not saved.'), said.textContent ?? '')
    await until(() => pressed(mounted).length === 0 && !mounted.find('.form'))
    await rate(mounted, 'up')
    await until(() => !mounted.find('.failed[role=alert]'))
  })

  it('keeps a comment in its field that did not get there', async () => {
    const mounted = await answered()
    await rate(mounted, 'up')
    const field = await comment(mounted, 'Nice')
    mounted.server.fail(/feedback$/, 'refuse')
    press(field, 'Enter')
    await mounted.wait('.failed[role=alert]')
    const again = await mounted.wait('form:not(.pod) textarea')
    assert(again instanceof HTMLTextAreaElement && again.value === 'Nice')
    assert(pressed(mounted).join() === 'Good answer', 'the rating stays')
  })

  it('is there when the conversation is loaded', async () => {
    const first = await answered()
    await rate(first, 'down')
    await until(() => given(first) !== '[]')
    const id = first.chat.conversationId ?? ''
    const again = await mount({ mode: 'inline', 'conversation-id': id }, first.server)
    await until(() => pressed(again).join() === 'Bad answer')
  })

  it('is offered under whole answers only, and only where the server takes it', async () => {
    const mounted = await answered()
    mounted.chat.send('Two')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Sec')
    await until(() => mounted.texts().length === 4)
    assert(mounted.findAll('samosa-feedback').length === 1)
    mounted.server.lastTurn.done()
    await until(() => mounted.findAll('samosa-feedback').length === 2)
    const without = new ScriptedServer()
    without.config = { ...without.config, features: {} }
    const other = await answered(without)
    await until(() => other.find('h2')?.textContent === 'Ask us')
    assert(!other.find('samosa-feedback'))
  })

  it('has the cursor in its form after a thumbs down: a space is typed, and takes nothing back', async () => {
    const mounted = await answered()
    const thumb = await rate(mounted, 'down')
    const field = await mounted.wait('form:not(.pod) textarea')
    await until(() => focused() === field)
    press(focused() ?? thumb, ' ')
    assert(pressed(mounted).join() === 'Bad answer')
    ;(await mounted.wait('.quiet')).click()
    await until(() => focused() === thumb)
    assert(pressed(mounted).join() === 'Bad answer')
  })

  it('keeps what was written, and gives the focus back, when a rating is not kept', async () => {
    const server = new ScriptedServer()
    const { fetch } = server
    let isOver = false
    let refuse = () => {}
    const isRefused = new Promise<void>((resolve) => (refuse = resolve))
    Object.assign(server, {
      async fetch(input: string, init: RequestInit) {
        if (init.method !== 'PUT' || isOver) return fetch(input, init)
        await isRefused
        isOver = true
        throw new TypeError('Failed to fetch')
      },
    })
    const mounted = await answered(server)
    const thumb = await rate(mounted, 'down')
    await comment(mounted, 'Too short')
    refuse()
    await mounted.wait('.failed[role=alert]')
    await until(() => focused() === thumb)
    await rate(mounted, 'down')
    const again = await mounted.wait('form:not(.pod) textarea')
    assert(again instanceof HTMLTextAreaElement && again.value === 'Too short')
  })

  it('is accessible, and moves no text by its buttons', async () => {
    const mounted = await answered()
    const thumb = await mounted.wait('.thumbs .up')
    const { width, height } = thumb.getBoundingClientRect()
    assert(width >= 24 && height >= 24, `${width} × ${height}`)
    const answer = await mounted.wait('samosa-answer')
    const before = JSON.stringify(answer.getBoundingClientRect())
    await rate(mounted, 'down')
    await mounted.wait('.form')
    assert(JSON.stringify(answer.getBoundingClientRect()) === before)
    await assertAccessible(mounted.chat)
  })
})
