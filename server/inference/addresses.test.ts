import { afterEach, describe, expect, it } from 'vitest'
import { startFakeEmbeddingServer, vectorsFor } from '../testing/fake-embedding-server.ts'
import { startFakeModelServer } from '../testing/fake-model-server.ts'
import { gather } from '../testing/inference-requests.ts'
import { createEmbeddingService } from './embedding-service.ts'
import { createInference, type InferenceConfig } from './index.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const { signal } = new AbortController()
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

const NO_ROUTE = { status: 404, body: { detail: 'Not Found' } }

interface Place {
  /** Below which the server has its routes, and no others. */
  readonly home: string
  readonly query?: string
  readonly hasList?: boolean
  /** How it says that it has no route. */
  readonly missing?: { readonly status: number; readonly body: unknown }
  /** What it says to a request for nothing. */
  readonly refusal?: string
}

/** A server that wants the name of a model, as all do. */
async function serve(place: Place) {
  const { home, query = '', hasList = true, missing = NO_ROUTE } = place
  const { refusal = 'a model must be given' } = place
  const server = await startFakeModelServer({
    protocol: 'openai',
    respond({ path, body }) {
      if (path !== `${home}/chat/completions${query}`) {
        return [{ status: missing.status, body: JSON.stringify(missing.body) }]
      }
      if (body.model !== undefined) return ['Good ', 'tea']
      return [{ status: 400, body: JSON.stringify({ error: { message: refusal } }) }]
    },
    lookup: ({ path }) =>
      hasList && path === `${home}/models${query}`
        ? { body: { data: [{ id: 'oolong' }] } }
        : missing,
  })
  closers.push(server.close)
  return server
}

