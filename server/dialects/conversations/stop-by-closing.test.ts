/** Clients whose Stop is to close the connection, and that then ask the next thing. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { openSocket, requestBytes } from '../../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { tokensOf, type TestClient, type TestStream } from '../../testing/test-client.ts'
import { callTools } from '../../testing/tool-call-script.ts'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let script: Script

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
  server = await startTestServer({ INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' })
  visitor = await server.visitor()
})
afterEach(() => model.idle())
afterAll(async () => {
  await server.close()
  await model.close()
})

const messagesOf = async (id: string) =>
  (await visitor.request('GET', `/api/conversations/${id}`)).body.messages

/** Reads until the answer says so. */
async function heard(stream: TestStream, token: string): Promise<string> {
  for (;;) {
    const { id, data } = await stream.next()
    if (data.token === token) return id ?? ''
  }
}

interface Begun {
  readonly id: string
  readonly turnId: string
  readonly userMessageId: string
  readonly stream: TestStream
  readonly post: (
    action: 'messages' | 'regenerate',
    body?: object,
    headers?: Record<string, string>,
  ) => Promise<TestStream>
}

/** A conversation whose first answer has begun, and goes on until somebody ends it. */
async function begin(
  headers: Record<string, string> = {},
  content = 'Tell me a story',
): Promise<Begun> {
  script = MANUAL
  const id = await visitor.conversation()
  const post: Begun['post'] = (action, body, given) =>
    visitor.stream('POST', `/api/conversations/${id}/${action}`, body, given)
  const stream = await post('messages', { content }, headers)
  const { turn_id: turnId = '', user_message_id: userMessageId = '' } = (await stream.next()).data
  return { id, turnId, userMessageId, stream, post }
}

/** The same, with some of the answer read. */
async function beginToTell(headers?: Record<string, string>): Promise<Begun> {
  const begun = await begin(headers)
  await model.send('Once upon')
  await heard(begun.stream, 'Once upon')
  return begun
}

describe('a client that closes the connection and asks again', () => {
  it('is answered; what it had of the last answer is kept as stopped, and the model is stopped', async () => {
    const { id, stream, post } = await beginToTell()
    script = ['Four.']
    stream.leave()
    const next = await post('messages', { content: 'What is 2 + 2?' })
    expect(next.response.status).toBe(200)
    expect(tokensOf(await next.rest())).toEqual(['Four.'])
    expect(await messagesOf(id)).toMatchObject([
      { role: 'user', content: 'Tell me a story' },
      { role: 'assistant', content: 'Once upon', finish_reason: 'stopped' },
      { role: 'user', content: 'What is 2 + 2?' },
      { role: 'assistant', content: 'Four.', finish_reason: 'stop' },
    ])
    expect(model.requests.at(-1)?.messages.slice(-3)).toEqual([
      { role: 'user', content: 'Tell me a story' },
      { role: 'assistant', content: 'Once upon' },
      { role: 'user', content: 'What is 2 + 2?' },
    ])
    // Both are over: nobody is paid for an answer that nobody reads.
    await model.idle()
  })

  it('may ask for the same anew: the new answer takes the place of the old one', async () => {
    const { id, stream, post } = await beginToTell()
    script = ['Better.']
    stream.leave()
    await (await post('regenerate')).rest()
    expect(await messagesOf(id)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: 'Better.', finish_reason: 'stop' },
    ])
  })

  it('may put its question in other words', async () => {
    const { id, stream, post, userMessageId } = await beginToTell()
    script = ['A short one.']
    stream.leave()
    await (await post('messages', { content: 'A short story', replaces: userMessageId })).rest()
    const contents = (await messagesOf(id)).map(({ content }) => content)
    expect(contents).toEqual(['A short story', 'A short one.'])
  })

  it('leaves a question without an answer when none had come yet', async () => {
    const { id, stream, post } = await begin()
    await model.requested(model.requests.length)
    script = ['Four.']
    stream.leave()
    await (await post('messages', { content: 'What is 2 + 2?' })).rest()
    const contents = (await messagesOf(id)).map(({ content }) => content)
    expect(contents).toEqual(['Tell me a story', 'What is 2 + 2?', 'Four.'])
  })

  it('is answered though it had left before its first answer began', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    const [line, headers] = [
      `POST ${path} HTTP/1.1`,
      [`Authorization: Bearer ${visitor.token}`, 'Content-Type: application/json'],
    ]
    const socket = await openSocket(server.url)
    const asked = model.requested(model.requests.length + 1)
    socket.write(requestBytes(line, headers, '{"content":"one"}'))
    socket.destroy()
    await Promise.race([asked, once(socket, 'close')])
    script = ['Two.']
    const next = await visitor.stream('POST', path, { content: 'two' })
    expect(tokensOf(await next.rest())).toEqual(['Two.'])
  })

  it('is answered while its last answer waits for a tool of the page', async () => {
    script = callTools([{ name: 'cart', arguments: {} }], 'Let me see. ')
    const id = await visitor.conversation()
    const cart = { name: 'cart', description: 'Reads the cart', parameters: { type: 'object' } }
    const path = `/api/conversations/${id}`
    const stream = await visitor.stream('POST', `${path}/messages`, {
      content: 'My cart?',
      client_tools: [cart],
    })
    let call: string | undefined
    while (call === undefined) call = (await stream.next()).data.tool_request?.call_id
    const claimant = { claimant: crypto.randomUUID() }
    const claim = await visitor.request('POST', `${path}/tool-calls/${call}/claim`, claimant)
    expect(claim.status).toBe(204)
    script = ['Never mind.']
    stream.leave()
    expect(tokensOf(await visitor.send(id, 'Forget it'))).toEqual(['Never mind.'])
    expect(await messagesOf(id)).toMatchObject([
      { role: 'user' },
      { content: expect.stringMatching(/^Let me see\. /), finish_reason: 'stopped' },
      { role: 'user' },
      { content: 'Never mind.' },
    ])
    const result = { ...claimant, success: true, output: 'a fern' }
    const late = await visitor.request('POST', `${path}/tool-calls/${call}/result`, result)
    expect(late.status).toBe(404)
  })

  it('is answered once for each time that it does so', async () => {
    const { id, stream, post } = await beginToTell()
    let last = stream
    for (const word of ['a', 'b', 'c']) {
      last.leave()
      last = await post('messages', { content: word })
      expect(last.response.status).toBe(200)
      await model.send(word)
      await heard(last, word)
    }
    script = ['end']
    last.leave()
    await visitor.send(id, 'd')
    const answers = (await messagesOf(id)).filter(({ role }) => role === 'assistant')
    expect(answers.map(({ content }) => content)).toEqual(['Once upon', 'a', 'b', 'c', 'end'])
  })

  it('stops nothing by closing alone: only the next question does', async () => {
    const { id, stream } = await beginToTell()
    stream.leave()
    const back = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    await model.send(' a time')
    await model.finish()
    expect(tokensOf(await back.rest())).toEqual(['Once upon', ' a time'])
    expect((await messagesOf(id))[1]).toMatchObject({ finish_reason: 'stop' })
  })
})

