import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

let server: TestServer
let visitor: TestClient
beforeAll(async () => {
  server = await startTestServer()
  visitor = await server.visitor()
})
afterAll(() => server.close())

const get = async (client: TestClient, query: string) => {
  const reply = await client.request('GET', `/api/conversations?${query}`)
  expect(reply.status).toBe(200)
  return reply.body
}

describe('a walk by cursor', () => {
  it('meets every conversation once while others change', async () => {
    const owner = await server.visitor()
    const ids: string[] = []
    for (let count = 0; count < 7; count += 1) ids.unshift(await owner.conversation())
    const walked: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const body = await get(owner, `limit=3${cursor && `&cursor=${cursor}`}`)
      walked.push(...body.items.map(({ id }) => id))
      cursor = body.next_cursor
      await owner.request('PATCH', `/api/conversations/${walked[0]}`, { is_favorited: true })
      await owner.conversation()
    }
    expect(walked).toEqual(ids)
  })

  it('ends where the list ends', async () => {
    const owner = await server.visitor()
    expect(await get(owner, 'limit=1')).toMatchObject({ items: [], next_cursor: null })
    await owner.conversation()
    expect(await get(owner, 'limit=1')).toMatchObject({ next_cursor: null })
    await owner.conversation()
    expect((await get(owner, 'limit=1')).next_cursor).toEqual(expect.any(String))
  })

  for (const cursor of ['x', '1.2', '1.2.3', '-1.0.00000000-0000-4000-8000-000000000000', '%00']) {
    it(`refuses the cursor ${cursor}, which no page gave`, async () => {
      const reply = await visitor.request('GET', `/api/conversations?cursor=${cursor}`)
      expect(reply).toMatchObject({ status: 422 })
      expect(reply.body.errors[0]?.path).toBe('cursor')
    })
  }
})

describe('a search', () => {
  it('finds words of titles and messages, the best first, with the passage', async () => {
    const owner = await server.visitor()
    const said = await owner.conversation({ title: 'Plants' })
    await owner.send(said, 'How are my plants?')
    await owner.send(said, 'How do I keep a calathea alive?')
    const titled = await owner.conversation({ title: 'My Calathea' })
    await owner.conversation({ title: 'Else' })
    const { items, next_cursor } = await get(owner, 'q=CALATH')
    expect(items).toMatchObject([
      { id: titled, snippet: null },
      { id: said, snippet: expect.stringContaining('calathea alive') },
    ])
    expect(next_cursor).toBeNull()
    const first = await get(owner, 'q=calathea&limit=1')
    const second = await get(owner, `q=calathea&limit=1&cursor=${first.next_cursor}`)
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([titled, said])
    expect(second.next_cursor).toBeNull()
  })

  it('finds words however their letters are typed, and shows them as they are', async () => {
    const owner = await server.visitor()
    const id = await owner.conversation()
    const said = 'Größe des Eßtischs für die Weißgerbergasse, s’il vous plaît: hors-d’œuvre og smør'
    await owner.send(id, said)
    for (const q of ['weissgerber', 'ESSTISCH', "s'il", "hors-d'oeuvre", 'smor', 'grosse']) {
      const { items } = await get(owner, `q=${encodeURIComponent(q)}`)
      expect(items).toMatchObject([{ id }])
    }
    const { items } = await get(owner, 'q=smor')
    expect(items[0]?.snippet).toContain('d’œuvre og smør')
  })

  it('shows nobody what others said', async () => {
    const owner = await server.visitor()
    const other = await server.visitor()
    await other.conversation({ title: 'Secret zebra' })
    expect((await get(owner, 'q=zebra')).items).toEqual([])
  })

  it('for nothing but space is the list', async () => {
    const owner = await server.visitor()
    const id = await owner.conversation()
    for (const q of ['', '%20', '%0a%09']) {
      expect((await get(owner, `q=${q}`)).items.map((item) => item.id)).toEqual([id])
    }
  })

  it('takes whatever is typed for words, not for a pattern', async () => {
    const owner = await server.visitor()
    await owner.conversation({ title: 'Plain' })
    for (const q of ['.*', '(((', '\\', '%00', '[a-', '"', '\ud83d', '__proto__']) {
      const query = q === '%00' ? q : encodeURIComponent(q.toWellFormed())
      expect((await get(owner, `q=${query}`)).items).toEqual([])
    }
  })

  it('refuses a query of more than 200 characters', async () => {
    const reply = await visitor.request('GET', `/api/conversations?q=${'x'.repeat(201)}`)
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'q' }] } })
  })
})

describe('messages by page', () => {
  it('are the newest, oldest first, and then those before them', async () => {
    const id = await visitor.conversation()
    for (const content of ['One', 'Two', 'Three']) await visitor.send(id, content)
    const all = (await visitor.request('GET', `/api/conversations/${id}`)).body
    expect(all.has_more).toBe(false)
    expect(all.messages).toHaveLength(6)
    const page = async (query: string) =>
      (await visitor.request('GET', `/api/conversations/${id}?${query}`)).body
    const newest = await page('messages_limit=4')
    expect(newest.messages).toEqual(all.messages.slice(2))
    expect(newest.has_more).toBe(true)
    const before = `before=${newest.messages[0]!.id}`
    const older = await page(`messages_limit=2&${before.toUpperCase().replace('BEFORE', 'before')}`)
    expect(older.messages).toEqual(all.messages.slice(0, 2))
    expect(older.has_more).toBe(false)
    expect((await page(before)).messages).toEqual(all.messages.slice(0, 2))
    expect(await page(`before=${all.messages[0]!.id}`)).toMatchObject({
      messages: [],
      has_more: false,
    })
  })

  it.each([
    ['messages_limit=0', 'messages_limit'],
    ['messages_limit=1001', 'messages_limit'],
    ['before=00000000-0000-4000-8000-000000000000', 'before'],
    ['before=x', 'before'],
  ])('refuses %s with 422', async (query, path) => {
    const id = await visitor.conversation()
    const reply = await visitor.request('GET', `/api/conversations/${id}?${query}`)
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })
})
