import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeyValueStore, type KeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../testing/scripted/open-page.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { decodePageToolEvent } from './page-tool-runner.ts'
import type { PageTool } from './page-tool.ts'

type Page = ReturnType<typeof openPage>

let server: ScriptedServer
let store: KeyValueStore
let tabStore: KeyValueStore
let page: Page

const look: PageTool = {
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object' },
  readOnly: true,
  execute: ({ at }) => ({ at }),
}
const buy: PageTool = { ...look, name: 'buy', title: 'Buy it', readOnly: false }

const callOf = (at: Page) => at.state.messages.flatMap(({ calls }) => calls).at(-1)
const stateOf = (at: Page) => callOf(at)?.state
const asked = (step: string) => server.asked('POST', new RegExp(`tool-calls/[^/]+/${step}$`))

async function begin(...tools: readonly PageTool[]) {
  for (const tool of tools) page.controller.tools.register(tool)
  page.controller.send('Hi', { think: false })
  await until(() => page.kind() === 'answering')
  return server.lastTurn
}

/** Another page that shows the conversation. */
function join(tool: PageTool): Page {
  const other = openPage(server, store)
  other.controller.tools.register(tool)
  void other.controller.load(undefined)
  return other
}

beforeEach(() => {
  server = new ScriptedServer()
  store = createKeyValueStore('', undefined)
  tabStore = createKeyValueStore('tab:', undefined)
  page = openPage(server, store, tabStore)
})

