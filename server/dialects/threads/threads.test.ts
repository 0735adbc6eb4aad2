import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forge, hmac, startListeningServer } from '../../testing/auth.ts'
import { startFakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

let server: TestServer
let visitor: TestClient
let stranger: TestClient
beforeAll(async () => {
  server = await startTestServer()
  stranger = await server.visitor()
})
afterAll(() => server.close())
beforeEach(async () => {
  visitor = await server.visitor()
})

const create = async (body?: unknown, client = visitor) =>
  (await client.request('POST', '/api/threads', body)).body
/** Stores a message that nobody is asked with. */
const say = async (id: string, text: string, more: object = {}) => {
  const body = { text, sender_type: 'assistant', ...more }
  const reply = await visitor.request('POST', `/api/threads/${id}/messages`, body)
  expect(reply.status).toBe(201)
  return reply.body
}
const list = async (query = '') => (await visitor.request('GET', `/api/threads${query}`)).body
const get = (id: string, query = '') => visitor.request('GET', `/api/threads/${id}${query}`)
const patch = (id: string, body: unknown) => visitor.request('PATCH', `/api/threads/${id}`, body)
const remove = (id: string) => visitor.request('DELETE', `/api/threads/${id}`)

describe('a new thread', () => {
  it('has no title, and says so', async () => {
    const { status, body } = await visitor.request('POST', '/api/threads', {})
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.stringMatching(UUID),
      owner_id: expect.stringMatching(UUID),
      title: null,
      summary: null,
      metadata: {},
      is_deleted: false,
      created_at: expect.stringMatching(TIME),
      updated_at: body.created_at,
      deleted_at: null,
    })
  })

  it('takes nothing at all, null for what is left out, and what nobody knows', async () => {
    const untold = { title: null, summary: null, metadata: {} }
    expect(await create()).toMatchObject(untold)
    expect(await create({ title: null, summary: null, metadata: null })).toMatchObject(untold)
    expect(await create({ title: '', owner_id: 'me', other: 1 })).toMatchObject(untold)
  })

  it('keeps what it is given, as it came', async () => {
    const given = {
      title: 'T'.repeat(255),
      summary: '🥟'.repeat(1_024),
      metadata: { deep: [{ a: [null, 1.5, ''] }], ключ: '値', model: 'd20', '': 0 },
    }
    const created = await create(given)
    expect(created).toMatchObject(given)
    expect((await get(created.id)).body).toMatchObject(given)
  })

  it('keeps names of prototypes like any other', async () => {
    const metadata = '{"__proto__":{"admin":true},"constructor":1}'
    const { id } = await create(`{"metadata":${metadata}}`)
    expect(JSON.stringify((await get(id)).body.metadata)).toBe(metadata)
  })

  it.each([
    [{ title: 'T'.repeat(256) }, 'title'],
    [{ title: 5 }, 'title'],
    [{ title: ['a'] }, 'title'],
    [{ summary: 's'.repeat(1_025) }, 'summary'],
    [{ summary: { a: 1 } }, 'summary'],
    [{ metadata: [] }, 'metadata'],
    [{ metadata: 'a' }, 'metadata'],
    [{ metadata: 1 }, 'metadata'],
    [{ metadata: { a: 'x'.repeat(64 * 1024) } }, 'metadata'],
  ])('refuses %j by the name of the field', async (body, path) => {
    const reply = await visitor.request('POST', '/api/threads', body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
    expect(reply.body.detail).toContain(path)
  })

  it.each([
    ['a thousand', 1_000],
    ['a hundred thousand', 100_000],
  ])('refuses metadata that are nested in %s levels', async (_name, levels) => {
    for (const [open, close] of [
      ['{"a":', '}'],
      ['[', ']'],
    ] as const) {
      const nested = `${open.repeat(levels)}1${close.repeat(levels)}`
      const body = `{"metadata":{"a":${nested}}}`
      const reply = await visitor.request('POST', '/api/threads', body)
      expect(reply.status).toBe(422)
      expect(reply.body.errors.map(({ path }) => path)).toEqual(['metadata'])
    }
  })

  it.each(['title', 'summary', 'metadata'])('refuses half a character in %s', async (field) => {
    const value = field === 'metadata' ? '{"a":{"\\ud800":"b"}}' : '"a\\udc00"'
    const reply = await visitor.request('POST', '/api/threads', `{"${field}":${value}}`)
    expect(reply.status).toBe(422)
    expect(reply.body.detail).toContain(field)
  })

  it('refuses what is no object, no JSON, or too large', async () => {
    for (const [body, status] of [
      ['[]', 422],
      ['null', 422],
      ['{', 400],
      ['{"title":"a"', 400],
      [JSON.stringify({ title: 'a'.repeat(10_000_000) }), 413],
    ] as const) {
      expect((await visitor.request('POST', '/api/threads', body)).status).toBe(status)
    }
  })
})

