import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ChatError } from '../core/errors.ts'
import type { Inference } from '../core/ports/index.ts'
import { takeAll } from '../core/turn/answer.ts'
import {
  HANG,
  HTML,
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../testing/fake-model-server.ts'
import { eventsOf, gather, generateRequest } from '../testing/inference-requests.ts'
import { createInference } from './index.ts'
import { listenLocally } from '../testing/listen-locally.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const CUT_OFF = 'The answer was cut off before it was complete.'
const NO_STREAM = 'The model server did not answer with a stream.'

describe.each(['nanochat', 'openai'] as const)('with a bad %s server', (protocol) => {
  const closers: (() => Promise<void>)[] = []

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(async (close) => await close()))
  })

  const connect = (url: string, timeoutSeconds: number): Inference => {
    const inference = createInference(
      {
        url,
        api: protocol,
        apiKey: undefined,
        internalApiKey: undefined,
        model: 'm',
        timeoutSeconds,
      },
      {
        logger,
        builtin: () => {
          throw new Error('not asked for')
        },
      },
    )
    closers.push(inference.close)
    return inference
  }

  const serve = async (
    script: Script,
    timeoutSeconds = 5,
  ): Promise<{ server: FakeModelServer; inference: Inference }> => {
    const server = await startFakeModelServer({ protocol, respond: () => script })
    closers.push(server.close)
    return { server, inference: connect(server.url, timeoutSeconds) }
  }

  const failureOf = async (script: Script, timeoutSeconds = 5) => {
    const { inference } = await serve(script, timeoutSeconds)
    return await gather(inference)
  }

  it.each<[string, Script, object]>([
    [
      'an error with a secret in its message',
      [
        {
          status: 500,
          body: '{"error":{"message":"Bad key sk-live-abcdef123456 in /srv/app/x.py"}}',
        },
      ],
      { code: 'inference_error', message: 'Bad key [key] in [path]' },
    ],
    [
      'an error page',
      [{ status: 500, contentType: 'text/html', body: '<h1>Oops: sk-live-abcdef</h1>' }],
      { code: 'inference_error', message: 'inference answered HTTP 500' },
    ],
    [
      'an error in another form',
      [{ status: 422, body: '{"detail":"Bad key sk-live-abcdef123456 in /srv/app/x.py"}' }],
      { code: 'inference_error', message: 'Bad key [key] in [path]' },
    ],
    [
      'an error in no known form',
      [{ status: 422, body: '{"reason":"secret"}' }],
      { code: 'inference_error', message: 'inference answered HTTP 422' },
    ],
    [
      'a refusal that only the operator can mend',
      [{ status: 401, body: '{"detail":"Bad key sk-live-abcdef123456"}' }],
      {
        code: 'inference_misconfigured',
        message: 'The assistant is not set up right yet. Please try again later.',
        retryable: false,
        cause: new Error('inference answered HTTP 401: Bad key [key]'),
      },
    ],
    [
      'an endless error',
      [{ status: 500, body: `{"error":{"message":"${'x '.repeat(4_000_000)}"}}` }],
      { code: 'inference_error', message: 'inference answered HTTP 500' },
    ],
    [
      'a redirect',
      [{ status: 303, body: '' }],
      { code: 'inference_misconfigured', retryable: false },
    ],
    ['a page instead of a stream', HTML, { code: 'inference_error', message: NO_STREAM }],
    [
      'JSON instead of a stream',
      [{ status: 200, body: '{"error":{"message":"No credit left"}}' }],
      { code: 'inference_error', message: 'No credit left' },
    ],
    [
      'half a JSON text instead of a stream',
      [{ status: 200, body: '{"error":{"mess' }],
      { code: 'inference_error', message: NO_STREAM },
    ],
    ['an empty body', [{ end: true }], { code: 'inference_interrupted', message: CUT_OFF }],
    [
      'nothing but text',
      [{ status: 200, contentType: 'text/plain', body: 'hello' }],
      { code: 'inference_interrupted', message: CUT_OFF },
    ],
    ['a reset before the answer', [{ cut: true }], { code: 'inference_unreachable' }],
  ])('%s is an error without a word of answer', async (_, script, error) => {
    expect(await failureOf(script)).toMatchObject({ text: '', finish: undefined, error })
  })

  it.each<[string, Script, object]>([
    ['the connection is cut in mid-word', [{ cut: true }], { code: 'inference_interrupted' }],
    ['the stream ends in mid-event', [{ raw: 'data: {"tok' }, { end: true }], { message: CUT_OFF }],
    ['the stream ends too soon', [{ end: true }], { code: 'inference_interrupted' }],
    [
      'an error comes',
      [{ error: 'Out of memory at 0x7f, key sk-live-abcdef123456' }, 'more'],
      { code: 'inference_error', message: 'Out of memory at 0x7f, key [key]' },
    ],
  ])('what came before stands when %s', async (_, rest, error) => {
    expect(await failureOf(['Hel', ...rest])).toMatchObject({
      text: 'Hel',
      finish: undefined,
      error,
    })
  })

  it('waits for the words to an error no longer than a second', async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(503, { 'content-type': 'application/json' })
      response.write('{"error":{"message":"Out of mem')
    })
    const host = await listenLocally(server)
    closers.push(async () => {
      server.close()
      server.closeAllConnections()
    })
    expect(await gather(connect(`http://${host}`, 30))).toMatchObject({
      error: { code: 'inference_error', message: 'inference answered HTTP 503' },
    })
  })

  it('says whether asking again may help', async () => {
    const retryable = async (status: number) => {
      const { error } = await failureOf([{ status, body: '{}' }])
      return error instanceof ChatError && error.retryable
    }
    for (const status of [400, 401, 404, 413, 422]) expect(await retryable(status)).toBe(false)
    for (const status of [408, 409, 425, 429, 500, 503]) expect(await retryable(status)).toBe(true)
  })

  it('waits for the first byte no longer than the timeout', async () => {
    expect(await failureOf(HANG, 0.05)).toMatchObject({
      text: '',
      error: {
        code: 'inference_timeout',
        message: 'The model server did not answer in time.',
      },
    })
  })

  it('waits between two bytes no longer than the timeout', async () => {
    expect(await failureOf(['Hel', ...HANG], 0.05)).toMatchObject({
      text: 'Hel',
      error: { code: 'inference_timeout' },
    })
  })

  it('closes the connection of an answer that took too long', async () => {
    const { server, inference } = await serve(['Hel', ...HANG], 0.05)
    await gather(inference)
    await server.idle()
  })

  it('says that it cannot be reached', async () => {
    const { server, inference } = await serve([])
    await server.close()
    const { signal } = new AbortController()
    const error = {
      code: 'inference_unreachable',
      message: 'The model server cannot be reached.',
    }
    expect(await gather(inference)).toMatchObject({ error })
    await expect(inference.models({ signal })).rejects.toMatchObject(error)
    expect(await inference.isReady({ signal })).toBe(false)
  })

  it('says that it cannot be reached when its name is unknown', async () => {
    const inference = connect('http://nowhere.invalid', 5)
    expect(await gather(inference)).toMatchObject({ error: { code: 'inference_unreachable' } })
  })

  it('does not take anything for HTTP', async () => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('data', () => socket.write('SSH-2.0-OpenSSH_9.9\r\n\r\n'))
    })
    const host = await listenLocally(server)
    const answer = await gather(connect(`http://${host}`, 5))
    for (const socket of sockets) socket.destroy()
    server.close()
    expect(answer).toMatchObject({ error: { code: 'inference_error' } })
  })

  it('leaves nothing open upstream once it is told to stop, whether tokens came or not', async () => {
    for (const tokens of [0, 1]) {
      const { server, inference } = await serve(MANUAL)
      const controller = new AbortController()
      const answer = gather(inference, generateRequest(), controller.signal)
      await server.requested(1)
      if (tokens > 0) await server.send('Hel')
      expect(server.openStreams).toBe(1)
      controller.abort('stopped')
      await server.idle()
      expect((await answer).error).toBeInstanceOf(Error)
    }
  })

  it('asks nothing at all when it was told to stop before', async () => {
    const { server, inference } = await serve(['Hello'])
    const answer = await gather(inference, generateRequest(), AbortSignal.abort())
    expect(answer.error).toBeInstanceOf(Error)
    expect(server.requests).toHaveLength(0)
  })

  it('closes the connection when the reader leaves in mid-answer', async () => {
    const { server, inference } = await serve(['Hel', ...MANUAL])
    const { signal } = new AbortController()
    await takeAll(inference.generate(generateRequest(), { signal }), (batch) => {
      expect(batch).toHaveLength(1)
      return false
    })
    await server.idle()
  })

  it('is ready when it answers anything that is no failure of its own', async () => {
    const { signal } = new AbortController()
    for (const [status, ready] of [
      [200, true],
      [404, protocol === 'openai'],
      [503, false],
    ] as const) {
      const server = await startFakeModelServer({ protocol, lookup: () => ({ status, body: {} }) })
      closers.push(server.close)
      expect(await connect(server.url, 5).isReady({ signal })).toBe(ready)
    }
  })

  it('gives the first token before the second has come', async () => {
    const { server, inference } = await serve(MANUAL)
    const left = new AbortController()
    const events = eventsOf(inference.generate(generateRequest(), { signal: left.signal }))
    for (const token of ['a', 'b']) {
      const next = events.next()
      await server.send(token)
      expect(await next).toMatchObject([{ type: 'token', text: token }])
    }
    left.abort()
  })

  it('uses a connection again once its answer is through', async () => {
    const { server, inference } = await serve(['Hello'])
    for (let turn = 0; turn < 5; turn += 1) await gather(inference)
    await server.idle()
    expect(server.connections).toBeLessThan(3)
  })
})
