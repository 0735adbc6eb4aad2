import mammoth from 'mammoth'
import { extractText, getDocumentProxy } from 'unpdf'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startFakeModelServer, type FakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let id: string

beforeAll(async () => {
  model = await startFakeModelServer({
    protocol: 'openai',
    respond: () => ['<think>Hm.</think>Three ', '**days**.'],
  })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    TRUSTED_PROXIES: '127.0.0.1',
  })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  visitor = await server.visitor()
  id = await visitor.conversation()
})

const notes = {
  filename: 'my notes.md',
  content_type: 'text/markdown',
  data_base64: Buffer.from('# Notes').toString('base64'),
}

async function ask(content: string, attachments: readonly (typeof notes)[] = []) {
  const body = { content, attachments }
  const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, body)
  await stream.rest()
}

const download = (query = '', headers: Readonly<Record<string, string>> = {}, who = visitor) =>
  fetch(`${server.url}/api/threads/${id}/export${query}`, {
    headers: { authorization: `Bearer ${who.token}`, ...headers },
  })

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}

describe('GET /api/threads/{id}/export', () => {
  it('is Markdown, to be saved, unless another format is asked for', async () => {
    await ask('How long do samosas keep?', [notes])
    const response = await download()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="How long do samosas keep.md"; filename*=UTF-8''How%20long%20do%20samosas%20keep.md`,
    )
    const text = await response.text()
    expect(text).toContain(`- **Thread:** ${id}`)
    expect(text).toMatch(/## User · [-\d]+ [:\d]+ UTC\n\nHow long do samosas keep\?/)
    expect(text).toMatch(/## Assistant[^\n]*\n\nThree \*\*days\*\*\./)
    expect(text).not.toContain('Hm.')
    expect(text).toContain(`](<${server.url}/api/attachments/`)
    expect(await (await download('?format=markdown')).text()).toBe(text)
  })

  it('is JSON with all of every message, the oldest first', async () => {
    await ask('How long?', [notes])
    await ask('And paneer?')
    const response = await download('?format=json')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('content-disposition')).toContain('.json"')
    const body: unknown = await response.json()
    const answer = { sender_id: 'assistant', status: 'ready', text: 'Three **days**.' }
    expect(body).toMatchObject({
      id,
      title: 'How long?',
      metadata: {},
      is_deleted: false,
      messages: [
        { sender_type: 'user', text: 'How long?', attachments: [{ filename: 'my notes.md' }] },
        answer,
        { sender_type: 'user', text: 'And paneer?', attachments: [] },
        answer,
      ],
    })
  })

  it('is a PDF file with the same', async () => {
    await ask('How long?')
    const response = await download('?format=pdf')
    expect(response.headers.get('content-type')).toBe('application/pdf')
    const pdf = await getDocumentProxy(await bytesOf(response))
    const { text } = await extractText(pdf, { mergePages: true })
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(/How long\?.*Three days\./)
  })

  it('is a Word file with the same', async () => {
    await ask('How long?')
    const response = await download('?format=docx')
    expect(response.headers.get('content-type')).toContain('wordprocessingml.document')
    const buffer = Buffer.from(await bytesOf(response))
    const { value } = await mammoth.convertToHtml({ buffer })
    expect(value).toMatch(/<p>How long\?<\/p>.*<p>Three <strong>days<\/strong>\.<\/p>/)
  })

  it.each(['?format=html', '?format=', '?format=PDF'])('refuses %s by naming it', async (query) => {
    const response = await download(query)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      errors: [{ path: 'format', message: 'must be markdown, json, pdf or docx' }],
    })
  })

  it('is for the owner alone, and gone with the thread', async () => {
    await ask('How long?')
    const other = await server.visitor()
    expect((await download('', {}, other)).status).toBe(404)
    expect((await fetch(`${server.url}/api/threads/${id}/export`)).status).toBe(401)
    await visitor.request('DELETE', `/api/conversations/${id}`)
    for (const format of ['markdown', 'json', 'pdf', 'docx']) {
      expect((await download(`?format=${format}`)).status).toBe(404)
    }
    id = 'no-uuid'
    expect((await download()).status).toBe(404)
  })

  it('has what a client has put into a thread, and is gone when that is deleted', async () => {
    const thread = { title: 'Ferns', summary: 'Shade.', metadata: { product: 'garden', tags: [1] } }
    const { body } = await visitor.request('POST', '/api/threads', thread)
    id = body.id
    const told = { text: 'Be *brief*.', sender_type: 'system', metadata: { trace: 'x' } }
    await visitor.request('POST', `/api/threads/${id}/messages`, told)
    const text = await (await download()).text()
    expect(text).toContain('- **Summary:** Shade.')
    expect(text).toContain('"product": "garden"')
    expect(text).toMatch(/## System · .*\n\nBe \*brief\*\./)
    expect(await (await download('?format=json')).json()).toMatchObject({
      ...{ summary: 'Shade.', metadata: thread.metadata },
      messages: [{ sender_type: 'system', metadata: { trace: 'x' } }],
    })
    await visitor.request('DELETE', `/api/threads/${id}`)
    expect((await download()).status).toBe(404)
  })

  it('is there for a thread in which nothing was said', async () => {
    for (const format of ['markdown', 'json', 'pdf', 'docx']) {
      const response = await download(`?format=${format}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-disposition')).toContain('filename="Conversation.')
      expect((await bytesOf(response)).length).toBeGreaterThan(100)
    }
  })

  it.each([
    ['../../etc/passwd', 'etc-passwd'],
    ['a\r\nSet-Cookie: b', 'a Set-Cookie- b'],
    ['C:\\temp\\"x"|<y>', 'C-temp-x-y'],
    ['"Four" languages: which?', 'Four languages- which'],
    ['سمبوسة समोसा サモサ 🥟', 'سمبوسة समोसा サモサ 🥟'],
    ['...', 'Conversation'],
    ['???', 'Conversation'],
    ['\u202etxt.exe', 'txt.exe'],
  ])('makes a safe name of the title %j', async (title, name) => {
    await visitor.request('PUT', `/api/conversations/${id}`, { title })
    const given = (await download()).headers.get('content-disposition') ?? ''
    const [, exact = ''] = /filename\*=UTF-8''([^;]+)$/.exec(given) ?? []
    expect(decodeURIComponent(exact)).toBe(`${name}.md`)
    expect(given).toMatch(/^attachment; filename="[\w .()+,=@-]+\.md"; /)
  })

  it('keeps the name of a long title short, and its ending', async () => {
    await visitor.request('PUT', `/api/conversations/${id}`, { title: 'é'.repeat(500) })
    const given = (await download('?format=docx')).headers.get('content-disposition') ?? ''
    const [, exact = ''] = /filename\*=UTF-8''([^;]+)$/.exec(given) ?? []
    expect(decodeURIComponent(exact)).toMatch(/^é{100,120}\.docx$/)
  })

  it('links to where the caller reached the server, and nowhere else', async () => {
    await ask('Look.', [notes])
    const linkIn = async (headers: Readonly<Record<string, string>>) =>
      /\]\(<(.*)\/api\/attachments\//.exec(await (await download('', headers)).text())?.[1]
    expect(await linkIn({ 'x-forwarded-proto': 'https' })).toBe(
      server.url.replace('http:', 'https:'),
    )
    expect(await linkIn({})).toBe(server.url)
  })
})

it('writes a path where a proxy stands between that nobody trusts', async () => {
  const proxied = await startTestServer()
  try {
    const guest = await proxied.visitor()
    const thread = await guest.conversation()
    const body = { content: 'Look.', attachments: [notes] }
    await (await guest.stream('POST', `/api/conversations/${thread}/messages`, body)).rest()
    const response = await fetch(`${proxied.url}/api/threads/${thread}/export`, {
      headers: { authorization: `Bearer ${guest.token}`, 'x-forwarded-proto': 'https' },
    })
    expect(await response.text()).toContain('](</api/attachments/')
  } finally {
    await proxied.close()
  }
})
