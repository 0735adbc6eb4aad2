import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventually } from '../../testing/eventually.ts'
import { vectorOf } from '../../testing/fake-embedder.ts'
import { startFakeEmbeddingServer } from '../../testing/fake-embedding-server.ts'
import { NAUGHTY_STRINGS } from '../../testing/naughty-strings.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

const answerSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      thread: z.strictObject({
        id: z.uuid(),
        owner_id: z.string(),
        title: z.string().nullable(),
        summary: z.null(),
        metadata: z.object({}),
        is_deleted: z.literal(false),
        created_at: z.iso.datetime(),
        updated_at: z.iso.datetime(),
        deleted_at: z.null(),
      }),
      similarity: z.number(),
    }),
  ),
  pagination: z.strictObject({
    total: z.number(),
    page: z.number(),
    limit: z.number(),
    has_more: z.boolean(),
  }),
  best_similarity: z.number().nullable(),
  similarity_threshold: z.number(),
  best_distance: z.number().nullable(),
  distance_threshold: z.number(),
  min_similarity: z.number(),
})

let server: TestServer
let owner: TestClient
let fern: string
let oak: string
let lunch: string
beforeAll(async () => {
  server = await startTestServer()
  owner = await server.visitor()
  const said = async (title: string, content: string, more: object = {}) => {
    const id = await owner.conversation(more)
    await owner.send(id, content)
    await owner.request('PATCH', `/api/conversations/${id}`, { title })
    return id
  }
  const asked = 'How much water does my fern need in winter?'
  fern = await said('Keeping a fern alive', asked, { model_tag: 'aurora-1' })
  oak = await said('Oak trees', 'Is a fern happy below an oak? Invoice: 2024-117.')
  lunch = await said('東京都のランチ', 'قهوة ต้มยำกุ้ง 🎉')
})
afterAll(() => server.close())

async function search(body: object, client = owner) {
  const reply = await client.request('POST', '/api/search/threads', body)
  expect(reply, JSON.stringify(reply.body)).toMatchObject({ status: 200 })
  return answerSchema.parse(reply.body)
}

const idsOf = async (phrase: string, more: object = {}) =>
  (await search({ phrase, ...more })).items.map(({ thread }) => thread.id)

