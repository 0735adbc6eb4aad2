/** Turns of threads through the real server: what its client gets, and what is left of them. */
import OpenAI from 'openai'
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
  type FakeRequest,
  type Script,
} from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createThreadClient, type ThreadClient } from '../../testing/thread-client.ts'
import type { TestClient } from '../../testing/test-client.ts'

let script: Script = []
let respond: (request: FakeRequest) => Script = () => script
let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let client: ThreadClient
let threadId: string

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai', respond: (request) => respond(request) })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    INFERENCE_TIMEOUT_SECONDS: '20',
    INFERENCE_MODEL: 'fake-model',
    ALLOWED_MODELS: 'special',
  })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  script = ['Hel', 'lo']
  respond = () => script
  visitor = await server.visitor()
  client = createThreadClient(() => server.url, visitor.token)
  threadId = await client.thread()
})

const chunk = (fields: object) =>
  JSON.stringify({
    id: 'run-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    ...fields,
  })
const raw = (data: string) => ({ raw: `data: ${data}\n\n` })
const delta = (content: string, finish: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
})
const DONE = raw('[DONE]')
const ENDED = { end: true } as const

describe('the stream of a thread', () => {
  it('says queued, then running, in the form that clients know', async () => {
    const events = await client.send(threadId, { text: 'Hi' })
    const state = (status: string) => ({
      id: threadId,
      object: 'chat.completion.chunk',
      agent_status: status,
      choices: [{ delta: {}, finish_reason: null }],
    })
    expect(events.slice(0, 2).map((data): unknown => JSON.parse(data))).toEqual([
      state('queued'),
      state('running'),
    ])
    expect(events.at(-1)).toBe('[DONE]')
    expect(events.filter((data) => data === '[DONE]')).toHaveLength(1)
  })

  it('passes the provider’s chunks on to the byte', async () => {
    const sent = [
      '{"id":null,"agent_status":"thinking", "choices": [ {"index":0,"delta":{},"finish_reason":null}], "x":1.0}',
      '{"id":"r1","agent_status":"streaming","choices":[{"delta":{"content":"K\\u00fcrbis सम 🥟"},"index":0}],"big":12345678901234567890}',
      '{"agent_status":"completed","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    ]
    script = [...sent.map(raw), DONE, ENDED]
    const events = await client.send(threadId, { text: 'Hi' })
    expect(events.slice(2)).toEqual([...sent, '[DONE]'])
    const [answer] = await client.messages(threadId)
    expect(answer).toMatchObject({ text: 'Kürbis सम 🥟', status: 'ready', sender_id: 'assistant' })
  })

  it('adds what is missing behind what came, and nothing else', async () => {
    script = [
      raw('{"id":"r1","choices":[{"index":0,"delta":{"content":"a"}}],"n":1.50}'),
      raw('{"agent_status":"thinking","step":2}'),
      raw('{"agent_status":null,"choices":null,"object":"chat.completion.chunk"}'),
      raw('{\n "id": "r1",\n "choices": []\n}'.replaceAll('\n', '\ndata: ')),
      DONE,
      ENDED,
    ]
    const events = await client.send(threadId, { text: 'Hi' })
    expect(events.slice(2, 4)).toEqual([
      '{"id":"r1","choices":[{"index":0,"delta":{"content":"a"}}],"n":1.50,"agent_status":"streaming"}',
      '{"agent_status":"thinking","step":2,"choices":[{"index":0,"delta":{},"finish_reason":null}]}',
    ])
    expect(JSON.parse(events[4] ?? '')).toMatchObject({
      agent_status: 'streaming',
      choices: [{ delta: {} }],
    })
    expect(events[5]).toBe('{\n "id": "r1",\n "choices": []\n,"agent_status":"streaming"}')
    expect(events.slice(6).map(statusOf)).toEqual(['completed', '[DONE]'])
  })

  it('ends as completed what the provider has not ended so itself', async () => {
    const events = await client.send(threadId, { text: 'Hi' })
    expect(events.map(statusOf)).toEqual([
      'queued',
      'running',
      ...['streaming', 'streaming', 'streaming', 'streaming'],
      'completed',
      '[DONE]',
    ])
    expect(JSON.parse(events.at(-2) ?? '')).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    const [answer, question] = await client.messages(threadId)
    expect(answer).toMatchObject({
      text: 'Hello',
      tokens_count: 3,
      correlation_id: 'chatcmpl-1',
      status: 'ready',
    })
    expect(question).toMatchObject({
      text: 'Hi',
      tokens_count: 7,
      status: 'ready',
      error_code: null,
    })
  })

  it.each([
    ['an error in mid-answer', ['Hal', { error: 'the agent fell over' }], 'the agent fell over'],
    ['a cut connection', ['Hal', { cut: true }], undefined],
    ['nothing at all', [DONE, ENDED], undefined],
    ['an empty body', [ENDED], undefined],
    [
      'a chunk that says failed',
      [raw(chunk({ agent_status: 'failed', ...delta('') })), DONE],
      undefined,
    ],
    [
      'a refusal',
      [{ status: 400, body: '{"error":{"message":"no such agent"}}' }],
      'no such agent',
    ],
    ['a page', [{ status: 200, contentType: 'text/html', body: '<!doctype html>' }], undefined],
  ] satisfies readonly (readonly [string, Script, string | undefined])[])(
    'tells of %s in the form of failures, once',
    async (_, steps, message) => {
      script = steps
      const events = await client.send(threadId, { text: 'Hi' })
      const [failed, error, done] = events.slice(-3)
      expect(JSON.parse(failed ?? '')).toMatchObject({
        id: threadId,
        agent_status: 'failed',
        choices: [{ finish_reason: 'error' }],
      })
      expect(JSON.parse(error ?? '')).toEqual({
        error: { message: message ?? expect.stringMatching(/\w.*\.$/), type: 'agent_error' },
      })
      expect(done).toBe('[DONE]')
      expect(events.map(statusOf).filter((status) => status === 'failed')).toHaveLength(1)
      expect(events.map(statusOf)).not.toContain('completed')
      const question = (await client.messages(threadId)).at(-1)
      expect(question).toMatchObject({ text: 'Hi', status: 'error' })
      expect(question?.error_code).toBe(
        (JSON.parse(error ?? '') as { error: { message: string } }).error.message,
      )
    },
  )

  it.each([
    ['an error after it', [{ error: 'too late' }]],
    ['a broken connection after it', [{ cut: true }]],
    ['no formal end', [ENDED]],
    ['two formal ends', [DONE, DONE, ENDED]],
    [
      'an end that is no good one',
      [raw(chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'odd' }] })), DONE, ENDED],
    ],
  ] satisfies readonly (readonly [string, Script])[])(
    'keeps an answer that the provider called completed, whatever comes: %s',
    async (_, rest) => {
      script = [
        raw(chunk(delta('All of it'))),
        raw(chunk({ agent_status: 'completed', choices: [] })),
        ...rest,
      ]
      const events = await client.send(threadId, { text: 'Hi' })
      const statuses = events.map(statusOf)
      expect(statuses).not.toContain('failed')
      expect(statuses.filter((status) => status === 'completed')).toHaveLength(1)
      expect(statuses.filter((status) => status === '[DONE]')).toHaveLength(1)
      expect(statuses.at(-1)).toBe('[DONE]')
      const messages = await client.messages(threadId)
      expect(messages.map(({ text, status }) => [text, status])).toEqual([
        ['All of it', 'ready'],
        ['Hi', 'ready'],
      ])
    },
  )

  it('has a provider run its own tools, and asks it once', async () => {
    const call = {
      index: 0,
      id: 'c',
      type: 'function',
      function: { name: 'look', arguments: '{}' },
    }
    script = [
      raw(chunk({ choices: [{ index: 0, delta: { tool_calls: [call] } }] })),
      raw(chunk(delta('Found.', 'stop'))),
      DONE,
      ENDED,
    ]
    const asked = model.requests.length
    const events = await client.send(threadId, { text: 'Hi' })
    expect(events.map(statusOf)).not.toContain('failed')
    expect(model.requests).toHaveLength(asked + 1)
    expect(model.requests.at(-1)?.body).not.toHaveProperty('tools')
    expect((await client.messages(threadId))[0]).toMatchObject({ text: 'Found.' })
  })

  it('makes one chunk of an answer that came whole', async () => {
    const message = { role: 'assistant', content: 'Whole.' }
    const body = {
      id: 'w',
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
    }
    script = [{ status: 200, body: JSON.stringify(body) }]
    const events = await client.send(threadId, { text: 'Hi' })
    expect(events.map(statusOf)).toEqual(['queued', 'running', 'streaming', 'completed', '[DONE]'])
    expect(JSON.parse(events[2] ?? '')).toMatchObject({
      id: 'w',
      object: 'chat.completion.chunk',
      choices: [{ delta: { content: 'Whole.' } }],
    })
  })
})

