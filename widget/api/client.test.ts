import { beforeEach, describe, expect, it } from 'vitest'
import { problem, ScriptedServer } from '../scripted/scripted-server.ts'
import { createClient, type ChatClient } from './client.ts'
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
    await Promise.all([client.conversations(), client.conversations(), client.createConversation()])
    expect(server.asked('POST', /session/)).toHaveLength(1)
  })

  it('keeps the session for the next page', async () => {
    const kept = store()
    await createClient({ endpoint, fetch: server.fetch, store: kept }).conversations()
    await createClient({ endpoint, fetch: server.fetch, store: kept }).conversations()
    expect(server.asked('POST', /session/)).toHaveLength(1)
  })

  it('renews a refused session once, silently', async () => {
    await client.conversations()
    server.expireSessions()
    await client.conversations()
    expect(server.asked('POST', /session/)).toHaveLength(2)
  })

  it('renews it as the visitor that it was', async () => {
    await client.conversations()
    const before = server.asked('GET', /conversations/)[0]?.headers.get('authorization')
    server.expireSessions()
    await client.conversations()
    const [first, renewal] = server.asked('POST', /session/)
    expect(first?.headers.get('authorization')).toBeNull()
    expect(renewal?.headers.get('authorization')).toBe(before)
  })

  it('gives up when the new session is refused too', async () => {
    server.fail(/conversations$/, () => problem(401))
    server.fail(/conversations$/, () => problem(401))
    await expect(client.conversations()).rejects.toMatchObject({ code: 'unauthorized' })
    expect(server.asked('GET', /conversations/)).toHaveLength(2)
  })

  it('uses the token of the host page, and never puts a session in its place', async () => {
    const signedIn = createClient({
      endpoint,
      fetch: server.fetch,
      store: store(),
      token: () => 'T',
    })
    await expect(signedIn.conversations()).rejects.toMatchObject({ code: 'unauthorized' })
    expect(server.requests.map(({ path }) => path)).toEqual(['/api/conversations'])
    expect(server.requests[0]?.headers.get('authorization')).toBe('Bearer T')
  })

  it('says that a token is needed where the server gives out no sessions', async () => {
    server.config['auth_mode'] = 'service'
    await expect(client.conversations()).rejects.toMatchObject({ code: 'unauthorized' })
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
    const { id } = await client.createConversation()
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
    const { id } = await client.createConversation()
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
    const { id } = await client.createConversation()
    expect(await client.resume(id, undefined)).toBeUndefined()
  })

  it.each([
    [
      () => problem(429, { code: 'rate_limited' }, { 'retry-after': '7' }),
      { code: 'rate_limited', retryAfter: 7 },
    ],
    [() => problem(409, { turn_id: 't1' }), { code: 'conflict', turnId: 't1' }],
    [() => problem(404), { code: 'not_found', detail: undefined }],
    [() => problem(422, { detail: 'Too long.' }), { code: 'invalid_request', detail: 'Too long.' }],
    [() => problem(500, { detail: 'secret' }), { code: 'internal', detail: undefined }],
    [() => new Response('<h1>Bad gateway</h1>', { status: 502 }), { code: 'inference_error' }],
    [
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      { code: 'internal' },
    ],
  ])('turns an answer of failure into a code (%#)', async (answer, expected) => {
    server.fail(/conversations$/, answer)
    await expect(client.conversations()).rejects.toMatchObject(expected)
  })

  it('takes a page in place of a stream for no answer', async () => {
    const { id } = await client.createConversation()
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
    await expect(client.conversations({ signal })).rejects.toBe(reason)
  })

  it('renames and removes conversations', async () => {
    const { id } = await client.createConversation()
    await client.renameConversation(id, 'Better')
    expect(server.asked('PATCH', /./)[0]?.body).toEqual({ title: 'Better' })
    await client.removeConversation(id)
    expect(await client.conversations()).toEqual([])
  })
})
