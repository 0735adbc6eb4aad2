import { createParser } from 'eventsource-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { oas31 } from 'zod-openapi'
import { startListeningServer, type ListeningServer } from '../testing/auth.ts'
import { startFakeModelServer, type FakeModelServer } from '../testing/fake-model-server.ts'
import { DEMO, startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { callTools } from '../testing/tool-call-script.ts'
import { operationsOf, type OpenApiDocument } from './openapi.ts'

const USER = { id: 'ann', email: 'ann@example.com', name: 'Ann', is_admin: true }
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

let auth: ListeningServer
let openai: FakeModelServer
let nanochat: FakeModelServer
/** Signed-in users and a model that calls tools; anonymous visitors and documents; a model swapped. */
let signedIn: TestServer
let anonymous: TestServer
let swapping: TestServer
/** Users who sign in here. */
let local: TestServer
let document: OpenApiDocument
/** `GET /api/conversations 200`: what was called, by the description's own words. */
const seen = new Set<string>()

beforeAll(async () => {
  auth = await startListeningServer(({ body }) => {
    const isKnown = (body as { token: string }).token === 'token'
    return { body: isKnown ? { valid: true, user: USER } : { valid: false, reason: 'unknown' } }
  })
  openai = await startFakeModelServer({
    protocol: 'openai',
    respond: ({ body, messages }) => {
      const isAfterTools = messages.at(-1)?.role === 'tool'
      if (body.tools === undefined || isAfterTools) return ['Hello', ' there.']
      return String(messages.at(-1)?.content).includes('fail')
        ? ['Hel', { error: 'out of memory' }]
        : callTools([{ name: 'cart', arguments: { all: true } }], 'Let me look. ')
    },
  })
  nanochat = await startFakeModelServer({ protocol: 'nanochat' })
  const limits = { RATE_LIMIT_MESSAGES_PER_MINUTE: '100' }
  const service = { AUTH_SERVICE_URL: auth.url, INTERNAL_API_KEY: 'key', ...limits }
  ;[signedIn, anonymous, swapping, local] = await Promise.all([
    startTestServer({
      ...DEMO,
      ...service,
      INFERENCE_SERVICE_URL: openai.url,
      INFERENCE_API: 'openai',
      WIDGET_CONTACT_FORM: 'yes',
    }),
    startTestServer({ ...DEMO, ...limits }),
    startTestServer({ ...service, INFERENCE_SERVICE_URL: nanochat.url, INFERENCE_API: 'nanochat' }),
    startTestServer({ AUTH_MODE: 'local', PASSWORD_COST: '4', REGISTRATION: 'open' }),
  ])
  document = (await (await fetch(`${local.url}/openapi.json`)).json()) as OpenApiDocument
})
afterAll(async () => {
  await Promise.all([signedIn, anonymous, swapping, local].map((server) => server.close()))
  await Promise.all([auth, openai, nanochat].map((server) => server.close()))
})

type Body = Readonly<Record<string, unknown>>

/** The described schema, closed: what is not described is refused. */
function sealed(schema: unknown): z.ZodType {
  const { schemas } = document.components
  const text = JSON.stringify({ ...(schema as object), $defs: schemas })
  const closed: unknown = JSON.parse(text, (key, value: unknown) => {
    if (key === '$ref') return String(value).replace('#/components/schemas/', '#/$defs/')
    const isOpenObject =
      typeof value === 'object' &&
      value !== null &&
      'properties' in value &&
      'type' in value &&
      value.type === 'object' &&
      !('additionalProperties' in value)
    return isOpenObject ? { ...value, additionalProperties: false } : value
  })
  return z.fromJSONSchema(closed as Parameters<typeof z.fromJSONSchema>[0])
}

type DescribedResponse = oas31.ResponseObject | oas31.ReferenceObject

function describedResponse(method: string, path: string, status: number) {
  const operations = operationsOf(document)
  const found = operations.find((each) => each.method === method && each.path === path)
  if (!found) throw new Error(`${method} ${path} is not described`)
  const response = found.operation.responses?.[status] as DescribedResponse | undefined
  if (!response) throw new Error(`${method} ${path} does not describe ${status}`)
  if (!('$ref' in response)) return response
  const shared = document.components.responses[response.$ref.replace(/.*\//, '')]
  return shared as oas31.ResponseObject
}

interface CallOptions {
  readonly values?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly onEvent?: (data: Body) => Promise<void> | void
}

/** Calls a described path, and holds the answer to its description. */
async function call(url: string, method: string, path: string, options: CallOptions = {}) {
  const { values = {}, body, token = 'token', headers, onEvent } = options
  const [template = path] = path.split('?')
  const response = await fetch(
    url + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''),
    {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    },
  )
  const { status } = response
  seen.add(`${method} ${template} ${status}`)
  const described = describedResponse(method, template, status)
  for (const name of Object.keys(described?.headers ?? {})) {
    expect(response.headers.has(name), `${name} of ${method} ${path} ${status}`).toBe(true)
  }
  const data = await readBody(response, described?.content, onEvent)
  return { status, data: data as Body }
}

async function readBody(
  response: Response,
  content: oas31.ContentObject | undefined,
  onEvent: CallOptions['onEvent'],
): Promise<unknown> {
  const type = response.headers.get('content-type')
  if (!content) {
    expect(await response.text()).toBe('')
    expect(type).toBeNull()
    return undefined
  }
  const [describedType, { schema = {} }] = Object.entries(content)[0]!
  const isDescribed = describedType === '*/*' || type?.startsWith(describedType)
  expect(isDescribed, `${type} is described as ${describedType}`).toBe(true)
  if (describedType.startsWith('text/event-stream')) {
    await readEvents(response, sealed(schema), onEvent)
    return undefined
  }
  if (!describedType.includes('json')) return await response.text()
  const data: unknown = await response.json()
  expect(sealed(schema).parse(data)).toEqual(data)
  return data
}

async function readEvents(
  response: Response,
  schema: z.ZodType,
  onEvent: CallOptions['onEvent'],
): Promise<void> {
  const events: Body[] = []
  const parser = createParser({
    onEvent({ data }) {
      // The end of an answer in OpenAI's form.
      if (data !== '[DONE]') events.push(JSON.parse(data) as Body)
    },
  })
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    parser.feed(chunk)
    for (const data of events.splice(0)) {
      expect(schema.parse(data)).toEqual(data)
      await onEvent?.(data)
    }
  }
}

describe('what the server answers is what the description says:', () => {
  const ONE = '/api/conversations/{id}'

  it('a conversation with documents, from the session to its end', async () => {
    const { url } = anonymous
    const session = await call(url, 'POST', '/api/session')
    const token = String(session.data['token'])
    const created = await call(url, 'POST', '/api/conversations', { token })
    const values = { id: String(created.data['id']) }
    const at = { token, values }
    const content = 'How do I add the chat to my site?'
    await call(url, 'POST', `${ONE}/messages`, { ...at, body: { content, thinking_mode: true } })
    let turn = ''
    let count = 0
    const onEvent = ({ turn_id: id }: Body) => {
      if (typeof id === 'string') turn = id
      count += 1
    }
    await call(url, 'POST', `${ONE}/regenerate`, { ...at, body: {}, onEvent })
    const headers = { 'last-event-id': `${turn}.${count}` }
    await call(url, 'POST', `${ONE}/messages`, { ...at, body: { content }, headers })
    await call(url, 'POST', `${ONE}/regenerate`, { ...at, body: {}, headers })
    await call(url, 'GET', `${ONE}/stream`, at)
    await call(url, 'POST', `${ONE}/stop`, at)
    await call(url, 'PUT', ONE, { ...at, body: { title: 'Mine' } })
    await call(url, 'PATCH', ONE, { ...at, body: { is_favorited: true } })
    const { data } = await call(url, 'GET', ONE, at)
    const [, answer] = data['messages'] as readonly Body[]
    expect(answer?.['sources']).not.toHaveLength(0)
    const rated = { ...values, mid: String(answer?.['id']) }
    const body = { rating: 'up', comment: 'Thanks' }
    await call(url, 'PUT', `${ONE}/messages/{mid}/feedback`, { token, values: rated, body })
    await call(url, 'GET', '/api/conversations?limit=10', { token })
    await call(url, 'GET', '/api/conversations?q=mine', { token })
    await call(url, 'GET', `${ONE}?messages_limit=1`, at)
    const file = { filename: 'a.txt', content_type: 'text/plain', data_base64: 'aGVsbG8=' }
    const sent = { content: 'Look.', attachments: [file] }
    await call(url, 'POST', `${ONE}/messages`, { ...at, body: sent })
    const { messages } = (await call(url, 'GET', ONE, at)).data
    const [attachment] = (messages as readonly Body[]).at(-2)!['attachments'] as readonly Body[]
    const fileId = String(attachment?.['id'])
    const read = await call(url, 'GET', '/api/attachments/{fileId}', { token, values: { fileId } })
    expect(read.data).toBe('hello')
    await call(url, 'DELETE', ONE, at)
    await call(url, 'GET', ONE, at)
    await call(url, 'DELETE', '/api/session', { token })
  })

  it('an answer that calls a tool of the page, and one that fails', async () => {
    const { url } = signedIn
    const created = await call(url, 'POST', '/api/conversations', { body: { title: 'Cart' } })
    const values = { id: String(created.data['id']) }
    const tool = { name: 'cart', description: 'Reads the cart.', parameters: { type: 'object' } }
    let asked = 0
    const kinds = new Set<string>()
    const note = (data: Body) => {
      for (const kind of Object.keys(data)) kinds.add(kind)
    }
    await call(url, 'POST', `${ONE}/messages`, {
      values,
      body: { content: 'What is in my cart?', client_tools: [tool] },
      async onEvent(data) {
        note(data)
        const { tool_request } = data
        if (tool_request === undefined) return
        asked += 1
        const { call_id: callId } = tool_request as { readonly call_id: string }
        const to = { values: { ...values, callId } }
        const claim = { claimant: 'page' }
        await call(url, 'POST', `${ONE}/tool-calls/{callId}/claim`, { ...to, body: claim })
        await call(url, 'POST', `${ONE}/tool-calls/{callId}/claim`, {
          ...to,
          body: { claimant: 'another page' },
        })
        await call(url, 'POST', `${ONE}/tool-calls/{callId}/result`, {
          ...to,
          body: { ...claim, success: true, output: ['fern'] },
        })
      },
    })
    expect(asked).toBe(1)
    const body = { content: 'Now fail.', client_tools: [tool] }
    await call(url, 'POST', `${ONE}/messages`, {
      values,
      body,
      onEvent: note,
    })
    const expected = ['turn_id', 'token', 'tool_progress', 'error', 'retryable', 'done', 'usage']
    expect([...kinds]).toEqual(expect.arrayContaining(expected))
    await call(url, 'GET', ONE, { values })
  })

  it('an answer with its sources, and one that fails', async () => {
    const ask = async (url: string, query: string, token?: string) => {
      const data: unknown[] = []
      const options = { body: { query }, onEvent: (event: Body) => void data.push(event) }
      await call(url, 'POST', '/api/v1/chat', token === undefined ? options : { ...options, token })
      return data
    }
    const { token } = await anonymous.visitor()
    const [sources] = await ask(anonymous.url, 'How do I add the chat to my site?', token)
    expect(sources).not.toHaveLength(0)
    expect((await ask(signedIn.url, 'Now fail.')).at(-1)).toHaveProperty('message')
  })

  it('a thread, its messages and its end', async () => {
    const { url } = signedIn
    const created = await call(url, 'POST', '/api/threads', { body: { metadata: { a: 1 } } })
    const values = { id: String(created.data['id']) }
    const THREAD = '/api/threads/{id}'
    const file = { filename: 'a.bin', content_type: 'application/x-own', data_base64: 'AAE=' }
    const body = { text: 'What is 2 + 2?', attachments: [file] }
    const posted = await call(url, 'POST', `${THREAD}/messages`, { values, body })
    await call(url, 'POST', `${THREAD}/messages/stream`, { values, body: { text: 'Hello' } })
    await call(url, 'POST', `${THREAD}/messages`, { values, body: { text: 'Now fail.' } })
    const message = { ...values, mid: String(posted.data['id']) }
    await call(url, 'PATCH', `${THREAD}/messages/{mid}`, {
      values: message,
      body: { status: 'error', error_code: 'e', tokens_count: 3 },
    })
    await call(url, 'GET', `${THREAD}/messages?page=1&limit=1`, { values })
    await call(url, 'GET', THREAD, { values })
    const { data: exported } = await call(url, 'GET', `${THREAD}/export?format=markdown`, {
      values,
    })
    expect(exported).toContain('What is 2 + 2?')
    await call(url, 'PATCH', THREAD, { values, body: { title: 'Mine', summary: 'S' } })
    const PROVIDER = '/api/provider-threads/{id}'
    await call(url, 'PUT', PROVIDER, { values, body: { conversation_id: 'c', payload: { a: 1 } } })
    await call(url, 'GET', PROVIDER, { values })
    await call(url, 'DELETE', THREAD, { values })
    const { items } = (await call(url, 'GET', '/api/threads?include_deleted=true')).data
    expect(items).toContainEqual(expect.objectContaining({ id: values.id, is_deleted: true }))
    const refused = [
      await call(url, 'GET', THREAD, { values }),
      await call(url, 'GET', '/api/threads?page=0'),
      await call(url, 'POST', '/api/threads', { body: { title: 1 } }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([404, 422, 422])
  })

  it('users who sign in here', async () => {
    const { url } = local
    const user = { username: 'ann', password: 'a good password', email: 'ann@example.com' }
    const base = '/api/auth'
    // A token that is there must be good, and there is none yet.
    const headers = { authorization: 'Basic none' }
    const open = (path: string, body: unknown) =>
      call(url, 'POST', `${base}/${path}`, { body, headers })
    await open('register', user)
    const signedInHere = await open('login', user)
    const token = String(signedInHere.data['access_token'])
    await open('refresh', { refresh_token: signedInHere.data['refresh_token'] })
    await call(url, 'GET', `${base}/me`, { token })
    await call(url, 'GET', '/api/admin/users', { token })
    const results = [
      await open('register', { ...user, username: 'bob', password: 'short' }),
      await open('register', user),
      await open('register', { ...user, username: 'bob', roles: ['admin'] }),
      await open('register', { ...user, username: 5 }),
      await open('login', { ...user, password: 'wrong word' }),
      await open('refresh', { refresh_token: 'nonsense' }),
      await call(url, 'GET', `${base}/me`, { headers }),
      await call(signedIn.url, 'GET', `${base}/me`),
      await call(url, 'POST', `${base}/logout`, { token }),
    ]
    expect(results.map(({ status }) => status)).toEqual([
      400, 409, 403, 422, 401, 401, 401, 404, 204,
    ])
    for (let count = 0; count < 9; count += 1) await open('login', { ...user, password: 'wrong' })
    expect((await open('login', user)).status).toBe(429)
  })

  it('users, models, health, figures and the description itself', async () => {
    const { url } = signedIn
    await call(url, 'GET', '/api/admin/users')
    const about = await call(url, 'POST', '/api/conversations')
    const written = { message: 'Call me', email: 'ann@example.com', consent: true }
    await call(url, 'POST', '/api/contact', {
      body: { ...written, conversation_id: about.data['id'] },
    })
    await call(url, 'POST', '/api/contact', { body: written })
    await call(url, 'POST', '/api/contact', { body: { ...written, email: 'ann' } })
    await call(url, 'GET', '/api/admin/contacts')
    const values = { id: String(about.data['id']) }
    await call(url, 'POST', `${ONE}/messages`, { values, body: { content: 'A person, please' } })
    const filters = 'wants_person=true&unanswered=true&since=2020-01-01&until=2100-01-01T00:00:00Z'
    const listed = await call(url, 'GET', `/api/admin/conversations?${filters}`)
    expect(listed.data['total']).toBe(1)
    await call(url, 'GET', '/api/models')
    await call(url, 'POST', '/api/models/swap', { body: { model_tag: 'other' } })
    await call(swapping.url, 'GET', '/api/models')
    await call(swapping.url, 'POST', '/api/models/swap', { body: { model_tag: 'd20' } })
    await call(url, 'POST', '/api/session')
    for (const path of [
      '/health',
      '/api/health',
      '/ready',
      '/metrics',
      '/api/widget-config',
      '/openapi.json',
      '/docs',
    ]) {
      await call(url, 'GET', path)
    }
  })

  it('searches of threads', async () => {
    const { url } = signedIn
    await call(url, 'POST', '/api/conversations', { body: { title: 'Keeping a fern' } })
    for (const phrase of ['fern', 'no such thing']) {
      await call(url, 'POST', '/api/search/threads', { body: { phrase } })
    }
    await call(url, 'POST', '/api/search/threads', { body: { phrase: '[' } })
  })

  it('errors', async () => {
    const { url } = signedIn
    const { data } = await call(url, 'POST', '/api/conversations')
    const values = { id: String(data['id']) }
    const unknown = { values: { id: UNKNOWN } }
    const results = [
      await call(url, 'GET', '/api/conversations', { token: 'nobody' }),
      await call(url, 'GET', '/api/conversations?limit=0'),
      await call(url, 'GET', ONE, unknown),
      await call(url, 'POST', `${ONE}/messages`, { values, body: '{' }),
      await call(url, 'POST', `${ONE}/messages`, { values, body: { content: '' } }),
      await call(url, 'POST', `${ONE}/messages`, {
        values,
        body: 'Hello',
        headers: { 'content-type': 'text/plain' },
      }),
      await call(url, 'POST', `${ONE}/messages`, { values, body: 'x'.repeat(15_100_000) }),
      await call(url, 'POST', `${ONE}/regenerate`, { values, body: {} }),
      await call(url, 'GET', `${ONE}/stream`, { values }),
      await call(anonymous.url, 'GET', '/api/admin/users', {
        token: (await anonymous.visitor()).token,
      }),
    ]
    expect(results.map(({ status }) => status)).toEqual([
      401, 422, 404, 400, 422, 415, 413, 400, 204, 403,
    ])
  })

  it('no route was left out above', () => {
    for (const { method, path, operation } of operationsOf(document)) {
      const good = Object.keys(operation.responses ?? {}).filter((status) => Number(status) < 300)
      const called = good.filter((status) => seen.has(`${method} ${path} ${status}`))
      expect(called, `${method} ${path}`).toEqual(good)
    }
  })
})