function connect(url: string, changes: Partial<InferenceConfig> = {}) {
  const inference = createInference(
    {
      url,
      api: 'openai',
      apiKey: undefined,
      internalApiKey: undefined,
      model: undefined,
      timeoutSeconds: 5,
      ...changes,
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

const ADDRESSES: readonly (readonly [base: string, home: string, query: string])[] = [
  ['', '/v1', ''],
  ['', '', ''],
  ['/', '/v1', ''],
  ['/v1', '/v1', ''],
  ['/v1', '', ''],
  ['/v3/', '/v3', ''],
  ['/v1/openai', '/v1/openai', ''],
  ['/v1beta/openai/', '/v1beta/openai', ''],
  ['/inference', '/inference', ''],
  ['/inference', '/inference/v1', ''],
  ['/Serving-Endpoints', '/Serving-Endpoints', ''],
  ['/v1/shop/teahouse/compat', '/v1/shop/teahouse/compat', ''],
  [
    '/v2/projects/tea/places/here/endpoints/openapi',
    '/v2/projects/tea/places/here/endpoints/openapi',
    '',
  ],
  ['/api', '/api', ''],
  ['/api', '/api/v1', ''],
  ['/green%20tea/api/', '/green%20tea/api', ''],
  ['/chat/completions', '', ''],
  ['/v1/chat/completions/', '/v1', ''],
  ['/chat/completions', '/v1', ''],
  ['/api/Chat/Completions', '/api', ''],
  [
    '/openai/deployments/tea?api-version=2031-02-03',
    '/openai/deployments/tea',
    '?api-version=2031-02-03',
  ],
  [
    '/openai/deployments/tea/chat/completions?api-version=2031-02-03-preview&x=a%2Fb',
    '/openai/deployments/tea',
    '?api-version=2031-02-03-preview&x=a%2Fb',
  ],
  ['/models?api-version=9', '/models', '?api-version=9'],
]

describe('the address of a model server', () => {
  it.each(ADDRESSES)('“%s” leads to routes below “%s”', async (base, home, query) => {
    const server = await serve({ home, query })
    for (const api of ['openai', 'auto'] as const) {
      const inference = connect(server.url + base, { api })
      expect(await gather(inference)).toMatchObject({ text: 'Good tea', error: undefined })
      expect(await inference.models({ signal })).toMatchObject({ models: ['oolong'] })
      expect(await inference.isReady({ signal })).toBe(true)
      expect(inference.kind).toBe('openai')
    }
  })

  it.each(ADDRESSES)(
    '“%s” is asked at “%s” alone once that is known',
    async (base, home, query) => {
      const server = await serve({ home, query })
      const inference = connect(server.url + base, { model: 'oolong' })
      await gather(inference)
      const asked = server.requests.length
      expect(asked).toBeLessThanOrEqual(2)
      await gather(inference)
      expect(server.requests).toHaveLength(asked + 1)
    },
  )

  it.each([
    { status: 405, body: { detail: 'Method Not Allowed' } },
    { status: 404, body: { error: { message: 'Invalid URL (POST /tea/chat/completions)' } } },
    { status: 404, body: '404 page not found' },
    { status: 404, body: { message: 'Cannot POST /tea/v1/models' } },
  ])('is looked for once more when the server says %o', async (missing) => {
    const server = await serve({ home: '/tea/v1', missing })
    expect(await gather(connect(`${server.url}/tea`))).toMatchObject({ text: 'Good tea' })
  })

  it('needs no list of models to be found out by itself', async () => {
    for (const missing of ['a model must be given', "'messages' is a required property"]) {
      const server = await serve({ home: '/compat', hasList: false, refusal: missing })
      const inference = connect(`${server.url}/compat`, { api: 'auto', model: 'oolong' })
      expect(await gather(inference)).toMatchObject({ text: 'Good tea', error: undefined })
      expect(inference.kind).toBe('openai')
    }
  })

  it('is right when it is the model that does not exist', async () => {
    for (const message of [
      'The model `assam` does not exist or you do not have access to it.',
      'model "assam" not found, try pulling it first',
      'The API deployment for this resource does not exist.',
    ]) {
      const server = await startFakeModelServer({
        protocol: 'openai',
        respond: () => [{ status: 404, body: JSON.stringify({ error: { message } }) }],
      })
      closers.push(server.close)
      expect(await gather(connect(`${server.url}/tea`, { model: 'assam' }))).toMatchObject({
        error: { cause: { message: `inference answered HTTP 404: ${message}` } },
      })
      expect(server.requests).toHaveLength(1)
    }
  })

  it('is followed once and no further, and the first refusal is the one that is told', async () => {
    const server = await startFakeModelServer({
      protocol: 'openai',
      respond: ({ path }) => [
        {
          status: 404,
          body: JSON.stringify({ error: { message: `nothing but leaves, ${path.length}` } }),
        },
      ],
    })
    closers.push(server.close)
    expect(await gather(connect(`${server.url}/tea`, { model: 'assam' }))).toMatchObject({
      error: {
        cause: {
          message: `inference answered HTTP 404: nothing but leaves, ${'/tea/chat/completions'.length}`,
        },
      },
    })
    expect(server.requests).toHaveLength(2)
  })
})

describe('the address of an embedding service', () => {
  it.each<[string, string]>([
    ['', '/v1/embeddings'],
    ['', '/embeddings'],
    ['/tea', '/tea/embeddings'],
    ['/tea', '/tea/v1/embeddings'],
    ['/v1/openai', '/v1/openai/embeddings'],
    ['/embeddings', '/embeddings'],
    ['/openai/deployments/leaf?api-version=7', '/openai/deployments/leaf/embeddings?api-version=7'],
  ])('“%s” leads to “%s”', async (base, place) => {
    const server = await startFakeEmbeddingServer((request) =>
      request.path === place ? vectorsFor(request) : NO_ROUTE,
    )
    const embedder = createEmbeddingService({
      url: server.url + base,
      model: 'e',
      apiKey: undefined,
    })
    closers.push(
      () => embedder.close(),
      () => server.close(),
    )
    expect(await embedder.embed(['black'], { signal })).toHaveLength(1)
    const asked = server.requests.length
    expect(await embedder.embed(['green'], { signal })).toHaveLength(1)
    expect(server.requests).toHaveLength(asked + 1)
    expect(embedder.name).not.toContain('?')
  })
})
