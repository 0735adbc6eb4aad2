/** The server below a path of a site: the operator says so, or a proxy that has taken the path off. */
import { afterEach, describe, expect, it } from 'vitest'
import { DEMO, startTestServer, type TestServer } from '../testing/start-test-server.ts'
import type { TestClient } from '../testing/test-client.ts'

let server: TestServer
afterEach(() => server.close())

const get = (path: string, init: RequestInit = {}) =>
  fetch(new URL(path, server.url), { redirect: 'manual', ...init })

const FILE = { filename: 'notes.txt', content_type: 'text/plain', data_base64: btoa('Notes.') }

/** Every address of the file that the API gives, and the exported Markdown. */
async function linksOfFile(visitor: TestClient, headers: Record<string, string> = {}) {
  const id = await visitor.conversation()
  const path = `/api/conversations/${id}/messages`
  const body = { content: 'Read this.', attachments: [FILE] }
  await (await visitor.stream('POST', path, body, headers)).rest()
  const ask = async (of: string) => (await visitor.request('GET', of, undefined, headers)).body
  const conversation = JSON.stringify(await ask(`/api/conversations/${id}`))
  const thread = JSON.stringify(await ask(`/api/threads/${id}`))
  const messages = JSON.stringify(await ask(`/api/threads/${id}/messages`))
  const exported = await fetch(`${server.url}/api/threads/${id}/export`, {
    headers: { authorization: `Bearer ${visitor.token}`, ...headers },
  })
  const linkIn = (text: string) => /"download_url":"([^"]*)"/.exec(text)?.[1]
  return {
    links: [conversation, thread, messages].map(linkIn),
    exported: /\(<([^>]*attachments[^>]*)>\)/.exec(await exported.text())?.[1],
  }
}

describe('a server with BASE_PATH', () => {
  it('has everything below the path, and nothing beside it but what probes ask', async () => {
    server = await startTestServer({ BASE_PATH: '/help/chat' })
    expect(new URL(server.url).pathname).toBe('/help/chat')
    for (const path of [
      '/help/chat/',
      '/help/chat/page.html',
      '/help/chat/api/widget-config',
      '/help/chat/health',
      '/help/chat/ready',
      '/help/chat/openapi.json',
      '/help/chat/docs',
      '/help/chat/knowledge/getting-started.html',
      '/health',
      '/ready',
      '/metrics',
    ]) {
      expect((await get(path)).status, path).toBe(200)
    }
    for (const path of [
      '/',
      '/api/widget-config',
      '/api/health',
      '/openapi.json',
      '/embed.js',
      '/help',
      '/help/',
      '/help/chatter/health',
      '/help/chat/help/chat/health',
    ]) {
      const missing = await get(path)
      expect(missing.status, path).toBe(404)
      expect(missing.headers.get('content-type')).toBe('application/problem+json')
    }
    const refused = await get('/api/conversations', { method: 'POST' })
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('/help/chat/') })
  })

  it('leads from the bare path to its pages, whose links are relative', async () => {
    server = await startTestServer({ BASE_PATH: 'chat/' })
    const door = await get('/chat?from=mail')
    expect(door.status).toBe(308)
    expect(door.headers.get('location')).toBe('/chat/?from=mail')
    expect(door.headers.get('x-content-type-options')).toBe('nosniff')
    for (const path of ['/chat/', '/chat/docs', '/chat/knowledge/theming.html']) {
      const page = await (await get(path)).text()
      expect(page).toContain('href=')
      expect(page).not.toMatch(/(?:href|src)="\//)
    }
  })

  it('refuses methods there, and answers preflights, as at the root', async () => {
    server = await startTestServer({ BASE_PATH: '/chat', ALLOWED_ORIGINS: 'https://shop.example' })
    const wrong = await get('/chat/api/conversations', { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    const preflight = await get('/chat/api/conversations', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://shop.example')
  })

  it('gives addresses of files below the path, in answers and in exports', async () => {
    server = await startTestServer({ BASE_PATH: '/chat' })
    const visitor = await server.visitor()
    const { links, exported } = await linksOfFile(visitor)
    for (const link of links) {
      expect(link).toMatch(/^\/chat\/api\/attachments\//)
      const headers = { authorization: `Bearer ${visitor.token}` }
      expect(await (await get(link ?? '', { headers })).text()).toBe('Notes.')
    }
    expect(exported).toMatch(`${server.url}/api/attachments/`)
  })

  it('names the pages of its manual as sources where they are, also after a restart', async () => {
    server = await startTestServer({ ...DEMO, BASE_PATH: '/chat' })
    for (const _ of ['first', 'second']) {
      const visitor = await server.visitor()
      const events = await visitor.send(await visitor.conversation(), 'How do I theme the chat?')
      const [source] = events.flatMap(({ data }) => data.sources ?? [])
      expect(String(source?.['open_url'])).toMatch(/^\/chat\/knowledge\//)
      expect((await get(String(source?.['open_url']))).status).toBe(200)
      await server.restart()
    }
  })

  it('describes its API relative to the description', async () => {
    server = await startTestServer({ BASE_PATH: '/chat' })
    const { servers } = (await (await get('/chat/openapi.json')).json()) as {
      servers: { url: string }[]
    }
    const base = new URL(servers[0]?.url ?? '', `${server.url}/openapi.json`)
    expect((await fetch(`${base.href}api/health`)).status).toBe(200)
  })
})

describe('a proxy that takes the path off', () => {
  const told = { 'x-forwarded-prefix': '/desk/chat' }

  it('is believed where it is trusted, and files are below the path', async () => {
    server = await startTestServer({ TRUSTED_PROXIES: 'loopback' })
    const visitor = await server.visitor()
    const { links, exported } = await linksOfFile(visitor, told)
    for (const link of links) expect(link).toMatch(/^\/desk\/chat\/api\/attachments\//)
    expect(exported).toMatch(`${server.url}/desk/chat/api/attachments/`)
  })

  it('is not believed where it is a stranger', async () => {
    server = await startTestServer()
    const { links } = await linksOfFile(await server.visitor(), told)
    for (const link of links) expect(link).toMatch(/^\/api\/attachments\//)
  })
})
