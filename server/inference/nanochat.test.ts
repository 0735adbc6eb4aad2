import fc from 'fast-check'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Inference, InferenceEvent } from '../core/ports/index.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../testing/fake-model-server.ts'
import { gather, generateRequest } from '../testing/inference-requests.ts'
import { AnswerDecoder } from './transport/answer-stream.ts'
import { createNanochat, routesOf, NanochatReader } from './nanochat.ts'

function decode(body: Uint8Array, cuts: readonly number[] = []) {
  const decoder = new AnswerDecoder(new NanochatReader())
  const edges = [0, ...cuts, body.length]
  const events: InferenceEvent[] = edges
    .slice(1)
    .flatMap((edge, index) => [...decoder.push(body.subarray(edges[index] ?? 0, edge))])
  events.push(...decoder.end('closed'))
  return { events, outcome: decoder.outcome }
}

describe('the reader of nanochat events', () => {
  it('passes tokens through untouched, wherever the bytes are cut', () => {
    const tokens = ['नम', 'स्ते 🥟', '<|python_', 'start|>{"', '\n\n', ' ', '</think>']
    const body = new TextEncoder().encode(
      [
        'data: nothing',
        ...tokens.map((token) => `data: ${JSON.stringify({ token, gpu: 3 })}`),
        ': ping',
        'data: {"queue":1}',
        'data: keep-alive',
        'data: {"done":true}',
        '',
      ].join('\n\n'),
    )
    const whole = decode(body)
    expect(whole.outcome).toBe('complete')
    expect(whole.events).toEqual([
      ...tokens.map((text) => ({ type: 'token', text, extra: { gpu: 3 } })),
      { type: 'finish', reason: 'stop' },
    ])
    for (let cut = 0; cut <= body.length; cut += 1) expect(decode(body, [cut])).toEqual(whole)
    expect(decode(body, [...body.keys()])).toEqual(whole)
    const property = fc.property(fc.array(fc.nat(body.length)), (cuts) => {
      expect(
        decode(
          body,
          cuts.toSorted((a, b) => a - b),
        ),
      ).toEqual(whole)
    })
    fc.assert(property)
  })

  it('keeps further keys but those that tell our own events apart', () => {
    const event = {
      token: 'a',
      gpu: 3,
      usage: { total: 1 },
      finish_reason: null,
      title: 'x',
      done: 0,
    }
    const body = new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`)
    expect(decode(body).events).toEqual([
      { type: 'token', text: 'a', extra: { gpu: 3, usage: { total: 1 }, finish_reason: null } },
    ])
  })

  it.each([
    'data: {"detail":"boom"}\n\n',
    'data: {"status":"error","message":"boom"}\n\n',
    'data: {"statusCode":503,"message":"boom"}\n\n',
    'data: {"error":"boom"}\n\n',
    'data: {"error":{"message":"boom"}}\n\n',
  ])('takes %j for a failure, and its words', (event) => {
    const body = new TextEncoder().encode(`data: {"token":"a"}\n\n${event}data: {"done":true}\n\n`)
    expect(decode(body)).toMatchObject({
      events: [{ text: 'a' }],
      outcome: { code: 'inference_error', message: 'boom' },
    })
  })

  it.each([
    'event: error\ndata: boom\n\n',
    'event: error\ndata: {"message":"boom"}\n\n',
    'error: {"code":500,"message":"boom"}\n\n',
    'data: [{"error":{"code":503}}]\n\n',
    'data: {"success":false}\n\n',
    'data: {"fault":{"faultstring":"boom"}}\n\n',
    'data: {"status":500,"title":"boom"}\n\n',
  ])('takes %j for a failure, and none of its words', (event) => {
    const body = new TextEncoder().encode(`data: {"token":"a"}\n\n${event}data: {"done":true}\n\n`)
    expect(decode(body)).toMatchObject({
      events: [{ text: 'a' }],
      outcome: { code: 'inference_error', message: 'The model server reported an error.' },
    })
  })

  it.each([
    ['without its last event', ''],
    ['with half of its last event', 'data: {"done":tr'],
    ['with another last event', 'data: {"done":false}\n\ndata: [DONE]\n\n'],
  ])('leaves an answer open that ends %s', (_, ending) => {
    const body = new TextEncoder().encode(`data: {"token":"a"}\n\n${ending}`)
    expect(decode(body)).toEqual({ events: [{ type: 'token', text: 'a' }], outcome: 'running' })
  })

  it.each([
    ...['[ERROR] out of memory', '{"token":"b', 'Internal Server Error', '<html>'],
    ...['"overloaded"', '503', '["overloaded"]'],
  ])(
    'does not call an answer whole when the event before its end cannot be read: %s',
    (unreadable) => {
      const read = (events: readonly string[]) =>
        decode(new TextEncoder().encode(events.map((data) => `data: ${data}\n\n`).join('')))
      expect(read(['{"token":"a"}', unreadable, '{"done":true}'])).toMatchObject({
        events: [{ text: 'a' }],
        outcome: { code: 'inference_interrupted', retryable: true },
      })
      expect(read([unreadable, '{"token":"a"}', '{"done":true}']).outcome).toBe('complete')
    },
  )

  it.each([
    ['stop', { events: [{}, { type: 'finish', reason: 'stop' }], outcome: 'complete' }],
    ['MAX_TOKENS', { events: [{}, { type: 'finish', reason: 'length' }], outcome: 'complete' }],
    ['tool_calls', { events: [{}, { type: 'finish', reason: 'stop' }], outcome: 'complete' }],
    ['null', { events: [{}, { type: 'finish', reason: 'stop' }], outcome: 'complete' }],
    ['error', { events: [{}], outcome: { code: 'inference_error' } }],
    ['abort', { events: [{}], outcome: { code: 'inference_interrupted', retryable: true } }],
  ])('takes the finish reason %j beside its end at its word', (reason, expected) => {
    const end = JSON.stringify({ done: true, finish_reason: reason })
    const body = new TextEncoder().encode(`data: {"token":"a"}\n\ndata: ${end}\n\n`)
    expect(decode(body)).toMatchObject(expected)
  })

  it('has no extra where there are no further keys', () => {
    const body = new TextEncoder().encode('data: {"token":"a"}\n\n')
    expect(decode(body).events).toEqual([{ type: 'token', text: 'a' }])
  })
})

describe('the nanochat adapter', () => {
  let server: FakeModelServer
  let inference: Inference
  let script: Script
  const settings = { internalApiKey: 'internal-1', timeoutSeconds: 5 }

  beforeEach(async () => {
    script = ['Hello', ' world']
    server = await startFakeModelServer({ protocol: 'nanochat', respond: () => script })
    inference = createNanochat({ ...settings, url: server.url })
  })
  afterEach(async () => {
    await inference.close()
    await server.close()
  })

  it('streams an answer to its end', async () => {
    const { text, finish, error } = await gather(inference)
    expect({ text, finish, error }).toEqual({
      text: 'Hello world',
      finish: { type: 'finish', reason: 'stop' },
      error: undefined,
    })
  })

  it('sends what the protocol asks for, and nothing else', async () => {
    await gather(inference, generateRequest({ forceWebSearch: true }))
    const [request] = server.requests
    expect(request?.path).toBe('/generate')
    expect(request?.body).toEqual({
      messages: [{ role: 'user', content: 'Be brief.\n\nHello' }],
      temperature: 0.8,
      max_tokens: 1024,
      top_k: 50,
      force_web_search: true,
    })
    expect(request?.headers).toMatchObject({
      'x-internal-api-key': 'internal-1',
      'x-trace-id': 'trace-1',
      'x-user-id': 'user-1',
      'content-type': 'application/json',
    })
    expect(request?.headers).not.toHaveProperty('x-session-trace-id')
  })

  it('sends any user id and the session as headers that HTTP allows', async () => {
    const trace = { traceId: 't', sessionTraceId: 'session-1', userId: 'ü\r\nx: y' }
    await gather(inference, generateRequest({ trace }))
    expect(server.requests[0]?.headers).toMatchObject({
      'x-session-trace-id': 'session-1',
      'x-user-id': '%C3%BC%0D%0Ax%3A%20y',
    })
  })

  it('puts the prompt before the first user message, and leaves thinking out of the history', async () => {
    const messages = [
      { role: 'assistant', content: '<think>only</think>' },
      { role: 'assistant', content: 'Welcome' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: '<think>hm</think>Two' },
      { role: 'user', content: '<think>Three</think>' },
    ] as const
    await gather(inference, generateRequest({ messages }))
    expect(server.requests[0]?.messages).toEqual([
      { role: 'user', content: 'Be brief.\n\nOne' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: '<think>Three</think>' },
    ])
  })

  it('asks for the rest of an answer in turns that end with a question', async () => {
    const messages = [{ role: 'user' as const, content: 'Count.' }]
    await gather(inference, generateRequest({ messages, continues: '1, 2, ' }))
    const asked = server.requests.at(-1)?.messages ?? []
    expect(asked.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(asked[1]?.content).toBe('1, 2, ')
  })

  it('gives the list of models as it is, with cards beside it', async () => {
    const { signal } = new AbortController()
    expect(await inference.models({ signal })).toEqual({
      models: [{ tag: 'd20' }],
      current: 'd20',
      cards: [{ id: 'd20', name: 'd20' }],
    })
    expect(server.lookups[0]).toMatchObject({ method: 'GET', path: '/models' })
    expect(server.lookups[0]?.headers).toMatchObject({ 'x-internal-api-key': 'internal-1' })
  })

  it('has another model loaded, and gives the answer as it is', async () => {
    const { signal } = new AbortController()
    expect(await inference.swapModel?.('d32', { signal })).toEqual({
      models: [{ tag: 'd20' }],
      current: 'd20',
    })
    expect(server.lookups[0]).toMatchObject({
      method: 'POST',
      path: '/models/swap',
      body: { model_tag: 'd32' },
    })
    expect(server.lookups[0]?.headers).toMatchObject({ 'x-internal-api-key': 'internal-1' })
  })
})

it('gives a server the time to load another model', async () => {
  const asked = Promise.withResolvers<ServerResponse>()
  const slow = createServer((request, response) => {
    if (request.url === '/models/swap') asked.resolve(response)
  })
  slow.listen(0, '127.0.0.1')
  await once(slow, 'listening')
  const { port } = slow.address() as AddressInfo
  const inference = createNanochat({
    url: `http://127.0.0.1:${port}`,
    internalApiKey: undefined,
    timeoutSeconds: 0.02,
  })
  const { signal } = new AbortController()
  const swapped = inference.swapModel?.('d32', { signal })
  const response = await asked.promise
  await expect(inference.models({ signal })).rejects.toMatchObject({ code: 'inference_timeout' })
  response.end('{"current":"d32"}')
  expect(await swapped).toEqual({ current: 'd32' })
  await inference.close()
  slow.closeAllConnections()
  slow.close()
})

it.each([
  ['https://modal.run', 'https://modal.run/'],
  ['https://me--nanochat.modal.run', 'https://me--nanochat.modal.run/'],
  ['https://ME--nanochat.MODAL.run/app/', 'https://me--nanochat.modal.run/app/'],
  ['https://modal.run.evil.com', 'https://modal.run.evil.com/generate'],
  ['https://notmodal.run', 'https://notmodal.run/generate'],
  ['https://h/modal.run', 'https://h/modal.run/generate'],
  ['https://h/?x=modal.run', 'https://h/generate?x=modal.run'],
  ['http://h:8000/nano/', 'http://h:8000/nano/generate'],
])('asks at the address itself only on Modal: %s', (base, url) => {
  expect(routesOf(new URL(base))[0].url.href).toBe(url)
})
