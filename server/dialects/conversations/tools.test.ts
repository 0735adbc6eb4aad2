import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseTagged } from '../../protocol/tags.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type FakeRequest,
  type Script,
} from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import {
  tokensOf,
  type TestClient,
  type TestStream,
  type WireData,
} from '../../testing/test-client.ts'
import { callTools } from '../../testing/tool-call-script.ts'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let respond: (request: FakeRequest) => Script = () => ['Hello']

beforeAll(async () => {
  model = await startFakeModelServer({
    protocol: 'openai',
    respond: (request) => respond(request),
  })
  server = await startTestServer({ INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' })
  visitor = await server.visitor()
})
afterEach(() => {
  respond = () => ['Hello']
})
afterAll(async () => {
  await server.close()
  await model.close()
})

interface SentMessage {
  readonly role: string
  readonly content: string | null
  readonly tool_call_id?: string
  readonly tool_calls?: readonly { readonly id: string; readonly function: object }[]
}

const sentMessages = (request: FakeRequest | undefined) =>
  (request?.body.messages ?? []) as readonly SentMessage[]
const isAfterTools = (request: FakeRequest) => sentMessages(request).at(-1)?.role === 'tool'

/** Calls first, and says so when it has the results. */
const callOnce =
  (...calls: Parameters<typeof callTools>[0]) =>
  (request: FakeRequest) =>
    isAfterTools(request) ? ['All done.'] : callTools(calls)

const cart = { name: 'cart', description: 'Reads the cart', parameters: { type: 'object' } }
const cartCall = { name: 'cart', arguments: { all: true } }

const resultsOf = (text: string) =>
  parseTagged(text).flatMap(({ kind, content }) =>
    kind === 'tool_result' ? [JSON.parse(content) as Record<string, unknown>] : [],
  )

const lastAnswer = async (id: string) =>
  (await visitor.request('GET', `/api/conversations/${id}`)).body.messages.at(-1)

/** Reads on until there is such an event. */
async function until<Key extends keyof WireData>(
  stream: TestStream,
  key: Key,
): Promise<NonNullable<WireData[Key]>> {
  for (;;) {
    const value = (await stream.next()).data[key]
    if (value !== undefined && value !== null) return value
  }
}

/** Sends a message in a new conversation, and reads until the page is asked for its tool. */
async function askPage() {
  respond = callOnce(cartCall)
  const id = await visitor.conversation()
  const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
    content: 'What is in my cart?',
    client_tools: [cart],
  })
  const call = await until(stream, 'tool_request')
  const post = (what: 'claim' | 'result', body: object, by: TestClient = visitor) =>
    by.request('POST', `/api/conversations/${id}/tool-calls/${call.call_id}/${what}`, body)
  return { id, stream, call, post }
}

const output = { claimant: 'tab-1', success: true, output: ['samosa'] }

describe('a model that calls tools of this server', () => {
  it('gets what they give, and answers with it', async () => {
    respond = (request) =>
      isAfterTools(request)
        ? ['It is', ' 45.']
        : callTools([{ name: 'calculator', arguments: { expression: '18*2.5' } }], 'Let me see.')
    const asked = model.requests.length
    const id = await visitor.conversation()
    const events = await visitor.send(id, 'What is 18 times 2.5?')
    const text = tokensOf(events).join('')
    expect(parseTagged(text).map(({ kind }) => kind)).toEqual([
      'text',
      'tool_call',
      'tool_result',
      'text',
    ])
    expect(resultsOf(text)).toEqual([
      {
        tool: 'calculator',
        success: true,
        output: { expression: '18*2.5', value: 45 },
        error: null,
      },
    ])
    expect(events.at(-1)?.data).toMatchObject({
      done: true,
      finish_reason: 'stop',
      token_count: tokensOf(events).length,
    })
    expect((await lastAnswer(id))?.content).toBe(text)

    const requests = model.requests.slice(asked)
    expect(requests).toHaveLength(2)
    expect(requests[0]?.body.tools).toEqual(
      expect.arrayContaining([
        { type: 'function', function: expect.objectContaining({ name: 'calculator' }) },
      ]),
    )
    const [called, given] = sentMessages(requests[1]).slice(-2)
    expect(called).toMatchObject({ role: 'assistant', content: 'Let me see.' })
    expect(called?.tool_calls?.[0]?.function).toEqual({
      name: 'calculator',
      arguments: '{"expression":"18*2.5"}',
    })
    expect(given?.tool_call_id).toBe(called?.tool_calls?.[0]?.id)
    expect(given?.content).toContain('45')
  })

  it('gets every result of a round, also the failed ones', async () => {
    respond = callOnce(
      { name: 'calculator', arguments: { expression: '1+1' } },
      { name: 'unheard_of', arguments: {} },
      { name: 'calculator', arguments: '{"expression":' },
      { name: 'calculator', arguments: { expression: '2+2' } },
    )
    const id = await visitor.conversation()
    const text = tokensOf(await visitor.send(id, 'go')).join('')
    expect(resultsOf(text).map(({ success }) => success)).toEqual([true, false, false, true])
    expect(text.endsWith('All done.')).toBe(true)
    expect(sentMessages(model.requests.at(-1)).filter(({ role }) => role === 'tool')).toHaveLength(
      4,
    )
  })

  it('has five rounds of them, and is then asked for an answer without', async () => {
    respond = () => callTools([{ name: 'calculator', arguments: { expression: '1+1' } }])
    const asked = model.requests.length
    const id = await visitor.conversation()
    const events = await visitor.send(id, 'go')
    const requests = model.requests.slice(asked)
    expect(requests).toHaveLength(6)
    expect(requests.map(({ body }) => body.tool_choice === 'none')).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ])
    expect(resultsOf(tokensOf(events).join('')).map(({ success }) => success)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ])
    expect(events.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'length' })
  })

  it('finds earlier calls and results in the history', async () => {
    respond = callOnce({ name: 'calculator', arguments: { expression: '1+1' } })
    const id = await visitor.conversation()
    await visitor.send(id, 'one')
    respond = () => ['Hello']
    await visitor.send(id, 'two')
    expect(sentMessages(model.requests.at(-1)).map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
    ])
  })
})

