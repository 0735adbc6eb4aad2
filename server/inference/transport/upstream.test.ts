import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  brotliCompressSync,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { ChatError } from '../../core/errors.ts'
import type { Inference, InferenceEvent } from '../../core/ports/index.ts'
import { takeAll } from '../../core/turn/answer.ts'
import { describeError } from '../../log.ts'
import { eventsOf, gather, generateRequest } from '../../testing/inference-requests.ts'
import { rawResponse, startRawModelServer, streamOf } from '../../testing/raw-model-server.ts'
import { createInference, type InferenceConfig } from '../index.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

const SSE = { 'content-type': 'text/event-stream' }
const JSON_TYPE = { 'content-type': 'application/json' }
const LIST = JSON.stringify({ object: 'list', data: [{ id: 'm1' }] })
const hello = () => rawResponse(200, SSE, streamOf('hel', 'lo'))

type Answer = Buffer | ((socket: Socket) => void)

/** A server that answers generations in this order, the last one for ever; and what asks it. */
async function serve(answers: readonly Answer[], changes: Partial<InferenceConfig> = {}) {
  let count = 0
  const server = await startRawModelServer((request, socket) => {
    if (request.method === 'GET') {
      socket.write(rawResponse(200, JSON_TYPE, LIST))
      return
    }
    const answer = answers[Math.min(count, answers.length - 1)]
    count += 1
    if (typeof answer === 'function') answer(socket)
    else if (answer) socket.write(answer)
  })
  const inference = createInference(
    {
      url: server.url,
      api: 'openai',
      apiKey: 'sk-test',
      internalApiKey: undefined,
      model: 'm1',
      timeoutSeconds: 20,
      ...changes,
    },
    {
      logger,
      builtin: () => {
        throw new Error('not asked for')
      },
    },
  )
  closers.push(inference.close, server.close)
  const generations = () => server.requests.filter(({ method }) => method === 'POST')
  return { server, inference, generations }
}

const answerOf = async (answers: readonly Answer[], changes: Partial<InferenceConfig> = {}) => {
  const served = await serve(answers, changes)
  return { ...(await gather(served.inference)), ...served }
}

/** undici uses a connection again once the event loop has turned. */
const freed = async () => {
  await nextTurn()
  await nextTurn()
}

describe('a kept connection', () => {
  const DEATHS: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['ends', (socket) => socket.end()],
    ['is reset', (socket) => socket.resetAndDestroy()],
  ]

  it.each(DEATHS)('that %s instead of an answer is replaced, once', async (_, die) => {
    const { inference, generations } = await serve([hello(), die, hello()])
    expect(await gather(inference)).toMatchObject({ text: 'hello' })
    await freed()
    expect(await gather(inference)).toMatchObject({ text: 'hello', error: undefined })
    const [first = 0, dead = 0, replaced = 0] = generations().map(({ connection }) => connection)
    expect(replaced).toBeGreaterThan(Math.max(first, dead))
    expect(generations()[2]?.body).toBe(generations()[1]?.body)
  })

  it('that the server has closed after its answer is not used again', async () => {
    const ended = (socket: Socket) => socket.end(hello())
    expect(await answerOf([ended])).toMatchObject({ text: 'hello' })
    const { inference, generations } = await serve([ended, ended])
    await gather(inference)
    expect(await gather(inference)).toMatchObject({ text: 'hello', error: undefined })
    expect(generations()).toHaveLength(2)
  })

  it.each(DEATHS)('is replaced no second time when the new one %s, too', async (_, die) => {
    const { inference, generations } = await serve([hello(), die, die, hello()])
    await gather(inference)
    await freed()
    const { text, error } = await gather(inference)
    expect({ text, error }).toMatchObject({ text: '', error: { code: 'inference_unreachable' } })
    expect(generations()).toHaveLength(3)
  })

  it.each(DEATHS)('is not replaced when a new one %s: nobody knows why', async (_, die) => {
    const { error, generations } = await answerOf([die, hello()])
    expect(error).toMatchObject({ code: 'inference_unreachable' })
    expect(generations()).toHaveLength(1)
  })

  it.each([
    ['a byte', 'H'],
    ['a head', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'],
    ['a word', `HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${streamOf('Hal').slice(0, 70)}`],
  ])('that dies after %s has seen the request, which is not sent again', async (_, bytes) => {
    const { inference, generations } = await serve([
      hello(),
      (socket) => socket.end(bytes),
      hello(),
    ])
    await gather(inference)
    await freed()
    const { error } = await gather(inference)
    expect(error).toBeInstanceOf(ChatError)
    expect(generations()).toHaveLength(2)
  })

  it('is not looked for when the visitor stops just then', async () => {
    const controller = new AbortController()
    const { inference, generations } = await serve([
      hello(),
      (socket) => {
        controller.abort(new Error('stopped'))
        socket.resetAndDestroy()
      },
    ])
    await gather(inference)
    await freed()
    const { error } = await gather(inference, generateRequest(), controller.signal)
    expect(error).toMatchObject({ message: 'stopped' })
    expect(generations()).toHaveLength(2)
  })
})