const statusOf = (data: string): string => {
  if (data === '[DONE]') return data
  const parsed = JSON.parse(data) as { agent_status?: string }
  return parsed.agent_status ?? 'error'
}

describe('the openai package', () => {
  const openai = () =>
    new OpenAI({
      apiKey: visitor.token,
      baseURL: server.url,
      maxRetries: 0,
      // Its own path, to the one of the thread.
      fetch: async (_url, init) => {
        const { messages } = JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as {
          messages: { content: string }[]
        }
        const [{ content } = { content: '' }] = messages
        return await fetch(`${server.url}/api/threads/${threadId}/messages/stream`, {
          method: 'POST',
          headers: init?.headers ?? {},
          body: JSON.stringify({ text: content }),
        })
      },
    })
  const ask = (content: string) => ({
    model: 'm',
    messages: [{ role: 'user' as const, content }],
    stream: true as const,
  })

  it('reads every chunk of an answer', async () => {
    const stream = await openai().chat.completions.create(ask('Hi'))
    let text = ''
    for await (const read of stream) text += read.choices[0]?.delta.content ?? ''
    expect(text).toBe('Hello')
  })

  it('puts the answer together', async () => {
    script = [
      raw(chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' } }] })),
      raw(chunk(delta('lo'))),
      raw(chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })),
      raw(
        chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
      ),
      DONE,
      ENDED,
    ]
    const stream = ChatCompletionStream.createChatCompletion(openai(), ask('Hi'))
    const completion = await stream.finalChatCompletion()
    expect(completion.choices[0]?.message.content).toBe('Hello')
    expect(completion.usage?.total_tokens).toBe(3)
  })

  it('throws what failed', async () => {
    script = ['Hal', { error: 'the agent fell over' }]
    const stream = await openai().chat.completions.create(ask('Hi'))
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toThrow('the agent fell over')
  })
})