describe('a tool of the page', () => {
  it('goes with what is sent and with what is asked again', async () => {
    const turn = await begin(buy)
    const { name, description, parameters } = buy
    const client_tools = [{ name, description, parameters }]
    turn.token('Hello')
    turn.done()
    await until(() => page.kind() === 'idle')
    page.controller.regenerate()
    await until(() => server.turns.length === 2)
    expect(server.asked('POST', /(messages|regenerate)$/).map(({ body }) => body)).toEqual([
      expect.objectContaining({ client_tools }),
      expect.objectContaining({ client_tools }),
    ])
  })

  it('that only reads runs by itself', async () => {
    const turn = await begin(look)
    turn.call('look', { at: 'door' })
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: true, output: { at: 'door' } }])
    expect(page.events).not.toContain('ask')
  })

  it('that changes something runs once the visitor allows it', async () => {
    const execute = vi.fn<PageTool['execute']>(() => 'bought')
    const turn = await begin({ ...buy, execute })
    turn.call('buy', { what: 'fern' })
    await until(() => stateOf(page) === 'asking')
    expect(callOf(page)).toMatchObject({ title: 'Buy it', arguments: { what: 'fern' } })
    expect([execute.mock.calls.length, asked('claim').length]).toEqual([0, 0])
    expect(page.events).toContain('ask')
    callOf(page)?.allow()
    callOf(page)?.allow()
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: true, output: 'bought' }])
    expect(execute).toHaveBeenCalledExactlyOnceWith({ what: 'fern' }, expect.anything())
    await until(() => stateOf(page) === 'over')
  })

  it('does not run when the visitor does not allow it, and the assistant is told', async () => {
    const execute = vi.fn<PageTool['execute']>()
    const turn = await begin({ ...buy, execute })
    turn.call('buy')
    await until(() => stateOf(page) === 'asking')
    callOf(page)?.deny()
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: false, error: 'The visitor did not allow this.' }])
    expect(execute).not.toHaveBeenCalled()
  })

  it.each([
    ['throws', () => Promise.reject(new Error('Out of stock')), 'Out of stock'],
    ['gives no JSON', () => 1n, 'The output of the tool is no JSON, or too deep.'],
    [
      'gives too much',
      () => 'x'.repeat(300_000),
      'The output of the tool is too large: 300002 characters of JSON, at most 250000 are allowed.',
    ],
  ])('that %s has failed', async (_, execute, error) => {
    const turn = await begin({ ...look, execute })
    turn.call('look')
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: false, error }])
  })

  it('gives what the server can take: no NUL, no half of a character', async () => {
    const output = { 'a\0': ['x\ud83dy\0', '\\u0000 stays', '👍'] }
    const turn = await begin({ ...look, execute: () => output })
    turn.call('look')
    await until(() => turn.results.length)
    const cleaned = { a: ['x\ufffdy', '\\u0000 stays', '👍'] }
    expect(turn.results).toEqual([{ success: true, output: cleaned }])
  })

  it('whose error is too long is cut between characters', async () => {
    const execute = () => Promise.reject(new Error(`\0\udc00${'👍'.repeat(3_000)}`))
    const turn = await begin({ ...look, execute })
    turn.call('look')
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: false, error: `\ufffd${'👍'.repeat(1_998)}` }])
  })

  it('that gives more levels than the server takes has failed', async () => {
    let deep: unknown = []
    for (let level = 0; level < 100; level += 1) deep = [deep]
    const turn = await begin({ ...look, execute: () => deep })
    turn.call('look')
    await until(() => turn.results.length)
    const error = 'The output of the tool is no JSON, or too deep.'
    expect(turn.results).toEqual([{ success: false, error }])
  })

  it('whose output the server refuses all the same ends the waiting', async () => {
    const turn = await begin(look)
    server.fail(/result$/, () => problem(422))
    turn.call('look')
    await until(() => turn.results.length)
    const error = 'The output of the tool could not be sent.'
    expect(turn.results).toEqual([{ success: false, error }])
    await until(() => stateOf(page) === 'over')
  })

  it('that this page does not offer waits, and can be refused', async () => {
    const turn = await begin()
    turn.call('buy')
    await until(() => stateOf(page) === 'waiting')
    callOf(page)?.allow()
    expect(stateOf(page)).toBe('waiting')
    callOf(page)?.deny()
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: false, error: 'The visitor did not allow this.' }])
  })

  it('that the page takes away waits for another page, and asks when it is back', async () => {
    const turn = await begin(look)
    const unregister = page.controller.tools.register(buy)
    turn.call('buy')
    await until(() => stateOf(page) === 'asking')
    unregister()
    expect(stateOf(page)).toBe('waiting')
    page.controller.tools.register(buy)
    expect(stateOf(page)).toBe('asking')
  })

  it('says why an answer to its question did not get through', async () => {
    const turn = await begin(buy)
    turn.call('buy')
    await until(() => stateOf(page) === 'asking')
    server.fail(/claim$/, () => problem(429))
    callOf(page)?.allow()
    await until(() => callOf(page)?.problem === 'busy')
    expect(stateOf(page)).toBe('asking')
    callOf(page)?.allow()
    await until(() => turn.results.length)
    expect(callOf(page)?.problem).toBeUndefined()
  })

  it('that gives nothing gives null', async () => {
    const turn = await begin({ ...look, execute: () => undefined })
    turn.call('look')
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: true, output: null }])
  })

  it('that nobody has registered here is left to another page', async () => {
    const turn = await begin(look)
    turn.call('elsewhere')
    turn.token('…')
    await until(() => page.shown()[1]?.endsWith('…'))
    expect([stateOf(page), asked('claim').length]).toEqual(['waiting', 0])
  })

  it('that is registered late still runs', async () => {
    const turn = await begin()
    turn.call('look', { at: 1 })
    await until(() => page.shown()[1]?.includes('look'))
    page.controller.tools.register(look)
    await until(() => turn.results.length)
  })

  it('is called off when the answer is stopped', async () => {
    const signals: AbortSignal[] = []
    const execute: PageTool['execute'] = (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const turn = await begin({ ...look, execute })
    turn.call('look')
    await until(() => signals.length)
    page.controller.stop()
    expect(signals[0]?.aborted).toBe(true)
    await until(() => page.kind() === 'idle')
    expect(turn.results).toEqual([])
  })

  it('is called off when the turn no longer waits', async () => {
    const signals: AbortSignal[] = []
    const execute: PageTool['execute'] = (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const turn = await begin({ ...look, execute })
    turn.call('look', {}, 1)
    await until(() => signals[0]?.aborted)
    await until(() => stateOf(page) === 'over')
    expect(asked('result')).toEqual([])
  })

  it('is called off when the conversation is left, and the assistant is told', async () => {
    const execute: PageTool['execute'] = () => new Promise(() => {})
    const turn = await begin({ ...look, execute })
    turn.call('look')
    await until(() => asked('claim').length)
    page.controller.newConversation()
    await until(() => turn.results.length)
    const error = 'The page was left while the tool ran.'
    expect(turn.results).toEqual([{ success: false, error }])
  })

  it('is asked for again when the server cannot be told that it was allowed', async () => {
    const turn = await begin(buy)
    turn.call('buy')
    await until(() => stateOf(page) === 'asking')
    server.fail(/claim$/, () => problem(403))
    callOf(page)?.allow()
    await until(() => asked('claim').length === 1 && stateOf(page) === 'asking')
    callOf(page)?.allow()
    await until(() => turn.results.length)
  })

  it('hands its result in again when the connection broke', async () => {
    const turn = await begin(look)
    server.fail(/claim$/, 'lose answer')
    server.fail(/result$/, 'refuse')
    turn.call('look', { at: 1 })
    await until(() => turn.results.length)
    expect([asked('claim').length, asked('result').length]).toEqual([2, 2])
  })
})

