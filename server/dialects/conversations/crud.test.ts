import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let server: TestServer
let visitor: TestClient
beforeAll(async () => {
  server = await startTestServer()
  visitor = await server.visitor()
})
afterAll(() => server.close())

describe('conversations', () => {
  it('are created with defaults', async () => {
    const { status, body } = await visitor.request('POST', '/api/conversations', {})
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.stringMatching(UUID),
      user_id: expect.stringMatching(UUID),
      title: 'New conversation',
      model_tag: 'default',
      is_favorited: false,
      created_at: expect.stringMatching(TIME),
      updated_at: body.created_at,
    })
  })

  it('are created without any body too', async () => {
    const { status } = await visitor.request('POST', '/api/conversations')
    expect(status).toBe(201)
  })

  it('take a title and a model, and null for what is left out', async () => {
    const { body } = await visitor.request('POST', '/api/conversations', {
      title: 'Mine',
      model_tag: 'd20',
    })
    expect(body).toMatchObject({ title: 'Mine', model_tag: 'd20' })
    const { body: nulls } = await visitor.request('POST', '/api/conversations', {
      title: null,
      model_tag: null,
    })
    expect(nulls).toMatchObject({ title: 'New conversation', model_tag: 'default' })
  })

  it('give what was said their model, whoever stored it', async () => {
    const id = await visitor.conversation({ model_tag: 'd26' })
    const path = `/api/threads/${id}/messages`
    const said = {
      text: 'Stored by a client of threads',
      status: 'ready',
      sender_type: 'assistant',
    }
    expect((await visitor.request('POST', path, said)).status).toBe(201)
    await visitor.send(id, 'Two and two?')
    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    const stored = { token_count: null, model_tag: null, inference_time_ms: null }
    const asked = { token_count: 0, model_tag: 'd26', inference_time_ms: 0 }
    expect(body.messages).toMatchObject([
      { role: 'assistant', ...stored },
      { role: 'user', ...asked },
      { role: 'assistant', model_tag: 'd26' },
    ])
  })

  it('are listed newest first, by page, grouped by UTC day', async () => {
    const owner = await server.visitor()
    const ids: string[] = []
    for (let count = 0; count < 3; count += 1) ids.unshift(await owner.conversation())
    const { body } = await owner.request('GET', '/api/conversations?limit=2&offset=1')
    expect(body.items.map((item) => item.id)).toEqual(ids.slice(1))
    expect(body).toMatchObject({ limit: 2, offset: 1 })
    const day = body.items[0]!.updated_at.slice(0, 10)
    expect(body.grouped[day]).toEqual(body.items.filter((item) => item.updated_at.startsWith(day)))
    await owner.request('PUT', `/api/conversations/${ids[2]}`, { is_favorited: true })
    const { body: all } = await owner.request('GET', '/api/conversations')
    expect(all.items[0]).toMatchObject({ id: ids[2], is_favorited: true })
    expect(all).toMatchObject({ limit: 50, offset: 0 })
  })

  it('are renamed and marked with PUT and PATCH', async () => {
    const id = await visitor.conversation()
    const put = await visitor.request('PUT', `/api/conversations/${id}`, { title: 'A' })
    expect(put).toMatchObject({ status: 200, body: { title: 'A', is_favorited: false } })
    const patch = await visitor.request('PATCH', `/api/conversations/${id}`, { is_favorited: true })
    expect(patch).toMatchObject({ status: 200, body: { title: 'A', is_favorited: true } })
    expect(patch.body.updated_at > put.body.updated_at).toBe(true)
  })

  it('are deleted for good', async () => {
    const id = await visitor.conversation()
    expect(await visitor.request('DELETE', `/api/conversations/${id}`)).toMatchObject({
      status: 204,
    })
    for (const method of ['GET', 'DELETE']) {
      expect(await visitor.request(method, `/api/conversations/${id}`)).toMatchObject({
        status: 404,
      })
    }
  })

  it('survive a restart of the server', async () => {
    const owner = await server.visitor()
    const id = await owner.conversation({ title: 'Kept' })
    await server.restart()
    const { body } = await owner.request('GET', `/api/conversations/${id}`)
    expect(body).toMatchObject({ title: 'Kept', messages: [] })
    const { body: list } = await owner.request('GET', '/api/conversations')
    expect(list.items).toHaveLength(1)
  })
})