describe('a passing failure', () => {
  const refusal = (
    status: number,
    headers: Readonly<Record<string, string>> = {},
    body: unknown = { error: { message: 'Slow down.' } },
  ) => rawResponse(status, { ...JSON_TYPE, ...headers }, JSON.stringify(body))

  it.each([429, 502, 503, 529])('with HTTP %i is asked once more', async (status) => {
    const { text, error, generations } = await answerOf([
      refusal(status, { 'retry-after': '0' }),
      hello(),
    ])
    expect({ text, error }).toEqual({ text: 'hello', error: undefined })
    expect(generations()).toHaveLength(2)
  })

  it('is asked once more soon where the server says no time', async () => {
    const { text } = await answerOf([refusal(529), hello()])
    expect(text).toBe('hello')
  })

  it('is asked no third time', async () => {
    const { error, generations } = await answerOf([refusal(503, { 'retry-after': '0' })])
    expect(error).toMatchObject({ code: 'inference_error', message: 'Slow down.', retryable: true })
    expect(generations()).toHaveLength(2)
  })

  it.each([
    ['another status', refusal(504)],
    ['a failure of its own', refusal(500, { 'retry-after': '0' })],
    ['a plan that is used up', refusal(429, {}, { error: { code: 'insufficient_quota' } })],
    [
      'a plan that is used up, whatever it asks for',
      refusal(429, { 'retry-after': '0' }, { error: { type: 'insufficient_quota' } }),
    ],
    [
      'words that say so',
      refusal(429, {}, { error: { message: 'Your credits have run out. Top up the balance.' } }),
    ],
    ['a server that knows better', refusal(429, { 'x-should-retry': 'false' })],
    ['a wrong request', refusal(400, { 'retry-after': '0' })],
  ])('is not seen in %s', async (_, answer) => {
    const { error, generations } = await answerOf([answer, hello()])
    expect(error).toBeInstanceOf(ChatError)
    expect(generations()).toHaveLength(1)
  })

  it.each([
    ['seconds', { 'retry-after': '3600' }, 3_600],
    ['milliseconds', { 'retry-after-ms': '90500', 'retry-after': '2' }, 91],
  ])('that lasts too long is told at once, with its %s', async (_, headers, retryAfter) => {
    const { error, generations } = await answerOf([refusal(429, headers), hello()])
    expect(error).toMatchObject({ message: 'Slow down.', retryable: true, retryAfter })
    expect(generations()).toHaveLength(1)
  })

  it('may be over at a date', async () => {
    const soon = new Date(Date.now() - 60_000).toUTCString()
    expect(await answerOf([refusal(429, { 'retry-after': soon }), hello()])).toMatchObject({
      text: 'hello',
    })
    const late = new Date(Date.now() + 600_000).toUTCString()
    const { error } = await answerOf([refusal(503, { 'retry-after': late }), hello()])
    expect(error).toMatchObject({ retryAfter: expect.closeTo(600, -2) })
  })

  it('is waited for no longer than the visitor wants', async () => {
    const controller = new AbortController()
    const { inference, generations } = await serve(
      [
        (socket) => {
          socket.write(refusal(429, { 'retry-after': '1000' }), () => controller.abort())
        },
      ],
      { timeoutSeconds: 5_000 },
    )
    const { error } = await gather(inference, generateRequest(), controller.signal)
    expect(error).toMatchObject({ name: 'AbortError' })
    expect(generations()).toHaveLength(1)
  })

  it('is waited for no longer than the server runs', async () => {
    const asked = Promise.withResolvers<void>()
    const { inference } = await serve(
      [(socket) => socket.write(refusal(429, { 'retry-after': '1000' }), () => asked.resolve())],
      { timeoutSeconds: 5_000 },
    )
    const answer = gather(inference)
    await asked.promise
    await freed()
    await inference.close()
    expect((await answer).error).toMatchObject({ code: 'inference_unreachable' })
  })

  it('of nanochat is asked once more, too', async () => {
    const stream = 'data: {"token":"Hi"}\n\ndata: {"done":true}\n\n'
    const answers = [refusal(503, { 'retry-after': '0' }), rawResponse(200, SSE, stream)]
    expect(await answerOf(answers, { api: 'nanochat' })).toMatchObject({ text: 'Hi' })
  })
})

