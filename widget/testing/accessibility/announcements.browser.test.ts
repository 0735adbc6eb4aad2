import { mount, visibleText, type Mounted } from '../scripted/mount.ts'
import { ScriptedServer } from '../scripted/scripted-server.ts'
import { until } from '../scripted/until.ts'

function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

/** Everything that a screen reader reads by itself. */
const LIVE = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]'

/** What is read out from now on: the lines of the conversation's own region. */
async function listen(mounted: Mounted): Promise<readonly string[]> {
  const heard: string[] = []
  const region = await mounted.wait('.announcements')
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) heard.push(node.textContent ?? '')
    }
  }).observe(region, { childList: true })
  return heard
}

/** What stands in regions that are read out. */
const live = ({ findAll }: Mounted) => findAll(LIVE).map(visibleText).join(' ')

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

async function begin(mounted: Mounted, text: string): Promise<void> {
  const count = mounted.server.turns.length
  mounted.chat.send('Tell me')
  await until(() => mounted.server.turns.length > count)
  mounted.server.lastTurn.token(text)
}

const history = (count: number) =>
  Array.from({ length: count }, (_, index) => [
    ['user', `Old question ${index}`] as const,
    ['assistant', `Old answer ${index}. It is long known.`] as const,
  ]).flat()

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('a screen reader', () => {
  it('hears nothing of a conversation that is opened again', async () => {
    const server = new ScriptedServer()
    const id = server.addConversation(history(3))
    const mounted = await mount({ mode: 'inline', 'conversation-id': id }, server)
    const heard = await listen(mounted)
    await until(() => mounted.texts().length === 6)
    await frame()
    equal(heard, [])
    equal(live(mounted).includes('Old'), false)
  })

  it('hears nothing of messages that come in from before', async () => {
    const server = new ScriptedServer()
    const id = server.addConversation(history(60))
    const mounted = await mount({ mode: 'inline', 'conversation-id': id }, server)
    const heard = await listen(mounted)
    await until(() => mounted.texts().length > 0)
    const pages = () => server.requests.filter(({ query }) => query.has('before')).length
    const scroller = await mounted.wait('.scroller')
    await until(() => {
      scroller.scrollTop = 0
      return pages() > 0
    })
    await until(() => mounted.texts().some((text) => text.startsWith('Old question 3')))
    equal(heard, [])
    equal(live(mounted).includes('Old'), false)
  })

  it('hears each sentence once when the connection breaks in its middle', async () => {
    const mounted = await mount({ mode: 'inline' })
    const heard = await listen(mounted)
    await begin(mounted, 'One is said. Two is ')
    await until(() => heard.length > 0)
    mounted.server.lastTurn.cut()
    await until(() => mounted.server.lastTurn.readers > 0)
    mounted.server.lastTurn.token('cut. Three.')
    mounted.server.lastTurn.done()
    await until(() => heard.join(' ').includes('complete'))
    equal(heard.join(' '), 'One is said. Two is cut. Three. Answer complete.')
  })

  it('hears no more of one conversation when another is opened', async () => {
    const server = new ScriptedServer()
    const other = server.addConversation(history(2))
    const mounted = await mount({ mode: 'inline' }, server)
    const heard = await listen(mounted)
    await begin(mounted, 'It begins. And ')
    await until(() => heard.length > 0)
    const first = mounted.chat.conversationId
    mounted.chat.conversationId = other
    await until(() => mounted.texts().includes('Old question 0'))
    equal(live(mounted).includes('It begins'), false)
    server.lastTurn.token('goes on.')
    server.lastTurn.done()
    mounted.chat.conversationId = first
    await until(() => mounted.texts().includes('It begins. And goes on.'))
    await frame()
    equal(heard, ['It begins.'])
  })

  it('hears nothing twice when a rating, an edit or the theme draws messages again', async () => {
    const mounted = await mount({ mode: 'inline' })
    const heard = await listen(mounted)
    await begin(mounted, 'All is said.')
    mounted.server.lastTurn.done()
    await until(() => heard.length > 0)
    const said = heard.join(' ')
    for (const selector of ['.thumbs .up', '.edit']) (await mounted.wait(selector)).click()
    await mounted.wait('samosa-text-form[tone=bubble]')
    mounted.chat.theme = 'dark'
    await mounted.chat.updateComplete
    await frame()
    equal([heard.join(' '), said], ['All is said. Answer complete.', said])
  })

  it('hears what is going on while there is nothing to read, once for each step', async () => {
    const mounted = await mount({ mode: 'inline' })
    const heard = await listen(mounted)
    await begin(mounted, '<think>Let me see.')
    await until(() => heard.at(-1) === 'Thinking…')
    const { lastTurn } = mounted.server
    lastTurn.token(' And see.')
    lastTurn.token('</think><|python_start|>{"tool":"calculator"')
    await until(() => heard.at(-1) === 'Using a tool')
    lastTurn.token(',"arguments":{"expression":"2 * 3"}}<|python_end|>')
    await until(() => heard.at(-1) === 'Calculating 2 × 3.')
    lastTurn.token('<|output_start|>{"output":{"value":6}}<|output_end|>It is six.')
    lastTurn.done()
    await until(() => heard.length === 4)
    equal(heard.slice(0, 3), ['Thinking…', 'Using a tool', 'Calculating 2 × 3.'])
    equal(heard[3], 'Calculated 2 × 3 = 6. It is six. Answer complete.')
  })

  it('hears of a tool that it failed, as its card says', async () => {
    const mounted = await mount({ mode: 'inline' })
    const heard = await listen(mounted)
    const call = JSON.stringify({ tool: 'calculator', arguments: { expression: '1/0' } })
    const result = JSON.stringify({ success: false, error: 'Division by zero.' })
    await begin(mounted, `I count. <|python_start|>${call}<|python_end|>`)
    mounted.server.lastTurn.token(`<|output_start|>${result}<|output_end|>It cannot be done.`)
    mounted.server.lastTurn.done()
    await until(() => heard.join(' ').includes('complete'))
    const card = (await mounted.wait('.tool-words')).textContent ?? ''
    equal(
      heard.join(' '),
      `I count. ${card}: Division by zero. It cannot be done. Answer complete.`,
    )
  })

  it('hears what a page’s tool is called, and how it went', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.registerTool({
      name: 'add',
      title: 'Put into the bag',
      description: 'Adds',
      parameters: { type: 'object', properties: {} },
      readOnly: true,
      execute: () => ({ done: true }),
    })
    const heard = await listen(mounted)
    const call = JSON.stringify({ tool: 'add', arguments: {} })
    await begin(mounted, `<|python_start|>${call}<|python_end|>`)
    await until(() => heard.at(-1) === 'Put into the bag.')
    mounted.server.lastTurn.token(
      '<|output_start|>{"tool":"add","success":true}<|output_end|>There.',
    )
    mounted.server.lastTurn.done()
    await until(() => heard.at(-1) === 'Put into the bag: Done. There. Answer complete.')
  })

  it('hears that a message or its code was copied', async () => {
    const mounted = await mount({ mode: 'inline' })
    await begin(mounted, 'Here:\n\n```js\nlet a\n```\n')
    mounted.server.lastTurn.done()
    for (const button of ['.assistant [aria-label=Copy]', '.code-copy']) {
      ;(await mounted.wait(button)).click()
      await until(() => live(mounted).includes('Copied'))
      equal(live(mounted).split('Copied').length, 2)
      equal(mounted.find('[aria-label=Copied]'), undefined)
      await until(() => !live(mounted).includes('Copied'))
    }
  })
})