describe('somebody else’s conversation', () => {
  const attempts: readonly [string, string, unknown?][] = [
    ['GET', ''],
    ['PUT', '', { title: 'x' }],
    ['PATCH', '', { title: 'x' }],
    ['DELETE', ''],
    ['POST', '/messages', { content: 'hi' }],
    ['POST', '/regenerate', {}],
    ['GET', '/stream'],
    ['POST', '/stop'],
  ]
  for (const [method, path, body] of attempts) {
    it(`does not exist for ${method} ${path || 'itself'}`, async () => {
      const id = await visitor.conversation()
      const other = await server.visitor()
      const reply = await other.request(method, `/api/conversations/${id}${path}`, body)
      expect(reply).toMatchObject({ status: 404, body: { status: 404 } })
      expect(await visitor.request('GET', `/api/conversations/${id}`)).toMatchObject({
        status: 200,
      })
    })
  }

  it('is not listed', async () => {
    await visitor.conversation()
    const other = await server.visitor()
    expect((await other.request('GET', '/api/conversations')).body.items).toEqual([])
  })
})

describe('erasing a visitor', () => {
  it('removes everything the visitor has and nothing of others', async () => {
    const leaving = await server.visitor()
    const staying = await server.visitor()
    await leaving.conversation()
    const kept = await staying.conversation()
    expect(await leaving.request('DELETE', '/api/session')).toMatchObject({ status: 204 })
    expect((await leaving.request('GET', '/api/conversations')).body.items).toEqual([])
    expect(await staying.request('GET', `/api/conversations/${kept}`)).toMatchObject({
      status: 200,
    })
  })
})

describe('bad input', () => {
  const id = () => visitor.conversation()
  const UNPROCESSABLE: readonly [string, () => Promise<string>, string, unknown][] = [
    ['an empty title', id, 'PUT', { title: '' }],
    ['a title of 501 characters', id, 'PUT', { title: 'x'.repeat(501) }],
    ['nothing to change', id, 'PUT', {}],
    ['a title that is a number', id, 'PUT', { title: 5 }],
    ['a body that is a list', id, 'PUT', []],
    ['a body that is null', id, 'PUT', 'null'],
  ]
  for (const [name, target, method, body] of UNPROCESSABLE) {
    it(`refuses ${name} with 422 and the field`, async () => {
      const reply = await visitor.request(method, `/api/conversations/${await target()}`, body)
      expect(reply.status).toBe(422)
      expect(reply.headers.get('content-type')).toBe('application/problem+json')
      expect(reply.body).toMatchObject({ status: 422, detail: expect.any(String) })
      expect(reply.body.errors[0]).toEqual({
        path: expect.any(String),
        message: expect.any(String),
      })
    })
  }

  it('accepts a title of 500 emoji: lengths count characters, not bytes', async () => {
    const reply = await visitor.request('PUT', `/api/conversations/${await id()}`, {
      title: '😀'.repeat(500),
    })
    expect(reply.status).toBe(200)
  })

  for (const query of ['limit=0', 'limit=201', 'limit=x', 'offset=-1', 'limit=1.5']) {
    it(`refuses the page ${query} with 422`, async () => {
      const reply = await visitor.request('GET', `/api/conversations?${query}`)
      expect(reply).toMatchObject({ status: 422 })
      expect(reply.body.errors[0]?.path).toBe(query.split('=')[0])
    })
  }

  for (const bad of ['1', 'not-a-uuid', '..%2f..%2fetc', '%00', 'x'.repeat(300)]) {
    it(`answers 404 for the id ${bad.slice(0, 20)}`, async () => {
      expect(await visitor.request('GET', `/api/conversations/${bad}`)).toMatchObject({
        status: 404,
      })
    })
  }
})
