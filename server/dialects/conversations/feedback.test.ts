import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startFakeModelServer, type FakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'nanochat' })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
    RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
  })
  visitor = await server.visitor()
})
afterAll(async () => {
  await server.close()
  await model.close()
})

let id: string
let question: string
let answer: string
beforeEach(async () => {
  id = await visitor.conversation()
  const [start] = await visitor.send(id, 'hi')
  question = start!.data.user_message_id!
  answer = start!.data.message_id!
})

const rate = (messageId: string, body: unknown, client = visitor, conversation = id) =>
  client.request('PUT', `/api/conversations/${conversation}/messages/${messageId}/feedback`, body)
const conversation = async () => (await visitor.request('GET', `/api/conversations/${id}`)).body
const storedFeedback = async () =>
  (await conversation()).messages.map((message) => message.feedback)

describe('feedback', () => {
  it('answers with the message, is stored with it, and survives a restart', async () => {
    const before = await conversation()
    const reply = await rate(answer, { rating: 'down', comment: 'cold समोसा 🥟' })
    expect(reply.status).toBe(200)
    const rated = {
      ...before.messages[1],
      feedback: { rating: 'down', comment: 'cold समोसा 🥟' },
    }
    expect(reply.body).toEqual(rated)
    await server.restart()
    expect(await conversation()).toEqual({ ...before, messages: [before.messages[0], rated] })
  })

  it('is replaced as a whole, and taken back with null', async () => {
    await rate(answer, { rating: 'up', comment: 'thanks' })
    await rate(answer, { rating: 'down' })
    expect(await storedFeedback()).toEqual([null, { rating: 'down', comment: null }])
    const reply = await rate(answer, { rating: null, comment: 'not kept' })
    expect(reply.status).toBe(200)
    expect(await storedFeedback()).toEqual([null, null])
  })

  it('takes a comment that is null or empty for none', async () => {
    for (const comment of [null, '', ' \n']) {
      await rate(answer, { rating: 'up', comment })
      expect(await storedFeedback()).toEqual([null, { rating: 'up', comment: null }])
    }
  })

  it('counts the characters of a comment as people do', async () => {
    expect((await rate(answer, { rating: 'up', comment: '🥟'.repeat(2_000) })).status).toBe(200)
    const reply = await rate(answer, { rating: 'up', comment: '🥟'.repeat(2_001) })
    expect(reply.status).toBe(422)
    expect(reply.body.errors[0]?.path).toBe('comment')
  })

  it.each([
    {},
    { rating: 'meh' },
    { rating: 1 },
    { comment: 'x' },
    [],
    { rating: 'up', comment: 7 },
  ])('refuses %j and changes nothing', async (body) => {
    await rate(answer, { rating: 'up' })
    expect((await rate(answer, body)).status).toBe(422)
    expect(await storedFeedback()).toEqual([null, { rating: 'up', comment: null }])
  })

  it('is for answers alone', async () => {
    expect((await rate(question, { rating: 'up' })).status).toBe(404)
    expect(await storedFeedback()).toEqual([null, null])
  })

  it('finds nothing that is unknown, elsewhere or somebody else’s', async () => {
    const other = await visitor.conversation()
    const stranger = await server.visitor()
    const good = { rating: 'up' }
    expect((await rate(randomUUID(), good)).status).toBe(404)
    expect(await rate('7', good)).toMatchObject({
      status: 404,
      body: { detail: 'There is no such message.' },
    })
    expect((await rate(answer, good, visitor, other)).status).toBe(404)
    expect((await rate(answer, good, visitor, 'none')).status).toBe(404)
    expect((await rate(answer, good, stranger)).status).toBe(404)
    // Not even whether the body would have been right is told.
    expect((await rate(answer, { rating: 'meh' }, stranger)).status).toBe(404)
    expect(await storedFeedback()).toEqual([null, null])
  })

  it('stays with the answer that was rated: a new one starts without', async () => {
    await rate(answer, { rating: 'down' })
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`)
    await stream.rest()
    expect(await storedFeedback()).toEqual([null, null])
    expect((await rate(answer, { rating: 'up' })).status).toBe(404)
  })
})