describe('an agent that asks', () => {
  const interrupt = (payload: unknown, fields: object = {}) =>
    chunk({
      agent_status: 'interrupted',
      choices: [{ index: 0, delta: { content: 'raw' }, finish_reason: null }],
      message_metadata: { interrupt_id: 'int-1', interrupt_payload: payload },
      ...fields,
    })

  it.each([
    ['content', { content: 'Which city?' }, 'Which city?'],
    ['question', { question: 'Which day?', options: ['Mon'] }, 'Which day?'],
    ['both', { content: 'This one', question: 'Not this' }, 'This one'],
  ])('has its question as the text, from %s', async (_, payload, text) => {
    script = [raw(chunk(delta('Let me see. '))), raw(interrupt(payload)), DONE, ENDED]
    const events = await client.send(threadId, { text: 'Book it' })
    expect(events.map(statusOf)).toEqual([
      'queued',
      'running',
      'streaming',
      'interrupted',
      '[DONE]',
    ])
    expect(JSON.parse(events[3] ?? '')).toMatchObject({
      choices: [{ delta: { content: text } }],
      message_metadata: { interrupt_payload: payload },
    })
    const [answer, question] = await client.messages(threadId)
    expect(answer).toMatchObject({
      text,
      status: 'ready',
      metadata: { interrupt_id: 'int-1', interrupt_payload: payload },
    })
    expect(question?.status).toBe('ready')
    // What led to it is not lost to whoever looks at the whole conversation.
    const { body } = await visitor.request('GET', `/api/conversations/${threadId}`)
    expect(body.messages.at(-1)?.content).toContain('Let me see.')
  })

  it('asks without `choices`, or with a form alone', async () => {
    script = [raw(interrupt({ question: 'Why?' }, { choices: undefined })), ENDED]
    const [, , asked] = await client.send(threadId, { text: 'a' })
    expect(JSON.parse(asked ?? '')).toMatchObject({
      choices: [{ index: 0, delta: { content: 'Why?' } }],
    })
    const form = { fields: [{ name: 'day' }] }
    script = [raw(interrupt(form, { choices: [] })), { error: 'late' }]
    await client.send(threadId, { text: 'b' })
    expect((await client.messages(threadId))[0]).toMatchObject({
      text: '',
      status: 'ready',
      metadata: { interrupt_payload: form },
    })
  })

  const SCHEMA = {
    content: 'Please sign in. (It was hunter2-default before.)',
    schema: {
      type: 'object',
      properties: {
        user: { type: 'string', default: 'ann' },
        deep: {
          type: 'object',
          properties: {
            secretWord: {
              type: 'string',
              format: 'password',
              default: 'hunter2-default',
              examples: ['ex-secret'],
            },
            pin: {
              anyOf: [{ type: 'string', format: 'password' }, { type: 'null' }],
              default: 'pin-default',
            },
            key: { $ref: '#/$defs/Key' },
          },
        },
      },
      $defs: { Key: { type: 'string', format: 'password', const: 'key-const' } },
    },
    values: { deep: { secretWord: 'hunter2-value', key: 'key-value' }, user: 'ann' },
  }
  const LIST = {
    question: 'PIN?',
    fields: [{ name: 'pin', format: 'password', value: 'hunter2-default' }],
  }

  it.each([
    [
      'a JSON schema',
      SCHEMA,
      ['hunter2-default', 'ex-secret', 'pin-default', 'key-const', 'hunter2-value', 'key-value'],
    ],
    ['a list of fields', LIST, ['hunter2-default']],
  ])('keeps no value of a password field that it gives in %s', async (_, payload, secrets) => {
    script = [raw(interrupt(payload)), DONE, ENDED]
    await client.send(threadId, { text: 'Sign me in' })
    const everywhere = await client.everything(threadId)
    for (const secret of secrets) expect(everywhere).not.toContain(secret)
    expect(everywhere).toContain('ann'.slice(0, payload === SCHEMA ? 3 : 0))
  })

  it.each([
    ['metadata', { text: 'Here you are', metadata: { interrupt_id: 'int-1', pin: 'hunter2!' } }],
    [
      'nested metadata',
      { text: 'ok', metadata: { response: { values: [{ name: 'pin', value: 'hunter2!' }] } } },
    ],
    ['JSON in metadata', { text: 'ok', metadata: { response: '{"pin":"hunter2!"}' } }],
    ['a text that is JSON', { text: '{"pin":"hunter2!","user":"ann"}' }],
    [
      'a text that repeats it',
      { text: 'My PIN is hunter2! as ever', metadata: { pin: 'hunter2!' } },
    ],
    ['a text that names the field', { text: 'pin: hunter2!' }],
    ['the bare text', { text: 'hunter2!' }],
    ['metadata that name no field', { text: ' ', metadata: { resume: 'hunter2!' } }],
  ])('gives a password to the provider once, and keeps it nowhere: %s', async (_, body) => {
    script = [raw(interrupt(LIST)), DONE, ENDED]
    await client.send(threadId, { text: 'Sign me in' })
    script = ['Thanks for ', 'hunter2!', '.']
    await client.send(threadId, body)
    const [clear] = model.requests.slice(-1)
    expect(JSON.stringify(clear?.body)).toContain('hunter2!')
    const everywhere = await client.everything(threadId)
    expect(everywhere).not.toContain('hunter2!')
    expect(everywhere).toContain('********')
    const found = await client.request('POST', '/api/search/threads', { phrase: 'hunter2!' })
    expect([found.status, found.body.items]).toEqual([200, []])
    await server.restart()
    expect(await client.everything(threadId)).not.toContain('hunter2!')
    script = ['Next']
    await client.send(threadId, { text: 'And now?' })
    expect(JSON.stringify(model.requests.at(-1)?.body)).not.toContain('hunter2!')
  })

  it('hides one that is typed into the element, too', async () => {
    script = [raw(interrupt(LIST)), DONE, ENDED]
    await client.send(threadId, { text: 'Sign me in' })
    script = ['Thanks']
    await visitor.send(threadId, 'hunter2!')
    expect(await client.everything(threadId)).not.toContain('hunter2!')
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('hunter2!')
  })
})