describe('the list of threads', () => {
  it('has those with a title and a message, the newest first, in pages', async () => {
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1) {
      const { id } = await create({ title: `${count}` })
      await say(id, 'Hello')
      ids.unshift(id)
    }
    await create({ title: 'Empty' })
    // What is changed last is not the newest.
    await patch(ids[4]!, { summary: 'changed' })
    const pages = await Promise.all([1, 2, 3, 4].map((page) => list(`?page=${page}&limit=2`)))
    expect(pages.map(({ items }) => items.map(({ id }) => id))).toEqual([
      ids.slice(0, 2),
      ids.slice(2, 4),
      ids.slice(4),
      [],
    ])
    expect(pages.map(({ pagination }) => pagination)).toEqual(
      [1, 2, 3, 4].map((page) => ({ total: 5, page, limit: 2, has_more: page < 3 })),
    )
    const { items, pagination } = await list()
    expect(items.map(({ id }) => id)).toEqual(ids)
    expect(pagination).toEqual({ total: 5, page: 1, limit: 20, has_more: false })
  })

  it('has everything when deleted ones are asked for', async () => {
    const begun = await create()
    await say(begun.id, 'Hello')
    const deleted = await create({ title: 'Gone' })
    await remove(deleted.id)
    const empty = await create()
    for (const yes of ['true', '1', 'True']) {
      const { items, pagination } = await list(`?include_deleted=${yes}`)
      expect(items.map(({ id }) => id)).toEqual([empty.id, deleted.id, begun.id])
      expect(pagination.total).toBe(3)
      expect(items[1]).toMatchObject({
        title: 'Gone',
        is_deleted: true,
        deleted_at: expect.stringMatching(TIME),
      })
    }
    for (const query of ['', '?include_deleted=false', '?include_deleted=0']) {
      expect((await list(query)).items.map(({ id }) => id)).toEqual([begun.id])
    }
  })

  it.each([
    ['limit=100', 100],
    ['limit=101', 100],
    ['limit=1000000000', 100],
    ['limit=1e9', 100],
    [`limit=${'9'.repeat(40)}`, 100],
    ['limit=1', 1],
  ])('takes %s as %i', async (query, limit) => {
    expect((await list(`?${query}`)).pagination.limit).toBe(limit)
  })

  it.each([
    ['page', '0'],
    ['page', '-1'],
    ['page', 'two'],
    ['page', '1.5'],
    ['page', ''],
    ['page', '9'.repeat(40)],
    ['limit', '0'],
    ['limit', '-1'],
    ['limit', 'all'],
    ['limit', '0e5'],
    ['limit', ''],
    ['limit', 'NaN'],
    ['include_deleted', 'maybe'],
  ])('refuses %s=%s by its name', async (name, value) => {
    const reply = await visitor.request('GET', `/api/threads?${name}=${value}`)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map(({ path }) => path)).toEqual([name])
  })
})

