import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

const offered = ({ findAll }: Mounted) =>
  findAll('samosa-follow-ups')
    .flatMap(({ shadowRoot }) => [...(shadowRoot?.querySelectorAll('button') ?? [])])
    .map(({ textContent }) => textContent.trim())

async function suggest(at: Mounted, ...suggestions: readonly string[]): Promise<void> {
  at.chat.send('Hi')
  await until(() => at.server.turns.length)
  at.server.lastTurn.token('Hello')
  at.server.lastTurn.emit({ suggestions })
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('follow-up questions', () => {
  it('stand under a complete answer, and one that is chosen is sent', async () => {
    const at = await mount({ mode: 'inline' })
    await suggest(at, 'How long does it keep?', 'Can I freeze it?')
    await until(() => at.texts().includes('Hello'))
    equal(offered(at), [])
    at.server.lastTurn.done()
    await until(() => offered(at).length === 2)
    equal(offered(at), ['How long does it keep?', 'Can I freeze it?'])
    await assertAccessible(at.chat)
    const button = await at.wait('[part=suggestion]')
    button.focus()
    button.click()
    await until(() => at.server.turns.length === 2)
    await until(() => offered(at).length === 0)
    assert(at.texts().includes('How long does it keep?'))
    assert(focused() === (await at.input()), 'the focus goes on in the composer')
  })

  it('come back with the conversation on the next page, also under an older one', async () => {
    const first = await mount({ mode: 'inline' })
    await suggest(first, 'How long does it keep?', 'Can I freeze it?')
    first.server.lastTurn.done()
    await until(() => offered(first).length === 2)
    const id = first.chat.conversationId ?? ''
    first.chat.remove()
    const next = await mount({ mode: 'inline', 'conversation-id': id }, first.server)
    await until(() => offered(next).length === 2)
    equal(offered(next), ['How long does it keep?', 'Can I freeze it?'])
    next.chat.newConversation()
    await until(() => offered(next).length === 0)
    next.chat.conversationId = id
    await until(() => offered(next).length === 2)
    const button = await next.wait('[part=suggestion]')
    button.click()
    await until(() => next.texts().includes('How long does it keep?'))
  })

  it('go with the next message, and with another conversation', async () => {
    const at = await mount({ mode: 'inline' })
    await suggest(at, 'And then?')
    at.server.lastTurn.done()
    await until(() => offered(at).length === 1)
    at.chat.newConversation()
    await until(() => offered(at).length === 0)
  })

  it('are texts whatever they say, also that of a command', async () => {
    const at = await mount({ mode: 'inline' })
    await suggest(at, '/clear', '<img src=x onerror=alert(1)>')
    at.server.lastTurn.done()
    await until(() => offered(at).length === 2)
    equal(offered(at)[1], '<img src=x onerror=alert(1)>')
    ;(await at.wait('[part=suggestion]')).click()
    await until(() => at.server.turns.length === 2)
    assert(at.texts().includes('/clear'))
  })
})
