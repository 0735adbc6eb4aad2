import { beforeEach, describe, expect, it } from 'vitest'
import { createKeyValueStore, type KeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../testing/scripted/open-page.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'

const THINK = { think: false }

let server: ScriptedServer
let store: KeyValueStore
let page: ReturnType<typeof openPage>

const sends = () => server.asked('POST', /messages$/)
const stored = () =>
  [...server.conversations.values()].flatMap(({ messages }) =>
    messages.map(({ content }) => content),
  )

async function ask(text: string) {
  page.controller.send(text, THINK)
  await until(() => page.kind() === 'answering')
  return server.lastTurn
}

async function converse() {
  const turn = await ask('Hi')
  turn.token('Hello')
  turn.done()
  await until(() => page.kind() === 'idle')
}

/** What the page says of its connection from now on. */
function watchConnection(): readonly boolean[] {
  const changes: boolean[] = []
  const { show } = page.state
  page.state.show = (change) => {
    if (change.connected !== undefined) changes.push(change.connected)
    show.call(page.state, change)
  }
  return changes
}

beforeEach(() => {
  server = new ScriptedServer()
  store = createKeyValueStore('', undefined)
  page = openPage(server, store)
})

describe('sending', () => {
  it('shows the message at once, then the answer as it comes', async () => {
    page.controller.send('Hi', THINK)
    expect(page.shown()).toEqual(['user sending: Hi', 'assistant waiting: '])
    await until(() => page.kind() === 'answering')
    expect(page.shown()[0]).toBe('user settled: Hi')
    server.lastTurn.token('Hel')
    server.lastTurn.token('lo')
    await until(() => page.shown()[1] === 'assistant streaming: Hello')
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
    expect(page.events).toEqual(['conversation', 'user: Hi', 'assistant: Hello'])
  })

  it('creates one conversation and stays in it', async () => {
    await converse()
    await ask('And?')
    expect(server.conversations.size).toBe(1)
    expect(sends().map(({ body }) => body)).toEqual([
      { content: 'Hi', thinking_mode: false },
      { content: 'And?', thinking_mode: false },
    ])
  })

  it('lets a second message wait while an answer is running', async () => {
    await ask('Hi')
    expect(page.controller.send('More', THINK)).toBe(true)
    expect(sends()).toHaveLength(1)
    await until(() => page.queued()[0] === 'turn: More')
  })

  it('shows the sources before the first word', async () => {
    const turn = await ask('Hi')
    turn.emit({ sources: [{ number: 1, title: 'Manual' }] })
    await until(() => page.state.messages.at(-1)?.sources.length === 1)
    expect(page.shown().at(-1)).toBe('assistant waiting: ')
  })
})

describe('the draft', () => {
  it('goes when it is what was sent, and stays when something else was', async () => {
    page.state.draft = 'half a thought'
    const turn = await ask('From a card')
    expect(page.state.draft).toBe('half a thought')
    turn.done()
    await until(() => page.kind() === 'idle')
    page.state.draft = ' A thought '
    await ask('A thought')
    expect(page.state.draft).toBe('')
  })
})

describe('a send that fails before the server confirms it', () => {
  it.each(['refuse', 'lose answer'] as const)(
    'asks once, with one key, after a retry (%s)',
    async (fault) => {
      server.fail(/messages$/, fault)
      page.controller.send('Hi', THINK)
      await until(() => page.kind() === 'failed')
      expect(page.shown()).toEqual(['user failed: Hi'])
      page.controller.retry()
      await until(() => page.kind() === 'answering')
      server.lastTurn.token('Hello')
      server.lastTurn.done()
      await until(() => page.kind() === 'idle')
      expect(new Set(sends().map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1)
      expect(stored()).toEqual(['Hi', 'Hello'])
      expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
    },
  )

  it('keeps the text when not even a conversation can be made', async () => {
    server.fail(/conversations$/, 'refuse')
    page.controller.send('Hi', THINK)
    await until(() => page.kind() === 'failed')
    page.controller.retry()
    await until(() => page.kind() === 'answering')
    expect(stored()).toEqual(['Hi'])
  })

  it.each(['refuse', 'lose answer'] as const)(
    'goes out by itself after a reload, once (%s)',
    async (fault) => {
      server.fail(/messages$/, fault)
      page.controller.send('Hi', THINK)
      await until(() => page.kind() === 'failed')
      await page.leave()
      page = openPage(server, store)
      void page.controller.load(undefined)
      await until(() => page.kind() === 'answering')
      server.lastTurn.token('Hello')
      server.lastTurn.done()
      await until(() => page.kind() === 'idle')
      expect(stored()).toEqual(['Hi', 'Hello'])
      expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
    },
  )

  it('gives the text back when the server does not accept it', async () => {
    server.fail(/messages$/, () => problem(422, { detail: 'Too long.' }))
    page.controller.send('Hi', THINK)
    await until(() => page.kind() === 'failed')
    expect(page.state.draft).toBe('Hi')
    expect(page.shown()).toEqual([])
    expect(page.state.phase).toMatchObject({ retry: undefined, error: { detail: 'Too long.' } })
  })

  it('keeps its mark, below, when another message goes out', async () => {
    server.fail(/messages$/, 'refuse')
    page.controller.send('Hi', THINK)
    await until(() => page.kind() === 'failed' && page.controller.queue)
    page.state.draft = 'Something else'
    const turn = await ask('Something else')
    expect(stored()).toEqual(['Something else'])
    expect(page.shown()[0]).toBe('user settled: Something else')
    expect([page.state.draft, page.queued()]).toEqual(['', ['failed: Hi']])
    turn.done()
    await until(() => page.kind() === 'idle')
    expect(page.queued()).toEqual(['failed: Hi'])
  })

  it('is asked once when the same text is sent again', async () => {
    server.fail(/messages$/, 'lose answer')
    page.controller.send('Hi', THINK)
    await until(() => page.kind() === 'failed')
    await ask('Hi')
    expect(server.turns).toHaveLength(1)
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant waiting: '])
    expect(page.state.draft).toBe('')
  })
})

describe('a connection that breaks', () => {
  it('goes on where it was cut, with nothing lost and nothing twice', async () => {
    const turn = await ask('Hi')
    turn.token('one ')
    await until(() => page.shown()[1]?.endsWith('one '))
    turn.cut()
    turn.token('two ')
    await until(() => turn.readers === 1)
    turn.token('three')
    turn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()[1]).toBe('assistant settled: one two three')
    expect(sends()).toHaveLength(1)
  })

  it('says so while it lasts', async () => {
    const turn = await ask('Hi')
    let wasLost = false
    const { show } = page.state
    page.state.show = (changes) => {
      wasLost ||= changes.connected === false
      show.call(page.state, changes)
    }
    turn.cut()
    turn.token('x')
    await until(() => page.state.connected && wasLost)
  })

  it('is whole again when the server answers, before the next word', async () => {
    const turn = await ask('Hi')
    const changes = watchConnection()
    turn.cut()
    await until(() => turn.readers === 1 && changes.length === 2)
    expect(changes).toEqual([false, true])
    expect(page.kind()).toBe('answering')
  })

  it('is no longer being made when the server has nothing to go on with', async () => {
    const turn = await ask('Hi')
    const changes = watchConnection()
    server.fail(/stream$/, () => new Response(null, { status: 204 }))
    turn.done('stop', false)
    turn.cut()
    await until(() => page.kind() === 'idle')
    expect(changes.at(-1) ?? true).toBe(true)
    expect(page.state.connected).toBe(true)
  })

  it('is made again however often that fails', async () => {
    const turn = await ask('Hi')
    turn.token('one')
    for (let attempt = 0; attempt < 30; attempt += 1) server.fail(/stream$/, 'refuse')
    turn.cut()
    await until(() => turn.readers === 1)
    turn.token(' two')
    turn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: one two'])
  })

  it('offers to load again when the server fails', async () => {
    const turn = await ask('Hi')
    turn.token('one')
    for (let attempt = 0; attempt < 8; attempt += 1) server.fail(/stream$/, () => problem(500))
    turn.cut()
    await until(() => page.kind() === 'failed')
    await until(() => page.state.connected)
    expect(page.shown()[1]).toBe('assistant settled: one')
    turn.token(' two')
    page.controller.retry()
    await until(() => page.shown()[1] === 'assistant streaming: one two')
    turn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: one two'])
  })

  it('loads what was stored when the server no longer has the turn', async () => {
    const turn = await ask('Hi')
    turn.token('one')
    await until(() => page.shown()[1]?.endsWith('one'))
    server.fail(/stream$/, () => new Response(null, { status: 204 }))
    turn.cut()
    turn.token(' two')
    turn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: one two'])
  })
})

describe('an answer that the server lost half-way', () => {
  it('shows what the server stored of it, as interrupted', async () => {
    const turn = await ask('Hi')
    turn.token('one')
    await until(() => page.shown()[1]?.endsWith('one'))
    server.fail(/stream$/, () => new Response(null, { status: 204 }))
    turn.cut()
    turn.token(' two')
    turn.done('interrupted')
    await until(() => page.kind() === 'idle')
    expect(page.state.messages[1]).toMatchObject({
      text: 'one two',
      state: 'settled',
      finishReason: 'interrupted',
    })
    expect(page.state.connected).toBe(true)
  })
})

describe('after a reload', () => {
  it('shows the conversation again', async () => {
    await converse()
    page = openPage(server, store)
    await page.controller.load(undefined)
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
  })

  it('goes on with a running answer from its start', async () => {
    const turn = await ask('Hi')
    turn.token('one ')
    await page.leave()
    page = openPage(server, store)
    void page.controller.load(undefined)
    await until(() => page.shown()[1] === 'assistant streaming: one ')
    turn.token('two')
    turn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: one two'])
    expect(sends()).toHaveLength(1)
  })

  it('offers to answer a question that was left without an answer', async () => {
    const turn = await ask('Hi')
    turn.fail('inference_timeout')
    await until(() => page.kind() === 'failed')
    page = openPage(server, store)
    await page.controller.load(undefined)
    expect(page.shown()).toEqual(['user settled: Hi'])
    expect([page.kind(), page.state.hint]).toEqual(['idle', 'unanswered'])
    page.controller.retry()
    expect(page.state.hint).toBeUndefined()
    await until(() => page.kind() === 'answering')
    expect(server.asked('POST', /regenerate$/)).toHaveLength(1)
  })

  it.each(['error', 'interrupted'] as const)(
    'offers to answer again where the last answer broke off (%s)',
    async (reason) => {
      const turn = await ask('Hi')
      turn.token('Half')
      turn.done(reason)
      await until(() => page.kind() !== 'answering')
      page = openPage(server, store)
      await page.controller.load(undefined)
      expect([page.kind(), page.state.endsBroken]).toEqual(['idle', true])
      expect(page.events.some((event) => event.startsWith('error'))).toBe(false)
      page.controller.retry()
      await until(() => page.kind() === 'answering')
      expect(page.state.endsBroken).toBe(false)
      expect(server.asked('POST', /regenerate$/)).toHaveLength(1)
      server.lastTurn.token('Whole')
      server.lastTurn.done()
      await until(() => page.kind() === 'idle')
      expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Whole'])
      expect(page.state.endsBroken).toBe(false)
    },
  )

  it.each(['stop', 'length', 'content_filter', 'stopped'] as const)(
    'offers nothing in words where the last answer ended so: %s',
    async (reason) => {
      const turn = await ask('Hi')
      turn.token('All')
      turn.done(reason)
      await until(() => page.kind() === 'idle')
      page = openPage(server, store)
      await page.controller.load(undefined)
      expect(page.state.endsBroken).toBe(false)
      page.controller.retry()
      expect(server.asked('POST', /regenerate$/)).toEqual([])
    },
  )

  it('starts afresh, with the draft, when the conversation is gone', async () => {
    await converse()
    server.conversations.clear()
    page.state.draft = 'half a thought'
    page = openPage(server, store)
    await page.controller.load(undefined)
    expect(page.kind()).toBe('idle')
    expect(page.shown()).toEqual([])
    expect(page.state.draft).toBe('half a thought')
    await ask('Hi again')
    expect(server.conversations.size).toBe(1)
  })

  it('keeps what is sent while the history loads', async () => {
    await converse()
    page = openPage(server, store)
    void page.controller.load(undefined)
    expect(page.kind()).toBe('loading')
    page.controller.send('Next', THINK)
    await until(() => page.kind() === 'answering')
    expect(stored()).toEqual(['Hi', 'Hello', 'Next'])
    expect(page.shown().slice(0, 3)).toEqual([
      'user settled: Hi',
      'assistant settled: Hello',
      'user settled: Next',
    ])
  })
})

describe('what is sent while a conversation loads whose answer is being written', () => {
  it('comes back, and the answer is shown: nobody has stopped it', async () => {
    const turn = await ask('Hi')
    turn.token('one ')
    await page.leave()
    page = openPage(server, store)
    void page.controller.load(undefined)
    page.controller.send('Next', THINK)
    await until(() => page.shown()[1] === 'assistant streaming: one ')
    expect(page.queued()).toEqual(['turn: Next'])
    turn.token('two')
    turn.done()
    await until(() => server.turns.length === 2 && page.kind() === 'answering')
    expect(page.shown().slice(0, 2)).toEqual(['user settled: Hi', 'assistant settled: one two'])
    expect(stored()).toEqual(['Hi', 'one two', 'Next'])
  })

  it('is what that answer is to, when the page before had sent it and was not told', async () => {
    server.fail(/messages$/, 'lose answer')
    page.controller.send('Hi', THINK)
    await until(() => page.kind() === 'failed')
    const [turn] = server.turns
    await page.leave()
    page = openPage(server, store)
    void page.controller.load(undefined)
    await until(() => page.kind() === 'answering')
    turn?.token('Hello')
    turn?.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
    expect(server.turns).toHaveLength(1)
  })
})

describe('a history that does not load', () => {
  it('is loaded first when a message is sent, which goes to its end', async () => {
    await converse()
    page = openPage(server, store)
    server.fail(/conversations\/[^/]+$/, 'refuse')
    await page.controller.load(undefined)
    expect(page.kind()).toBe('failed')
    page.controller.send('Next', THINK)
    await until(() => page.kind() === 'answering')
    expect(server.conversations.size).toBe(1)
    expect(stored()).toEqual(['Hi', 'Hello', 'Next'])
    expect(page.shown().slice(0, 3)).toEqual([
      'user settled: Hi',
      'assistant settled: Hello',
      'user settled: Next',
    ])
  })

  it('loses no message that waits for it', async () => {
    await converse()
    page = openPage(server, store)
    for (let count = 0; count < 3; count += 1) server.fail(/conversations\/[^/]+$/, 'refuse')
    await page.controller.load(undefined)
    page.controller.send('Next', THINK)
    await until(() => page.kind() === 'failed')
    expect(page.shown()).toEqual(['user failed: Next'])
    page.controller.send('Other', THINK)
    expect(page.queued()).toEqual(['failed: Next'])
    await until(() => page.kind() === 'failed')
    page.controller.retry()
    await until(() => page.kind() === 'answering')
    expect(stored()).toEqual(['Hi', 'Hello', 'Other'])
    expect(page.queued()).toEqual(['failed: Next'])
  })
})

describe('a conversation that the page names and the server does not know', () => {
  it('is reported as gone, and the remembered one stays remembered', async () => {
    await converse()
    page = openPage(server, store)
    await page.controller.load('unknown')
    expect(page.events).toEqual(['no conversation'])
    page = openPage(server, store)
    await page.controller.load(undefined)
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
  })
})

describe('a conversation deleted elsewhere', () => {
  it('gives the text back and starts afresh', async () => {
    await converse()
    server.conversations.clear()
    page.controller.send('Still there?', THINK)
    await until(() => page.kind() === 'idle' && page.state.conversationId === undefined)
    expect(page.state.draft).toBe('Still there?')
    expect(page.state.hint).toBe('gone')
    await ask('Still there?')
    expect(page.state.hint).toBeUndefined()
  })
})

describe('two tabs', () => {
  it('shows the answer that another tab asked for, and waits for it', async () => {
    await converse()
    const other = openPage(server, store)
    await other.controller.load(undefined)
    const turn = await ask('From the first tab')
    other.controller.send('From the second tab', THINK)
    await until(() => other.kind() === 'answering')
    expect(other.queued()).toEqual(['turn: From the second tab'])
    turn.token('Both see this')
    turn.done()
    await until(() => server.turns.length === 3 && other.kind() === 'answering')
    expect(other.shown().slice(2, 5)).toEqual([
      'user settled: From the first tab',
      'assistant settled: Both see this',
      'user settled: From the second tab',
    ])
    expect(other.queued()).toEqual([])
    expect(stored().filter((text) => text === 'From the second tab')).toHaveLength(1)
  })

  it('catches up when it is looked at again', async () => {
    await converse()
    const other = openPage(server, store)
    await other.controller.load(undefined)
    const kept = other.state.messages[1]
    const turn = await ask('More')
    turn.token('Yes')
    turn.done()
    await until(() => page.kind() === 'idle')
    await other.controller.refresh()
    expect(other.shown()).toEqual(page.shown())
    expect(other.state.messages[1]).toBe(kept)
  })
})

describe('an answer that fails', () => {
  it('keeps what came, and answers again on retry', async () => {
    const turn = await ask('Hi')
    turn.token('Half of ')
    turn.fail('inference_interrupted')
    await until(() => page.kind() === 'failed')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Half of '])
    page.controller.retry()
    await until(() => page.kind() === 'answering')
    server.lastTurn.token('All of it')
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: All of it'])
    expect(stored()).toEqual(['Hi', 'All of it'])
  })

  it('leaves no empty answer behind', async () => {
    const turn = await ask('Hi')
    turn.fail('inference_unreachable')
    await until(() => page.kind() === 'failed')
    expect(page.shown()).toEqual(['user settled: Hi'])
    expect(page.events.at(-1)).toBe('error: inference_unreachable')
  })

  it('offers no retry where none can help', async () => {
    const turn = await ask('Hi')
    turn.fail('forbidden', false)
    await until(() => page.kind() === 'failed')
    expect(page.state.phase).toMatchObject({ retry: undefined })
  })
})

describe('answering again', () => {
  it('keeps the old answer until the new one begins', async () => {
    await converse()
    page.controller.regenerate()
    await until(() => page.kind() === 'answering')
    expect(page.shown()).toEqual([
      'user settled: Hi',
      'assistant settled: Hello',
      'assistant waiting: ',
    ])
    server.lastTurn.token('Good day')
    await until(() => page.shown().length === 2)
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Good day'])
  })

  it('brings the old answer back when the new one fails half-way', async () => {
    await converse()
    page.controller.regenerate()
    await until(() => page.kind() === 'answering')
    server.lastTurn.token('Goo')
    await until(() => page.shown().length === 2)
    server.lastTurn.emit(
      { error: 'x', code: 'inference_error' },
      { done: true, finish_reason: 'error' },
    )
    await until(() => page.kind() === 'failed')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
    expect(page.state.messages[1]?.replacing).toBe(false)
  })

  it('asks once when the answer to the request is lost', async () => {
    await converse()
    server.fail(/regenerate$/, 'lose answer')
    page.controller.regenerate()
    await until(() => page.kind() === 'failed')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
    page.controller.retry()
    await until(() => page.kind() === 'answering')
    expect(server.turns).toHaveLength(2)
  })
})

describe('stopping', () => {
  it('keeps what came so far', async () => {
    const turn = await ask('Hi')
    turn.token('So far')
    await until(() => page.shown()[1]?.endsWith('So far'))
    page.controller.stop()
    expect(page.state.phase).toEqual({ kind: 'answering', stopping: true })
    await until(() => page.kind() === 'idle')
    expect(page.state.messages[1]).toMatchObject({ text: 'So far', finishReason: 'stopped' })
  })

  it('offers to answer after all when nothing had come', async () => {
    await ask('Hi')
    page.controller.stop()
    await until(() => page.kind() === 'idle')
    expect(page.shown()).toEqual(['user settled: Hi'])
    expect(page.state.hint).toBe('unanswered')
    page.controller.retry()
    await until(() => page.kind() === 'answering')
    expect(page.state.hint).toBeUndefined()
    expect(server.asked('POST', /regenerate$/)).toHaveLength(1)
  })

  it('is repeated until the server can be reached', async () => {
    const turn = await ask('Hi')
    turn.token('So far')
    await until(() => page.shown()[1]?.endsWith('So far'))
    server.fail(/stop$/, 'refuse')
    server.fail(/stop$/, () => problem(503))
    page.controller.stop()
    await until(() => page.kind() === 'idle')
    expect(server.asked('POST', /stop$/)).toHaveLength(3)
    expect(page.events).not.toContain('error: unreachable')
  })

  it('says so when it does not work', async () => {
    await ask('Hi')
    server.fail(/stop$/, () => problem(403))
    page.controller.stop()
    await until(() => page.state.hint === 'unstopped')
    expect(page.state.phase).toEqual({ kind: 'answering', stopping: false })
    expect(page.events.at(-1)).toBe('error: forbidden')
  })

  it('gives the text back when the server never got it', async () => {
    await converse()
    server.fail(/messages$/, () => {
      throw new Error('never reached')
    })
    page.controller.send('Wait', THINK)
    page.controller.stop()
    await until(() => page.kind() === 'idle')
    expect(page.state.draft).toBe('Wait')
    expect(page.shown()).toEqual(['user settled: Hi', 'assistant settled: Hello'])
  })
})

describe('starting over', () => {
  it('leaves the old conversation, and keeps the draft', async () => {
    await converse()
    page.state.draft = 'next'
    page.controller.newConversation()
    expect(page.shown()).toEqual([])
    expect(page.state.draft).toBe('next')
    await ask('Other')
    expect(server.conversations.size).toBe(2)
  })

  it('shows nothing of an answer that it left', async () => {
    const turn = await ask('Hi')
    page.controller.newConversation()
    turn.token('late')
    turn.done()
    await ask('Other')
    server.lastTurn.token('new')
    await until(() => page.shown()[1] === 'assistant streaming: new')
    expect(page.shown()).toHaveLength(2)
  })
})

describe('the host', () => {
  it('may be moved in the page without losing the stream', async () => {
    const turn = await ask('Hi')
    const left = page.leave()
    page.enter()
    await left
    await Promise.resolve()
    turn.token('still here')
    await until(() => page.shown()[1] === 'assistant streaming: still here')
  })

  it('lets the connection go when it leaves the page, and goes on when it is back', async () => {
    const turn = await ask('Hi')
    await page.leave()
    await until(() => turn.readers === 0)
    page.enter()
    turn.token('back')
    await until(() => page.shown()[1] === 'assistant streaming: back')
  })
})