describe('a compressed answer', () => {
  const CODINGS: readonly (readonly [string, (bytes: Uint8Array) => Buffer])[] = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['identity', (bytes) => Buffer.from(bytes)],
    ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
    ['deflate, identity, gzip', (bytes) => gzipSync(deflateSync(bytes))],
  ]

  it('is declined', async () => {
    const { server } = await answerOf([hello()])
    for (const { headers } of server.requests) expect(headers['accept-encoding']).toBe('identity')
  })

  it.each(CODINGS)('is read all the same: %s', async (coding, compress) => {
    const compressed = compress(Buffer.from(streamOf('packed', ' word')))
    const headers = { ...SSE, 'content-encoding': coding }
    expect(await answerOf([rawResponse(200, headers, compressed)])).toMatchObject({
      text: 'packed word',
      error: undefined,
    })
  })

  it.each(CODINGS)('is read when it is one JSON text: %s', async (coding, compress) => {
    const whole = JSON.stringify({
      choices: [{ index: 0, message: { content: 'whole' }, finish_reason: 'stop' }],
    })
    const headers = { ...JSON_TYPE, 'content-encoding': coding }
    expect(await answerOf([rawResponse(200, headers, compress(Buffer.from(whole)))])).toMatchObject(
      { text: 'whole', error: undefined },
    )
  })

  it.each(CODINGS)('tells why a request was refused: %s', async (coding, compress) => {
    const refusal = (status: number, message: string) =>
      rawResponse(
        status,
        { ...JSON_TYPE, 'content-encoding': coding },
        compress(Buffer.from(JSON.stringify({ error: { message } }))),
      )
    expect(await answerOf([refusal(413, 'That is a lot of text.')])).toMatchObject({
      error: { message: 'That is a lot of text.' },
    })
    const { text, generations } = await answerOf([
      refusal(400, "Unsupported parameter: 'temperature'."),
      hello(),
    ])
    expect(text).toBe('hello')
    expect(JSON.parse(generations()[1]?.body ?? '')).not.toHaveProperty('temperature')
  })

  it('may be compressed for the transfer alone', async () => {
    for (const coding of ['gzip, chunked', 'deflate, chunked', 'gzip']) {
      const body = (coding.startsWith('gzip') ? gzipSync : deflateSync)(streamOf('sent'))
      const isChunked = coding.endsWith('chunked')
      const bytes = isChunked
        ? Buffer.concat([
            Buffer.from(`${body.length.toString(16)}\r\n`),
            body,
            Buffer.from('\r\n0\r\n\r\n'),
          ])
        : body
      const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: ${coding}\r\n\r\n`
      const { text, error } = await answerOf([
        (socket) => {
          socket.write(head)
          if (isChunked) socket.write(bytes)
          else socket.end(bytes)
        },
      ])
      expect({ coding, text, error }).toEqual({ coding, text: 'sent', error: undefined })
    }
  })

  it('gives its tokens as they come', async () => {
    const gzip = createGzip()
    const { inference } = await serve([
      (socket) => {
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n',
        )
        gzip.pipe(socket)
      },
    ])
    const { signal } = new AbortController()
    const events = eventsOf(inference.generate(generateRequest(), { signal }))
    for (const content of ['one', 'two', 'three']) {
      const next = events.next()
      gzip.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`)
      gzip.flush()
      expect(await next).toMatchObject([{ type: 'token', text: content }])
    }
    gzip.end('data: [DONE]\n\n')
    expect(await events.next()).toMatchObject([{ type: 'finish' }])
  })

  it('that is cut off keeps what came before', async () => {
    const packed = gzipSync(streamOf('begun', ' and never ended'), { level: 0 })
    const { text, error } = await answerOf([
      rawResponse(200, { ...SSE, 'content-encoding': 'gzip' }, packed.subarray(0, 90)),
    ])
    expect(text).toBe('begun')
    expect(error).toMatchObject({ code: 'inference_interrupted' })
    const reset = await answerOf([
      (socket) =>
        socket.end(
          Buffer.concat([
            Buffer.from(
              `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`,
            ),
            packed.subarray(0, 90),
          ]),
        ),
    ])
    expect(reset).toMatchObject({ text: 'begun', error: { code: 'inference_interrupted' } })
  })

  it('in a coding that nobody knows is refused as that', async () => {
    for (const coding of ['compress', 'gzip, dcb', 'gzip, gzip, gzip, gzip']) {
      const { error } = await answerOf([
        rawResponse(200, { ...SSE, 'content-encoding': coding }, 'whatever'),
      ])
      expect(error).toMatchObject({
        code: 'inference_error',
        message: 'The model server sent a compressed answer that cannot be read.',
        retryable: false,
      })
    }
    const { error } = await answerOf([
      rawResponse(200, { ...SSE, 'content-encoding': 'compress' }, 'whatever'),
    ])
    expect(JSON.stringify(describeError(error))).toContain('not known here: compress')
  })

  it('that is none is refused as that', async () => {
    for (const coding of ['gzip', 'br', 'zstd', 'deflate']) {
      const { error } = await answerOf([
        rawResponse(200, { ...SSE, 'content-encoding': coding }, streamOf('plain')),
      ])
      expect({ coding, error }).toMatchObject({
        error: { message: 'The model server sent a compressed answer that cannot be read.' },
      })
    }
  })

  it.each([
    ['blanks', ' '],
    ['one event', 'data: x'],
    ['one JSON text', '{"x":"'],
    ['events that say nothing', ':\n'],
  ])('cannot go on for ever with %s', async (_, begin) => {
    const line = begin.endsWith('\n') ? `:${'x'.repeat(65_534)}\n` : ' '
    const mebibytes = 2 ** 20 * 16
    const bomb = gzipSync(line.repeat(mebibytes / line.length))
    const body = Buffer.concat([gzipSync(begin), ...Array.from({ length: 18 }, () => bomb)])
    const { text, error } = await answerOf([
      rawResponse(200, { ...SSE, 'content-encoding': 'gzip' }, body),
    ])
    expect({ text, error: error instanceof ChatError && error.code }).toEqual({
      text: '',
      error: 'inference_error',
    })
    expect(
      await answerOf([rawResponse(400, { ...JSON_TYPE, 'content-encoding': 'gzip' }, body)]),
    ).toMatchObject({ error: { message: 'inference answered HTTP 400' } })
  })
})

