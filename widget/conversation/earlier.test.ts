import { beforeEach, describe, expect, it } from 'vitest'
import { createKeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../testing/scripted/open-page.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { ChatMessage } from './chat-message.ts'

let server: ScriptedServer
let page: ReturnType<typeof openPage>

const talk = (count: number, name = '') =>
  Array.from(
    { length: count },
    (_, at) => [at % 2 === 0 ? 'user' : 'assistant', `${name}${at}`] as const,
  )

const numbers = (from: number, to: number, name = '') =>
  Array.from({ length: to - from }, (_, at) => `${name}${from + at}`)

const shown = () => page.state.messages.map(({ text }) => text)
const stored = (id: string) => server.conversations.get(id)?.messages ?? []

beforeEach(() => {
  server = new ScriptedServer()
  page = openPage(server, createKeyValueStore('', undefined))
})

describe('earlier messages', () => {
  it('come a page at a time, until there are none', async () => {
    await page.controller.load(server.addConversation(talk(70)))
    expect([shown(), page.state.earlier]).toEqual([numbers(40, 70), 'more'])
    await page.controller.loadEarlier()
    expect([shown(), page.state.earlier]).toEqual([numbers(10, 70), 'more'])
    await page.controller.loadEarlier()
    expect([shown(), page.state.earlier]).toEqual([numbers(0, 70), 'none'])
    await page.controller.loadEarlier()
    expect(server.asked('GET', /conversations\/./)).toHaveLength(3)
  })

  it('are asked for once at a time', async () => {
    await page.controller.load(server.addConversation(talk(70)))
    await Promise.all([page.controller.loadEarlier(), page.controller.loadEarlier()])
    expect(shown()).toEqual(numbers(10, 70))
  })

  it('can be asked for again when they did not come', async () => {
    await page.controller.load(server.addConversation(talk(40)))
    server.fail(/conversations/, () => problem(503))
    await page.controller.loadEarlier()
    expect([page.state.earlier, page.kind()]).toEqual(['failed', 'idle'])
    await page.controller.loadEarlier()
    expect(shown()).toEqual(numbers(0, 40))
  })

  it('do not come into another conversation', async () => {
    const first = server.addConversation(talk(70))
    const second = server.addConversation(talk(50, 'other '))
    await page.controller.load(first)
    const loading = page.controller.loadEarlier()
    await page.controller.load(second)
    await loading
    expect([shown(), page.state.earlier]).toEqual([numbers(20, 50, 'other '), 'more'])
  })

  it('come in while an answer is written', async () => {
    await page.controller.load(server.addConversation(talk(40)))
    page.controller.send('New', { think: false })
    await until(() => page.kind() === 'answering')
    await page.controller.loadEarlier()
    server.lastTurn.token('Yes')
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    expect(shown()).toEqual([...numbers(0, 40), 'New', 'Yes'])
  })
})

describe('loading a conversation again', () => {
  it('keeps the earlier messages that are here, and takes what is new', async () => {
    const id = server.addConversation(talk(70))
    await page.controller.load(id)
    await page.controller.loadEarlier()
    const before = page.state.messages
    stored(id).push({ id: crypto.randomUUID(), role: 'user', content: '70' })
    await page.controller.refresh()
    expect([shown(), page.state.earlier]).toEqual([numbers(10, 71), 'more'])
    expect(page.state.messages.slice(0, 60)).toEqual(before)
  })

  it('drops what another window has dropped', async () => {
    const id = server.addConversation(talk(70))
    await page.controller.load(id)
    await page.controller.loadEarlier()
    stored(id).splice(30)
    await page.controller.refresh()
    expect(shown()).toEqual(numbers(0, 30))
  })

  it('begins anew when more has come than a page holds', async () => {
    const id = server.addConversation(talk(40))
    await page.controller.load(id)
    for (const content of numbers(40, 90)) {
      stored(id).push({ id: crypto.randomUUID(), role: 'user', content })
    }
    await page.controller.refresh()
    expect([shown(), page.state.earlier]).toEqual([numbers(60, 90), 'more'])
  })
})

it('holds the text of a message in one piece once it is joined', () => {
  const message = new ChatMessage('assistant', 'waiting')
  message.append(['One ', 'two '])
  message.append(['three'])
  const { chunks } = message
  message.join()
  expect(message.chunks).toBe(chunks)
  expect(chunks).toEqual(['One two three'])
})

it('knows when a part of an answer is complete and the next one has not begun', () => {
  const message = new ChatMessage('assistant', 'waiting')
  const pausesAfter = (...texts: readonly string[]) => {
    message.append(texts)
    return message.pauses
  }
  expect(pausesAfter('<think>Hm')).toBe(false)
  expect(pausesAfter('.</thi', 'nk>')).toBe(true)
  expect(pausesAfter('\n\n')).toBe(true)
  expect(pausesAfter('So')).toBe(false)
  expect(pausesAfter('<|python_start|>{}<|python_end|>')).toBe(false)
  expect(pausesAfter(...'<|output_start|>{}<|output_end|>')).toBe(true)
})