describe('two pages', () => {
  it('of which both have the tool run it once', async () => {
    const ran: string[] = []
    const named = (name: string) => ({ ...look, execute: () => ran.push(name) })
    const turn = await begin(named('first'))
    join(named('second'))
    await until(() => turn.readers === 2)
    turn.call('look')
    await until(() => turn.results.length)
    expect([ran.length, turn.results.length]).toEqual([1, 1])
    expect(asked('claim')).toHaveLength(2)
  })

  it('ask both, and the one that was slower says that it runs elsewhere', async () => {
    const execute: PageTool['execute'] = () => new Promise(() => {})
    const turn = await begin({ ...buy, execute })
    const other = join({ ...buy, execute })
    turn.call('buy')
    await until(() => stateOf(page) === 'asking' && stateOf(other) === 'asking')
    callOf(page)?.allow()
    await until(() => stateOf(other) === 'elsewhere')
    callOf(other)?.allow()
    expect([stateOf(page), stateOf(other)]).toEqual(['running', 'elsewhere'])
    expect(asked('claim')).toHaveLength(1)
  })

  it('that press at the same time run it once', async () => {
    const execute = vi.fn<PageTool['execute']>(() => new Promise(() => {}))
    const turn = await begin({ ...buy, execute })
    const other = join({ ...buy, execute })
    turn.call('buy')
    await until(() => stateOf(page) === 'asking' && stateOf(other) === 'asking')
    for (const at of [page, other]) callOf(at)?.allow()
    await until(() => [stateOf(page), stateOf(other)].includes('elsewhere'))
    expect(execute).toHaveBeenCalledOnce()
  })
})

describe('a reload', () => {
  const pending: PageTool['execute'] = () => new Promise(() => {})

  /** The same tab, as far as the server and the browser can tell. */
  async function reload(...tools: readonly PageTool[]) {
    page.controller.tools.leavePage()
    page = openPage(server, store, tabStore)
    for (const tool of tools) page.controller.tools.register(tool)
    void page.controller.load(undefined)
    await until(() => page.kind() === 'answering')
  }

  it('before the visitor has decided asks again', async () => {
    const turn = await begin(buy)
    turn.call('buy', { what: 'fern' })
    await until(() => stateOf(page) === 'asking')
    await reload(buy)
    await until(() => stateOf(page) === 'asking')
    callOf(page)?.allow()
    await until(() => turn.results.length)
  })

  it('while a reading tool runs runs it again', async () => {
    const turn = await begin({ ...look, execute: pending })
    turn.call('look', { at: 1 })
    await until(() => asked('claim').length)
    await reload(look)
    await until(() => turn.results.length)
    expect(turn.results).toEqual([{ success: true, output: { at: 1 } }])
  })

  it('while another tool runs does not run it twice, and the assistant is told', async () => {
    const ran = vi.fn<PageTool['execute']>(pending)
    const turn = await begin({ ...buy, execute: ran })
    turn.call('buy')
    await until(() => stateOf(page) === 'asking')
    callOf(page)?.allow()
    await until(() => ran.mock.calls.length)
    await reload({ ...buy, execute: ran })
    await until(() => turn.results.length)
    const error = 'The page was left while the tool ran.'
    expect(turn.results).toEqual([{ success: false, error }])
    expect(ran).toHaveBeenCalledOnce()
  })

  it('of a copy of the tab leaves the call to the tab that has it', async () => {
    const turn = await begin({ ...buy, execute: pending })
    turn.call('buy')
    await until(() => stateOf(page) === 'asking')
    callOf(page)?.allow()
    await until(() => asked('claim').length)
    // The browser copies what the tab stores, while the tab goes on.
    const copy = openPage(server, store, tabStore)
    copy.controller.tools.register(buy)
    void copy.controller.load(undefined)
    await until(() => stateOf(copy) === 'elsewhere')
    expect(asked('claim')).toHaveLength(1)
  })

  it('after the call was answered does nothing about it', async () => {
    const turn = await begin(look)
    turn.call('look')
    await until(() => turn.results.length)
    await reload(look)
    await until(() => stateOf(page) === 'over')
    expect([asked('claim').length, asked('result').length]).toEqual([1, 1])
  })
})

it('reads what is asked of the page’s tools, and leaves out what names no call', () => {
  const request = { call_id: 'c', tool: 'look', arguments: { at: 1 }, timeout_ms: 9000 }
  const tool_request = { type: 'tool_request', ...request }
  expect(decodePageToolEvent({ tool_request: request })).toEqual(tool_request)
  const progress = { call_id: 'c', state: 'claimed', claimant: 'p' }
  const tool_progress = { type: 'tool_progress', ...progress }
  expect(decodePageToolEvent({ tool_progress: progress })).toEqual(tool_progress)
  const settled = decodePageToolEvent({ tool_progress: { call_id: 'c', state: 'settled' } })
  expect(settled).toMatchObject({ claimant: null })
  expect(decodePageToolEvent({ tool_request: { tool: 'look' } })).toBeUndefined()
  expect(decodePageToolEvent({ tool_progress: { call_id: 'c', state: 'lost' } })).toBeUndefined()
})
