import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NAUGHTY_STRINGS } from '../../testing/naughty-strings.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

let server: TestServer
let visitor: TestClient
let id: string
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  visitor = await server.visitor()
  id = await thread()
})

const thread = async (body: unknown = {}) =>
  (await visitor.request('POST', '/api/threads', body)).body.id
const titleOf = async (threadId: string) =>
  (await visitor.request('GET', `/api/threads/${threadId}`)).body.title
/** A message of somebody who asks nobody. */
const post = (body: object | string, threadId = id) => {
  const given = typeof body === 'string' ? body : { sender_type: 'assistant', ...body }
  return visitor.request('POST', `/api/threads/${threadId}/messages`, given)
}
const say = async (body: object, threadId = id) => {
  const reply = await post(body, threadId)
  expect(reply.status).toBe(201)
  return reply.body
}
const patch = (messageId: string, body: unknown, threadId = id) =>
  visitor.request('PATCH', `/api/threads/${threadId}/messages/${messageId}`, body)
const list = async (query = '') =>
  (await visitor.request('GET', `/api/threads/${id}/messages${query}`)).body

interface Listed {
  readonly items: readonly { readonly id: string; readonly text: string }[]
}
const textsOf = (body: unknown) => (body as Listed).items.map(({ text }) => text)

describe('a message that asks nobody', () => {
  it('comes back as the thread has it', async () => {
    const { status, body } = await post({ text: 'Hello' })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.stringMatching(UUID),
      thread_id: id,
      sender_id: 'assistant',
      sender_type: 'assistant',
      status: 'ready',
      text: 'Hello',
      metadata: {},
      tokens_count: null,
      error_code: null,
      correlation_id: null,
      attachments: [],
      created_at: expect.stringMatching(TIME),
      updated_at: body.created_at,
    })
    expect((await list()).items).toEqual([body])
  })

  it('keeps all that it is given, whoever it says it is from', async () => {
    const given = {
      text: ' <b>Hello</b> ',
      sender_type: 'system',
      status: 'queued',
      tokens_count: 0,
      error_code: 'e'.repeat(128),
      correlation_id: 'their-1',
      metadata: { a: { b: [null] } },
    }
    const stored = await say({ ...given, sender_id: 'root', user_id: 7, thread_id: UNKNOWN })
    expect(stored).toMatchObject({ ...given, sender_id: 'system', thread_id: id })
    await server.restart()
    expect((await list()).items).toEqual([stored])
  })

  it('takes null for what is left out, and metadata by their other name', async () => {
    const nulls = Object.fromEntries(
      [
        'model',
        'model_label',
        'sender_id',
        'user_id',
        'status',
        'tokens_count',
        'error_code',
        'correlation_id',
        'attachments',
        'metadata',
        'meta',
      ].map((name) => [name, null]),
    )
    expect(await say({ ...nulls, text: 'x' })).toMatchObject({ status: 'ready', metadata: {} })
    expect(await say({ text: 'x', meta: { a: 1 } })).toMatchObject({ metadata: { a: 1 } })
    expect(await say({ text: 'x', meta: { a: 1 }, metadata: null })).toMatchObject({
      metadata: { a: 1 },
    })
    expect(await say({ text: 'x', meta: { a: 1 }, metadata: { b: 2 } })).toMatchObject({
      metadata: { b: 2 },
    })
  })

  it('may have any text', async () => {
    for (const text of NAUGHTY_STRINGS.filter((naughty) => naughty !== '')) {
      const stored = await say({ text, sender_type: 'system' })
      expect(stored.text).toBe(text)
    }
    expect(await say({ text: '   ' })).toMatchObject({ text: '   ' })
  })

  it.each([
    [{ text: '' }, 'text'],
    [{}, 'text'],
    [{ text: null }, 'text'],
    [{ text: ['a'] }, 'text'],
    [{ text: 'a'.repeat(1_000_001) }, 'text'],
    [{ text: 'x', model: 5 }, 'model'],
    [{ text: 'x', model: 'm'.repeat(256) }, 'model'],
    [{ text: 'x', model_label: {} }, 'model_label'],
    [{ text: 'x', sender_type: 'agent' }, 'sender_type'],
    [{ text: 'x', sender_type: 1 }, 'sender_type'],
    [{ text: 'x', status: 'done' }, 'status'],
    [{ text: 'x', tokens_count: -1 }, 'tokens_count'],
    [{ text: 'x', tokens_count: 1.5 }, 'tokens_count'],
    [{ text: 'x', tokens_count: '5' }, 'tokens_count'],
    [{ text: 'x', error_code: 'e'.repeat(129) }, 'error_code'],
    [{ text: 'x', correlation_id: [] }, 'correlation_id'],
    [{ text: 'x', metadata: 'a' }, 'metadata'],
    [{ text: 'x', metadata: { a: 'x'.repeat(64 * 1024) } }, 'metadata'],
    [{ text: 'x', meta: [] }, 'meta'],
    [{ text: 'x', attachments: {} }, 'attachments'],
  ])('is refused by the name of the field (%#)', async (body, path) => {
    const reply = await post(body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
    expect(await list()).toMatchObject({ items: [] })
  })

  it('is refused with metadata that are nested in a thousand levels', async () => {
    for (const name of ['metadata', 'meta']) {
      const nested = `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`
      const reply = await post(`{"text":"x","sender_type":"system","${name}":${nested}}`)
      expect(reply.status).toBe(422)
      expect(reply.body.errors[0]?.path).toBe(name)
    }
  })

  it.each(['text', 'model', 'sender_id', 'error_code', 'correlation_id', 'anything'])(
    'is refused with half a character in %s',
    async (name) => {
      const text = name === 'text' ? '' : '"text":"x",'
      const reply = await post(`{${text}"sender_type":"system","${name}":"a\\ud800"}`)
      expect(reply.status).toBe(422)
      expect(reply.body.errors[0]?.path).toBe(name)
    },
  )
})

