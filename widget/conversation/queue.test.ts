import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeyValueStore, type KeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../testing/scripted/open-page.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import type { Wait } from './follow-turn.ts'
import { until } from '../testing/scripted/until.ts'

const THINK = { think: false }

let server: ScriptedServer
let store: KeyValueStore
let page: ReturnType<typeof openPage>

const sent = () =>
  server.asked('POST', /messages$/).map(({ body }) => (body as { content: string }).content)

beforeEach(async () => {
  server = new ScriptedServer()
  store = createKeyValueStore('', undefined)
  page = openPage(server, store)
})

async function ask(text: string) {
  const turns = server.turns.length
  page.controller.send(text, THINK)
  await until(() => server.turns.length > turns && page.kind() === 'answering')
  return server.lastTurn
}

/** The next turn, once it runs on the page. */
async function turnNumber(count: number) {
  await until(() => server.turns.length === count && page.kind() === 'answering')
  return server.lastTurn
}

async function answer(turn = server.lastTurn) {
  turn.token('Yes.')
  turn.done()
}

async function reload() {
  await page.leave()
  page = openPage(server, store)
  void page.controller.load(undefined)
}

describe('messages that are written while an answer runs', () => {
  it('go out one after the other, in their order', async () => {
    await ask('one')
    for (const text of ['two', 'three']) expect(page.controller.send(text, THINK)).toBe(true)
    await until(() => page.queued().length === 2 && page.controller.queue)
    expect(page.queued()).toEqual(['turn: two', 'turn: three'])
    await answer()
    await turnNumber(2)
    expect(page.queued()).toEqual(['turn: three'])
    await answer()
    await turnNumber(3)
    await answer()
    await until(() => page.kind() === 'idle')
    expect(sent()).toEqual(['one', 'two', 'three'])
    expect(page.shown().filter((_, at) => at % 2 === 0)).toEqual(
      ['one', 'two', 'three'].map((text) => `user settled: ${text}`),
    )
  })

  it('leave the composer, where they stood in it', async () => {
    await ask('one')
    page.state.draft = 'two'
    page.controller.send('two', THINK)
    expect(page.state.draft).toBe('')
    page.state.draft = 'a draft'
    page.controller.send('from the page', THINK)
    expect(page.state.draft).toBe('a draft')
  })

  it('wait too when the conversation is being made just now', async () => {
    page.controller.send('one', THINK)
    page.controller.send('two', THINK)
    await turnNumber(1)
    await until(() => page.queued()[0] === 'turn: two')
    await reload()
    await until(() => page.queued()[0] === 'turn: two')
    await answer()
    await turnNumber(2)
    expect(sent()).toEqual(['one', 'two'])
  })

  it('go out after the visitor has stopped the answer, also before its first word', async () => {
    await ask('one')
    page.controller.send('two', THINK)
    await until(() => page.controller.queue)
    page.controller.stop()
    await turnNumber(2)
    expect(sent()).toEqual(['one', 'two'])
  })

  it('wait for the visitor after an error, and go on when that is over', async () => {
    const turn = await ask('one')
    page.controller.send('two', THINK)
    await until(() => page.controller.queue)
    turn.fail('inference_error')
    await until(() => page.kind() === 'failed')
    expect(page.queued()).toEqual(['visitor: two'])
    page.controller.retry()
    await turnNumber(2)
    await answer()
    await turnNumber(3)
    expect(sent()).toEqual(['one', 'two'])
  })

  it('go out when the visitor says so, after an error too', async () => {
    const turn = await ask('one')
    page.controller.send('two', THINK)
    await until(() => page.controller.queue)
    turn.fail('inference_error')
    await until(() => page.kind() === 'failed')
    page.controller.sendWaiting(page.state.queued[0]!)
    await turnNumber(2)
    expect([sent(), page.queued()]).toEqual([['one', 'two'], []])
  })

  it('go back into the composer, before what stands there', async () => {
    await ask('one')
    page.controller.send('two', THINK)
    page.controller.send('three', THINK)
    await until(() => page.controller.queue)
    page.state.draft = 'a draft'
    page.controller.queue?.takeBack(page.state.queued[1]!)
    expect([page.state.draft, page.queued()]).toEqual(['three\na draft', ['turn: two']])
    await answer()
    await turnNumber(2)
    await answer()
    await until(() => page.kind() === 'idle')
    expect(sent()).toEqual(['one', 'two'])
  })

  it('are there after a reload', async () => {
    await ask('one')
    page.controller.send('two', THINK)
    page.controller.send('three', THINK)
    await until(() => page.controller.queue)
    await reload()
    await until(() => page.queued().length === 2)
    expect(page.queued()).toEqual(['turn: two', 'turn: three'])
    await answer()
    await turnNumber(2)
    await answer()
    await turnNumber(3)
    expect(sent()).toEqual(['one', 'two', 'three'])
  })

  it('stay with their conversation', async () => {
    await ask('one')
    page.controller.send('two', THINK)
    await until(() => page.controller.queue)
    const id = page.state.conversationId!
    page.controller.newConversation()
    expect(page.queued()).toEqual([])
    const elsewhere = await ask('elsewhere')
    const first = server.turns[0]!
    void page.controller.open(id)
    await until(() => page.queued()[0] === 'turn: two')
    await answer(elsewhere)
    await answer(first)
    await turnNumber(3)
    expect(sent()).toEqual(['one', 'elsewhere', 'two'])
    expect(page.state.conversationId).toBe(id)
  })

  it('are sent by one of two pages', async () => {
    await ask('one')
    page.controller.send('two', THINK)
    await until(() => page.controller.queue)
    const other = openPage(server, store)
    void other.controller.load(undefined)
    await until(() => other.queued()[0] === 'turn: two')
    await answer()
    await turnNumber(2)
    await answer()
    await until(() => page.kind() === 'idle' && other.kind() === 'idle')
    await other.controller.refresh()
    expect(server.turns).toHaveLength(2)
    expect([page.queued(), other.queued()]).toEqual([[], []])
    const said = ['user settled: one', 'user settled: two']
    expect(page.shown().filter((one) => one.startsWith('user'))).toEqual(said)
    expect(other.shown().filter((one) => one.startsWith('user'))).toEqual(said)
  })

  it('keep no edit waiting', async () => {
    const turn = await ask('one')
    await until(() => page.state.messages[0]?.id)
    const replaces = page.state.messages[0]!.id!
    expect(page.controller.send('uno', { ...THINK, replaces })).toBe(false)
    await answer(turn)
  })
})

