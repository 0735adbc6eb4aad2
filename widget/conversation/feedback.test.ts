import { beforeEach, describe, expect, it } from 'vitest'
import { createKeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../testing/scripted/open-page.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import type { ChatMessage } from './chat-message.ts'
import { ContinuedTurn } from './continued-turn.ts'
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

/** Holds the next rating back until it is answered. */
function holdFeedback(): (response: Response) => void {
  let answerIt = (_response: Response) => {}
  const answered = new Promise<Response>((resolve) => {
    answerIt = resolve
  })
  server.fail(/feedback$/, () => answered)
  return (response) => answerIt(response)
}

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

  it('stays on an answer that goes on, whether its rest comes or not', async () => {
    for (const [place, comes] of [true, false].entries()) {
      const goesOn = (last: ChatMessage | undefined) => last && new ContinuedTurn(last)
      const giving = giveFeedback(page.controller.feedback, answer, place === 0 ? UP : DOWN)
      page.controller.regenerate(goesOn)
      await until(() => server.turns.length === place + 1)
      await giving
      const { lastTurn } = server
      lastTurn.token(answer.text, ' and more')
      if (comes) lastTurn.done()
      else lastTurn.fail('internal')
      await until(() => !page.controller.busy)
      answer = page.state.messages[1]!
      expect(answer.feedback).toEqual(place === 0 ? UP : DOWN)
    }
  })

  it('is taken back from the answer that is shown when it could not be kept', async () => {
    const answerLate = holdFeedback()
    const giving = giveFeedback(page.controller.feedback, answer, UP)
    page.controller.regenerate((last) => last && new ContinuedTurn(last))
    await until(() => server.turns.length === 1)
    server.lastTurn.fail('internal')
    await until(() => !page.controller.busy)
    expect(page.state.messages[1]?.feedback).toEqual(UP)
    answerLate(problem(503, { code: 'internal' }))
    expect((await giving)?.code).toBe('internal')
    expect(page.state.messages[1]?.feedback).toBeNull()
  })

  it('is shown when the conversation is loaded on its way, as it was before', async () => {
    const answerLate = holdFeedback()
    const giving = giveFeedback(page.controller.feedback, answer, UP)
    await page.controller.load(page.state.conversationId)
    answerLate(Response.json({}))
    expect(await giving).toBeUndefined()
    expect(page.state.messages[1]?.feedback).toEqual(UP)
  })

  it('goes back to the beginning when several in a row fail', async () => {
    server.fail(/feedback$/, 'refuse')
    server.fail(/feedback$/, 'refuse')
    const all = [UP, DOWN].map((one) => giveFeedback(page.controller.feedback, answer, one))
    expect((await Promise.all(all)).map((error) => error?.code)).toEqual([undefined, 'unreachable'])
    expect(answer.feedback).toBeNull()
  })
})