describe('an answer that somebody reads', () => {
  it('goes on, and the next question is refused, whoever asked for it', async () => {
    const { id, turnId, stream, post } = await beginToTell()
    const reader = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    await heard(reader, 'Once upon')
    stream.leave()
    for (const action of ['messages', 'regenerate'] as const) {
      const path = `/api/conversations/${id}/${action}`
      const body = action === 'messages' ? { content: 'again' } : {}
      const reply = await visitor.request('POST', path, body)
      expect(reply).toMatchObject({ status: 409, body: { turn_id: turnId } })
    }
    await model.send(' a time')
    await heard(reader, ' a time')
    script = ['Four.']
    reader.leave()
    const next = await post('messages', { content: 'What is 2 + 2?' })
    expect(tokensOf(await next.rest())).toEqual(['Four.'])
    expect((await messagesOf(id))[1]).toMatchObject({
      content: 'Once upon a time',
      finish_reason: 'stopped',
    })
  })

  it('is read by a client that has taken it up with Last-Event-ID too', async () => {
    const { id, turnId, stream, post } = await begin()
    await model.send('Once upon')
    const seen = await heard(stream, 'Once upon')
    stream.leave()
    const again = await post('messages', { content: 'x' }, { 'last-event-id': seen })
    const refused = await visitor.request('POST', `/api/conversations/${id}/regenerate`)
    expect(refused).toMatchObject({ status: 409, body: { turn_id: turnId } })
    await model.finish()
    expect((await again.rest()).at(-1)?.data.finish_reason).toBe('stop')
  })
})

describe('of two questions at once', () => {
  it('one is answered when nobody reads the last answer, and the other one is refused', async () => {
    const { id, stream, post } = await beginToTell()
    stream.leave()
    const streams = await Promise.all(
      ['one', 'two'].map((content) => post('messages', { content })),
    )
    expect(new Set(streams.map(({ response }) => response.status))).toEqual(new Set([200, 409]))
    await model.send('Yes')
    await model.finish()
    const answered = streams.find(({ response }) => response.ok)
    expect(tokensOf((await answered?.rest()) ?? [])).toEqual(['Yes'])
    expect(await messagesOf(id)).toHaveLength(4)
  })

  it('one is answered in a conversation that is free, too', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    const streams = await Promise.all(
      ['one', 'two'].map((content) => visitor.stream('POST', path, { content })),
    )
    expect(new Set(streams.map(({ response }) => response.status))).toEqual(new Set([200, 409]))
    await model.finish()
    for (const { response, rest } of streams) if (response.ok) await rest()
  })
})

