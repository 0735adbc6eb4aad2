import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionBody } from '../protocol/api.ts'
import { requestBytes, sendRaw } from '../testing/raw-request.ts'
import { DEMO, startTestServer, type TestServer } from '../testing/start-test-server.ts'
import type { TestClient } from '../testing/test-client.ts'

let server: TestServer
let visitor: TestClient
beforeAll(async () => {
  server = await startTestServer({ ...DEMO, ALLOWED_ORIGINS: 'https://shop.example' })
  visitor = await server.visitor()
})
afterAll(() => server.close())

const problem = (status: number) => ({
  type: expect.any(String),
  title: expect.any(String),
  status,
  detail: expect.any(String),
})

const bodyOf = async (response: Response) => (await response.json()) as SessionBody

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body: unknown = await response.json()
  expect(body).toMatchObject(problem(response.status))
  return body
}

describe('errors', () => {
  it('are 401 with a challenge without a token, and with a broken one', async () => {
    for (const authorization of [
      undefined,
      'Bearer nonsense',
      'Basic abc',
      'Bearer ',
      `Bearer ${visitor.token}x`,
    ]) {
      const response = await fetch(`${server.url}/api/conversations`, {
        headers: authorization === undefined ? {} : { authorization },
      })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
      await problemOf(response)
    }
  })

  it('are 404 for a path that does not exist', async () => {
    const response = await fetch(`${server.url}/api/nothing`)
    expect(response.status).toBe(404)
    await problemOf(response)
  })

  it('are 405 with what is possible for a wrong method', async () => {
    const response = await fetch(`${server.url}/api/conversations`, { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS')
    await problemOf(response)
  })

  for (const [name, body] of [
    ['broken', '{"title": '],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['preceded by a byte order mark', '\ufeff{}'],
    ['nested too deep', '['.repeat(100_000)],
  ] as const) {
    it(`are 400 for JSON that is ${name}`, async () => {
      const response = await fetch(`${server.url}/api/conversations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${visitor.token}`, 'content-type': 'application/json' },
        body,
      })
      expect(response.status).toBe(400)
      await problemOf(response)
    })
  }

  it('name the field that an empty body lacks where one is needed', async () => {
    const id = await visitor.conversation()
    for (const [method, path, field] of [
      ['POST', `/api/conversations/${id}/messages`, 'content'],
      ['POST', '/api/v1/chat', 'query'],
      ['POST', `/api/threads/${id}/messages`, 'text'],
      ['POST', '/api/search/threads', 'phrase'],
    ] as const) {
      const refused = await visitor.request(method, path, '')
      expect(refused.status).toBe(422)
      expect(refused.body.errors).toContainEqual({ path: field, message: expect.any(String) })
    }
  })

  it('are 415 for a body that is not JSON', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'application/json, text/plain',
      'text/plain, application/json',
      'application/json, application/json;charset=utf-16',
    ]) {
      const response = await fetch(`${server.url}/api/conversations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${visitor.token}`, 'content-type': type },
        body: '{}',
      })
      expect(response.status).toBe(415)
      await problemOf(response)
    }
  })

  it('are none for JSON that is called so twice, or in other words', async () => {
    for (const type of [
      'application/json, application/json',
      'application/json;charset=utf-8, application/json',
      'application/json,application/json; charset="UTF-8"',
      'Application/JSON',
      'application/vnd.api+json',
    ]) {
      const response = await fetch(`${server.url}/api/conversations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${visitor.token}`, 'content-type': type },
        body: '{"title":"Twice"}',
      })
      expect(response.status).toBe(201)
      expect(await response.json()).toMatchObject({ title: 'Twice' })
    }
  })

  it('are 413 for a body of 16 MB, which the sender gets to read', async () => {
    const id = await visitor.conversation()
    const response = await fetch(`${server.url}/api/conversations/${id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${visitor.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'x'.repeat(16_000_000) }),
    })
    expect(response.status).toBe(413)
    await problemOf(response)
    const stored = await visitor.request('GET', `/api/conversations/${id}`)
    expect(stored.body.messages).toEqual([])
  })

  it('are 413 where no body is read too', async () => {
    for (const path of [
      '/api/session',
      `/api/conversations/${await visitor.conversation()}/stop`,
    ]) {
      const reply = await visitor.request('POST', path, { x: 'x'.repeat(2_000_000) })
      expect(reply.status).toBe(413)
    }
  })

  it('take a body that is just within the limit', async () => {
    const reply = await visitor.request('POST', '/api/conversations', {
      title: 'fits',
      ignored: 'x'.repeat(1024 * 1024 - 40),
    })
    expect(reply.status).toBe(201)
  })

  for (const [name, bytes, status] of [
    ['no HTTP at all', 'nonsense\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ] as const) {
    it(`are problems too for ${name}`, async () => {
      const { port, hostname } = new URL(server.url)
      const socket = connect(Number(port), hostname)
      socket.setEncoding('utf8')
      socket.end(bytes)
      let answer = ''
      for await (const chunk of socket) answer += chunk
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/)
      expect(answer).toMatch(/\r\nx-trace-id: [0-9a-f-]{36}\r\n/)
    })
  }

  it('never crash the server when a body breaks off', async () => {
    const { port, hostname } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    socket.write(
      `POST /api/conversations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${visitor.token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"ti',
    )
    socket.destroy()
    await once(socket, 'close')
    expect((await visitor.request('GET', '/api/conversations')).status).toBe(200)
  })
})

