import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { ChatError } from '../core/errors.ts'
import type { Inference } from '../core/ports/index.ts'
import { startFakeModelServer, type FakeModelServerOptions } from '../testing/fake-model-server.ts'
import { gather } from '../testing/inference-requests.ts'
import { rawResponse, startRawModelServer, streamOf } from '../testing/raw-model-server.ts'
import { createInference, type InferenceConfig } from './index.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const { signal } = new AbortController()
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

const builtin: Inference = {
  kind: 'builtin',
  callsTools: false,
  async *generate() {},
  models: () => Promise.resolve({ models: [] }),
  isReady: () => Promise.resolve(true),
  close: () => Promise.resolve(),
}

function create(changes: Partial<InferenceConfig>): Inference {
  const config = {
    url: undefined,
    api: 'auto',
    apiKey: undefined,
    internalApiKey: undefined,
    model: undefined,
    timeoutSeconds: 5,
    ...changes,
  } as const
  const inference = createInference(config, { builtin: () => builtin, logger })
  closers.push(inference.close)
  return inference
}

const serve = async (options: FakeModelServerOptions) => {
  const server = await startFakeModelServer(options)
  closers.push(server.close)
  return server
}

describe('the model server that is configured', () => {
  it('is the built-in engine without an address, and when it is named', () => {
    expect(create({})).toBe(builtin)
    expect(create({ api: 'openai' })).toBe(builtin)
    expect(create({ api: 'builtin', url: 'http://h' })).toBe(builtin)
  })

  it('is the one that is named', () => {
    expect(create({ api: 'openai', url: 'http://h' }).kind).toBe('openai')
    expect(create({ api: 'nanochat', url: 'http://h' }).kind).toBe('nanochat')
  })
})

