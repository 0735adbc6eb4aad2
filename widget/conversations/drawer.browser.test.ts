import 'axe-core/axe.min.js'
import { mount, visibleText, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

const DAY = 24 * 60 * 60 * 1000
const TITLES = ['Ferns', 'Cacti', 'Watering', 'Café plants', 'Soil']

interface Listed extends Mounted {
  readonly ids: readonly string[]
}

/** A chat over a server with conversations. */
async function withConversations(
  titles: readonly string[] = TITLES,
  attributes: Readonly<Record<string, string>> = { mode: 'inline' },
): Promise<Listed> {
  const server = new ScriptedServer()
  const ids = server.addTitled(titles)
  return { ...(await mount(attributes, server)), ids }
}

async function openList(mounted: Mounted): Promise<void> {
  const button = await mounted.wait('.list')
  button.focus()
  button.click()
  await mounted.wait('.drawer')
}

/** A chat whose list is open and loaded. */
async function listing(titles = TITLES, attributes?: Readonly<Record<string, string>>) {
  const mounted = await withConversations(titles, attributes)
  await openList(mounted)
  if (titles.length > 0) await mounted.wait('li[data-id]')
  return mounted
}

const titlesOf = (mounted: Mounted) =>
  mounted.findAll('.entry .title').map((title) => title.textContent)
const shows = (mounted: Mounted, ...titles: readonly string[]) =>
  until(() => titlesOf(mounted).join('|') === titles.join('|'))
const headings = (mounted: Mounted) =>
  mounted.findAll('section > h3').map((heading) => heading.textContent)
const rowOf = (mounted: Mounted, title: string) =>
  mounted.findAll('li[data-id]').find((row) => visibleText(row).trim().startsWith(title))
const inRow = (mounted: Mounted, title: string, selector: string) => {
  const found = rowOf(mounted, title)?.querySelector<HTMLElement>(selector)
  assert(found, `no ${selector} in ${title}`)
  return found
}
const searchField = async (mounted: Mounted) => {
  const field = await mounted.wait('.search input')
  assert(field instanceof HTMLInputElement)
  return field
}
async function searchFor(mounted: Mounted, words: string): Promise<void> {
  const field = await searchField(mounted)
  field.focus()
  field.value = words
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
}
async function tryAgain(mounted: Mounted): Promise<void> {
  const notice = await mounted.wait('samosa-notice[tone=error]')
  await until(() => notice.shadowRoot?.querySelector('button'))
  notice.shadowRoot?.querySelector('button')?.click()
}
const isClosed = (mounted: Mounted) => until(() => !mounted.find('.drawer'))
const focusedTitle = () => focused()?.querySelector('.title')?.textContent
const deletions = ({ server }: Mounted) => server.asked('DELETE', /conversations/).length

/** Holds once nothing moves any more. */
async function assertSettled({ chat, findAll }: Mounted): Promise<void> {
  const moving = findAll('*').flatMap((element) => element.getAnimations())
  await Promise.allSettled(moving.map(({ finished }) => finished))
  await assertAccessible(chat)
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('the list of conversations', () => {
  it('is asked for when it is opened, and not before', async () => {
    const mounted = await withConversations()
    await mounted.wait('samosa-empty-state')
    assert(!mounted.find('samosa-drawer'))
    assert(mounted.server.asked('GET', /conversations$/).length === 0)
    await openList(mounted)
    await shows(mounted, ...TITLES)
  })

  it('is grouped by day, the last changed first', async () => {
    const mounted = await withConversations([])
    const { server } = mounted
    const noon = new Date().setHours(12, 0, 0, 0)
    server.addTitled(['Now'])
    server.addTitled(['Before'], noon - DAY)
    server.addTitled(['Lately'], noon - 3 * DAY)
    server.addTitled(['Long ago'], Date.parse('2019-03-10T12:00:00'))
    await openList(mounted)
    await shows(mounted, 'Now', 'Before', 'Lately', 'Long ago')
    assert(headings(mounted).join() === 'Today,Yesterday,Previous 7 days,March 2019')
  })

  it('shows the conversation that is chosen, says so, and gives the focus to the composer', async () => {
    const mounted = await listing()
    const changes: unknown[] = []
    mounted.chat.addEventListener('samosa-conversation', ({ detail }) => changes.push(detail.id))
    inRow(mounted, 'Cacti', '.entry').click()
    await isClosed(mounted)
    await until(() => mounted.texts().join() === 'Cacti')
    assert(mounted.chat.conversationId === mounted.ids[1])
    assert(changes.join() === mounted.ids[1])
    const input = await mounted.input()
    await until(() => focused() === input)
    await openList(mounted)
    await mounted.wait('[aria-current=true]')
    assert(inRow(mounted, 'Cacti', '[aria-current=true]'))
  })

  it('takes a conversation off the screen before the next one is there, and can try again', async () => {
    const mounted = await listing()
    inRow(mounted, 'Cacti', '.entry').click()
    await until(() => mounted.texts().join() === 'Cacti')
    await openList(mounted)
    mounted.server.fail(new RegExp(`${mounted.ids[0]}$`), () => problem(500))
    inRow(mounted, 'Ferns', '.entry').click()
    await mounted.wait('samosa-notice[tone=error]')
    assert(mounted.texts().length === 0)
    await tryAgain(mounted)
    await until(() => mounted.texts().join() === 'Ferns')
  })

  it('keeps the current conversation in sight, however far the list is scrolled', async () => {
    const titles = Array.from({ length: 120 }, (_, index) => `Conversation ${index + 1}`)
    const mounted = await listing(titles, { mode: 'inline', style: 'height: 420px' })
    mounted.chat.conversationId = mounted.ids[5] ?? null
    const current = await mounted.wait('li.current')
    const scroller = await mounted.wait('.entries')
    const box = scroller.getBoundingClientRect()
    for (const top of [0, 900, 1800]) {
      scroller.scrollTop = top
      const row = current.getBoundingClientRect()
      assert(row.top >= box.top - 1 && row.bottom <= box.bottom + 1, `at ${top}`)
    }
  })

  it('shows a current conversation that is older than what is loaded', async () => {
    const titles = Array.from({ length: 130 }, (_, index) => `Conversation ${index + 1}`)
    const mounted = await withConversations(titles)
    mounted.chat.conversationId = mounted.ids[129] ?? null
    await until(() => mounted.texts().join() === 'Conversation 130')
    await openList(mounted)
    const current = await mounted.wait('li.current')
    assert(visibleText(current).includes('Conversation 130'))
  })

  it('loads further pages while it is scrolled, each once', async () => {
    const titles = Array.from({ length: 180 }, (_, index) => `Conversation ${index + 1}`)
    const mounted = await listing(titles, { mode: 'inline', style: 'height: 400px' })
    const scroller = await mounted.wait('.entries')
    await until(() => {
      scroller.scrollTop = scroller.scrollHeight
      return titlesOf(mounted).length === 180
    })
    assert(titlesOf(mounted).join() === titles.join())
    assert(mounted.server.asked('GET', /conversations$/).length === 4)
  })

  it('says so when there is nothing', async () => {
    const mounted = await listing([])
    await until(() => visibleText(mounted.find('.entries')!).includes('will be here'))
  })

  it('says what went wrong, and tries again', async () => {
    const mounted = await withConversations()
    mounted.server.fail(/conversations$/, () => problem(500))
    await openList(mounted)
    await tryAgain(mounted)
    await shows(mounted, ...TITLES)
    assert(!mounted.find('.trouble samosa-notice'))
  })
})

describe('searching', () => {
  it('begins where the text of the list does, and turns with what is typed', async () => {
    document.documentElement.dir = 'rtl'
    try {
      const mounted = await listing()
      const field = await searchField(mounted)
      const direction = () => getComputedStyle(field).direction
      assert(direction() === 'rtl', 'the placeholder stands away from its sign')
      await searchFor(mounted, 'cact')
      await until(() => direction() === 'ltr')
      await searchFor(mounted, 'صبار')
      await until(() => direction() === 'rtl')
    } finally {
      document.documentElement.removeAttribute('dir')
    }
  })

  it('asks once when the typing pauses, and marks what was found', async () => {
    const mounted = await listing()
    const before = mounted.server.asked('GET', /conversations$/).length
    await searchFor(mounted, 'ca')
    await searchFor(mounted, 'cact')
    await shows(mounted, 'Cacti')
    assert(mounted.find('mark')?.textContent === 'Cact')
    assert(mounted.server.asked('GET', /conversations$/).length === before + 1)
    assert(mounted.server.requests.at(-1)?.query.get('q') === 'cact')
    assert(headings(mounted).join() === '1 conversation found.')
  })

  it('says when nothing was found; Escape brings the list back, and then closes it', async () => {
    const mounted = await listing()
    await searchFor(mounted, 'zebra')
    await until(() => visibleText(mounted.find('.entries')!).includes('Nothing found for “zebra”'))
    const field = await searchField(mounted)
    press(field, 'Escape')
    await shows(mounted, ...TITLES)
    assert(focused() === field && field.value === '')
    press(field, 'Escape')
    await isClosed(mounted)
  })

  it('keeps the words and the list when an input method takes Escape', async () => {
    const mounted = await listing()
    await searchFor(mounted, 'soil')
    await shows(mounted, 'Soil')
    const field = await searchField(mounted)
    // oxlint-disable-next-line typescript/no-deprecated -- what Safari sends
    press(field, 'Escape', { keyCode: 229 })
    // oxlint-disable-next-line typescript/no-deprecated -- what Safari sends
    press(field, 'ArrowDown', { keyCode: 229 })
    assert(field.value === 'soil' && focused() === field && mounted.find('.drawer'))
    await shows(mounted, 'Soil')
  })

  it('shows the last words’ results, whatever comes late', async () => {
    const mounted = await listing()
    await searchFor(mounted, 'soil')
    await shows(mounted, 'Soil')
    await searchFor(mounted, 'ferns')
    await shows(mounted, 'Ferns')
    await searchFor(mounted, '')
    await shows(mounted, ...TITLES)
  })
})

describe('renaming', () => {
  it('happens in place: F2, a new title, Enter', async () => {
    const mounted = await listing()
    const entry = inRow(mounted, 'Cacti', '.entry')
    entry.focus()
    press(entry, 'F2')
    await until(() => focused()?.matches('.title-field'))
    const field = focused()
    assert(field instanceof HTMLInputElement && field.value === 'Cacti')
    field.value = 'Cactuses'
    press(field, 'Enter')
    await shows(mounted, 'Ferns', 'Cactuses', 'Watering', 'Café plants', 'Soil')
    await until(() => focusedTitle() === 'Cactuses')
    assert(mounted.server.conversations.get(mounted.ids[1]!)?.title === 'Cactuses')
  })

  it('is given up with Escape, which closes nothing', async () => {
    const mounted = await listing()
    inRow(mounted, 'Cacti', '.rename').click()
    const field = await mounted.wait('.title-field')
    assert(field instanceof HTMLInputElement)
    field.value = 'Nothing'
    press(field, 'Escape')
    await until(() => focusedTitle() === 'Cacti')
    assert(mounted.find('.drawer') && mounted.server.asked('PATCH', /./).length === 0)
  })

  it('leaves its field to an input method, also in Safari’s order', async () => {
    const mounted = await listing()
    inRow(mounted, 'Cacti', '.rename').click()
    const field = await mounted.wait('.title-field')
    assert(field instanceof HTMLInputElement)
    field.value = 'にほn'
    for (const key of ['Enter', 'Escape', 'ArrowDown']) {
      press(field, key, { isComposing: true })
      // Safari says that the composition is over before it tells of the key that ended it.
      field.dispatchEvent(new CompositionEvent('compositionend', { data: 'にほn' }))
      // oxlint-disable-next-line typescript/no-deprecated -- what Safari sends
      press(field, key, { keyCode: 229 })
    }
    assert(mounted.find('.title-field') === field && focused() === field)
    assert(mounted.server.asked('PATCH', /./).length === 0)
    field.value = '日本'
    press(field, 'Enter')
    await until(() => mounted.server.conversations.get(mounted.ids[1]!)?.title === '日本')
  })

  it('brings the old title back when it could not be saved, and says why', async () => {
    const mounted = await listing()
    mounted.server.fail(/conversations\/.+/, () => problem(500))
    inRow(mounted, 'Cacti', '.rename').click()
    const field = await mounted.wait('.title-field')
    assert(field instanceof HTMLInputElement)
    field.value = 'Lost'
    press(field, 'Enter')
    const notice = await mounted.wait('.trouble samosa-notice')
    await shows(mounted, ...TITLES)
    await until(() => visibleText(notice).includes('The title was not saved.'))
  })
})

describe('deleting', () => {
  it('takes it away at once, and can be undone: nothing was asked of the server', async () => {
    const mounted = await listing()
    const entry = inRow(mounted, 'Cacti', '.entry')
    entry.focus()
    press(entry, 'Delete')
    await shows(mounted, 'Ferns', 'Watering', 'Café plants', 'Soil')
    await until(() => focusedTitle() === 'Watering')
    const toast = await mounted.wait('.toast')
    assert(visibleText(toast).includes('Deleted “Cacti”'))
    inRow(mounted, 'Soil', '.remove').click()
    await until(() => visibleText(toast).includes('2 conversations deleted.'))
    const undo = await mounted.wait('.undo')
    undo.click()
    await shows(mounted, ...TITLES)
    assert(deletions(mounted) === 0 && !mounted.find('.toast'))
  })

  it('is undone by Control+Z too', async () => {
    const mounted = await listing()
    const entry = inRow(mounted, 'Soil', '.entry')
    entry.focus()
    press(entry, 'Delete')
    await until(() => focusedTitle() === 'Café plants')
    press(focused()!, 'z', { ctrlKey: true })
    await shows(mounted, ...TITLES)
    await until(() => focusedTitle() === 'Soil')
  })

  it('happens for certain when the page is left', async () => {
    const mounted = await listing()
    inRow(mounted, 'Cacti', '.remove').click()
    inRow(mounted, 'Soil', '.remove').click()
    await until(() => titlesOf(mounted).length === 3)
    globalThis.dispatchEvent(new PageTransitionEvent('pagehide'))
    await until(() => deletions(mounted) === 2)
    assert(mounted.server.conversations.size === 3)
  })

  it('leaves the conversation that is shown, stops its answer, and brings it back when undone', async () => {
    const mounted = await listing()
    inRow(mounted, 'Cacti', '.entry').click()
    await until(() => mounted.texts().join() === 'Cacti')
    mounted.chat.send('More')
    await until(() => mounted.server.turns.length === 1 && mounted.server.lastTurn.readers === 1)
    mounted.server.lastTurn.token('Some')
    await openList(mounted)
    await until(() => rowOf(mounted, 'Cacti'))
    inRow(mounted, 'Cacti', '.remove').click()
    await until(() => !mounted.server.lastTurn.running)
    await until(() => mounted.chat.conversationId === null && mounted.texts().length === 0)
    const undo = await mounted.wait('.undo')
    undo.click()
    await until(() => mounted.texts().join('|') === 'Cacti|More|Some')
    assert(mounted.chat.conversationId === mounted.ids[1])
  })

  it('comes back with a sentence when the server does not do it', async () => {
    const mounted = await listing()
    mounted.server.fail(/conversations\/.+/, () => problem(500))
    inRow(mounted, 'Cacti', '.remove').click()
    await mounted.wait('.toast')
    globalThis.dispatchEvent(new PageTransitionEvent('pagehide'))
    const notice = await mounted.wait('.trouble samosa-notice')
    await shows(mounted, ...TITLES)
    await until(() => visibleText(notice).includes('“Cacti” was not deleted.'))
  })

  it('is seen in other tabs, which leave it too', async () => {
    const here = await listing()
    const there = await mount({ mode: 'inline', 'conversation-id': here.ids[1]! }, here.server)
    await until(() => there.texts().join() === 'Cacti')
    await openList(there)
    await shows(there, ...TITLES)
    inRow(here, 'Cacti', '.remove').click()
    await here.wait('.toast')
    globalThis.dispatchEvent(new PageTransitionEvent('pagehide'))
    await shows(there, 'Ferns', 'Watering', 'Café plants', 'Soil')
    await until(() => there.chat.conversationId === null)
  })
})

describe('by keyboard alone', () => {
  it('the list opens, is walked through and closes, and the focus is where it was', async () => {
    const mounted = await listing()
    const field = await searchField(mounted)
    await until(() => focused() === field)
    press(field, 'ArrowDown')
    const walk: readonly (readonly [string, string])[] = [
      ['', 'Ferns'],
      ['ArrowDown', 'Cacti'],
      ['End', 'Soil'],
      ['ArrowUp', 'Café plants'],
      ['Home', 'Ferns'],
      ['w', 'Watering'],
      ['PageDown', 'Soil'],
      ['PageUp', 'Ferns'],
    ]
    for (const [key, title] of walk) {
      if (key !== '') press(focused()!, key)
      await until(() => focusedTitle() === title)
    }
    press(focused()!, 'ArrowUp')
    await until(() => focused() === field)
    press(field, 'Escape')
    await isClosed(mounted)
    await until(() => focused()?.matches('.list'))
  })

  it('goes to the top with Home, where the current conversation is in sight at every place', async () => {
    const mounted = await listing(Array.from({ length: 40 }, (_, i) => `Question ${i}`))
    inRow(mounted, 'Question 0', '.entry').click()
    await isClosed(mounted)
    await openList(mounted)
    const scroller = await mounted.wait('.entries')
    await mounted.wait('li.current')
    inRow(mounted, 'Question 0', '.entry').focus()
    press(focused()!, 'End')
    await until(() => focusedTitle() === 'Question 39' && scroller.scrollTop > 100)
    press(focused()!, 'Home')
    await until(() => focusedTitle() === 'Question 0' && scroller.scrollTop === 0)
  })

  it('finds titles by their first letters, accents or not', async () => {
    const mounted = await listing(['Ab', 'Cab', 'Cacti', 'Café'])
    inRow(mounted, 'Ab', '.entry').focus()
    for (const letter of 'caf') press(focused()!, letter)
    await until(() => focusedTitle() === 'Café')
  })

  it('Tab stays in the list while it lies over the chat, and nothing behind it can be reached', async () => {
    const mounted = await listing()
    const field = await searchField(mounted)
    await until(() => focused() === field)
    const rest = ['samosa-panel-header', 'samosa-message-list', '.bottom']
    for (const selector of rest) assert(mounted.find(selector)?.inert, selector)
    const last = inRow(mounted, 'Ferns', '.remove')
    last.focus()
    press(last, 'Tab')
    assert(focused()?.matches('.new'))
    press(focused()!, 'Tab', { shiftKey: true })
    assert(focused() === last)
    const scrim = await mounted.wait('.scrim')
    scrim.click()
    await isClosed(mounted)
    for (const selector of rest) await until(() => !mounted.find(selector)?.inert)
  })

  it('Escape closes the list of a bubble first, and then the bubble', async () => {
    const mounted = await listing(TITLES, { mode: 'bubble', open: '' })
    const field = await searchField(mounted)
    press(field, 'Escape')
    await isClosed(mounted)
    assert(mounted.chat.open)
    press(await mounted.wait('.list'), 'Escape')
    assert(!mounted.chat.open)
  })
})

describe('for everybody', () => {
  it('is accessible in every state, light and dark, left to right and right to left', async () => {
    for (const theme of ['light', 'dark']) {
      for (const dir of ['ltr', 'rtl']) {
        const mounted = await listing(TITLES, { mode: 'inline', theme, dir })
        const { chat } = mounted
        await assertSettled(mounted)
        inRow(mounted, 'Cacti', '.remove').click()
        await mounted.wait('.toast')
        await assertSettled(mounted)
        inRow(mounted, 'Soil', '.rename').click()
        await mounted.wait('.title-field')
        await assertSettled(mounted)
        await searchFor(mounted, 'er')
        await shows(mounted, 'Ferns', 'Watering')
        await assertSettled(mounted)
        await searchFor(mounted, 'zebra')
        await until(() => titlesOf(mounted).length === 0)
        await assertSettled(mounted)
        mounted.server.fail(/conversations$/, () => problem(500))
        await searchFor(mounted, 'other')
        await mounted.wait('.trouble samosa-notice')
        await assertSettled(mounted)
        chat.remove()
      }
    }
  }).timeout(60_000)

  it('shows hostile titles as text, and lets nothing of them out', async () => {
    const titles = ['<img src=x onerror=alert(1)>', '\u202egnp.exe', '${alert(1)}', 'x'.repeat(500)]
    const mounted = await listing(titles)
    await shows(mounted, ...titles)
    assert(!mounted.find('.entry img'))
    const drawer = mounted.find('.drawer')!.getBoundingClientRect()
    for (const row of mounted.findAll('li[data-id]')) {
      assert(row.getBoundingClientRect().right <= drawer.right)
    }
  })
})
