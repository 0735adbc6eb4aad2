import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  HANG,
  HTML,
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { rawResponse, startRawModelServer } from '../../testing/raw-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { tokensOf, type TestClient } from '../../testing/test-client.ts'

interface BadModel {
  readonly name: string
  readonly script: Script
  readonly code: string
  readonly message: RegExp
  /** What of the answer came and is stored. */
  readonly text?: string
  /** True unless told otherwise. */
  readonly retryable?: boolean
}

const SECRET = 'sk-proj-abcdefghijklmnopqrstuvwxyz123456'

const BAD: readonly BadModel[] = [
  {
    name: 'answers 500 with a page',
    script: [{ status: 500, body: '<h1>Traceback /srv/app.py</h1>', contentType: 'text/html' }],
    code: 'inference_error',
    message: /^inference answered HTTP 500$/,
  },
  {
    name: 'answers 401 with a message that holds a key',
    script: [
      {
        status: 401,
        body: JSON.stringify({ error: { message: `Incorrect API key provided: ${SECRET}` } }),
        contentType: 'application/json',
      },
    ],
    code: 'inference_misconfigured',
    message: /^The assistant is not set up right yet\. Please try again later\.$/,
    retryable: false,
  },
  { name: 'hangs', script: HANG, code: 'inference_timeout', message: /in time/ },
  {
    name: 'hangs in mid-answer',
    script: ['half', { wait: new Promise(() => {}) }],
    code: 'inference_timeout',
    message: /in time/,
    text: 'half',
  },
  {
    name: 'is cut in mid-word',
    script: ['Hel', { raw: 'data: {"tok' }, { cut: true }],
    code: 'inference_interrupted',
    message: /cut off/,
    text: 'Hel',
  },
  {
    name: 'ends without saying that it is complete',
    script: ['half', { end: true }],
    code: 'inference_interrupted',
    message: /cut off/,
    text: 'half',
  },
  { name: 'answers with a web page', script: HTML, code: 'inference_error', message: /./ },
  {
    name: 'sends an error in mid-stream',
    script: ['half', { error: 'the GPU is on fire' }],
    code: 'inference_error',
    message: /GPU is on fire/,
    text: 'half',
  },
  {
    name: 'sends an empty answer',
    script: [],
    code: 'inference_error',
    message: /empty answer/,
  },
]

for (const protocol of ['nanochat', 'openai'] as const) {
  describe(`a ${protocol} server that`, () => {
    let model: FakeModelServer
    let server: TestServer
    let visitor: TestClient
    let script: Script

    beforeAll(async () => {
      model = await startFakeModelServer({ protocol, respond: () => script })
      server = await startTestServer({
        INFERENCE_SERVICE_URL: model.url,
        INFERENCE_API: protocol,
        INFERENCE_MODEL: 'test-model',
        INFERENCE_TIMEOUT_SECONDS: '0.2',
      })
      visitor = await server.visitor()
    })
    afterEach(() => model.idle())
    afterAll(async () => {
      await server.close()
      await model.close()
    })

    for (const { name, script: bad, code, message, text, retryable = true } of BAD) {
      it(`${name} gives a clear error event, and nothing is lost or doubled`, async () => {
        script = bad
        const id = await visitor.conversation()
        const events = await visitor.send(id, 'hi')
        const error = events.at(-2)?.data
        expect(error).toMatchObject({
          code,
          retryable,
          error: expect.stringMatching(message),
        })
        expect(events.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'error' })
        expect(tokensOf(events).join('')).toBe(text ?? '')
        expect(JSON.stringify(events)).not.toMatch(/sk-proj-abc|Traceback|app\.py/)

        const { body } = await visitor.request('GET', `/api/conversations/${id}`)
        expect(body.messages[0]).toMatchObject({ role: 'user', content: 'hi' })
        expect(body.messages.slice(1)).toMatchObject(
          text === undefined ? [] : [{ role: 'assistant', content: text, finish_reason: 'error' }],
        )

        script = ['fine', ' now']
        const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})
        expect(tokensOf(await stream.rest()).join('')).toBe('fine now')
        const { body: after } = await visitor.request('GET', `/api/conversations/${id}`)
        expect(after.messages.map((stored) => stored.content)).toEqual(['hi', 'fine now'])
      })
    }
  })
}