describe('a redirect', () => {
  const SETUP = 'The assistant is not set up right yet. Please try again later.'
  const to = (status: number, location: string) => rawResponse(status, { location })

  it.each([307, 308])('with HTTP %i on the same server is followed', async (status) => {
    for (const location of ['/moved/v1/chat/completions', '?again', '//HOST/elsewhere']) {
      const { server, inference, generations } = await serve([
        (socket) => {
          const host = new URL(server.url).host
          socket.write(to(status, location.replace('HOST', host)))
        },
        hello(),
      ])
      expect(await gather(inference)).toMatchObject({ text: 'hello', error: undefined })
      const [first, second] = generations()
      expect(second?.body).toBe(first?.body)
      expect(second?.headers.authorization).toBe('Bearer sk-test')
      expect(second?.path).not.toBe(first?.path)
    }
  })

  it.each([301, 302, 303])('with HTTP %i would lose the question', async (status) => {
    const { error, server, generations } = await answerOf([
      to(status, '/moved/v1/chat/completions?key=secret'),
      hello(),
    ])
    expect(error).toMatchObject({
      code: 'inference_misconfigured',
      message: SETUP,
      retryable: false,
    })
    const logged = JSON.stringify(describeError(error))
    expect(logged).toContain(`HTTP ${status}`)
    expect(logged).toContain(`${server.url}/moved/v1/chat/completions`)
    expect(logged).not.toContain('secret')
    expect(generations()).toHaveLength(1)
  })

  it.each([301, 302, 303, 307, 308])(
    'with HTTP %i to another server gets no key',
    async (status) => {
      const other = await serve([hello()])
      const { error } = await answerOf([to(status, `${other.server.url}/v1/chat/completions`)])
      expect(error).toMatchObject({ message: SETUP, retryable: false })
      expect(JSON.stringify(describeError(error))).toContain(`${other.server.url}/v1`)
      expect(other.server.requests).toHaveLength(0)
    },
  )

  it('to https is another server, and the log says where', async () => {
    const { error } = await answerOf([to(308, 'https://models.example/v1/chat/completions')])
    expect(error).toMatchObject({ retryable: false })
    expect(JSON.stringify(describeError(error))).toContain('https://models.example/v1')
  })

  it('in a circle comes to an end', async () => {
    const { error, generations } = await answerOf([to(307, '/v1/chat/completions')])
    expect(error).toMatchObject({ message: SETUP, retryable: false })
    expect(generations().length).toBeLessThan(10)
  })

  it.each([300, 304, 305, 308])(
    'to nowhere (HTTP %i) is no reason to ask again',
    async (status) => {
      expect(await answerOf([rawResponse(status, {})])).toMatchObject({
        error: { message: SETUP, retryable: false },
      })
      expect(await answerOf([to(status, 'http://[broken')])).toMatchObject({
        error: { retryable: false },
      })
    },
  )

  it.each([301, 302, 303, 307, 308])(
    'of the list of models is followed (HTTP %i)',
    async (status) => {
      const server = await startRawModelServer(({ path }, socket) => {
        if (path === '/v1/models') socket.write(to(status, '/lists/models'))
        else socket.write(rawResponse(200, JSON_TYPE, LIST))
      })
      const { inference } = await serve([], { url: server.url })
      closers.push(server.close)
      const { signal } = new AbortController()
      expect(await inference.models({ signal })).toMatchObject({ models: ['m1'] })
    },
  )
})