describe('a request whose body is optional', () => {
  const headers = ['Content-Type: application/json; charset=utf-8']
  it.each([
    ['no length', headers, ''],
    ['a length of 0', [...headers, 'Content-Length: 0'], ''],
    ['chunks, none of which has anything', [...headers, 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['no body and another type', ['Content-Type: text/plain', 'Content-Length: 0'], ''],
  ])('goes on with a JSON content type and %s', async (_, sent, body) => {
    const authorization = `Authorization: Bearer ${visitor.token}`
    const id = await visitor.conversation()
    await visitor.send(id, '2+2')
    const ask = (path: string) =>
      sendRaw(server.url, requestBytes(`POST ${path} HTTP/1.1`, [authorization, ...sent], body))
    expect((await ask('/api/conversations')).status).toBe(201)
    expect((await ask('/api/threads')).status).toBe(201)
    expect((await ask('/api/session')).status).toBe(201)
    expect((await ask(`/api/conversations/${id}/stop`)).status).toBe(202)
    const again = await ask(`/api/conversations/${id}/regenerate`)
    expect(again.status).toBe(200)
    expect(again.head).toContain('text/event-stream')
  })
})

describe('every response', () => {
  it('carries the request’s trace id when it is sane, else a new one', async () => {
    const traceOf = async (headers: Record<string, string>) =>
      (await fetch(`${server.url}/health`, { headers })).headers.get('x-trace-id')
    expect(await traceOf({ 'x-trace-id': 'a.b-C_1' })).toBe('a.b-C_1')
    expect(await traceOf({ 'x-request-id': 'req-1' })).toBe('req-1')
    expect(await traceOf({ 'x-trace-id': 'not sane!' })).toMatch(/^[0-9a-f-]{36}$/)
    expect(await traceOf({ 'x-trace-id': 'x'.repeat(129) })).toMatch(/^[0-9a-f-]{36}$/)
    expect(await traceOf({})).toMatch(/^[0-9a-f-]{36}$/)
    const missing = await fetch(`${server.url}/nothing`, { headers: { 'x-trace-id': 't404' } })
    expect(missing.headers.get('x-trace-id')).toBe('t404')
  })
})

describe('sessions', () => {
  it('give a visitor a token, and the same visitor again for the token', async () => {
    const start = (headers: Record<string, string> = {}) =>
      fetch(`${server.url}/api/session`, { method: 'POST', headers })
    const response = await start()
    expect(response.status).toBe(201)
    const session = await bodyOf(response)
    expect(session).toEqual({
      token: expect.any(String),
      expires_in: expect.any(Number),
      visitor_id: expect.any(String),
    })
    const again = await start({ authorization: `Bearer ${session.token}` })
    const renewed = await bodyOf(again)
    expect(renewed.visitor_id).toBe(session.visitor_id)
    const forged = await start({ authorization: 'Bearer forged' })
    const stranger = await bodyOf(forged)
    expect(stranger.visitor_id).not.toBe(session.visitor_id)
  })

  it('stay valid over a restart', async () => {
    const known = await server.visitor()
    await server.restart()
    expect((await known.request('GET', '/api/conversations')).status).toBe(200)
  })
})

describe('origins', () => {
  const preflight = (origin: string) =>
    fetch(`${server.url}/api/conversations`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type, idempotency-key',
      },
    })

  it('that are allowed may call the API', async () => {
    const response = await preflight('https://shop.example')
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(response.headers.get('access-control-allow-headers')).toMatch(/idempotency-key/)
    const called = await fetch(`${server.url}/api/widget-config`, {
      headers: { origin: 'https://shop.example' },
    })
    expect(called.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(called.headers.get('vary')).toMatch(/origin/i)
  })

  it('that are allowed may send any header they name, and read what an answer says of itself', async () => {
    const asked = 'authorization, content-type, x-client-version, sentry-trace'
    const permitted = await fetch(`${server.url}/api/threads`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      },
    })
    expect(permitted.headers.get('access-control-allow-headers')).toBe(asked)
    expect(permitted.headers.get('access-control-allow-credentials')).toBeNull()
    expect(permitted.headers.get('vary')).toMatch(/access-control-request-headers/i)
    const called = await fetch(`${server.url}/api/widget-config`, {
      headers: { origin: 'https://shop.example' },
    })
    const readable = called.headers.get('access-control-expose-headers')?.split(', ')
    expect(readable).toEqual(
      expect.arrayContaining([
        'content-disposition',
        'retry-after',
        'ratelimit',
        'ratelimit-policy',
        'x-trace-id',
      ]),
    )
  })

  it('that are allowed may send what a front end of the reference sends', async () => {
    const asked =
      'authorization,cache-control,content-type,idempotency-key,last-event-id,x-session-trace-id,x-trace-id'
    for (const path of ['/api/conversations/x/messages', '/api/v1/chat', '/api/threads', '/none']) {
      const permitted = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': asked,
        },
      })
      expect(permitted.status).toBe(204)
      const allowed = permitted.headers.get('access-control-allow-headers')?.split(/, */)
      expect(allowed).toEqual(asked.split(','))
      expect(permitted.headers.get('access-control-max-age')).toMatch(/^\d+$/)
    }
  })

  it.each([
    ['x-a, *, x-b', 'x-a, x-b'],
    ['x-a, x b, "x-c", x-d:e, x-ü', 'x-a'],
    ['X-Any_Name.1~', 'X-Any_Name.1~'],
    [' x-a ,, x-b,', 'x-a, x-b'],
    ['*', null],
    ['', null],
  ])('that are allowed get only names of headers echoed: %j', async (asked, allowed) => {
    const request = requestBytes('OPTIONS /api/threads HTTP/1.1', [
      'Origin: https://shop.example',
      'Access-Control-Request-Method: POST',
      `Access-Control-Request-Headers: ${asked}`,
    ])
    const { status, text } = await sendRaw(server.url, request)
    expect(status).toBe(204)
    expect(/^access-control-allow-headers: (.*?)\r?$/im.exec(text)?.[1] ?? null).toBe(allowed)
  })

  it('that are allowed may read a stream', async () => {
    const id = await visitor.conversation()
    const stream = await visitor.stream(
      'POST',
      `/api/conversations/${id}/messages`,
      { content: '1+1' },
      { origin: 'https://shop.example' },
    )
    expect(stream.response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    await stream.rest()
  })

  it('that are not allowed get no permission', async () => {
    for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'null']) {
      const response = await preflight(origin)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(response.headers.get('access-control-allow-headers')).toBeNull()
    }
  })
})