describe('files that a provider sends', () => {
  const PNG = Buffer.from('89504e470d0a1a0a00', 'hex').toString('base64')
  const withFiles = (...attachments: readonly object[]) =>
    chunk({ ...delta('Here. '), message_metadata: { kind: 'x', attachments } })

  it('are stored, linked in place of their bytes, and readable while the answer goes on', async () => {
    script = [
      raw(chunk(delta('First. '))),
      raw(
        withFiles(
          { filename: '../../chart.png', content_type: 'image/png', data: PNG, note: 1 },
          { name: 'a\nb.csv', mime_type: 'text/csv', data: Buffer.from('a,b').toString('base64') },
          { filename: 'linked', url: 'https://example.org/x' },
        ),
      ),
      { manual: true },
      DONE,
    ]
    const stream = await client.open(threadId, { text: 'Draw' })
    let read = await stream.next()
    while (!read.includes('chart.png')) read = await stream.next()
    expect(read).not.toContain(PNG)
    const { message_metadata: metadata } = JSON.parse(read) as {
      message_metadata: { kind: string; attachments: { download_url: string }[] }
    }
    expect(metadata).toEqual({
      kind: 'x',
      attachments: [
        {
          filename: '../../chart.png',
          content_type: 'image/png',
          note: 1,
          download_url: expect.any(String),
        },
        { name: 'a\nb.csv', mime_type: 'text/csv', download_url: expect.any(String) },
        { filename: 'linked', url: 'https://example.org/x' },
      ],
    })
    const [image, table] = metadata.attachments.map(({ download_url }) => download_url)
    const now = await client.file(image ?? '')
    expect([now.status, Buffer.from(now.bytes).toString('base64')]).toEqual([200, PNG])
    const stranger = createThreadClient(() => server.url, (await server.visitor()).token)
    expect((await stranger.file(image ?? '')).status).toBe(404)
    await model.finish()
    await stream.rest()
    const [answer] = await client.messages(threadId)
    expect(answer?.attachments).toMatchObject([
      { filename: 'chart.png', content_type: 'image/png', download_url: image },
      { filename: 'ab.csv', content_type: 'text/csv', download_url: table },
    ])
    await server.restart()
    expect(Buffer.from((await client.file(table ?? '')).bytes).toString()).toBe('a,b')
  })

  it('are left out when they are broken, and the rest of the chunk is not', async () => {
    script = [
      raw(withFiles({ filename: 'x', data: '%%%' }, { filename: 'y', data: 'eQ==' })),
      DONE,
      ENDED,
    ]
    const events = await client.send(threadId, { text: 'Draw' })
    expect(JSON.parse(events[2] ?? '')).toMatchObject({
      choices: [{ delta: { content: 'Here. ' } }],
      message_metadata: { attachments: [{ filename: 'y' }] },
    })
    expect((await client.messages(threadId))[0]?.attachments).toHaveLength(1)
  })

  it('are an answer without any text', async () => {
    const attachments = [{ filename: 'y', data: 'eQ==' }]
    script = [raw(chunk({ choices: [], message_metadata: { attachments } })), DONE, ENDED]
    const events = await client.send(threadId, { text: 'Draw' })
    expect(events.map(statusOf)).not.toContain('failed')
    expect((await client.messages(threadId))[0]).toMatchObject({
      sender_type: 'assistant',
      text: '',
      attachments: [{ filename: 'y' }],
    })
  })

  it('are kept with an answer that failed behind them', async () => {
    const attachments = [{ filename: 'y', data: 'eQ==' }]
    script = [raw(chunk({ choices: [], message_metadata: { attachments } })), { error: 'no' }]
    const events = await client.send(threadId, { text: 'Draw' })
    const link = /\/api\/attachments\/[\w-]+/.exec(events.join(''))?.[0] ?? ''
    expect((await client.messages(threadId)).map(({ status }) => status)).toEqual([
      'error',
      'error',
    ])
    expect((await client.file(link)).status).toBe(200)
  })
})