describe('a model that calls a tool of the page', () => {
  it('is offered it, and goes on with what a page gives', async () => {
    const { id, stream, call, post } = await askPage()
    expect(call).toEqual({
      call_id: expect.any(String),
      tool: 'cart',
      arguments: { all: true },
      timeout_ms: 300_000,
    })
    expect(model.requests.at(-1)?.body.tools).toContainEqual({ type: 'function', function: cart })
    expect((await post('claim', { claimant: 'tab-1' })).status).toBe(204)
    expect((await post('result', output)).status).toBe(204)
    expect((await post('result', output)).status).toBe(204)
    const rest = await stream.rest()
    expect(
      rest.flatMap(({ data }) => (data.tool_progress ? [data.tool_progress.state] : [])),
    ).toEqual(['claimed', 'settled'])
    expect(resultsOf((await lastAnswer(id))?.content ?? '')).toEqual([
      { tool: 'cart', success: true, output: ['samosa'], error: null },
    ])
    expect(tokensOf(rest).at(-1)).toBe('All done.')
    expect((await post('claim', { claimant: 'tab-1' })).status).toBe(204)
    expect((await post('claim', { claimant: 'tab-2' })).status).toBe(409)
  })

  it('is served by a page that came back, also when the first has gone', async () => {
    const { id, stream, call, post } = await askPage()
    stream.leave()
    const resumed = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    expect(await until(resumed, 'tool_request')).toEqual(call)
    await post('result', output)
    const rest = await resumed.rest()
    expect(rest.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'stop' })
  })

  it('is served by one page alone', async () => {
    const { stream, post } = await askPage()
    const claims = await Promise.all(
      ['tab-1', 'tab-2'].map((claimant) => post('claim', { claimant })),
    )
    expect(claims.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 409])
    const [winner, loser] = claims[0]?.status === 204 ? ['tab-1', 'tab-2'] : ['tab-2', 'tab-1']
    expect((await post('result', { ...output, claimant: loser })).status).toBe(409)
    expect((await post('result', { ...output, claimant: winner })).status).toBe(204)
    await stream.rest()
  })

  it('is given null by a page that has nothing to give', async () => {
    const { id, stream, post } = await askPage()
    expect((await post('result', { claimant: 'tab-1', success: true })).status).toBe(204)
    await stream.rest()
    expect(resultsOf((await lastAnswer(id))?.content ?? '')).toMatchObject([
      { success: true, output: null },
    ])
  })

  it('is told when the page could not run it', async () => {
    const { id, stream, post } = await askPage()
    await post('result', { claimant: 'tab-1', success: false, error: 'The visitor said no.' })
    await stream.rest()
    expect(resultsOf((await lastAnswer(id))?.content ?? '')).toMatchObject([
      { success: false, error: 'The visitor said no.' },
    ])
  })

  it('is heard by nobody else', async () => {
    const { id, stream, call, post } = await askPage()
    const stranger = await server.visitor()
    expect((await post('claim', { claimant: 'tab-1' }, stranger)).status).toBe(404)
    expect((await post('result', output, stranger)).status).toBe(404)
    const other = await visitor.conversation()
    const calls = (conversation: string, callId: string) =>
      visitor.request('POST', `/api/conversations/${conversation}/tool-calls/${callId}/claim`, {
        claimant: 'tab-1',
      })
    expect((await calls(other, call.call_id)).status).toBe(404)
    expect((await calls(id, crypto.randomUUID())).status).toBe(404)
    expect((await calls(id, 'no-id')).status).toBe(404)
    await post('result', output)
    await stream.rest()
  })

  it.each([
    ['claim', {}, 'claimant'],
    ['claim', { claimant: '' }, 'claimant'],
    ['result', { claimant: 'tab-1' }, 'success'],
    ['result', { claimant: 'tab-1', success: false }, 'error'],
    ['result', { claimant: 'tab-1', success: false, error: 'x'.repeat(2_001) }, 'error'],
  ] as const)('takes no %s like %j', async (what, body, path) => {
    const { stream, post } = await askPage()
    const reply = await post(what, body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toContain(path)
    await post('result', output)
    await stream.rest()
  })

  it('no longer waits when the turn is stopped', async () => {
    const { id, stream, post } = await askPage()
    const asked = model.requests.length
    expect((await visitor.request('POST', `/api/conversations/${id}/stop`)).status).toBe(202)
    const rest = await stream.rest()
    expect(rest.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'stopped' })
    expect(rest.some(({ data }) => data.tool_progress?.state === 'settled')).toBe(true)
    expect((await post('result', output)).status).toBe(404)
    expect((await lastAnswer(id))?.content).toMatch(/^<\|python_start\|>.*<\|python_end\|>$/)
    expect(model.requests).toHaveLength(asked)
  })

  it('may be asked for again with the same tools', async () => {
    const { id, stream, post } = await askPage()
    await post('result', output)
    await stream.rest()
    const path = `/api/conversations/${id}/regenerate`
    const again = await visitor.stream('POST', path, { client_tools: [cart] })
    const call = await until(again, 'tool_request')
    await visitor.request('POST', `/api/conversations/${id}/tool-calls/${call.call_id}/result`, {
      claimant: 'tab-1',
      success: true,
      output: 'new',
    })
    await again.rest()
    expect(resultsOf((await lastAnswer(id))?.content ?? '')).toMatchObject([{ output: 'new' }])
  })

  it('no longer waits when the server goes down', async () => {
    const { id } = await askPage()
    await server.restart()
    expect(await lastAnswer(id)).toMatchObject({ finish_reason: 'interrupted' })
  })
})