describe('a search of threads', () => {
  it('finds words of titles and messages, the best first, and every number is true', async () => {
    const answer = await search({ phrase: 'fern', limit: 1 })
    expect(answer.items.map(({ thread }) => thread.id)).toEqual([fern])
    expect(answer.pagination).toEqual({ total: 2, page: 1, limit: 1, has_more: true })
    const all = await search({ phrase: 'fern' })
    expect(all.items.map(({ thread }) => thread.id)).toEqual([fern, oak])
    expect(all.pagination).toEqual({ total: 2, page: 1, limit: 20, has_more: false })
    const [best, next] = all.items.map(({ similarity }) => similarity)
    expect(best).toBeGreaterThan(next!)
    expect(next).toBeGreaterThan(0.3)
    expect(best).toBeLessThanOrEqual(1)
    expect(all).toMatchObject({
      best_similarity: best,
      best_distance: 1 - best!,
      min_similarity: 0.3,
      similarity_threshold: 0.3,
      distance_threshold: 0.7,
    })
  })

  it('finds nothing where nothing is, and says so in its numbers', async () => {
    expect(await search({ phrase: 'zebra' })).toMatchObject({
      items: [],
      pagination: { total: 0, page: 1, limit: 20, has_more: false },
      best_similarity: null,
      best_distance: null,
      min_similarity: 0.3,
    })
    expect(await search({ phrase: 'fern' }, await server.visitor())).toMatchObject({ items: [] })
  })

  it.each([
    ['京都', ['lunch']],
    ['ต้มยำ', ['lunch']],
    ['قهوة', ['lunch']],
    ['🎉', ['lunch']],
    ['FÉRN oak', ['oak']],
    ['How do I water a fern?', ['fern']],
    ['ferns? (happy|sad)', ['oak']],
    ['fern (happy|sad)', ['oak']],
    ['^Keeping .* alive$', ['fern']],
    ['invoice: \\d{4}-\\d+', ['oak']],
    ['東.都', ['lunch']],
    ['(a+)+$', []],
  ])('takes %j as words, else as a pattern', async (phrase, names) => {
    const found = await idsOf(phrase)
    const ids = new Map([
      ['fern', fern],
      ['oak', oak],
      ['lunch', lunch],
    ])
    expect(found).toEqual(names.map((name) => ids.get(name)))
  })

  it('says of what a pattern matches that it is wholly similar', async () => {
    expect(await search({ phrase: 'invoice: \\d{4}' })).toMatchObject({
      items: [{ similarity: 1 }],
      best_similarity: 1,
      best_distance: 0,
    })
  })

  it('can be kept to a model', async () => {
    expect(await idsOf('fern', { model_id: 'aurora-1' })).toEqual([fern])
    expect(await idsOf('ke.ping', { model_id: 'aurora-1' })).toEqual([fern])
    expect(await idsOf('ke.ping', { model_id: 'borealis' })).toEqual([])
    expect(await idsOf('fern', { model_id: null, limit: null })).toEqual([fern, oak])
  })

  it('takes a limit above 100 as 100', async () => {
    for (const limit of [100, 101, 1e9, 1e300]) {
      expect(await search({ phrase: 'fern', limit })).toMatchObject({ pagination: { limit: 100 } })
    }
  })

  it('finds nothing of a conversation once it is gone', async () => {
    const gone = await owner.conversation({ title: 'A gooseberry' })
    expect(await idsOf('gooseberry')).toEqual([gone])
    await owner.request('DELETE', `/api/conversations/${gone}`)
    expect(await idsOf('gooseberry')).toEqual([])
    expect(await idsOf('goo.eberry')).toEqual([])
  })

  it('finds the same after a restart', async () => {
    await server.restart()
    expect(await idsOf('fern')).toEqual([fern, oak])
  })
})