describe('why an answer ended', () => {
  let model: FakeModelServer
  let server: TestServer
  let visitor: TestClient
  let script: Script

  beforeAll(async () => {
    model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
    server = await startTestServer({
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
      INFERENCE_MODEL: 'test-model',
    })
    visitor = await server.visitor()
  })
  afterEach(() => model.idle())
  afterAll(async () => {
    await server.close()
    await model.close()
  })

  const raw = (data: string) => ({ raw: `data: ${data}\n\n` })
  const finish = (reason: string) =>
    raw(JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: reason }] }))
  const DONE = raw('[DONE]')
  const END = { end: true } as const

  it.each<[string, string, Script]>([
    ['stop', 'STOP', [finish('STOP'), DONE, END]],
    ['stop', 'nothing but [DONE]', [DONE, END]],
    ['length', 'MAX_TOKENS', [finish('MAX_TOKENS'), DONE, END]],
    ['length', 'model_context_window_exceeded', [finish('model_context_window_exceeded'), END]],
    ['content_filter', 'SAFETY', [finish('SAFETY'), DONE, END]],
    ['content_filter', 'refusal', [finish('refusal'), DONE, END]],
    ['error', 'abort', [finish('abort'), DONE, END]],
    ['error', 'insufficient_system_resource', [finish('insufficient_system_resource'), END]],
    ['error', 'network_error', [finish('network_error'), DONE, END]],
    ['error', 'a last event that cannot be read', [raw('[ERROR] overloaded'), DONE, END]],
    [
      'error',
      'a last event in another form',
      [raw('{"fault":{"faultstring":"quota"}}'), DONE, END],
    ],
    ['error', 'half an event', [finish('stop'), { raw: 'data: {"choices":[{"del' }, END]],
  ])('is %s, live and stored, with the text: %s', async (reason, _, ending) => {
    script = ['Some text', ...ending]
    const id = await visitor.conversation()
    const events = await visitor.send(id, 'hi')
    expect(events.at(-1)?.data).toMatchObject({ done: true, finish_reason: reason })
    const failure = events.find(({ data }) => 'error' in data)?.data
    if (reason === 'error') {
      expect(failure).toMatchObject({
        retryable: true,
        error: expect.stringMatching(/^[A-Z].*\.$/),
      })
    } else expect(failure).toBeUndefined()
    expect(tokensOf(events).join('')).toBe('Some text')
    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    expect(body.messages.at(-1)).toMatchObject({ content: 'Some text', finish_reason: reason })
  })
})

describe('a model server that cannot be reached', () => {
  it('gives an error event for a message, 503 for the models, and not ready', async () => {
    const model = await startFakeModelServer({ protocol: 'nanochat' })
    await model.close()
    const server = await startTestServer({
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'nanochat',
    })
    try {
      const visitor = await server.visitor()
      const id = await visitor.conversation()
      const events = await visitor.send(id, 'hi')
      expect(events.at(-2)?.data).toMatchObject({
        code: 'inference_unreachable',
        error: expect.stringMatching(/cannot be reached/),
        retryable: true,
      })
      const models = await visitor.request('GET', '/api/models')
      expect(models).toMatchObject({ status: 503, body: { detail: expect.any(String) } })
      expect((await fetch(`${server.url}/ready`)).status).toBe(503)
      expect((await fetch(`${server.url}/health`)).status).toBe(200)
    } finally {
      await server.close()
    }
  })
})

describe('models', () => {
  it('of nanochat are its own answer; its failure is 502, its silence 504', async () => {
    let reply: { status?: number; body: unknown } = { body: { models: ['d20'], current: 'd20' } }
    const model = await startFakeModelServer({ protocol: 'nanochat', lookup: () => reply })
    const server = await startTestServer({
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'nanochat',
    })
    try {
      const visitor = await server.visitor()
      const { status, body } = await visitor.request('GET', '/api/models')
      expect({ status, body }).toEqual({
        status: 200,
        body: { models: ['d20'], current: 'd20', cards: [{ id: 'd20', name: 'd20' }] },
      })
      expect((await fetch(`${server.url}/ready`)).status).toBe(200)
      // All of them share one look at the model server.
      const looks = model.lookups.length
      const readiness = Array.from({ length: 20 }, () => fetch(`${server.url}/ready`))
      for (const response of await Promise.all(readiness)) expect(response.status).toBe(200)
      expect(model.lookups.length - looks).toBeLessThan(3)
      reply = { status: 500, body: {} }
      expect(await visitor.request('GET', '/api/models')).toMatchObject({
        status: 502,
        body: { detail: 'inference answered HTTP 500' },
      })
    } finally {
      await server.close()
      await model.close()
    }
  })
})

describe('a model server that wants to be left alone', () => {
  it('is told of with its time, to whoever may ask again', async () => {
    const body = JSON.stringify({ error: { message: 'Too busy.' } })
    const headers = { 'content-type': 'application/json', 'retry-after': '120' }
    const model = await startRawModelServer((_, socket) => {
      socket.write(rawResponse(429, headers, body))
    })
    const server = await startTestServer({
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
      INFERENCE_MODEL: 'm',
    })
    try {
      const visitor = await server.visitor()
      const id = await visitor.conversation()
      const failure = { error: 'Too busy.', code: 'inference_error', retryable: true }
      expect((await visitor.send(id, 'hi')).at(-2)?.data).toEqual({ ...failure, retry_after: 120 })
      const models = await visitor.request('GET', '/api/models')
      expect({ status: models.status, after: models.headers.get('retry-after') }).toEqual({
        status: 502,
        after: '120',
      })
    } finally {
      await server.close()
      await model.close()
    }
  })
})