describe('tools of the page', () => {
  const named = (name: string) => ({ ...cart, name })

  it.each([
    ['no list', cart, 'client_tools'],
    ['more than sixteen', Array.from({ length: 17 }, (_, n) => named(`t${n}`)), 'client_tools'],
    ['a name of other characters', [named('my tool')], 'client_tools.0.name'],
    ['a long name', [named('x'.repeat(65))], 'client_tools.0.name'],
    ['a name twice', [cart, named('b'), cart], 'client_tools.2.name'],
    [
      'a long description',
      [{ ...cart, description: 'x'.repeat(1_025) }],
      'client_tools.0.description',
    ],
    ['no parameters', [{ name: 'a', description: '' }], 'client_tools.0.parameters'],
    ['a list of parameters', [{ ...cart, parameters: [] }], 'client_tools.0.parameters'],
    ['too much in all', [{ ...cart, parameters: { x: 'é'.repeat(20_000) } }], 'client_tools'],
  ])('are refused when there is %s', async (_, tools, path) => {
    const id = await visitor.conversation()
    for (const route of ['messages', 'regenerate']) {
      const reply = await visitor.request('POST', `/api/conversations/${id}/${route}`, {
        ...(route === 'messages' && { content: 'hi' }),
        client_tools: tools,
      })
      expect(reply.status).toBe(422)
      expect(reply.body.errors.map((error) => error.path)).toEqual([path])
    }
  })

  it('may be as many and as long as allowed, or left out', async () => {
    const id = await visitor.conversation()
    const most = Array.from({ length: 16 }, (_, n) => ({
      ...named(`t${n}`.padEnd(64, '_')),
      description: '🥟'.repeat(n === 0 ? 1_024 : 1),
    }))
    for (const client_tools of [most, [], null]) {
      const path = `/api/conversations/${id}/messages`
      const stream = await visitor.stream('POST', path, { content: 'hi', client_tools })
      expect(stream.response.status).toBe(200)
      await stream.rest()
    }
  })
})

describe('a nanochat server', () => {
  it('runs its own tools: their tags pass as they are, and it is offered none', async () => {
    const tokens = [
      '<|python_start|>{"tool":"calculator","arguments":{"expression":"1+1"}}',
      '<|python_end|>',
      '<|output_start|>{"tool":"calculator","success":true,"output":2,"error":null}<|output_end|>',
      'Two.',
    ]
    const nanochat = await startFakeModelServer({ protocol: 'nanochat', respond: () => tokens })
    const own = await startTestServer({
      INFERENCE_SERVICE_URL: nanochat.url,
      INFERENCE_API: 'nanochat',
    })
    try {
      const client = await own.visitor()
      const id = await client.conversation()
      const path = `/api/conversations/${id}/messages`
      const stream = await client.stream('POST', path, { content: 'hi', client_tools: [cart] })
      const events = await stream.rest()
      expect(tokensOf(events)).toEqual(tokens)
      expect(nanochat.requests).toHaveLength(1)
      expect(nanochat.requests[0]?.body).not.toHaveProperty('tools')
    } finally {
      await own.close()
      await nanochat.close()
    }
  })
})