describe('what the provider gets', () => {
  it('is every message with its metadata, whose it is, and what it has called the thread', async () => {
    script = [raw(chunk({ conversation_id: 'conv-7', ...delta('One') })), DONE, ENDED]
    await client.send(threadId, {
      text: 'First',
      meta: { product_id: 'p', deep: [1, { a: null }] },
    })
    const first = model.requests.at(-1)?.body
    expect(first).not.toHaveProperty('conversation_id')
    const { body: kept } = await visitor.request('GET', `/api/provider-threads/${threadId}`)
    expect(kept).toMatchObject({ provider: 'openai-compatible', conversation_id: 'conv-7' })
    script = [
      raw(chunk({ message_metadata: { conversation_id: 'conv-8' }, ...delta('Two') })),
      DONE,
      ENDED,
    ]
    await client.send(threadId, { text: 'Second', metadata: {} })
    const second = model.requests.at(-1)
    expect(second?.body).toMatchObject({ conversation_id: 'conv-7', user: expect.any(String) })
    expect(second?.messages.slice(1)).toEqual([
      { role: 'user', content: 'First' },
      { role: 'assistant', content: 'One' },
      { role: 'user', content: 'Second' },
    ])
    expect(second?.body.messages).toMatchObject([
      { role: 'system' },
      { metadata: { product_id: 'p', deep: [1, { a: null }] } },
      {},
      {},
    ])
    expect(JSON.stringify(second?.body.messages)).not.toContain('"metadata":{}')
    await client.send(threadId, { text: 'Third' })
    expect(model.requests.at(-1)?.body).toMatchObject({ conversation_id: 'conv-8' })
    const thread = await client.read(threadId)
    expect(second?.body).toMatchObject({ user: thread.owner_id })
  })

  it('is every message where it stands', async () => {
    await client.post(threadId, { text: 'Welcome!', sender_type: 'assistant' })
    script = [raw(chunk(delta('x'))), raw('data: {"error":{"message":"boom"}}\n\n'), ENDED]
    await client.send(threadId, { text: 'One' })
    await client.post(threadId, { text: 'Noted.', sender_type: 'assistant' })
    await client.send(threadId, { text: 'Two' })
    expect(model.requests.at(-1)?.messages.slice(1)).toEqual([
      { role: 'assistant', content: 'Welcome!' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'x' },
      { role: 'assistant', content: 'Noted.' },
      { role: 'user', content: 'Two' },
    ])
  })

  it('is asked with the message’s model, else the thread’s, else the default', async () => {
    await client.send(threadId, { text: 'a', model: 'special' })
    expect(model.requests.at(-1)?.body).toMatchObject({ model: 'special' })
    await client.send(threadId, { text: 'b' })
    expect(model.requests.at(-1)?.body).toMatchObject({ model: 'special' })
    const other = await client.thread()
    await client.send(other, { text: 'c' })
    expect(model.requests.at(-1)?.body).toMatchObject({ model: 'fake-model' })
    expect(await client.read(threadId)).toMatchObject({
      title: 'special: a',
      metadata: { model: 'special' },
    })
  })

  const PDF = Buffer.from('%PDF-1.4 \u0001').toString('base64')
  const PNG = Buffer.from('89504e470d0a1a0a00', 'hex').toString('base64')
  const files = [
    { filename: 'a.png', content_type: 'image/png', data_base64: PNG },
    { filename: 'b.pdf', content_type: 'application/pdf', data_base64: PDF },
    {
      filename: 'c.txt',
      content_type: 'text/plain',
      data_base64: Buffer.from('words').toString('base64'),
    },
  ]

  it('has images and files as input parts', async () => {
    await client.send(threadId, { text: 'Look', attachments: files })
    expect(model.requests.at(-1)?.messages.at(-1)?.content).toEqual([
      { type: 'text', text: 'Look' },
      { type: 'input_image', image_url: `data:image/png;base64,${PNG}` },
      { type: 'input_file', filename: 'b.pdf', file_data: `data:application/pdf;base64,${PDF}` },
      { type: 'input_file', filename: 'c.txt', file_data: 'data:text/plain;base64,d29yZHM=' },
    ])
  })

  it('is asked again without what a strict server refuses, one after the other', async () => {
    const strict = await startFakeModelServer({
      protocol: 'openai',
      respond({ body, messages }) {
        const refuse = (message: string): Script => [
          { status: 400, body: JSON.stringify({ error: { message } }) },
        ]
        const text = JSON.stringify(messages)
        if (JSON.stringify(body.messages).includes('"metadata"')) {
          return refuse("Unknown parameter: 'messages[1].metadata'.")
        }
        if (text.includes('Welcome!')) {
          return refuse('Conversation roles must alternate user/assistant/user/assistant/...')
        }
        if ('user' in body) return refuse('Unrecognized request argument supplied: user')
        if ('conversation_id' in body) return refuse("Unknown parameter: 'conversation_id'.")
        if (text.includes('input_')) {
          return refuse(
            "Invalid value: 'input_image'. Supported values are: 'text' and 'image_url'.",
          )
        }
        return ['Fine']
      },
    })
    const other = await startTestServer({
      INFERENCE_SERVICE_URL: strict.url,
      INFERENCE_API: 'openai',
    })
    try {
      const guest = await other.visitor()
      const threads = createThreadClient(() => other.url, guest.token)
      const id = await threads.thread()
      await threads.post(id, { text: 'Welcome!', sender_type: 'assistant' })
      await guest.request('PUT', `/api/provider-threads/${id}`, { conversation_id: 'gone' })
      const events = await threads.send(id, {
        text: 'Look',
        attachments: files,
        metadata: { a: 1 },
      })
      expect(events.map(statusOf)).toContain('completed')
      expect(strict.requests.at(-1)?.messages.at(-1)?.content).toEqual([
        { type: 'text', text: expect.stringMatching(/^Look\n\n[^]*b\.pdf[^]*c\.txt[^]*words/) },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
      ])
    } finally {
      await other.close()
      await strict.close()
    }
  })

  it('is a blank as it is, or words where a server takes no blanks', async () => {
    await client.send(threadId, { text: ' ' })
    expect(model.requests.at(-1)?.messages.at(-1)?.content).toBe(' ')
    respond = ({ messages }) =>
      messages.at(-1)?.content === '  '
        ? [
            {
              status: 400,
              body: '{"error":{"message":"messages: text content blocks must be non-empty"}}',
            },
          ]
        : ['On']
    const events = await client.send(threadId, { text: '  ' })
    expect(events.map(statusOf)).toContain('completed')
    expect((await client.messages(threadId))[1]?.text).toBe('  ')
  })

  it('begins anew where the provider has forgotten the conversation', async () => {
    await visitor.request('PUT', `/api/provider-threads/${threadId}`, { conversation_id: 'old' })
    respond = ({ body }) =>
      'conversation_id' in body
        ? [{ status: 404, body: '{"error":{"message":"Conversation old not found"}}' }]
        : [raw(chunk({ conversation_id: 'new', ...delta('Hello again') })), DONE, ENDED]
    const events = await client.send(threadId, { text: 'Hi' })
    expect(events.map(statusOf)).toContain('completed')
    const { body } = await visitor.request('GET', `/api/provider-threads/${threadId}`)
    expect(body).toMatchObject({ conversation_id: 'new' })
  })
})