describe('the messages of a thread', () => {
  it('are listed in pages, the newest first', async () => {
    for (let count = 1; count <= 5; count += 1) await say({ text: `${count}` })
    const pages = await Promise.all([1, 2, 3, 4].map((page) => list(`?page=${page}&limit=2`)))
    expect(pages.map(textsOf)).toEqual([['5', '4'], ['3', '2'], ['1'], []])
    expect(pages.map(({ pagination }) => pagination)).toEqual(
      [1, 2, 3, 4].map((page) => ({ total: 5, page, limit: 2, has_more: page < 3 })),
    )
    expect((await list('?limit=1e9')).pagination.limit).toBe(100)
    for (const [name, value] of [
      ['page', '0'],
      ['page', '-1'],
      ['limit', '0'],
      ['limit', 'x'],
    ] as const) {
      const reply = await visitor.request('GET', `/api/threads/${id}/messages?${name}=${value}`)
      expect(reply.status).toBe(422)
      expect(reply.body.errors[0]?.path).toBe(name)
    }
  })
})

describe('the first message', () => {
  it('gives the thread its title and its model', async () => {
    await say({ text: 'How do [samosas] keep for so very long?', model: 'm-1', model_label: 'M' })
    await say({ text: 'Later', model: 'm-2', model_label: 'N' })
    expect(await visitor.request('GET', `/api/threads/${id}`)).toMatchObject({
      body: {
        title: 'M: How do samosas keep for so very',
        metadata: { model: 'm-1', model_label: 'M', provider: 'openai-compatible' },
      },
    })
    expect(await visitor.request('GET', `/api/conversations/${id}`)).toMatchObject({
      body: { title: 'M: How do samosas keep for so very', model_tag: 'm-1' },
    })
  })

  it('without a model says Product, and keeps what the thread knows', async () => {
    await say({ text: 'Hi' })
    expect(await titleOf(id)).toBe('Product: Hi')
    const known = await thread({ metadata: { model: 'd20', a: [1] } })
    await say({ text: 'Hi', model: '' }, known)
    expect((await visitor.request('GET', `/api/threads/${known}`)).body).toMatchObject({
      title: 'd20: Hi',
      metadata: { model: 'd20', a: [1] },
    })
  })

  it('names a thread over what it was called at creation, but not over a renaming', async () => {
    const named = await thread({ title: 'Called' })
    await say({ text: 'Hi' }, named)
    expect(await titleOf(named)).toBe('Product: Hi')

    const byC = await thread()
    await visitor.request('PATCH', `/api/threads/${byC}`, { title: 'Chosen' })
    await say({ text: 'Hi' }, byC)
    expect(await titleOf(byC)).toBe('Chosen')

    const byA = await thread({ title: 'Called' })
    await visitor.request('PUT', `/api/conversations/${byA}`, { title: 'Chosen too' })
    await say({ text: 'Hi' }, byA)
    expect(await titleOf(byA)).toBe('Chosen too')
  })
})