describe('HEAD', () => {
  it('has the status and the headers of GET, whatever a client accepts', async () => {
    const id = await visitor.conversation()
    for (const path of [
      '/health',
      '/api/widget-config',
      '/api/models',
      '/api/conversations',
      `/api/conversations/${id}`,
      '/openapi.json',
    ]) {
      for (const accept of ['*/*', 'text/event-stream', 'application/json, text/plain, */*']) {
        const headers = { authorization: `Bearer ${visitor.token}`, accept }
        const got = await fetch(server.url + path, { headers })
        const head = await fetch(server.url + path, { method: 'HEAD', headers })
        await got.text()
        expect([path, head.status]).toEqual([path, 200])
        expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'))
        expect(await head.text()).toBe('')
      }
    }
  })
})

describe('health and configuration', () => {
  it('are open to everybody', async () => {
    for (const path of ['/health', '/api/health']) {
      const body: unknown = await (await fetch(server.url + path)).json()
      expect(body).toMatchObject({ status: 'ok', ready: true, service: 'chat-api' })
    }
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    const config: unknown = await (await fetch(`${server.url}/api/widget-config`)).json()
    expect(config).toEqual({
      stand_in: true,
      // The element's own are in the visitor's language.
      title: '',
      greeting: '',
      starters: expect.any(Array),
      logo: null,
      notice: null,
      privacy_url: null,
      by_language: {},
      features: {
        think: true,
        search: false,
        attachments: true,
        feedback: true,
        commands: true,
        model_settings: false,
        microphone: true,
        list: true,
        copy: true,
        regenerate: true,
        edit: true,
        download: true,
        accounts: false,
        knowledge: true,
      },
      attachments: { images: false, text: true, pdf: true, max_files: 5, max_bytes: 10_485_760 },
      contact: null,
      auth_mode: 'visitor',
      max_message_length: 8_000,
      locale: 'en',
    })
  })
})

describe('files', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(server.url + path, { headers })

  it('of the demo are served with a tag, and 304 when the browser has them', async () => {
    const page = await get('/')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const etag = page.headers.get('etag') ?? ''
    const unchanged = await get('/', { 'if-none-match': etag })
    expect(unchanged.status).toBe(304)
    // A browser puts these in the place of those that it has kept with the page.
    for (const name of ['cache-control', 'content-security-policy', 'permissions-policy', 'etag']) {
      expect([name, unchanged.headers.get(name)]).toEqual([name, page.headers.get(name)])
    }
  })

  it('of the manual open as pages', async () => {
    const page = await get('/knowledge/getting-started.html')
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<h1')
    expect((await get('/knowledge/nothing.html')).status).toBe(404)
  })

  it('outside the served folders do not exist', async () => {
    for (const path of [
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/....//package.json',
      '/knowledge/..%2f..%2fpackage.json',
      '/knowledge/getting-started.md',
      '/%00',
      '/%ff',
      '/.env',
      '/package.json',
    ]) {
      expect((await get(path)).status).toBe(404)
    }
  })
})
