import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { oas31 } from 'zod-openapi'
import type { AnyRoute } from '../dialects/route.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import type { TestClient } from '../testing/test-client.ts'
import { describeRoutes, operationsOf, type OpenApiDocument } from './openapi.ts'

let server: TestServer
let visitor: TestClient
let document: OpenApiDocument
beforeAll(async () => {
  server = await startTestServer()
  visitor = await server.visitor()
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApiDocument
})
afterAll(() => server.close())

const operations = () => operationsOf(document)

const operationAt = (method: 'get' | 'post' | 'put' | 'delete', path: string) => {
  const operation = document.paths[path]?.[method]
  if (!operation) throw new Error(`${method} ${path} is not described`)
  return operation
}

/** What `/openapi.json` says of a body, as something that checks bodies. */
const bodySchema = (method: 'post' | 'put', path: string) => {
  const body = operationAt(method, path).requestBody as oas31.RequestBodyObject
  const { components } = document
  const schema = { ...body.content['application/json']?.schema, components }
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
}

describe('the description', () => {
  it('is a valid OpenAPI 3.1 document whose references all lead somewhere', async () => {
    const validator = new Validator()
    const result = await validator.validate({ ...structuredClone(document) })
    expect(result).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)
    for (const [, pointer = ''] of references) {
      const target = pointer
        .split('/')
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], document)
      expect(target, pointer).toBeDefined()
    }
  })

  it('names every operation once, with a summary, a chapter and what its parameters are', () => {
    const names = operations().map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    const chapters = document.tags.map(({ name }) => name)
    for (const { operation } of operations()) {
      expect(operation.summary).toMatch(/^\p{Lu}.+\.$/u)
      expect(chapters).toEqual(expect.arrayContaining([...(operation.tags ?? [])]))
      for (const parameter of operation.parameters ?? []) {
        if (!('name' in parameter) || parameter.in === 'query') continue
        expect(parameter.description, operation.operationId).toMatch(/\.$/)
      }
    }
    const used = new Set(operations().flatMap(({ operation }) => operation.tags ?? []))
    expect(used).toEqual(new Set(chapters))
  })

  it('has the paths that the server answers, and no others', async () => {
    const described = new Map<string, string[]>()
    for (const { method, path } of operations()) {
      described.set(path, [...(described.get(path) ?? []), method])
    }
    for (const [path, methods] of described) {
      const filled = path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000')
      const { headers } = await fetch(server.url + filled, { method: 'OPTIONS' })
      const allowed = (headers.get('allow') ?? '').split(', ')
      const served = allowed.filter((method) => method !== 'HEAD' && method !== 'OPTIONS')
      expect(served.toSorted(), path).toEqual(methods.toSorted())
    }
    expect([...described.keys()]).toEqual(
      expect.arrayContaining([
        '/api/conversations',
        '/api/conversations/{id}',
        '/api/conversations/{id}/messages',
        '/api/conversations/{id}/messages/{mid}/feedback',
        '/api/conversations/{id}/regenerate',
        '/api/conversations/{id}/stop',
        '/api/conversations/{id}/stream',
        '/api/conversations/{id}/tool-calls/{callId}/claim',
        '/api/conversations/{id}/tool-calls/{callId}/result',
        '/api/admin/users',
        '/api/auth/login',
        '/api/auth/logout',
        '/api/auth/me',
        '/api/auth/refresh',
        '/api/auth/register',
        '/api/health',
        '/api/models',
        '/api/models/swap',
        '/api/session',
        '/api/v1/chat',
        '/api/widget-config',
        '/docs',
        '/health',
        '/metrics',
        '/openapi.json',
        '/ready',
      ]),
    )
  })

  it('asks for a token exactly where the server does', async () => {
    for (const { method, path, operation } of operations()) {
      if (operation.operationId === 'startSession') continue
      const filled = path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000')
      const { status } = await fetch(server.url + filled, { method })
      expect(status === 401, `${method} ${path}`).toBe(operation.security === undefined)
      const isForGuests = operation.operationId === 'askWithSources'
      const mayBeRefused = operation.security === undefined || isForGuests
      expect(operation.responses?.['401'] !== undefined).toBe(mayBeRefused)
    }
    for (const path of ['/api/session', '/api/v1/chat']) {
      expect(operationAt('post', path).security).toEqual([{}, { bearer: [] }])
    }
  })

  it('says of queries, bodies and headers what the server checks', () => {
    const { parameters = [] } = operationAt('get', '/api/conversations')
    const limit = parameters.find((each) => 'name' in each && each.name === 'limit')
    expect(limit).toEqual({
      name: 'limit',
      in: 'query',
      schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    })
    const send = operationAt('post', '/api/conversations/{id}/messages')
    expect(send.parameters).toContainEqual(
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header' }),
    )
    expect(send.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': {
          schema: {
            required: ['content'],
            properties: {
              content: { type: 'string', minLength: 1, maxLength: 8_000 },
              max_tokens: { anyOf: [{ type: 'integer', maximum: 4_096 }, { type: 'null' }] },
            },
          },
        },
      },
    })
    expect(send.responses).toMatchObject({
      200: {
        content: {
          'text/event-stream': { schema: { $ref: '#/components/schemas/AnswerEvent' } },
        },
      },
      409: { content: { 'application/problem+json': {} } },
      429: { $ref: '#/components/responses/TooManyRequests' },
    })
  })

  it('describes a route with all that it is made of', () => {
    const route: AnyRoute = {
      method: 'PUT',
      path: '/things/:id',
      role: 'admin',
      takes: 'messages',
      doc: {
        name: 'putThing',
        chapter: 'Operation',
        summary: 'Puts a thing.',
        parameters: { id: 'The thing.' },
        body: z.object({ size: z.int().max(3) }).meta({ id: 'Thing' }),
        bodyIsOptional: true,
        responses: { 204: { description: 'Done.' } },
      },
      handle: async () => ({ kind: 'empty', status: 204 }),
    }
    const { paths, components, tags } = describeRoutes([route], { version: '1.2.3' })
    const operation = paths['/things/{id}']?.put
    expect(Object.keys(operation?.responses ?? {})).toEqual([
      '204',
      '400',
      '401',
      '403',
      '404',
      '413',
      '415',
      '422',
      '429',
      'default',
    ])
    expect(operation?.requestBody).toEqual({
      required: false,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
    })
    expect(components.schemas['Thing']).toMatchObject({
      properties: { size: { type: 'integer', maximum: 3 } },
      required: ['size'],
    })
    expect(tags.map(({ name }) => name)).toEqual(['Operation'])
  })
})

