import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { tokensOf, type TestClient } from '../../testing/test-client.ts'

const endedBy = (reason: string): Script => [
  { raw: `data: {"choices":[{"index":0,"delta":{},"finish_reason":"${reason}"}]}\n\n` },
  { raw: 'data: [DONE]\n\n' },
  { end: true },
]
const CUT = endedBy('length')
const FENCE = 'Here:\n\n```js\nconst total = items.reduce((sum, item) => sum + it'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let script: Script
let id: string

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    SYSTEM_PROMPT: 'Be brief.',
  })
  visitor = await server.visitor()
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  id = await visitor.conversation()
  script = [FENCE, ...CUT]
  await visitor.send(id, 'Add them up, please.')
})
afterEach(() => {
  script = []
})

const path = () => `/api/conversations/${id}/regenerate`
const start = (more: object = {}, headers?: Record<string, string>) =>
  visitor.stream('POST', path(), { continue: true, ...more }, headers)
const goOn = async (...args: Parameters<typeof start>) => (await start(...args)).rest()
const messages = async () =>
  (await visitor.request('GET', `/api/conversations/${id}`)).body.messages
const answer = async () => (await messages()).at(-1)

describe('an answer that its length limit cut off', () => {
  it('goes on in the same message, as one text', async () => {
    const before = await answer()
    script = ['em.price', ', 0)\n', '```\n', ...endedBy('stop')]
    const events = await goOn()
    expect(tokensOf(events)).toEqual([FENCE, 'em.price', ', 0)\n', '```\n'])
    expect(events[0]?.data).toMatchObject({ message_id: before?.id })
    expect(events.at(-1)?.data).toMatchObject({ finish_reason: 'stop', token_count: 4 })
    const whole = {
      content: `${FENCE}em.price, 0)\n\`\`\`\n`,
      token_count: 4,
      finish_reason: 'stop',
    }
    expect(await messages()).toMatchObject([
      { role: 'user' },
      { ...whole, id: before?.id, created_at: before?.created_at },
    ])
    await server.restart()
    expect(await answer()).toMatchObject(whole)
  })

  it('is asked for in turns, with the answer so far and the wish behind its question', async () => {
    script = ['em', ...endedBy('stop')]
    await goOn()
    const asked = model.requests.at(-1)?.messages ?? []
    expect(asked.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
    expect(asked[2]?.content).toBe(FENCE)
    // The wish is nobody's message: the next question stands behind the answer.
    await visitor.send(id, 'And then?')
    const next = model.requests.at(-1)?.messages ?? []
    expect(next.map(({ content }) => content).slice(1)).toEqual([
      'Add them up, please.',
      `${FENCE}em`,
      'And then?',
    ])
  })

  it('goes on and on, while it is too long', async () => {
    script = ['em', ...CUT]
    await goOn()
    script = ['.price', ...endedBy('stop')]
    expect(tokensOf(await goOn())).toEqual([`${FENCE}em`, '.price'])
    expect(await answer()).toMatchObject({ content: `${FENCE}em.price`, finish_reason: 'stop' })
  })

  it('stays as it was when the rest fails', async () => {
    const before = await answer()
    script = ['em', { error: 'out of memory' }, { end: true }]
    const events = await goOn()
    expect(events.at(-2)?.data).toMatchObject({ error: expect.any(String) })
    expect(await answer()).toEqual(before)
    script = [{ status: 500, body: '{"error":{"message":"no"}}' }]
    await goOn()
    expect(await answer()).toEqual(before)
  })

  it('keeps what came until it was stopped, and can be read again from the beginning', async () => {
    script = MANUAL
    const stream = await start()
    await model.send('em.price')
    const seen = [await stream.next(), await stream.next(), await stream.next()]
    expect(tokensOf(seen)).toEqual([FENCE, 'em.price'])
    await visitor.request('POST', `/api/conversations/${id}/stop`)
    await stream.rest()
    const kept = { content: `${FENCE}em.price`, finish_reason: 'stopped', token_count: 2 }
    expect(await answer()).toMatchObject(kept)
    const again = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    expect(tokensOf(await again.rest())).toEqual([FENCE, 'em.price'])
  })

  it('is what it was when it is stopped before a word', async () => {
    script = MANUAL
    const before = await answer()
    const stream = await start()
    await stream.next()
    await visitor.request('POST', `/api/conversations/${id}/stop`)
    const [end] = (await stream.rest()).slice(-1)
    expect(end?.data).toMatchObject({ finish_reason: 'length', token_count: 1 })
    expect(await answer()).toMatchObject({
      content: before?.content,
      finish_reason: 'length',
      token_count: 1,
    })
  })

  it('is asked once with one key, also after a restart', async () => {
    script = ['em', ...endedBy('stop')]
    const headers = { 'idempotency-key': 'go on' }
    const first = await goOn({}, headers)
    const asked = model.requests.length
    expect(await goOn({}, headers)).toEqual(first)
    await server.restart()
    expect(tokensOf(await goOn({}, headers)).join('')).toBe(`${FENCE}em`)
    expect(model.requests.length).toBe(asked)
    expect((await messages()).length).toBe(2)
  })

  it('keeps its rating', async () => {
    const { id: of } = (await answer())!
    const at = `/api/conversations/${id}/messages/${of}/feedback`
    await visitor.request('PUT', at, { rating: 'up' })
    script = ['em', ...endedBy('stop')]
    await goOn()
    expect(await answer()).toMatchObject({ feedback: { rating: 'up' } })
  })

  it('keeps what it is rated while it goes on', async () => {
    const { id: of } = (await answer())!
    const at = `/api/conversations/${id}/messages/${of}/feedback`
    await visitor.request('PUT', at, { rating: 'up' })
    script = MANUAL
    const stream = await start()
    await model.send('em')
    const given = { rating: 'down', comment: 'Too slow' }
    await visitor.request('PUT', at, given)
    await model.finish()
    await stream.rest()
    expect(await answer()).toMatchObject({ content: `${FENCE}em`, feedback: given })
    await server.restart()
    expect(await answer()).toMatchObject({ feedback: given })
  })

  it.each([
    ['thinks first', ['<think>', 'where was I?', '</think>\n\n', 'em.price']],
    ['opens the block again', ['```', 'js\n', 'em.price']],
    ['says its last words again', ['sum, item)', ' => sum + item.price']],
    [
      'opens the block and begins the line again',
      ['```javascript\nconst total = items.reduce((sum, item) => sum + it', 'em.price'],
    ],
  ])('joins without a seam where a model %s', async (_name, tokens) => {
    script = [...tokens, ...endedBy('stop')]
    await goOn()
    expect(await answer()).toMatchObject({ content: `${FENCE}em.price` })
  })

  it('may close its block, and repeat what repeats itself', async () => {
    id = await visitor.conversation()
    script = ['```\n0, 0, 0, 0, 0, 0, 0, 0, ', ...CUT]
    await visitor.send(id, 'Zeros.')
    script = ['0, 0, 0, 0, 0, 0, 0, 0, ', '1\n', '```', '\n', ...endedBy('stop')]
    await goOn()
    expect(await answer()).toMatchObject({
      content: '```\n0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1\n```\n',
    })
  })
})

describe('going on', () => {
  it.each([
    ['an answer that is whole', ['fine']],
    ['one that has only thought', ['<think>', 'hm', ...CUT]],
  ])('is refused for %s', async (_name, tokens: Script) => {
    id = await visitor.conversation()
    script = tokens
    await visitor.send(id, 'Hello?')
    const asked = model.requests.length
    const { status, body } = await visitor.request('POST', path(), { continue: true })
    expect(status).toBe(400)
    expect(body.detail).toMatch(/nothing to go on with/)
    expect(model.requests.length).toBe(asked)
  })

  it('asks anew without the wish', async () => {
    script = ['All new.', ...endedBy('stop')]
    await goOn({ continue: false })
    expect(await answer()).toMatchObject({ content: 'All new.', token_count: 1 })
  })
})

describe('the engine without a model', () => {
  it('goes on where max_tokens cut it off', async () => {
    const plain = await startTestServer()
    try {
      const client = await plain.visitor()
      const of = await client.conversation()
      const question = { content: 'How do I change the colours?' }
      const send = async (body: object) =>
        (await client.stream('POST', `/api/conversations/${of}/messages`, body)).rest()
      const whole = tokensOf(await send(question)).join('')
      await send({ ...question, max_tokens: 12 })
      const at = `/api/conversations/${of}/regenerate`
      await (await client.stream('POST', at, { continue: true })).rest()
      const { body } = await client.request('GET', `/api/conversations/${of}`)
      expect(body.messages.at(-1)).toMatchObject({ content: whole, finish_reason: 'stop' })
    } finally {
      await plain.close()
    }
  })
})