describe('a message that waits for its answer', () => {
  it('is given back once the answer is stored', async () => {
    const { status, body } = await client.post(threadId, { text: 'Hi', sender_id: 'somebody' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      thread_id: threadId,
      sender_type: 'user',
      status: 'ready',
      text: 'Hi',
      tokens_count: 7,
    })
    expect((await client.messages(threadId)).map(({ text }) => text)).toEqual(['Hello', 'Hi'])
  })

  it('is an error that says why, and is kept with it', async () => {
    script = [
      { status: 500, body: JSON.stringify({ error: { message: `no ${'x '.repeat(100)}` } }) },
    ]
    const { status, body } = await client.post(threadId, { text: 'Hi' })
    expect(status).toBe(502)
    expect(body.detail).toContain('no x x')
    const [message] = await client.messages(threadId)
    expect(message).toMatchObject({ text: 'Hi', status: 'error' })
    expect(Array.from(message?.error_code ?? '')).toHaveLength(128)
  })

  it('is in the way of the next one only while its sender waits', async () => {
    script = MANUAL
    const leaving = new AbortController()
    const first = client.post(threadId, { text: 'One' }, { signal: leaving.signal })
    await model.requested(model.requests.length + 1)
    await model.send('Half')
    const { status, body } = await client.post(threadId, { text: 'Two' })
    expect([status, body.turn_id]).toEqual([409, expect.any(String)])
    leaving.abort()
    await expect(first).rejects.toThrow('abort')
    script = ['Done']
    expect((await client.post(threadId, { text: 'Three' })).status).toBe(201)
    expect((await client.messages(threadId)).map(({ text }) => text)).toEqual([
      ...['Done', 'Three', 'Half', 'One'],
    ])
  })

  it('asks nobody when somebody else says it', async () => {
    const asked = model.requests.length
    const { status } = await client.post(threadId, { text: 'Be kind.', sender_type: 'system' })
    expect([status, model.requests.length]).toEqual([201, asked])
    const refused = await client.request('POST', `/api/threads/${threadId}/messages/stream`, {
      text: 'x',
      sender_type: 'assistant',
    })
    expect(refused.status).toBe(422)
  })

  it('is asked once for one key, streamed or not', async () => {
    const asked = model.requests.length
    const headers = { 'idempotency-key': 'k' }
    const first = await client.send(threadId, { text: 'Hi' }, headers)
    const again = await client.send(threadId, { text: 'Hi' }, headers)
    expect(again).toEqual(first)
    const { status, body } = await client.post(threadId, { text: 'Hi' }, { headers })
    expect([status, body.text]).toEqual([201, 'Hi'])
    await server.restart()
    const late = await client.send(threadId, { text: 'Hi' }, headers)
    expect(late.map(statusOf)).toEqual(['queued', 'running', 'streaming', 'completed', '[DONE]'])
    expect(model.requests).toHaveLength(asked + 1)
    expect(await client.messages(threadId)).toHaveLength(2)
  })
})

