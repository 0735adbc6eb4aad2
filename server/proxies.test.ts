import { afterEach, describe, expect, it } from 'vitest'
import { createAsker } from './auth/ask.ts'
import { readConfig } from './config/index.ts'
import { createEmbeddingService } from './inference/embedding-service.ts'
import { userAgent } from './package.ts'
import { createLogger } from './log.ts'
import { startFakeModelServer } from './testing/fake-model-server.ts'
import { startFakeProxy } from './testing/fake-proxy.ts'
import { rawResponse, startRawModelServer } from './testing/raw-model-server.ts'
import { startTestServer } from './testing/start-test-server.ts'
import { tokensOf } from './testing/test-client.ts'
import { createWebSearch } from './tools/web-search.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const keep = <Closable extends { close(): Promise<void> }>(opened: Closable): Closable => {
  closers.push(() => opened.close())
  return opened
}

const SECRET = 'p%3Ass-w0rd'
const BASIC = `Basic ${Buffer.from('ann:p:ss-w0rd').toString('base64')}`

async function startBehindProxy(
  environment: Readonly<Record<string, string>>,
  { status }: { readonly status?: number } = {},
) {
  const model = keep(await startFakeModelServer({ protocol: 'openai' }))
  const proxy = keep(await startFakeProxy(model, status === undefined ? {} : { status }))
  const url = `http://ann:${SECRET}@${proxy.host}`
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => void lines.push(line) })
  const settings: Record<string, string> = { INFERENCE_API: 'openai', INFERENCE_MODEL: 'm' }
  for (const [name, value] of Object.entries(environment)) {
    settings[name] = value.replace('PROXY', url).replace('MODEL', model.url)
  }
  const server = keep(await startTestServer(settings, logger))
  const visitor = await server.visitor()
  const ask = async () => await visitor.send(await visitor.conversation(), 'Hello')
  return { ask, proxy, model, logged: () => lines.join('') }
}