describe('a thread', () => {
  it('comes with its newest messages, the newest first', async () => {
    const { id } = await create()
    for (let count = 1; count <= 7; count += 1) await say(id, `${count}`)
    const textsOf = async (query?: string) =>
      (await get(id, query)).body.last_messages.map(({ text }) => text)
    expect(await textsOf()).toEqual(['7', '6', '5', '4', '3'])
    expect(await textsOf('?messages_limit=1')).toEqual(['7'])
    expect(await textsOf('?messages_limit=50')).toHaveLength(7)
    for (const wrong of ['0', '51', '-1', 'x']) {
      const reply = await get(id, `?messages_limit=${wrong}`)
      expect(reply.status).toBe(422)
      expect(reply.body.errors[0]?.path).toBe('messages_limit')
    }
  })

  it('is changed in what is given, and in nothing else', async () => {
    const { id } = await create({ summary: 'S', metadata: { a: 1 } })
    expect((await patch(id, { title: 'New' })).body).toMatchObject({
      title: 'New',
      summary: 'S',
      metadata: { a: 1 },
    })
    expect((await patch(id, { summary: '', metadata: { b: { c: 2 } } })).body).toMatchObject({
      title: 'New',
      summary: '',
      metadata: { b: { c: 2 } },
    })
    const before = (await get(id)).body
    const nulls = { title: null, summary: null, metadata: null, is_deleted: null }
    for (const nothing of [{}, nulls, { is_deleted: false }, { owner_id: 'x' }]) {
      const reply = await patch(id, nothing)
      expect(reply.status).toBe(200)
      expect({ ...reply.body, last_messages: [] }).toEqual(before)
    }
  })

  it.each([
    [{ title: '' }, 'title'],
    [{ title: 'T'.repeat(256) }, 'title'],
    [{ summary: 1 }, 'summary'],
    [{ metadata: ['a'] }, 'metadata'],
    [{ is_deleted: 'yes' }, 'is_deleted'],
  ])('refuses to become %j', async (body, path) => {
    const { id } = await create({ title: 'Kept' })
    const reply = await patch(id, body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
    expect((await get(id)).body.title).toBe('Kept')
  })

  it('is nobody else’s, and one that nobody has is not there', async () => {
    const { id } = await create()
    const message = await say(id, 'Hello')
    for (const [client, named] of [
      [stranger, id],
      [visitor, UNKNOWN],
      [visitor, 'not-an-id'],
      [visitor, '../../etc'],
    ] as const) {
      const at = `/api/threads/${encodeURIComponent(named)}`
      const provider = `/api/provider-threads/${encodeURIComponent(named)}`
      for (const [method, path, body] of [
        ['GET', at, undefined],
        ['PATCH', at, { title: 'Taken' }],
        ['DELETE', at, undefined],
        ['GET', `${at}/messages`, undefined],
        ['POST', `${at}/messages`, { text: 'Hi', sender_type: 'assistant' }],
        ['PATCH', `${at}/messages/${message.id}`, { text: 'Changed' }],
        ['GET', provider, undefined],
        ['PUT', provider, { conversation_id: 'c' }],
      ] as const) {
        const reply = await client.request(method, path, body)
        expect([method, path, reply.status]).toEqual([method, path, 404])
        expect(reply.body.detail).toMatch(/^There is no such/)
      }
    }
    expect((await get(id)).body).toMatchObject({
      title: 'Product: Hello',
      last_messages: [{ text: 'Hello' }],
    })
  })

  it('needs a caller', async () => {
    const nobody = createTestClient(() => server.url, 'x.y.z')
    for (const path of [
      '/api/threads',
      `/api/threads/${UNKNOWN}`,
      `/api/provider-threads/${UNKNOWN}`,
    ]) {
      const reply = await nobody.request('GET', path)
      expect(reply.status).toBe(401)
      expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
  })
})

describe('a deleted thread', () => {
  it.each(['DELETE', 'PATCH'])('is gone by %s, and may be deleted again', async (method) => {
    const { id } = await create({ title: 'Going' })
    await say(id, 'Hello')
    if (method === 'PATCH') {
      const reply = await patch(id, { is_deleted: true, title: 'Gone' })
      expect(reply.status).toBe(200)
      expect(reply.body).toMatchObject({
        title: 'Gone',
        is_deleted: true,
        deleted_at: expect.stringMatching(TIME),
      })
    } else {
      expect((await remove(id)).status).toBe(204)
    }
    expect((await remove(id)).status).toBe(204)
    expect((await get(id)).status).toBe(404)
    expect((await patch(id, { is_deleted: false })).status).toBe(404)
    expect((await visitor.request('GET', `/api/threads/${id}/messages`)).status).toBe(404)
    expect((await visitor.request('GET', `/api/conversations/${id}`)).status).toBe(404)
    expect((await stranger.request('DELETE', `/api/threads/${id}`)).status).toBe(404)
    await server.restart()
    expect((await remove(id)).status).toBe(204)
    expect((await list('?include_deleted=true')).items.map((item) => item.id)).toEqual([id])
  })

  it('is deleted by everybody who deletes it at the same time', async () => {
    const { id } = await create({ title: 'Going' })
    const replies = await Promise.all([remove(id), remove(id), remove(id), remove(id)])
    expect(replies.map(({ status }) => status)).toEqual([204, 204, 204, 204])
    const { items } = await list('?include_deleted=true')
    expect(items).toMatchObject([{ id, is_deleted: true }])
  })

  it('leaves none of its files', async () => {
    const { id } = await create()
    const data_base64 = Buffer.from('secret').toString('base64')
    const file = { filename: 'a.txt', content_type: 'text/plain', data_base64 }
    const { attachments } = await say(id, 'Look', { attachments: [file] })
    const left = async () =>
      (await readdir(join(server.directory, 'data', 'attachments'), { recursive: true })).filter(
        (name) => name.includes(id),
      )
    expect(await left()).toHaveLength(1)
    await remove(id)
    expect(await left()).toEqual([])
    expect((await visitor.request('GET', attachments[0]!.download_url)).status).toBe(404)
  })

  it('goes for good with everything else that its owner has', async () => {
    const { id } = await create({ title: 'Gone' })
    await remove(id)
    expect((await visitor.request('DELETE', '/api/session')).status).toBe(204)
    expect((await list('?include_deleted=true')).items).toEqual([])
    expect((await remove(id)).status).toBe(404)
  })
})

describe('what a provider calls a thread', () => {
  const at = (id: string, query = '') => `/api/provider-threads/${id}${query}`
  const put = (id: string, body: unknown, query?: string) =>
    visitor.request('PUT', at(id, query), body)

  it('is kept for each provider, from the first time on', async () => {
    const { id } = await create()
    const before = await visitor.request('GET', at(id))
    expect(before.status).toBe(404)
    const kept = await put(id, { conversation_id: 'conv-1', payload: { a: [1] } })
    expect(kept.status).toBe(200)
    expect(kept.body).toEqual({
      id: expect.stringMatching(UUID),
      thread_id: id,
      provider: 'openai-compatible',
      conversation_id: 'conv-1',
      payload: { a: [1] },
      created_at: expect.stringMatching(TIME),
      updated_at: kept.body.created_at,
    })
    for (const query of ['', '?provider=openai-compatible']) {
      expect((await visitor.request('GET', at(id, query))).body).toEqual(kept.body)
    }
    expect((await visitor.request('GET', at(id, '?provider=other'))).status).toBe(404)
    await put(id, {}, '?provider=other')
    await server.restart()
    expect((await visitor.request('GET', at(id, '?provider=other'))).body).toMatchObject({
      provider: 'other',
      conversation_id: null,
      payload: null,
    })
  })

  it('is all that two tabs say at once, under one id', async () => {
    const { id } = await create()
    const [one, other] = await Promise.all([
      put(id, { conversation_id: 'conv-1' }),
      put(id, { payload: { a: 1 } }),
    ])
    expect(one.body.id).toBe(other.body.id)
    expect((await visitor.request('GET', at(id))).body).toMatchObject({
      id: one.body.id,
      conversation_id: 'conv-1',
      payload: { a: 1 },
    })
  })

  it('changes in what is given; null takes it away', async () => {
    const { id } = await create()
    const first = (await put(id, { conversation_id: 'conv-1', payload: { a: 1 } })).body
    const { body } = await put(id, { conversation_id: 'conv-2' })
    expect(body).toMatchObject({ id: first.id, conversation_id: 'conv-2', payload: { a: 1 } })
    expect(body.created_at).toBe(first.created_at)
    expect((await put(id, { conversation_id: null })).body).toMatchObject({
      conversation_id: null,
      payload: { a: 1 },
    })
    expect((await put(id, { payload: null })).body).toMatchObject({ payload: null })
  })

  it.each([
    ['', { conversation_id: 5 }, 'conversation_id'],
    ['', { conversation_id: 'c'.repeat(256) }, 'conversation_id'],
    ['', { payload: 'text' }, 'payload'],
    ['', { payload: { a: 'x'.repeat(64 * 1024) } }, 'payload'],
    [`?provider=${'p'.repeat(256)}`, {}, 'provider'],
    ['?provider=', {}, 'provider'],
  ])('is refused for %s %j', async (query, body, path) => {
    const { id } = await create()
    const reply = await put(id, body, query)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
    if (path === 'payload') expect(reply.body.detail).toMatch(/an object|64 KiB/)
  })

  it('is gone with the thread', async () => {
    const { id } = await create()
    await put(id, { conversation_id: 'conv-1' })
    await remove(id)
    expect((await visitor.request('GET', at(id))).status).toBe(404)
    expect((await put(id, {})).status).toBe(404)
  })
})

describe('threads belong to whoever signs in, in every mode:', () => {
  const walk = async (client: TestClient, owner: string) => {
    const created = await create({ metadata: { a: 1 } }, client)
    expect(created).toMatchObject({ owner_id: owner })
    const path = `/api/threads/${created.id}/messages`
    const said = { text: 'Hi', sender_type: 'assistant', sender_id: 'x', user_id: 'y' }
    expect((await client.request('POST', path, said)).status).toBe(201)
    expect((await client.request('GET', '/api/threads')).body.items).toHaveLength(1)
    expect((await client.request('DELETE', `/api/threads/${created.id}`)).status).toBe(204)
  }

  it('jwt', async () => {
    const secret = 'a secret that is long enough for anybody'
    const jwt = await startTestServer({ AUTH_MODE: 'jwt', JWT_SECRET_KEY: secret })
    try {
      const exp = Math.floor(Date.now() / 1000) + 600
      const token = forge({ alg: 'HS256' }, { sub: 'ann@example.com', exp }, hmac(secret))
      await walk(
        createTestClient(() => jwt.url, token),
        'ann@example.com',
      )
    } finally {
      await jwt.close()
    }
  })

  it('service', async () => {
    const user = { id: 'ann', email: 'ann@example.com', name: 'Ann', is_admin: false }
    const auth = await startListeningServer(() => ({ body: { valid: true, user } }))
    const service = await startTestServer({
      AUTH_MODE: 'service',
      AUTH_SERVICE_URL: auth.url,
      INTERNAL_API_KEY: 'key',
    })
    try {
      await walk(
        createTestClient(() => service.url, 'token'),
        'ann',
      )
    } finally {
      await service.close()
      await auth.close()
    }
  })
})

describe('the models that a thread may name', () => {
  it('are listed by their ids, each with what a person reads', async () => {
    const model = await startFakeModelServer({
      protocol: 'openai',
      lookup: () => ({ body: { object: 'list', data: [{ id: 'm-1' }, { id: 'm-2' }] } }),
    })
    const own = await startTestServer({ INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' })
    try {
      const { status, body } = await (await own.visitor()).request('GET', '/api/models')
      expect([status, body]).toEqual([
        200,
        {
          models: ['m-1', 'm-2'],
          cards: [
            { id: 'm-1', name: 'm-1' },
            { id: 'm-2', name: 'm-2' },
          ],
        },
      ])
    } finally {
      await own.close()
      await model.close()
    }
  })

  it.each([
    [{ error: { message: 'the licence has run out' } }, 'the licence has run out'],
    ['<html>no</html>', 'inference answered HTTP 500'],
  ])('are not there when the provider fails, in whose words (%#)', async (failure, detail) => {
    const model = await startFakeModelServer({
      protocol: 'openai',
      lookup: () => ({ status: 500, body: failure }),
    })
    const own = await startTestServer({ INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' })
    try {
      const reply = await (await own.visitor()).request('GET', '/api/models')
      expect(reply.status).toBe(502)
      expect(reply.body.detail).toContain(detail)
    } finally {
      await own.close()
      await model.close()
    }
  })
})