describe('a question that cannot be asked', () => {
  it.each<[string, number, 'messages' | 'regenerate', object]>([
    ['replaces what is not there', 404, 'messages', { content: 'x', replaces: 'nothing' }],
    ['is too long', 422, 'messages', { content: 'x'.repeat(8_001) }],
  ])('ends no answer: one that %s', async (_name, status, action, body) => {
    const { id, stream, post } = await beginToTell()
    stream.leave()
    expect((await post(action, body)).response.status).toBe(status)
    const reader = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    await model.send(' a time')
    await model.finish()
    expect((await reader.rest()).at(-1)?.data.finish_reason).toBe('stop')
  })
})

describe('an answer that was ended for the next question', () => {
  it('is read to its end by whoever comes back with an event of it', async () => {
    const { id, turnId, stream, post } = await begin()
    await model.send('Once upon')
    const seen = await heard(stream, 'Once upon')
    stream.leave()
    const next = await post('messages', { content: 'Next' })
    const headers = { 'last-event-id': seen }
    const path = `/api/conversations/${id}`
    const rest = await visitor.stream('GET', `${path}/stream`, undefined, headers)
    const events = await rest.rest()
    expect(events.map(({ data }) => data)).toMatchObject([
      { done: true, finish_reason: 'stopped', token_count: 1 },
    ])
    expect(events[0]?.id?.startsWith(`${turnId}.`)).toBe(true)
    await model.finish()
    await next.rest()
  })

  it('is what its Idempotency-Key stands for, after a restart too', async () => {
    const headers = { 'idempotency-key': 'key-1' }
    const { id, turnId, stream, post } = await beginToTell(headers)
    stream.leave()
    script = ['Four.']
    await (await post('messages', { content: 'What is 2 + 2?' })).rest()
    const asked = model.requests.length
    const again = async () =>
      await (await post('messages', { content: 'Tell me a story' }, headers)).rest()
    for (const when of ['at once', 'after a restart']) {
      if (when !== 'at once') await server.restart()
      const events = await again()
      expect(events[0]?.data.turn_id).toBe(turnId)
      expect(tokensOf(events)).toEqual(['Once upon'])
      expect(events.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'stopped' })
    }
    expect(model.requests).toHaveLength(asked)
    expect(await messagesOf(id)).toHaveLength(4)
  })
})

/** Connections as they are, where a client would put them in order. */
describe('on the wire', () => {
  const ask = (id: string, content: string, headers: readonly string[] = []) =>
    requestBytes(
      `POST /api/conversations/${id}/messages HTTP/1.1`,
      [
        `Authorization: Bearer ${visitor.token}`,
        'Content-Type: application/json',
        'Connection: keep-alive',
        ...headers,
      ],
      JSON.stringify({ content }),
    )
  const receive = async (socket: Socket, text: string) => {
    let received = ''
    for await (const piece of socket.iterator({ destroyOnReturn: false })) {
      received += String(piece)
      if (received.includes(text)) return received
    }
    return received
  }
  const first = async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const socket = await openSocket(server.url)
    socket.write(ask(id, 'one'))
    await model.send('Once upon')
    await receive(socket, 'Once upon')
    return { id, socket }
  }

  it.each<[string, (socket: Socket) => void]>([
    ['closes', (socket) => void socket.destroy()],
    ['resets', (socket) => void socket.resetAndDestroy()],
    ['closes its half of', (socket) => void socket.end()],
  ])('a client that %s its connection has left, though nothing is written', async (_how, leave) => {
    const { id, socket } = await first()
    leave(socket)
    script = ['Two.']
    expect(tokensOf(await visitor.send(id, 'two'))).toEqual(['Two.'])
    socket.destroy()
  })

  it('a client may close its connection after it has asked on another one', async () => {
    const { id, socket } = await first()
    const next = await openSocket(server.url)
    script = ['Two.']
    next.write(ask(id, 'two', ['Connection: close']))
    // The server has read the question, and the answer before it still has its reader.
    await visitor.request('GET', `/api/conversations/${id}`)
    await visitor.request('GET', `/api/conversations/${id}`)
    socket.destroy()
    expect(await receive(next, '"done":true')).toMatch(/^HTTP\/1\.1 200 /)
    next.destroy()
    expect(await messagesOf(id)).toHaveLength(4)
  })

  it('a reader of the stream that closes its connection has left as well', async () => {
    const { id, socket } = await first()
    const reader = await openSocket(server.url)
    reader.write(
      requestBytes(`GET /api/conversations/${id}/stream HTTP/1.1`, [
        `Authorization: Bearer ${visitor.token}`,
        'Connection: keep-alive',
      ]),
    )
    await receive(reader, 'Once upon')
    socket.destroy()
    const refused = await visitor.request('POST', `/api/conversations/${id}/messages`, {
      content: 'x',
    })
    expect(refused.status).toBe(409)
    reader.destroy()
    script = ['Two.']
    expect(tokensOf(await visitor.send(id, 'two'))).toEqual(['Two.'])
  })
})
