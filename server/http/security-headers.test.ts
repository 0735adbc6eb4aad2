import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendRaw } from '../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { SECURITY_HEADERS } from './responses.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ TRUSTED_PROXIES: 'loopback' })
})
afterAll(() => server.close())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(server.url + path, { headers, method })

const common = Object.entries(SECURITY_HEADERS)

describe('security headers', () => {
  it('are on every answer of the API, refusals included', async () => {
    for (const [method, path] of [
      ['GET', '/health'],
      ['POST', '/api/session'],
      ['GET', '/api/conversations'],
      ['DELETE', '/api/conversations'],
      ['OPTIONS', '/api/conversations'],
      ['GET', '/nothing'],
    ] as const) {
      const { headers } = await get(path, {}, method)
      for (const [name, value] of common) expect(headers.get(name)).toBe(value)
    }
  })

  it('are on a stream of an answer', async () => {
    const visitor = await server.visitor()
    const path = `/api/conversations/${await visitor.conversation()}/messages`
    const stream = await visitor.stream('POST', path, { content: '1+1' })
    for (const [name, value] of common) expect(stream.response.headers.get(name)).toBe(value)
    await stream.rest()
  })

  it('are on what no route answers', async () => {
    for (const bytes of ['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n']) {
      const { head } = await sendRaw(server.url, bytes)
      for (const [name, value] of common) expect(head).toContain(`${name}: ${value.toLowerCase()}`)
    }
  })

  it('of a page allow what it needs and nothing inline', async () => {
    for (const path of ['/', '/inline.html', '/page.html', '/knowledge/getting-started.html']) {
      const { headers } = await get(path)
      const policy = headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain("frame-ancestors 'self'")
      expect(policy).not.toContain('unsafe')
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it('of the widget’s files let every page load them', async () => {
    const { headers } = await get('/embed.js')
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(headers.get('access-control-allow-origin')).toBe('*')
  })

  it('ask for https only where the visitor came by https', async () => {
    const name = 'strict-transport-security'
    expect((await get('/health')).headers.get(name)).toBeNull()
    const secure = await get('/health', { 'x-forwarded-proto': 'https' })
    expect(secure.headers.get(name)).toMatch(/^max-age=\d+$/)
  })
})
