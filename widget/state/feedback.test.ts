import { beforeEach, describe, expect, it } from 'vitest'
import { createKeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../scripted/open-page.ts'
import { problem, ScriptedServer } from '../scripted/scripted-server.ts'
import { until } from '../scripted/until.ts'
import type { ChatMessage } from './chat-message.ts'
import { giveFeedback } from './feedback.ts'

const UP = { rating: 'up', comment: null } as const
const DOWN = { rating: 'down', comment: null } as const

let server: ScriptedServer
let page: ReturnType<typeof openPage>
let answer: ChatMessage

beforeEach(async () => {
  server = new ScriptedServer()
  page = openPage(server, createKeyValueStore('', undefined))
  const id = server.addConversation([
    ['user', 'One'],
    ['assistant', 'First'],
  ])
  await page.controller.load(id)
  answer = page.state.messages[1]!
})

const given = () => server.asked('PUT', /feedback$/).map(({ body }) => body)

describe('feedback', () => {
  it('shows at once, is kept by the server, and is there when the conversation is loaded', async () => {
    const giving = giveFeedback(page.controller.feedback, answer, { rating: 'up', comment: 'Nice' })
    expect(answer.feedback).toEqual({ rating: 'up', comment: 'Nice' })
    expect(await giving).toBeUndefined()
    const other = openPage(server, createKeyValueStore('', undefined))
    await other.controller.load(page.state.conversationId)
    expect(other.state.messages[1]?.feedback).toEqual({ rating: 'up', comment: 'Nice' })
  })

  it('is taken back with null', async () => {
    await giveFeedback(page.controller.feedback, answer, UP)
    await giveFeedback(page.controller.feedback, answer, null)
    expect(answer.feedback).toBeNull()
    expect(given()).toEqual([UP, { rating: null }])
  })

  it('goes back to what the server has when it cannot be kept', async () => {
    await giveFeedback(page.controller.feedback, answer, UP)
    server.fail(/feedback$/, () => problem(503, { code: 'internal' }))
    const error = await giveFeedback(page.controller.feedback, answer, DOWN)
    expect(error?.code).toBe('internal')
    expect(answer.feedback).toEqual(UP)
    expect(page.events).toContain('error: internal')
  })

  it('on an answer that is gone loads the conversation again', async () => {
    server.fail(/feedback$/, () => problem(404))
    expect(await giveFeedback(page.controller.feedback, answer, UP)).toBeUndefined()
    expect(page.state.hint).toBe('replaced')
    await until(() => page.kind() === 'idle')
    expect(page.events.filter((event) => event.startsWith('error'))).toEqual([])
  })

  it('ends as the last click says, however fast they come', async () => {
    server.fail(/feedback$/, 'refuse')
    const all = [UP, null, DOWN].map((one) => giveFeedback(page.controller.feedback, answer, one))
    expect(await Promise.all(all)).toEqual([undefined, undefined, undefined])
    expect(answer.feedback).toEqual(DOWN)
    expect(given()).toEqual([UP, { rating: null }, DOWN])
  })

  it('goes back to the beginning when several in a row fail', async () => {
    server.fail(/feedback$/, 'refuse')
    server.fail(/feedback$/, 'refuse')
    const all = [UP, DOWN].map((one) => giveFeedback(page.controller.feedback, answer, one))
    expect((await Promise.all(all)).map((error) => error?.code)).toEqual([undefined, 'unreachable'])
    expect(answer.feedback).toBeNull()
  })
})