describe('bodies that the description', () => {
  const SEND = '/api/conversations/{id}/messages'
  const ONE = '/api/conversations/{id}'
  const tool = { name: 'cart', description: 'Reads the cart.', parameters: { type: 'object' } }

  const takes = async (method: 'post' | 'put', path: string, body: unknown) => {
    const id = await visitor.conversation()
    const filled = path.replace('{id}', id)
    const stream = await visitor.stream(method.toUpperCase(), filled, JSON.stringify(body), {
      'content-type': 'application/json',
    })
    stream.leave()
    return stream.response.status
  }

  it.each([
    ['post', '/api/conversations', {}],
    ['post', '/api/conversations', { title: 'x'.repeat(500), model_tag: null }],
    ['put', ONE, { is_favorited: true, title: null }],
    ['post', SEND, { content: 'Hello', temperature: 2, top_k: 0, thinking_mode: null }],
    ['post', SEND, { content: 'Hello', client_tools: [tool] }],
  ] as const)('allows are taken: %s %s %j', async (method, path, body) => {
    expect(bodySchema(method, path).safeParse(body).success).toBe(true)
    expect(await takes(method, path, body)).toBeLessThan(300)
  })

  it.each([
    ['post', '/api/conversations', { title: 'x'.repeat(501) }],
    ['post', '/api/conversations', { model_tag: '' }],
    ['put', ONE, {}],
    ['put', ONE, { title: null }],
    ['put', ONE, { title: '', is_favorited: true }],
    ['post', SEND, {}],
    ['post', SEND, { content: '' }],
    ['post', SEND, { content: 'Hello', temperature: 2.1 }],
    ['post', SEND, { content: 'Hello', max_tokens: 1.5 }],
    ['post', SEND, { content: 'Hello', client_tools: [{ ...tool, name: 'a b' }] }],
  ] as const)('forbids are refused: %s %s %j', async (method, path, body) => {
    expect(bodySchema(method, path).safeParse(body).success).toBe(false)
    expect(await takes(method, path, body)).toBe(422)
  })
})

describe('/openapi.json and /docs', () => {
  it.each(['/openapi.json', '/docs'])('%s is open, and 304 for who has it', async (path) => {
    const first = await fetch(server.url + path)
    expect(first.status).toBe(200)
    expect(first.headers.get('cache-control')).toBe('no-cache')
    const etag = first.headers.get('etag') ?? ''
    const second = await fetch(server.url + path, { headers: { 'if-none-match': etag } })
    expect(second.status).toBe(304)
    const other = await fetch(server.url + path, { headers: { 'if-none-match': '"other"' } })
    expect(other.status).toBe(200)
    expect((await fetch(server.url + path, { method: 'HEAD' })).status).toBe(200)
  })

  it('shows every operation and every object on the page', async () => {
    const response = await fetch(`${server.url}/docs`)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    const page = await response.text()
    for (const { operation } of operations()) {
      expect(page).toContain(`id="${operation.operationId}"`)
    }
    for (const name of Object.keys(document.components.schemas)) {
      expect(page).toContain(`id="${name}"`)
    }
    const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(target)
    expect(page).not.toMatch(/<script|style=|undefined|\[object/)
    expect(page).toContain('href="openapi.json"')
    expect((await fetch(`${server.url}/docs.css`)).status).toBe(200)
  })
})
