import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { Inference } from '../../core/ports/index.ts'
import { takeAll } from '../../core/turn/answer.ts'
import { MANUAL, startFakeModelServer, type FakeRequest } from '../../testing/fake-model-server.ts'
import { gather, generateRequest } from '../../testing/inference-requests.ts'
import { createOpenai } from './index.ts'
import type { ReadyPatience } from './models.ts'
import { listenLocally } from '../../testing/listen-locally.ts'

const { signal } = new AbortController()
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

interface Reply {
  readonly status?: number
  readonly body: unknown
}
const LIST: Reply = { body: { data: [{ id: 'm' }] } }
const NOT_FOUND: Reply = { status: 404, body: { detail: 'Not Found' } }

/** A server whose list of models and whose answers to requests without a model are given. */
async function start(
  list: Reply,
  empty: Reply = { status: 400, body: { error: 'model missing' } },
) {
  const replies = { list, empty }
  const server = await startFakeModelServer({
    protocol: 'openai',
    respond({ body }: FakeRequest) {
      if ('model' in body) return ['Hi']
      const { status = 200, body: said } = replies.empty
      return [{ status, body: JSON.stringify(said) }]
    },
    lookup: () => replies.list,
  })
  const warnings: object[] = []
  const logger = {
    debug() {},
    info() {},
    warn: (fields: object) => void warnings.push(fields),
    error() {},
  }
  const inference = createOpenai(
    { url: server.url, apiKey: 'k', model: 'm', timeoutSeconds: 5 },
    logger,
  )
  closers.push(inference.close, server.close)
  return { server, inference, replies, warnings, isReady: () => inference.isReady({ signal }) }
}

describe('an OpenAI-compatible server is ready', () => {
  it.each<[string, Reply, Reply]>([
    ['with a list of models', LIST, NOT_FOUND],
    ['when it only has too much to do', { status: 429, body: {} }, NOT_FOUND],
    ['without a list, when it wants a model', NOT_FOUND, { status: 400, body: {} }],
    ['without a list, when it wants messages', NOT_FOUND, { status: 422, body: {} }],
    ['with a page for a list, when it answers', { body: '<html>' }, { status: 422, body: {} }],
  ])('%s', async (_, list, empty) => {
    const { isReady, warnings } = await start(list, empty)
    expect(await isReady()).toBe(true)
    expect(warnings).toEqual([])
  })

  it.each<[string, Reply, Reply, RegExp]>([
    ['at a wrong address', NOT_FOUND, NOT_FOUND, /INFERENCE_SERVICE_URL/],
    ['at the address of a web site', { body: '<html>' }, { status: 405, body: {} }, /_SERVICE_URL/],
    ['with a wrong key', { status: 401, body: {} }, { status: 401, body: {} }, /INFERENCE_API_KEY/],
    ['with a key for others', { status: 403, body: {} }, { status: 403, body: {} }, /_API_KEY/],
    ['with a wrong key and no list', NOT_FOUND, { status: 401, body: {} }, /_API_KEY/],
    ['while it fails', { status: 503, body: {} }, { status: 400, body: {} }, /503/],
    ['while its answers fail', NOT_FOUND, { status: 502, body: {} }, /502/],
  ])('not %s, and the log says why once', async (_, list, empty, reason) => {
    const { isReady, warnings, replies } = await start(list, empty)
    expect(await isReady()).toBe(false)
    expect(await isReady()).toBe(false)
    expect(warnings).toEqual([{ reason: expect.stringMatching(reason) }])
    replies.list = LIST
    expect(await isReady()).toBe(true)
  })

  it.each([401, 403, 404])(
    'whatever it says to its list (%s), when answers come',
    async (status) => {
      const { inference, isReady } = await start({ status, body: {} }, NOT_FOUND)
      expect(await isReady()).toBe(false)
      await gather(inference)
      expect(await isReady()).toBe(true)
    },
  )

  it('without a list it is not asked for an answer each time', async () => {
    const { server, isReady } = await start(NOT_FOUND)
    for (let times = 0; times < 5; times += 1) expect(await isReady()).toBe(true)
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]?.body).toEqual({})
  })
})