describe('a proxy of the environment', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])('leads to the model server: %s', async (name) => {
    const { ask, proxy } = await startBehindProxy({
      [name]: 'PROXY',
      INFERENCE_SERVICE_URL: 'http://models.corp.example:8080/v1',
    })
    expect(tokensOf(await ask()).join('')).toBe('Hello world!')
    expect(tokensOf(await ask()).join('')).toBe('Hello world!')
    expect(proxy.requests.filter(({ method }) => method === 'POST')).toEqual([
      {
        method: 'POST',
        target: 'http://models.corp.example:8080/v1/chat/completions',
        authorization: BASIC,
        userAgent: userAgent(),
      },
      expect.anything(),
    ])
    expect(userAgent()).toMatch(/^samosa-chat\/\d+\.\d+\.\d+/)
  })

  it.each(['HTTPS_PROXY', 'https_proxy'])('is asked for a tunnel to https: %s', async (name) => {
    const { ask, proxy, logged } = await startBehindProxy(
      { [name]: 'PROXY', INFERENCE_SERVICE_URL: 'https://models.corp.example/v1' },
      { status: 407 },
    )
    expect((await ask()).map(({ data }) => data)).toContainEqual(
      expect.objectContaining({
        code: 'inference_unreachable',
        error: 'The model server cannot be reached.',
      }),
    )
    expect(proxy.requests).toContainEqual({
      method: 'CONNECT',
      target: 'models.corp.example:443',
      authorization: BASIC,
      userAgent: undefined,
    })
    expect(logged()).toContain(`The proxy ${proxy.host} answered with HTTP 407.`)
    expect(logged()).not.toMatch(/ss-w0rd/)
    expect(logged()).not.toContain(BASIC)
  })

  it('that refuses to pass a request on is named in the log, without its password', async () => {
    const { ask, proxy, logged } = await startBehindProxy(
      { HTTP_PROXY: 'PROXY', INFERENCE_SERVICE_URL: 'http://models.corp.example/v1' },
      { status: 407 },
    )
    const events = await ask()
    expect(events.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ code: 'inference_unreachable' }),
    )
    expect(logged()).toContain(`The proxy ${proxy.host} answered with HTTP 407.`)
    expect(logged()).not.toMatch(/ss-w0rd/)
  })

  it.each([
    ['this machine', { INFERENCE_SERVICE_URL: 'MODEL' }],
    ['an exception', { INFERENCE_SERVICE_URL: 'MODEL', NO_PROXY: '127.0.0.0/8' }],
    ['the other kind of address', { INFERENCE_SERVICE_URL: 'MODEL', HTTP_PROXY: '' }],
  ])('is not asked for %s', async (_, environment) => {
    const { ask, proxy } = await startBehindProxy({
      HTTP_PROXY: 'PROXY',
      HTTPS_PROXY: 'PROXY',
      ...environment,
    })
    expect(tokensOf(await ask()).join('')).toBe('Hello world!')
    expect(proxy.requests).toHaveLength(0)
  })

  it('leads to the services of embeddings, of sign-ins and of the web search', async () => {
    const body = JSON.stringify({ data: [{ index: 0, embedding: [1, 0] }], results: [] })
    const services = await startRawModelServer((_, socket) => {
      socket.write(rawResponse(200, { 'content-type': 'application/json' }, body))
    })
    const proxy = keep(await startFakeProxy(keep(services)))
    const options = { proxy: `http://ann:${SECRET}@${proxy.host}`, userAgent: 'samosa-chat/9' }
    const { signal } = new AbortController()

    const embedder = keep(
      createEmbeddingService({
        url: 'http://embed.corp.example',
        model: 'm',
        apiKey: undefined,
        ...options,
      }),
    )
    expect(await embedder.embed(['text'], { signal })).toHaveLength(1)
    const asker = keep(createAsker(options))
    await asker.ask({ method: 'GET', url: 'http://auth.corp.example/keys', headers: {} })
    const search = createWebSearch({ url: 'http://web.corp.example', apiKey: 'k', ...options })
    expect(await search.run({ query: 'rain' }, { signal, cite: () => [] })).toMatchObject({
      success: true,
    })

    expect(proxy.requests.map(({ target }) => target)).toEqual([
      'http://embed.corp.example/v1/embeddings',
      'http://auth.corp.example/keys',
      'http://web.corp.example/search',
    ])
    for (const { authorization, userAgent: agent } of proxy.requests) {
      expect({ authorization, agent }).toEqual({ authorization: BASIC, agent: 'samosa-chat/9' })
    }
  })

  const read = (environment: Readonly<Record<string, string>>) =>
    readConfig(environment, {
      directory: import.meta.dirname,
      demoKnowledge: import.meta.dirname,
    })

  it('is found for every address that is configured', () => {
    const config = read({
      HTTP_PROXY: 'plain.example:3128',
      https_proxy: 'https://ann:x@secure.example',
      no_proxy: 'auth.example',
      INFERENCE_SERVICE_URL: 'http://models.example',
      EMBEDDING_SERVICE_URL: 'https://embed.example',
      AUTH_SERVICE_URL: 'https://auth.example',
      INTERNAL_API_KEY: 'k',
      JWT_JWKS_URL: 'http://keys.example/jwks',
    })
    expect([config.inference.proxy, config.embeddings, config.webSearch.proxy]).toMatchObject([
      'http://plain.example:3128/',
      { proxy: 'https://ann:x@secure.example/' },
      'https://ann:x@secure.example/',
    ])
    expect([config.auth.proxy, config.jwt.proxy]).toEqual([undefined, 'http://plain.example:3128/'])
  })

  it.each([
    'http://',
    'socks5://ann:hush@proxy.example:1080',
    'ftp://ann:hush@proxy.example',
    'http://ann:hush@proxy.example:99999',
    'http://ann:hush%@proxy.example',
    'http://ann:hush@proxy.example/path',
    'http://ann:hush@proxy.example?x',
    'ann:hush@proxy example',
  ])('that is none stops the start, without its password: %s', (value) => {
    for (const name of ['HTTP_PROXY', 'https_proxy']) {
      expect(() => read({ [name]: value })).toThrow(new RegExp(`^${name} takes the URL of a proxy`))
      expect(() => read({ [name]: value })).not.toThrow(/hush/)
    }
  })
})