describe('a message that failed', () => {
  it('keeps its mark and goes out at the end when it is tried again', async () => {
    server.fail(/messages$/, () => problem(500))
    page.controller.send('one', THINK)
    await until(() => page.kind() === 'failed' && page.controller.queue)
    await ask('two')
    await answer()
    await until(() => page.kind() === 'idle')
    expect(page.queued()).toEqual(['failed: one'])
    await reload()
    await until(() => page.queued()[0] === 'failed: one' && page.kind() === 'idle')
    expect(sent()).toEqual(['one', 'two'])
    page.controller.sendWaiting(page.state.queued[0]!)
    await turnNumber(2)
    await answer()
    await until(() => page.kind() === 'idle')
    expect(page.queued()).toEqual([])
    expect(page.shown().filter((one) => one.startsWith('user'))).toEqual([
      'user settled: two',
      'user settled: one',
    ])
  })

  it('is not sent by itself when another answer is done', async () => {
    server.fail(/messages$/, () => problem(500))
    page.controller.send('one', THINK)
    await until(() => page.kind() === 'failed' && page.controller.queue)
    await ask('two')
    page.controller.send('three', THINK)
    await answer()
    await turnNumber(2)
    await answer()
    await until(() => page.kind() === 'idle')
    expect([sent(), page.queued()]).toEqual([['one', 'two', 'three'], ['failed: one']])
  })
})

describe('a question that got no answer', () => {
  it('is asked again behind the others, and stands there once', async () => {
    const turn = await ask('one')
    turn.fail('inference_error')
    await until(() => page.kind() === 'failed')
    await ask('two')
    await answer()
    await until(() => page.kind() === 'idle')
    const [failed] = page.state.messages
    page.controller.send('one', { ...THINK, repeats: failed!.id! })
    await turnNumber(3)
    await answer()
    await until(() => page.kind() === 'idle')
    const last = server.asked('POST', /messages$/).at(-1)?.body
    expect(last).toMatchObject({ content: 'one', repeats: failed!.id })
    expect(page.shown()).toEqual([
      'user settled: two',
      'assistant settled: Yes.',
      'user settled: one',
      'assistant settled: Yes.',
    ])
  })
})

describe('without a network', () => {
  const offline = (isOff: boolean) => {
    vi.stubGlobal('navigator', { onLine: !isOff })
  }
  const cut = (times: number) => {
    for (let count = 0; count < times; count += 1) server.fail(/messages$/, 'refuse')
  }

  it('messages go out in order when it is back, once, also after a reload', async () => {
    const never: Wait = () => new Promise(() => {})
    page = openPage(server, store, undefined, never)
    await ask('zero')
    await answer()
    await until(() => page.kind() === 'idle' && page.controller.queue)
    offline(true)
    try {
      cut(1_000)
      page.controller.send('one', THINK)
      await until(() => page.shown().at(-1) === 'user offline: one')
      page.controller.send('two', THINK)
      await until(() => page.queued()[0] === 'network: two')
      await page.leave()
      server.faults.length = 0
      offline(false)
      page = openPage(server, store)
      void page.controller.load(undefined)
      await turnNumber(2)
      await answer()
      await turnNumber(3)
      await answer()
      await until(() => page.kind() === 'idle')
      expect(server.turns).toHaveLength(3)
      expect(page.shown().filter((one) => one.startsWith('user'))).toEqual(
        ['zero', 'one', 'two'].map((text) => `user settled: ${text}`),
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('a message is tried until it gets there', async () => {
    offline(true)
    try {
      cut(3)
      page.controller.send('one', THINK)
      await turnNumber(1)
      expect(
        new Set(
          server.asked('POST', /messages$/).map(({ headers }) => headers.get('idempotency-key')),
        ).size,
      ).toBe(1)
      expect(server.asked('POST', /messages$/)).toHaveLength(4)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})