describe('a server that does one thing at a time', () => {
  /** Answers everything while it writes no answer, and nothing while it writes one. */
  async function startBusy(patience: ReadyPatience) {
    const server = await startFakeModelServer({ protocol: 'openai', respond: () => MANUAL })
    let isUp = true
    const front = createServer((request, response) => {
      if (request.url === '/v1/models') {
        // Nothing at all, like one whose only thread is at work.
        if (isUp && server.openStreams === 0) response.end('{"data":[{"id":"m"}]}')
        return
      }
      void forward(`${server.url}${request.url}`, request, response)
    })
    const host = await listenLocally(front)
    const inference = createOpenai({
      url: `http://${host}`,
      apiKey: undefined,
      model: 'm',
      timeoutSeconds: 20,
      readyPatience: patience,
    })
    closers.push(inference.close, server.close, async () => {
      front.closeAllConnections()
      front.close()
    })
    return {
      server,
      inference,
      isReady: () => inference.isReady({ signal }),
      hang: () => {
        isUp = false
      },
    }
  }

  it('is ready while it writes, and while it reads the next question', async () => {
    const { server, inference, isReady } = await startBusy({
      answer: 50,
      growing: 0,
      busy: 60_000,
    })
    const first = begin(inference)
    await server.send('Hel')
    await first.started
    expect(await isReady()).toBe(true)
    await server.send('lo')
    await server.finish()
    await first.ended
    const second = begin(inference)
    await server.requested(2)
    expect(await isReady()).toBe(true)
    await server.send('Again')
    await server.finish()
    await second.ended
  })

  it('is not asked anything while an answer grows', async () => {
    const { server, inference, isReady } = await startBusy({
      answer: 60_000,
      growing: 60_000,
      busy: 0,
    })
    const first = begin(inference)
    await server.send('Hel')
    await first.started
    expect(await isReady()).toBe(true)
    await server.finish()
    await first.ended
  })

  it('is down when it says nothing and has not been heard of for long', async () => {
    const { server, inference, isReady, hang } = await startBusy({
      answer: 50,
      growing: 0,
      busy: 0,
    })
    const first = begin(inference)
    await server.send('Hel')
    await first.started
    await server.finish()
    await first.ended
    hang()
    expect(await isReady()).toBe(false)
  })

  it('is down when it has never said anything', async () => {
    const { server, inference, isReady } = await startBusy({
      answer: 50,
      growing: 60_000,
      busy: 60_000,
    })
    const first = begin(inference)
    await server.requested(1)
    expect(await isReady()).toBe(false)
    await server.finish()
    await first.ended
  })

  it('is down at once when it cannot be reached any more', async () => {
    const server = await startFakeModelServer({ protocol: 'openai' })
    const inference = createOpenai({
      url: server.url,
      apiKey: undefined,
      model: 'm',
      timeoutSeconds: 5,
    })
    closers.push(inference.close)
    await gather(inference)
    expect(await inference.isReady({ signal })).toBe(true)
    await server.close()
    expect(await inference.isReady({ signal })).toBe(false)
  })
})

/** A turn, as the core reads it. */
function begin(inference: Inference) {
  const started = Promise.withResolvers<void>()
  const answer = inference.generate(generateRequest(), { signal })
  const ended = takeAll(answer, () => {
    started.resolve()
    return true
  })
  return { started: started.promise, ended }
}

async function forward(url: string, request: IncomingMessage, response: ServerResponse) {
  const answer = await fetch(url, { method: 'POST', body: await buffer(request) })
  response.writeHead(answer.status, { 'content-type': 'text/event-stream' })
  for await (const piece of answer.body ?? []) response.write(piece)
  response.end()
}