describe('a model server of an unknown kind', () => {
  it('is asked when it is first needed, once', async () => {
    const server = await serve({ protocol: 'openai' })
    const inference = create({ url: `${server.url}/v1` })
    expect(server.lookups).toHaveLength(0)
    expect(await gather(inference)).toMatchObject({ text: 'Hello world!', error: undefined })
    expect(await gather(inference)).toMatchObject({ text: 'Hello world!' })
    expect(inference.kind).toBe('openai')
    // Once for the protocol, once for the first model.
    expect(server.lookups).toHaveLength(2)
  })

  it('speaks nanochat when it has no OpenAI list of models', async () => {
    for (const answer of [
      { status: 404, body: { detail: 'Not Found' } },
      { status: 200, body: { models: ['d20'] } },
    ]) {
      const server = await serve({ protocol: 'nanochat', lookup: () => answer })
      const inference = create({ url: server.url })
      expect(await gather(inference)).toMatchObject({ text: 'Hello world!', error: undefined })
      expect(inference.kind).toBe('nanochat')
      // Its lists, and whether it has the other protocol's route, below both bases that there may be.
      expect(server.lookups.length).toBeLessThanOrEqual(4)
      const looks = server.lookups.length
      await gather(inference)
      expect(server.lookups).toHaveLength(looks)
    }
  })

  it('speaks openai when its list of models wants a key', async () => {
    const body = { error: { message: 'No key' } }
    const server = await serve({ protocol: 'openai', lookup: () => ({ status: 401, body }) })
    const inference = create({ url: server.url, model: 'm' })
    expect(await gather(inference)).toMatchObject({ text: 'Hello world!' })
    expect(inference.kind).toBe('openai')
  })

  /** One whose paths want a key of nanochat's kind, lists of models or not. */
  const guarded = (answer: { status: number; body: unknown }) =>
    serve({
      protocol: 'nanochat',
      lookup: ({ path, headers }) =>
        headers['x-internal-api-key'] === 'ik' && path === '/models'
          ? answer
          : { status: 403, body: { detail: 'Forbidden' } },
    })

  it('speaks nanochat when the key of that kind opens it', async () => {
    for (const answer of [
      { status: 200, body: { models: ['d20'] } },
      { status: 404, body: { detail: 'Not Found' } },
    ]) {
      for (const apiKey of [undefined, 'sk']) {
        const server = await guarded(answer)
        const inference = create({ url: server.url, internalApiKey: 'ik', apiKey })
        expect(await gather(inference)).toMatchObject({ text: 'Hello world!', error: undefined })
        expect(inference.kind).toBe('nanochat')
      }
    }
  })

  it('speaks nanochat when only a path that it does not have is guarded', async () => {
    const server = await serve({
      protocol: 'nanochat',
      lookup: ({ path }) =>
        path === '/models' ? { body: { models: ['d20'] } } : { status: 401, body: {} },
    })
    const inference = create({ url: server.url })
    expect(await gather(inference)).toMatchObject({ text: 'Hello world!' })
    expect(inference.kind).toBe('nanochat')
  })

  it('speaks openai when it guards its list and has no other, whatever keys there are', async () => {
    const server = await serve({
      protocol: 'openai',
      lookup: ({ path }) => ({ status: path === '/v1/models' ? 401 : 404, body: {} }),
    })
    for (const keys of [
      { apiKey: 'sk' },
      { internalApiKey: 'ik' },
      { apiKey: 'sk', internalApiKey: 'ik' },
    ]) {
      const inference = create({ url: server.url, model: 'm', ...keys })
      expect(await gather(inference)).toMatchObject({ text: 'Hello world!' })
      expect(inference.kind).toBe('openai')
    }
  })

  it('is asked again after a guess that no answer has borne out, and not after one that has', async () => {
    let status = 401
    const nanochat = await serve({
      protocol: 'nanochat',
      lookup: () => ({ status, body: { detail: 'No' } }),
    })
    const wrong = create({ url: nanochat.url, model: 'm' })
    expect(await gather(wrong)).toMatchObject({
      text: '',
      error: { code: 'inference_misconfigured' },
    })
    status = 404
    expect(await gather(wrong)).toMatchObject({ text: 'Hello world!' })
    expect(wrong.kind).toBe('nanochat')
    const openai = await serve({ protocol: 'openai', lookup: () => ({ status: 401, body: {} }) })
    const right = create({ url: openai.url, model: 'm', apiKey: 'sk' })
    await gather(right)
    const asked = openai.lookups.filter(({ path }) => path === '/v1/models').length
    await gather(right)
    expect(openai.lookups.filter(({ path }) => path === '/v1/models').length - asked).toBeLessThan(
      2,
    )
    expect(right.kind).toBe('openai')
  })

  it('is asked again while it is not ready', async () => {
    let status = 503
    const list = { data: [{ id: 'm' }] }
    const server = await serve({ protocol: 'openai', lookup: () => ({ status, body: list }) })
    const inference = create({ url: server.url })
    expect(await gather(inference)).toMatchObject({ error: { code: 'inference_error' } })
    expect(await inference.isReady({ signal })).toBe(false)
    status = 200
    expect(await inference.isReady({ signal })).toBe(true)
    expect(await inference.models({ signal })).toMatchObject({ models: ['m'] })
  })

  it('loads another model where it can, and says so where it cannot', async () => {
    const nanochat = await serve({
      protocol: 'nanochat',
      lookup: ({ path }) =>
        path === '/models/swap' ? { body: { current: 'd32' } } : { status: 404, body: {} },
    })
    const swapping = create({ url: nanochat.url })
    expect(await swapping.swapModel?.('d32', { signal })).toEqual({ current: 'd32' })
    const openai = await serve({ protocol: 'openai' })
    await expect(create({ url: openai.url }).swapModel?.('d32', { signal })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(create({ api: 'openai', url: openai.url }).swapModel).toBeUndefined()
  })

  it('cannot be reached until it can', async () => {
    const server = await serve({ protocol: 'nanochat' })
    const inference = create({ url: server.url })
    await server.close()
    expect(await gather(inference)).toMatchObject({ error: { code: 'inference_unreachable' } })
    await expect(inference.models({ signal })).rejects.toMatchObject({
      code: 'inference_unreachable',
    })
  })

  it('serves a thousand answers at once', async () => {
    const server = await serve({ protocol: 'nanochat', respond: () => ['Hi', { wait: all }] })
    let release = () => {}
    const all = new Promise<void>((resolve) => {
      release = resolve
    })
    const inference = create({ api: 'nanochat', url: server.url, timeoutSeconds: 90 })
    const answers = Array.from({ length: 1_000 }, () => gather(inference))
    await server.requested(1_000)
    expect(server.openStreams).toBe(1_000)
    release()
    const texts = (await Promise.all(answers)).map(({ text }) => text)
    expect(new Set(texts)).toEqual(new Set(['Hi']))
  })
})

type List = Buffer | ((socket: Socket) => void)

describe('a list of models that cannot be read', () => {
  const LIST = JSON.stringify({ object: 'list', data: [{ id: 'm1' }] })
  const JSON_TYPE = { 'content-type': 'application/json' }
  const PAGE = rawResponse(200, { 'content-type': 'text/html' }, '<h1>Sign in to the network</h1>')

  const serveList = async (list: List) => {
    const server = await startRawModelServer(({ method, path, body }, socket) => {
      if (method === 'GET') {
        if (typeof list === 'function') list(socket)
        else socket.write(list)
      } else if (path === '/v1/chat/completions' && !body.includes('messages')) {
        const refusal = { error: { message: "Field required: 'messages'", param: 'messages' } }
        socket.write(rawResponse(400, JSON_TYPE, JSON.stringify(refusal)))
      } else if (path === '/v1/chat/completions') {
        socket.write(rawResponse(200, { 'content-type': 'text/event-stream' }, streamOf('hi')))
      } else socket.write(rawResponse(404, JSON_TYPE, '{}'))
    })
    closers.push(server.close)
    return server
  }

  it.each<[string, List]>([
    ['compressed', rawResponse(200, { 'content-encoding': 'gzip' }, gzipSync(LIST))],
    ['compressed in an unknown way', rawResponse(200, { 'content-encoding': 'dcb' }, LIST)],
    ['no such compression', rawResponse(200, { 'content-encoding': 'gzip' }, LIST)],
    ['half of it', rawResponse(200, JSON_TYPE, LIST.slice(0, 20))],
    ['cut off', (socket) => socket.end(rawResponse(200, JSON_TYPE, LIST).subarray(0, -9))],
    ['too long', rawResponse(200, JSON_TYPE, `${' '.repeat(5_000_000)}${LIST}`)],
    ["somebody else's page", PAGE],
    ['nothing', rawResponse(200, JSON_TYPE)],
    ['refused', rawResponse(400, JSON_TYPE, '{}')],
    ['to be paid', rawResponse(402, JSON_TYPE, '{}')],
  ])('is no sign of nanochat: %s', async (_, list) => {
    const server = await serveList(list)
    const inference = create({ url: server.url, model: 'm1' })
    expect(await gather(inference)).toMatchObject({ text: 'hi', error: undefined })
    expect(inference.kind).toBe('openai')
    expect(server.requests.map(({ path }) => path)).not.toContain('/generate')
  })

  it.each<[string, List]>([
    ['another server', rawResponse(302, { location: 'https://login.example/' })],
    ['a failure', rawResponse(502, { 'content-type': 'text/html' }, '<h1>Bad gateway</h1>')],
  ])('is asked for again: %s', async (_, list) => {
    const server = await serveList(list)
    const inference = create({ url: server.url, model: 'm1' })
    expect((await gather(inference)).error).toBeInstanceOf(ChatError)
    expect(server.requests.map(({ method }) => method)).toEqual(['GET'])
  })

  it('does not hide the list of nanochat beside it', async () => {
    const server = await serve({
      protocol: 'nanochat',
      lookup: ({ path }) =>
        path === '/models' ? { body: { models: ['d20'] } } : { body: undefined },
    })
    const inference = create({ url: server.url })
    expect(await gather(inference)).toMatchObject({ text: 'Hello world!' })
    expect(inference.kind).toBe('nanochat')
  })
})
