/** Paths and ids that lead nowhere. */
import { describe, expect, it } from 'vitest'
import { abuseServer } from '../testing/abuse-suite.ts'

const server = abuseServer()

const get = (path: string) =>
  server.send(`GET ${path} HTTP/1.1`, [`Authorization: Bearer ${server.visitor.token}`])

describe('a path', () => {
  it.each([
    '//',
    '///etc/passwd',
    '//elsewhere.example/health',
    '/health/',
    '/health//',
    '/HEALTH',
    '/health%00',
    '/health%0d%0aX-A:b',
    '/..;/health',
    '/;/health',
    '/api/..%2fhealth',
    '/api/%2e%2e%5chealth',
    '/%2e%2e%2f%2e%2e%2fetc/passwd',
    '/..%c0%af..%c0%afetc/passwd',
    '/assets/..%252f..%252fpackage.json',
    '/assets/%00.svg',
    '/assets/',
    '/assets',
    '/%',
    '/%f',
    '/%ff%fe',
    '/%zz',
    '/\u00ff\u00fe',
    '/*',
    '/:id',
    '/api/conversations/:id',
    '/__proto__',
    '/constructor',
    '/api/conversations/__proto__',
    '/.git/config',
    '/.env',
    '/data/jwt-secret',
    '/chunks/../../package.json',
    '/chunks/%2e%2e%2fpackage.json',
    '/demo/index.html',
    '/index.html%20',
    '/index.html/',
    '/knowledge/..%2f..%2fpackage.html',
  ])('of %s leads nowhere', async (path) => {
    const reply = await get(path)
    expect([400, 404]).toContain(reply.status)
    expect(reply.head).toContain('application/problem+json')
    expect(reply.text).not.toMatch(/root:|jwt|"private"|\/work\/|node_modules/)
  })

  it('with dots in it is the path that it stands for, and never more', async () => {
    expect((await get('/api/../health')).status).toBe(200)
    expect((await get('/../../../health')).status).toBe(200)
    expect((await get('/%2e%2e/health')).status).toBe(200)
    expect((await get('/../package.json')).status).toBe(404)
  })

  it('with a backslash is refused', async () => {
    expect((await get('/..\\..\\etc\\passwd')).status).toBe(400)
  })

  it('of 8 KB is answered, and one that is longer than all headers may be is refused', async () => {
    expect((await get(`/${'a'.repeat(8_200)}`)).status).toBe(404)
    expect((await get(`/health?${'a'.repeat(8_200)}`)).status).toBe(200)
    expect((await get(`/health?${'a=b&'.repeat(2_000)}`)).status).toBe(200)
    expect((await get(`/${'a'.repeat(17_000)}`)).status).toBe(431)
    expect((await get(`/${'a/'.repeat(4_000)}`)).status).toBe(404)
    expect((await get(`/${'%2e%2e%2f'.repeat(1_000)}`)).status).toBe(404)
  })
})

describe('an id', () => {
  const real = '00000000-0000-4000-8000-000000000000'
  it.each([
    ['that is none', 'nonsense'],
    ['that nobody has', real],
    ['with a slash', `..%2f${real}`],
    ['with an encoded slash at its end', `${real}%2f`],
    ['with a NUL', `${real}%00`],
    ['with a line break', `${real}%0a`],
    ['with a space', `%20${real}`],
    ['of other digits', real.replaceAll('0', '%D9%A0')],
    ['of dots', '%2e%2e%2f%2e%2e%2fpackage'],
    ['of broken escapes', '%f%'],
    ['that is very long', 'a'.repeat(5_000)],
    ['in braces', `{${real}}`],
  ])('%s is not found, on every route that has one', async (_name, id) => {
    const headers = [
      `Authorization: Bearer ${server.visitor.token}`,
      'Content-Type: application/json',
    ]
    for (const [method, rest, body] of [
      ['GET', '', ''],
      ['PUT', '', '{"title":"x"}'],
      ['DELETE', '', ''],
      ['POST', '/messages', '{"content":"x"}'],
      ['POST', '/regenerate', '{}'],
      ['GET', '/stream', ''],
      ['POST', '/stop', ''],
    ] as const) {
      const line = `${method} /api/conversations/${id}${rest} HTTP/1.1`
      expect((await server.send(line, headers, body)).status).toBe(404)
    }
  })
})

describe('HEAD', () => {
  it('is answered wherever GET is, with the same status and without a body', async () => {
    const id = await server.visitor.conversation()
    for (const path of [
      '/health',
      '/api/health',
      '/ready',
      '/api/widget-config',
      '/api/conversations',
      `/api/conversations/${id}`,
      `/api/conversations/${id}/stream`,
      '/api/models',
      '/openapi.json',
      '/docs',
      '/metrics',
      '/',
      '/page.html',
      '/knowledge/getting-started.html',
      '/nothing',
    ]) {
      const headers = [`Authorization: Bearer ${server.visitor.token}`]
      const whole = await server.send(`GET ${path} HTTP/1.1`, headers)
      const head = await server.send(`HEAD ${path} HTTP/1.1`, headers)
      expect([path, head.status]).toEqual([path, whole.status])
      expect(head.body).toBe('')
      const typeOf = (text: string) => /content-type: .*/.exec(text)?.[0]
      expect(typeOf(head.head)).toBe(typeOf(whole.head))
    }
  })
})