describe('a search of threads that cannot be done', () => {
  it.each([
    [{}, 'phrase'],
    [{ phrase: '' }, 'phrase'],
    [{ phrase: ' \n\u00a0' }, 'phrase'],
    [{ phrase: null }, 'phrase'],
    [{ phrase: 7 }, 'phrase'],
    [{ phrase: ['fern'] }, 'phrase'],
    [{ phrase: 'x'.repeat(10_001) }, 'phrase'],
    [{ phrase: 'fern', limit: 0 }, 'limit'],
    [{ phrase: 'fern', limit: -1 }, 'limit'],
    [{ phrase: 'fern', limit: 1.5 }, 'limit'],
    [{ phrase: 'fern', limit: '5' }, 'limit'],
    [{ phrase: 'fern', model_id: 5 }, 'model_id'],
    [{ phrase: 'fern', model_id: '' }, 'model_id'],
  ])('names what is wrong: %j', async (body, path) => {
    const reply = await owner.request('POST', '/api/search/threads', body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
  })

  it.each(['[', '(', 'a{2,1}', '*', 'zebra++', '(?<=a)zebra', '(((a{99}){99}){99})'])(
    'says that this is no pattern: %s',
    async (phrase) => {
      const reply = await owner.request('POST', '/api/search/threads', { phrase })
      expect(reply).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/^Nothing has these words, .+\.$/) },
      })
    },
  )

  it('says that a phrase of ten megabytes is too large', async () => {
    const phrase = 'x'.repeat(10_000_000)
    const reply = await owner.request('POST', '/api/search/threads', { phrase })
    expect(reply.status).toBe(413)
  })

  it('wants a token', async () => {
    const reply = await fetch(`${server.url}/api/search/threads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"phrase":"fern"}',
    })
    expect(reply.status).toBe(401)
  })
})

it('gives an answer or a sentence whatever is looked for', async () => {
  const phrases = [...NAUGHTY_STRINGS, '🎉'.repeat(1_000), '\ud800 fern', '(x*)'.repeat(2_500)]
  for (const phrase of phrases.filter((each) => each.trim() !== '')) {
    const reply = await owner.request('POST', '/api/search/threads', { phrase })
    expect([200, 400, 422], phrase).toContain(reply.status)
  }
})

it('is told that searching is switched off, in the list of conversations too', async () => {
  const off = await startTestServer({ SEARCH_ENABLED: 'false' })
  try {
    const visitor = await off.visitor()
    const detail = 'Searching conversations is switched off here.'
    const refused = { status: 503, body: { detail } }
    const body = { phrase: 'fern' }
    expect(await visitor.request('POST', '/api/search/threads', body)).toMatchObject(refused)
    expect(await visitor.request('GET', '/api/conversations?q=fern')).toMatchObject(refused)
    expect((await visitor.request('GET', '/api/conversations')).status).toBe(200)
  } finally {
    await off.close()
  }
})

it('finds what means the same, where there is an embedding service', async () => {
  const service = await startFakeEmbeddingServer(({ input }) => ({
    body: { data: input.map((text, index) => ({ index, embedding: [...vectorOf(text)] })) },
  }))
  const meaning = await startTestServer({
    EMBEDDINGS: 'service',
    EMBEDDING_SERVICE_URL: service.url,
    SEARCH_MIN_SIMILARITY: '0.6',
  })
  try {
    const visitor = await meaning.visitor()
    const { body: thread } = await visitor.request('POST', '/api/threads', {
      title: 'reimburse the shipment',
    })
    await visitor.conversation({ title: 'white linen' })
    await visitor.send(thread.id, 'reimburse the shipment')
    await eventually(async () => {
      const found = await visitor.request('POST', '/api/search/threads', {
        phrase: 'refund my parcel',
      })
      expect(found.body).toMatchObject({
        items: [{ thread: { id: thread.id }, similarity: expect.any(Number) }],
        min_similarity: 0.6,
        similarity_threshold: 0.6,
      })
    })
    await visitor.request('DELETE', `/api/threads/${thread.id}`)
    const after = await visitor.request('POST', '/api/search/threads', {
      phrase: 'refund my parcel',
    })
    expect(after.body).toMatchObject({ items: [] })
  } finally {
    await meaning.close()
    await service.close()
  }
})

it('finds what a client keeps with a thread, and how its messages were changed', async () => {
  const visitor = await server.visitor()
  const { body: thread } = await visitor.request('POST', '/api/threads', {
    title: 'Order',
    summary: 'About mangoes',
    metadata: { model: 'borealis-2', notes: [{ topic: 'papaya' }] },
  })
  const { body: message } = await visitor.request('POST', `/api/threads/${thread.id}/messages`, {
    text: 'one pumpkin',
    sender_type: 'system',
  })
  // Its first message has become its title.
  await visitor.request('PATCH', `/api/threads/${thread.id}`, { title: 'Order' })
  const found = async (phrase: string, more: object = {}) => {
    const reply = await visitor.request('POST', '/api/search/threads', { phrase, ...more })
    expect(reply.status).toBe(200)
    return reply.body.items.length
  }
  for (const phrase of ['mango', 'PAPAYA', 'pump', 'pap.y.', '^one pumpkin$', 'm.ngoes']) {
    expect(await found(phrase), phrase).toBe(1)
    expect(await found(phrase, { model_id: 'borealis-2' }), phrase).toBe(1)
    expect(await found(phrase, { model_id: 'other' }), phrase).toBe(0)
  }
  await visitor.request('PATCH', `/api/threads/${thread.id}/messages/${message.id}`, {
    text: 'one cabbage',
  })
  expect([await found('pumpkin'), await found('cabbage')]).toEqual([0, 1])
  await visitor.request('DELETE', `/api/threads/${thread.id}`)
  expect([await found('mango'), await found('m.ngo')]).toEqual([0, 0])
})
