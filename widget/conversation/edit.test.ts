import { beforeEach, describe, expect, it } from 'vitest'
import { createKeyValueStore, type KeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../testing/scripted/open-page.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import type { ChatMessage } from './chat-message.ts'
import { ContinuedTurn } from './continued-turn.ts'

let server: ScriptedServer
let store: KeyValueStore
let page: ReturnType<typeof openPage>

const sends = () => server.asked('POST', /messages$/)
const SHOWN = [
  'user settled: One',
  'assistant settled: First',
  'user settled: Two',
  'assistant settled: Second',
]

beforeEach(async () => {
  server = new ScriptedServer()
  store = createKeyValueStore('', undefined)
  page = openPage(server, store)
  const id = server.addConversation([
    ['user', 'One'],
    ['assistant', 'First'],
    ['user', 'Two'],
    ['assistant', 'Second'],
  ])
  await page.controller.load(id)
})

const idOf = (index: number) => page.state.messages[index]?.id ?? ''

const edit = (text: string, index = 0) =>
  page.controller.send(text, { think: false, replaces: idOf(index) })

describe('an edited message', () => {
  it('takes the place of what followed at once, and the answer follows', async () => {
    const replaces = idOf(0)
    edit('Uno')
    expect(page.shown()).toEqual(['user sending: Uno', 'assistant waiting: '])
    await until(() => page.kind() === 'answering')
    expect(sends().at(-1)?.body).toMatchObject({ content: 'Uno', replaces })
    server.lastTurn.token('Primo')
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    const shown = ['user settled: Uno', 'assistant settled: Primo']
    expect(page.shown()).toEqual(shown)
    await page.controller.load(page.state.conversationId)
    expect(page.shown()).toEqual(shown)
  })

  it('keeps what came before it', async () => {
    edit('Due', 2)
    await until(() => page.kind() === 'answering')
    expect(page.shown().slice(0, 3)).toEqual([...SHOWN.slice(0, 2), 'user settled: Due'])
  })

  it('brings back what followed when it cannot be sent, and trying again still replaces it', async () => {
    const replaces = idOf(2)
    server.fail(/messages$/, 'refuse')
    edit('Due', 2)
    await until(() => page.kind() === 'failed')
    expect(page.shown()).toEqual([...SHOWN, 'user failed: Due'])
    page.controller.retry()
    await until(() => page.kind() === 'answering')
    expect(page.shown().slice(0, 3)).toEqual([...SHOWN.slice(0, 2), 'user settled: Due'])
    expect(sends().map(({ body }) => body)).toEqual([
      { content: 'Due', thinking_mode: false, replaces },
      { content: 'Due', thinking_mode: false, replaces },
    ])
    const keys = sends().map(({ headers }) => headers.get('idempotency-key'))
    expect(new Set(keys).size).toBe(1)
  })

  it('survives a reload before the server has confirmed it', async () => {
    const replaces = idOf(2)
    server.fail(/messages$/, 'lose answer')
    edit('Due', 2)
    await until(() => page.kind() === 'failed')
    await page.leave()
    page = openPage(server, store)
    await page.controller.load(undefined)
    await until(() => page.kind() === 'answering')
    expect(page.shown().slice(0, 3)).toEqual([...SHOWN.slice(0, 2), 'user settled: Due'])
    expect(server.turns).toHaveLength(1)
    expect(sends().at(-1)?.body).toMatchObject({ replaces })
  })

  it('shows the other window’s turn when that is in the way, and gives the text back', async () => {
    const other = openPage(server, store)
    await other.controller.load(page.state.conversationId)
    other.controller.send('Three', { think: false })
    await until(() => other.kind() === 'answering')
    edit('Uno')
    await until(() => page.kind() === 'answering')
    expect([page.state.hint, page.state.draft]).toEqual(['busy', 'Uno'])
    expect(page.shown()).toEqual([...SHOWN, 'user settled: Three', 'assistant waiting: '])
  })

  it('says that an answer is still running, not where the text is, to who asks for one again', async () => {
    const other = openPage(server, store)
    await other.controller.load(page.state.conversationId)
    for (const begin of [
      undefined,
      (last: ChatMessage | undefined) => last && new ContinuedTurn(last),
    ]) {
      other.controller.regenerate()
      await until(() => other.kind() === 'answering')
      page.controller.regenerate(begin)
      await until(() => page.kind() === 'answering')
      const { hint, hintStrings } = page.state
      expect(hint && hintStrings[hint]).toMatch(/^An answer is still being written/)
      server.lastTurn.token('Twice')
      server.lastTurn.done()
      await until(() => page.kind() === 'idle' && other.kind() === 'idle')
      // What it spoke of is over.
      expect(page.state.hint).toBeUndefined()
    }
  })

  it('gives the text back when the other window has replaced the message already', async () => {
    server.fail(/messages$/, () => problem(404, { code: 'not_found' }))
    edit('Uno')
    await until(() => page.kind() === 'idle')
    expect([page.state.hint, page.state.draft]).toEqual(['changed', 'Uno'])
    expect(page.shown()).toEqual(SHOWN)
  })

  it('says so when the whole conversation is gone', async () => {
    server.conversations.clear()
    edit('Uno')
    await until(() => page.state.conversationId === undefined)
    expect([page.state.hint, page.state.draft]).toEqual(['gone', 'Uno'])
  })

  it('is an edit again when it is stopped before it got there', async () => {
    server.fail(/messages$/, () => problem(503, { code: 'inference_unreachable' }))
    edit('Uno')
    page.controller.stop()
    await until(() => page.kind() === 'idle')
    expect(page.state.draft).toBe('')
    expect(page.state.messages[0]?.edit).toBe('Uno')
    expect(page.shown()).toEqual(SHOWN)
  })

  it('leaves what is typed in the composer alone', async () => {
    page.state.draft = 'Uno'
    edit('Uno')
    await until(() => page.kind() === 'answering')
    expect(page.state.draft).toBe('Uno')
  })
})