describe('a change of a message', () => {
  it('is made to what is given, and shown by every dialect', async () => {
    const { id: mid } = await say({ text: 'Before', tokens_count: 1, correlation_id: 'c' })
    const { status, body } = await patch(mid, { text: 'After' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: mid, text: 'After', tokens_count: 1, correlation_id: 'c' })
    const changes = { status: 'error', error_code: 'too long', tokens_count: 9 }
    expect((await patch(mid, changes)).body).toMatchObject({ ...changes, text: 'After' })
    const shown = (await list()).items[0]
    expect(shown).toMatchObject({ ...changes, text: 'After' })
    expect(Date.parse(shown!.updated_at)).toBeGreaterThanOrEqual(Date.parse(body.created_at))
    const { messages } = (await visitor.request('GET', `/api/conversations/${id}`)).body
    expect(messages.map(({ content }) => content)).toEqual(['After'])
  })

  it('leaves what is null or not there, and takes an empty error code away', async () => {
    const { id: mid } = await say({ text: 'x', status: 'error', error_code: 'e' })
    const nulls = { text: null, status: null, error_code: null, tokens_count: null }
    for (const nothing of [{}, nulls, { sender_type: 'user' }]) {
      expect((await patch(mid, nothing)).body).toMatchObject({
        text: 'x',
        status: 'error',
        error_code: 'e',
        sender_type: 'assistant',
      })
    }
    expect((await patch(mid, { status: 'ready', error_code: '' })).body).toMatchObject({
      status: 'ready',
      error_code: null,
    })
  })

  it.each(['', '   ', '\n'])('to no text (%j) is refused', async (text) => {
    const { id: mid } = await say({ text: 'x' })
    const reply = await patch(mid, { text })
    expect(reply.status).toBe(400)
    expect(reply.body.detail).toContain('empty')
    expect(textsOf(await list())).toEqual(['x'])
  })

  it.each([
    [{ text: 5 }, 'text'],
    [{ status: 'gone' }, 'status'],
    [{ error_code: 'e'.repeat(129) }, 'error_code'],
    [{ tokens_count: -1 }, 'tokens_count'],
    [{ tokens_count: 'many' }, 'tokens_count'],
  ])('to %j is refused by its name', async (body, path) => {
    const { id: mid } = await say({ text: 'x' })
    const reply = await patch(mid, body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
  })

  it('is made in its own thread alone, to a message that is there', async () => {
    const { id: mid } = await say({ text: 'x' })
    const other = await thread()
    for (const reply of [
      await patch(mid, { text: 'y' }, other),
      await patch(UNKNOWN, { text: 'y' }),
      await patch('none', { text: 'y' }),
    ]) {
      expect(reply.status).toBe(404)
      expect(reply.body.detail).toBe('There is no such message.')
    }
    expect(textsOf(await list())).toEqual(['x'])
  })
})

it('does not count what asks nobody', async () => {
  const limited = await startTestServer({ RATE_LIMIT_MESSAGES_PER_MINUTE: '1' })
  try {
    const client = await limited.visitor()
    const { body } = await client.request('POST', '/api/threads')
    const send = (text: string, sender_type: string) =>
      client.request('POST', `/api/threads/${body.id}/messages`, { text, sender_type })
    for (const text of ['one', 'two', 'three']) {
      expect((await send(text, 'system')).status).toBe(201)
    }
    expect((await send('Hello', 'user')).status).toBe(201)
    const refused = await send('Hello again', 'user')
    expect(refused.status).toBe(429)
    expect(refused.headers.has('retry-after')).toBe(true)
  } finally {
    await limited.close()
  }
})
