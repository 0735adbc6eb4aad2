import { beforeEach, describe, expect, it } from 'vitest'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { createClient, type ChatClient } from './client.ts'
import { listConversations, removeConversation, renameConversation } from './conversations.ts'
import { createKeyValueStore } from './key-value-store.ts'

const endpoint = 'https://chat.example'
let server: ScriptedServer
let client: ChatClient
const store = () => createKeyValueStore('test:', undefined)

beforeEach(() => {
  server = new ScriptedServer()
  client = createClient({ endpoint, fetch: server.fetch, store: store() })
})

describe('createClient', () => {
  it('asks for one session, however many requests wait for it', async () => {
    await Promise.all([
      listConversations(client),
      listConversations(client),
      client.createConversation(),
    ])
    expect(server.asked('POST', /session/)).toHaveLength(1)
  })

  it('keeps the session for the next page', async () => {
    const kept = store()
    await listConversations(createClient({ endpoint, fetch: server.fetch, store: kept }))
    await listConversations(createClient({ endpoint, fetch: server.fetch, store: kept }))
    expect(server.asked('POST', /session/)).toHaveLength(1)
  })

  it('renews a refused session once, silently', async () => {
    await listConversations(client)
    server.expireSessions()
    await listConversations(client)
    expect(server.asked('POST', /session/)).toHaveLength(2)
  })

  it('renews it as the visitor that it was', async () => {
    await listConversations(client)
    const before = server.asked('GET', /conversations/)[0]?.headers.get('authorization')
    server.expireSessions()
    await listConversations(client)
    const [first, renewal] = server.asked('POST', /session/)
    expect(first?.headers.get('authorization')).toBeNull()
    expect(renewal?.headers.get('authorization')).toBe(before)
  })

  it('names the creator of the page with each question, as it is then', async () => {
    let creator = 'shop'
    const naming = createClient({
      ...{ endpoint, fetch: server.fetch, store: store() },
      creator: () => creator,
    })
    const id = await naming.createConversation()
    await naming.send(id, { content: 'Hi' }, { idempotencyKey: 'k1' })
    server.lastTurn.done()
    creator = ''
    await naming.regenerate(id, {}, { idempotencyKey: 'k2' })
    expect(server.asked('POST', /messages|regenerate/).map(({ body }) => body)).toEqual([
      { content: 'Hi', creator: 'shop' },
      {},
    ])
  })

  it('gives up when the new session is refused too', async () => {
    server.fail(/conversations$/, () => problem(401))
    server.fail(/conversations$/, () => problem(401))
    await expect(listConversations(client)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(server.asked('GET', /conversations/)).toHaveLength(2)
  })

  it('uses the token of the host page, and never puts a session in its place', async () => {
    const signedIn = createClient({
      endpoint,
      fetch: server.fetch,
      store: store(),
      token: () => 'T',
    })
    await expect(listConversations(signedIn)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(server.requests.map(({ path }) => path)).toEqual(['/api/conversations'])
    expect(server.requests[0]?.headers.get('authorization')).toBe('Bearer T')
  })

  it('says that a token is needed where the server gives out no sessions', async () => {
    server.config['auth_mode'] = 'service'
    await expect(listConversations(client)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(server.asked('POST', /session/)).toHaveLength(0)
  })

  it('asks for the configuration once, and again after a failure', async () => {
    server.fail(/widget-config/, 'refuse')
    await expect(client.widgetConfig()).rejects.toMatchObject({ code: 'unreachable' })
    expect((await client.widgetConfig()).greeting).toBe('Good day')
    await client.widgetConfig()
    expect(server.asked('GET', /widget-config/)).toHaveLength(2)
  })

  it('sends a message with its key and streams the turn', async () => {
    const id = await client.createConversation()
    const stream = await client.send(id, { content: 'Hi' }, { idempotencyKey: 'k1' })
    server.lastTurn.token('Hel', 'lo')
    server.lastTurn.done()
    const texts: string[] = []
    for await (const batch of stream) {
      for (const { event } of batch) if (event.type === 'token') texts.push(event.text)
    }
    expect(texts).toEqual(['Hel', 'lo'])
    expect(server.asked('POST', /messages/)[0]?.headers.get('idempotency-key')).toBe('k1')
  })

  it('resumes after the last event that it saw', async () => {
    const id = await client.createConversation()
    await client.send(id, { content: 'Hi' }, { idempotencyKey: 'k1' })
    const turn = server.lastTurn
    turn.token('one', 'two')
    turn.done()
    const stream = await client.resume(id, `${turn.id}.2`)
    const types: string[] = []
    for await (const batch of stream ?? []) types.push(...batch.map(({ event }) => event.type))
    expect(types).toEqual(['token', 'done'])
  })

  it('resumes nothing where there is no turn', async () => {
    const id = await client.createConversation()
    expect(await client.resume(id, undefined)).toBeUndefined()
  })

  it.each([
    [
      () => problem(429, { code: 'rate_limited' }, { 'retry-after': '7' }),
      { code: 'rate_limited', retryAfter: 7 },
    ],
    [() => problem(409, { turn_id: 't1' }), { code: 'conflict', turnId: 't1' }],
    [() => problem(404), { code: 'misconfigured', detail: undefined }],
    [() => new Response('No', { status: 404 }), { code: 'misconfigured', retryable: true }],
    [() => new Response('No', { status: 405 }), { code: 'misconfigured' }],
    [() => problem(422, { detail: 'Too long.' }), { code: 'invalid_request', detail: 'Too long.' }],
    [() => problem(500, { detail: 'secret' }), { code: 'internal', detail: undefined }],
    [() => new Response('<h1>Bad gateway</h1>', { status: 502 }), { code: 'unreachable' }],
    [
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      { code: 'misconfigured' },
    ],
  ])('turns an answer of failure into a code (%#)', async (answer, expected) => {
    server.fail(/conversations$/, answer)
    await expect(listConversations(client)).rejects.toMatchObject(expected)
  })

  it.each(['https://chat example', 'https://', 'nothing at all'])(
    'says that %j is no address',
    async (wrong) => {
      const lost = createClient({
        endpoint: wrong,
        fetch: () => Promise.reject(new TypeError('no')),
      })
      await expect(lost.createConversation()).rejects.toMatchObject({ code: 'misconfigured' })
    },
  )

  it('lets the page replace a refused token, once for all that wait, and goes on with it', async () => {
    let token = 'old'
    let asked = 0
    server.accepted.add('new')
    const signedIn = createClient({
      endpoint,
      fetch: server.fetch,
      store: store(),
      token: () => token,
      async renewToken(refused) {
        asked += 1
        expect(refused).toBe('old')
        token = 'new'
        return true
      },
    })
    await Promise.all([listConversations(signedIn), signedIn.createConversation()])
    expect(asked).toBe(1)
  })

  it('renews a session that a clock a day ahead or behind makes look fresh or old', async () => {
    const kept = store()
    for (const expiresAt of [0, Date.now() + 86_400_000]) {
      kept.set('session', JSON.stringify({ token: 'of yesterday', expiresAt }))
      const skewed = createClient({ endpoint, fetch: server.fetch, store: kept })
      expect((await listConversations(skewed)).items).toEqual([])
    }
  })

  it.each([
    [{ date: 'Tue, 01 Jan 2030 10:00:00 GMT' }, 30],
    // Without the server's clock ours counts, but not for long: it may be a day behind.
    [{}, 60],
  ])('reads a Retry-After that is a date (%#)', async (headers, retryAfter) => {
    const later = { 'retry-after': 'Tue, 01 Jan 2030 10:00:30 GMT', ...headers }
    server.fail(/conversations$/, () => problem(429, { code: 'rate_limited' }, later))
    await expect(listConversations(client)).rejects.toMatchObject({ retryAfter })
  })

  it('takes a page in place of a stream for no answer', async () => {
    const id = await client.createConversation()
    server.fail(
      /messages/,
      () => new Response('<p>Log in</p>', { headers: { 'content-type': 'text/html' } }),
    )
    const sending = client.send(id, { content: 'Hi' }, { idempotencyKey: 'k' })
    await expect(sending).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('passes the reason of an abort on as it is', async () => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(listConversations(client, { signal })).rejects.toBe(reason)
  })

  it('renames and removes conversations', async () => {
    const id = await client.createConversation()
    await renameConversation(client, id, 'Better')
    expect(server.asked('PATCH', /./)[0]?.body).toEqual({ title: 'Better' })
    await removeConversation(client, id)
    expect((await listConversations(client)).items).toEqual([])
  })
})