describe('a request to a model server', () => {
  const headersOf = async (changes: Partial<InferenceConfig>) => {
    const { server, inference } = await serve([hello()], changes)
    const { signal } = new AbortController()
    await gather(inference)
    await inference.models({ signal }).catch(() => {})
    await inference.isReady({ signal })
    await inference.swapModel?.('d20', { signal }).catch(() => {})
    return server.requests.map(({ headers }) => headers)
  }

  it.each(['openai', 'nanochat', 'auto'] as const)('names who asks (%s)', async (api) => {
    const all = await headersOf({ api, userAgent: 'samosa-chat/1.2.3' })
    expect(all.length).toBeGreaterThan(2)
    for (const headers of all) expect(headers['user-agent']).toBe('samosa-chat/1.2.3')
  })

  it.each(['openai', 'nanochat', 'auto'] as const)(
    'has the headers of the operator, before ours (%s)',
    async (api) => {
      const headers = { 'x-team': 'support', authorization: 'Token abc', 'user-agent': 'own/1' }
      const all = await headersOf({ api, headers, internalApiKey: 'ik' })
      expect(all.length).toBeGreaterThan(2)
      for (const sent of all) expect(sent).toMatchObject(headers)
    },
  )
})

describe('a call that a model failed to write', () => {
  const failed = `data: ${JSON.stringify({ error: { message: 'Failed to call a function.', code: 'tool_use_failed' } })}\n\n`
  const role = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })}\n\n`
  const half = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Half' } }] })}\n\n`
  const pushed = async ({ generate }: Inference) => {
    const events: InferenceEvent[] = []
    const answer = generate(generateRequest(), { signal: new AbortController().signal })
    await takeAll(answer, (batch) => events.push(...batch) > 0)
    return events.map((event) => (event.type === 'token' ? event.text : '')).join('')
  }

  it('is asked for once more where the server finds out in its stream', async () => {
    const answers = [rawResponse(200, SSE, role + failed), hello()]
    const { text, error, generations } = await answerOf(answers)
    expect({ text, error }).toEqual({ text: 'hello', error: undefined })
    expect(generations().map(({ body }) => body)).toEqual([
      generations()[0]?.body,
      generations()[0]?.body,
    ])
    const { inference } = await serve(answers)
    expect(await pushed(inference)).toBe('hello')
  })

  it('is asked for no third time, and the visitor may try', async () => {
    const { error, generations } = await answerOf([rawResponse(200, SSE, failed)])
    expect(error).toMatchObject({ message: 'Failed to call a function.', retryable: true })
    expect(generations()).toHaveLength(2)
  })

  it('is not asked for again behind text', async () => {
    const served = await answerOf([rawResponse(200, SSE, half + failed), hello()])
    expect(served).toMatchObject({ text: 'Half', error: { code: 'inference_error' } })
    expect(served.generations()).toHaveLength(1)
  })
})