describe('the turn of a thread', () => {
  afterEach(async () => {
    await visitor.request('POST', `/api/conversations/${threadId}/stop`)
  })

  it('goes on when its client leaves, and is read and stopped like every other', async () => {
    script = MANUAL
    const stream = await client.open(threadId, { text: 'Hi' })
    await model.send('One ')
    let read = await stream.next()
    while (!read.includes('One ')) read = await stream.next()
    expect((await client.messages(threadId))[0]).toMatchObject({ text: 'Hi', status: 'processing' })
    stream.leave()
    const watcher = await visitor.stream('GET', `/api/conversations/${threadId}/stream`)
    const start = await watcher.next()
    expect(start.data.turn_id).toBeDefined()
    await model.send('two')
    let event = await watcher.next()
    while (event.data.token !== 'two') event = await watcher.next()
    // The numbers of the chunks, which this dialect does not write, are left out.
    const late = await visitor.stream('GET', `/api/conversations/${threadId}/stream`, undefined, {
      'last-event-id': event.id ?? '',
    })
    await visitor.request('POST', `/api/conversations/${threadId}/stop`)
    const [last, ...more] = await late.rest()
    expect([last?.data.done, more]).toEqual([true, []])
    expect((await watcher.rest()).at(-1)?.data).toMatchObject({ finish_reason: 'stopped' })
    expect((await client.messages(threadId)).map(({ text, status }) => [text, status])).toEqual([
      ['One two', 'ready'],
      ['Hi', 'ready'],
    ])
  })

  it('is one at a time, whichever dialect began it', async () => {
    script = MANUAL
    const stream = await client.open(threadId, { text: 'Hi' })
    await model.send('One')
    await stream.next()
    const { status } = await visitor.request('POST', `/api/conversations/${threadId}/messages`, {
      content: 'Me too',
    })
    expect(status).toBe(409)
    const refused = await client.request('POST', `/api/threads/${threadId}/messages/stream`, {
      text: 'Me too',
    })
    expect([refused.status, refused.body.turn_id]).toEqual([409, expect.any(String)])
    stream.leave()
  })

  it('belongs to its owner alone', async () => {
    const stranger = createThreadClient(() => server.url, (await server.visitor()).token)
    for (const path of ['messages', 'messages/stream']) {
      const reply = await stranger.request('POST', `/api/threads/${threadId}/${path}`, {
        text: 'x',
      })
      expect(reply.status).toBe(404)
      const nowhere = await client.request('POST', `/api/threads/no-id/${path}`, { text: 'x' })
      expect(nowhere.status).toBe(404)
    }
  })

  it.each([
    ['null', { text: null }],
    ['an empty text', { text: '' }],
    ['a list', { text: ['x'] }],
    ['half a character', { text: '\ud800' }],
    ['a wrong sender', { text: 'x', sender_type: 'robot' }],
    ['metadata that are none', { text: 'x', metadata: [] }],
  ])('is not begun by %s', async (_, body) => {
    const asked = model.requests.length
    for (const path of ['messages', 'messages/stream']) {
      const reply = await client.request('POST', `/api/threads/${threadId}/${path}`, body)
      expect(reply.status).toBe(422)
    }
    expect(model.requests).toHaveLength(asked)
    expect(await client.messages(threadId)).toEqual([])
  })
})