describe('an error that repeats what was sent', () => {
  const headers = { 'x-gateway': 'plain-words-key', 'x-team': 'docs' }

  it.each([
    ['openai', { apiKey: 'lowercasekey' }, 'lowercasekey'],
    ['openai', { headers }, 'plain-words-key'],
    ['nanochat', { internalApiKey: 'internalkey' }, 'internalkey'],
    ['openai', { headers: { authorization: 'Token opensesame' } }, 'opensesame'],
    ['openai', { headers: { 'x-key': 'a"quoted"key' } }, 'a"quoted"key'],
  ] as const)('keeps the keys to itself (%s %o)', async (api, changes, key) => {
    const body = JSON.stringify({ error: { message: `The docs do not know ${key} here` } })
    const { error } = await answerOf([rawResponse(400, JSON_TYPE, body)], { api, ...changes })
    expect(error).toMatchObject({ message: 'The docs do not know [key] here' })
  })
})

describe('HTTP that others read', () => {
  const EVENTS = streamOf('read')
  const size = EVENTS.length.toString(16)
  const head = (...headers: readonly string[]) =>
    ['HTTP/1.1 200 OK', 'content-type: text/event-stream', ...headers, '', ''].join('\r\n')
  const CHUNKED = head('transfer-encoding: chunked')

  it.each([
    [
      'a chunk size of sixteen digits',
      `${CHUNKED}${size.padStart(16, '0')}\r\n${EVENTS}\r\n0\r\n\r\n`,
    ],
    [
      'a chunk size of forty digits',
      `${CHUNKED}${size.padStart(40, '0')}\r\n${EVENTS}\r\n0\r\n\r\n`,
    ],
    ['a chunk size in capitals', `${CHUNKED}${size.toUpperCase()}\r\n${EVENTS}\r\n000\r\n\r\n`],
    [
      'chunk extensions and trailers',
      `${CHUNKED}${size};a="b"\r\n${EVENTS}\r\n0\r\nx-sum: 1\r\n\r\n`,
    ],
    [
      'chunks of one byte',
      `${CHUNKED}${[...EVENTS].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`,
    ],
    [
      'an announcement first',
      `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${head(`content-length: ${EVENTS.length}`)}${EVENTS}`,
    ],
    [
      'a wait that is announced',
      `HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n${head(`content-length: ${EVENTS.length}`)}${EVENTS}`,
    ],
    ['no reason phrase', `HTTP/1.1 200\r\ncontent-length: ${EVENTS.length}\r\n\r\n${EVENTS}`],
    ['an old server', `HTTP/1.0 200 OK\r\ncontent-length: ${EVENTS.length}\r\n\r\n${EVENTS}`],
    [
      'a connection that is to close',
      `${head('connection: close', `content-length: ${EVENTS.length}`)}${EVENTS}`,
    ],
  ])('is read: %s', async (_, response) => {
    const whole = await answerOf([Buffer.from(response)])
    expect(whole).toMatchObject({ text: 'read', error: undefined })
    const inBytes = await answerOf([
      (socket) => {
        for (const byte of Buffer.from(response)) socket.write(Buffer.of(byte))
      },
    ])
    expect(inBytes).toMatchObject({ text: 'read', error: undefined })
  })

  it('may end with the connection', async () => {
    const answer = (socket: Socket) => socket.end(`${head()}${EVENTS}`)
    expect(await answerOf([answer])).toMatchObject({ text: 'read', error: undefined })
  })

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    ['another version', 'HTTP/2 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['an endless head', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`],
  ])('is not %s', async (_, response) => {
    expect(await answerOf([Buffer.from(response)])).toMatchObject({
      error: { message: 'The model server sent an answer that is not HTTP.' },
    })
  })

  it.each([
    ['a length', `${head('content-length: 9999')}${EVENTS.slice(0, 70)}`, true],
    ['its last chunk', `${CHUNKED}${size}\r\n${EVENTS.slice(0, 70)}`, true],
    ['a size of a chunk', `${CHUNKED}46\r\n${EVENTS.slice(0, 70)}\r\n\r\n`, false],
    ['a chunk as long as it says', `${CHUNKED}46\r\n${EVENTS.slice(0, 70)}more`, false],
  ])('is cut off when it lacks %s', async (_, response, ends) => {
    const { text, error } = await answerOf([
      (socket) => (ends ? socket.end(response) : socket.write(response)),
    ])
    expect(text).toBe('read')
    expect(error).toMatchObject({ code: 'inference_interrupted' })
  })
})

describe('closing', () => {
  it('ends what is under way, before an answer and in the middle of it', async () => {
    for (const begin of ['', 'HTTP/1.1 200 OK\r\n\r\n']) {
      const asked = Promise.withResolvers<void>()
      const { inference, server } = await serve([
        (socket) => {
          if (begin !== '') socket.write(begin)
          asked.resolve()
        },
      ])
      const answer = gather(inference)
      await asked.promise
      const [socket] = server.sockets
      const closed = socket && once(socket, 'close')
      await inference.close()
      expect((await answer).error).toBeInstanceOf(ChatError)
      await closed
    }
  })
})
