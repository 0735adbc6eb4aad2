/** What an account may ask, in every place where a thread or a message says what it asks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'

const PASSWORD = 'a good password'

let server: TestServer
let admin: TestClient
let restricted: TestClient
/** An account without lists. */
let free: TestClient

async function post(path: string, body: object, token?: string): Promise<unknown> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ password: PASSWORD, ...body }),
  })
  expect(response.ok).toBe(true)
  return await response.json()
}

async function signIn(username: string): Promise<TestClient> {
  const tokens = await post('/api/auth/login', { username })
  const { access_token: token } = tokens as { readonly access_token: string }
  return createTestClient(() => server.url, token)
}

beforeAll(async () => {
  server = await startTestServer({ AUTH_MODE: 'local', PASSWORD_COST: '4' })
  const lists = { allowed_products: ['p1'], allowed_agents: ['a1', 'a2'] }
  await post('/api/auth/register', { username: 'root', ...lists })
  admin = await signIn('root')
  await post('/api/auth/register', { username: 'ann', ...lists }, admin.token)
  const none = { allowed_products: [], allowed_agents: [] }
  await post('/api/auth/register', { username: 'ben', ...none }, admin.token)
  restricted = await signIn('ann')
  free = await signIn('ben')
})
afterAll(() => server.close())

const create = (client: TestClient, metadata?: object) =>
  client.request('POST', '/api/threads', { metadata })

const ALLOWED = [
  { product_id: 'p1' },
  { productId: 'p1' },
  { product: 'p1' },
  { product: { id: 'p1', name: 'P' } },
  { agent_id: 'a2' },
  { agentId: { id: 'a1' } },
  { agent: 'a1', product: { id: 'p1' } },
  { product_id: null, agent: '' },
  { other: 'p9' },
]
const REFUSED = [
  { product_id: 'p9' },
  { productId: 'p9' },
  { product: 'p9' },
  { product: { id: 'p9' } },
  { product_id: { id: 'p9' } },
  { agent_id: 'a9' },
  { agentId: 'a9' },
  { agent: 'a9' },
  { agent: { id: 'a9' } },
  { product_id: 'p1', product: 'p9' },
  { agent: 'p1' },
  { product: ['p1', 'p9'] },
]

describe('an account with lists', () => {
  it.each(ALLOWED)('may ask %j', async (metadata) => {
    const { status, body } = await create(restricted, metadata)
    expect(status).toBe(201)
    const said = { text: 'Hi', sender_type: 'system', metadata }
    const path = `/api/threads/${body.id}`
    expect((await restricted.request('POST', `${path}/messages`, said)).status).toBe(201)
    expect((await restricted.request('PATCH', path, { metadata })).status).toBe(200)
  })

  it.each(REFUSED)(
    'may not ask %j: not in a thread, not by a change, not with a message',
    async (metadata) => {
      const { id } = (await create(restricted)).body
      const path = `/api/threads/${id}`
      const sent = (more: object) => ({ text: 'Hi', sender_type: 'system', ...more })
      for (const reply of [
        await create(restricted, metadata),
        await restricted.request('PATCH', path, { metadata, title: 'Changed' }),
        await restricted.request('POST', `${path}/messages`, sent({ metadata })),
        await restricted.request('POST', `${path}/messages`, sent({ meta: metadata })),
        await restricted.request('POST', `${path}/messages`, { text: 'Hi', metadata }),
      ]) {
        expect(reply.status).toBe(403)
        expect(reply.body.detail).toMatch(
          /^The (product|agent).* is not among those you may use\.$/,
        )
      }
      expect((await restricted.request('GET', path)).body).toMatchObject({
        title: null,
        metadata: {},
        last_messages: [],
      })
    },
  )
})

it.each([...ALLOWED, ...REFUSED])(
  'an account without lists, and an admin, may ask %j',
  async (metadata) => {
    for (const client of [free, admin]) {
      const { status, body } = await create(client, metadata)
      expect(status).toBe(201)
      const said = { text: 'Hi', sender_type: 'system', metadata }
      const path = `/api/threads/${body.id}/messages`
      expect((await client.request('POST', path, said)).status).toBe(201)
    }
  },
)

it('belongs to its account alone, for admins too', async () => {
  const { id } = (await create(restricted)).body
  for (const other of [admin, free]) {
    expect((await other.request('GET', `/api/threads/${id}`)).status).toBe(404)
    expect((await other.request('DELETE', `/api/threads/${id}`)).status).toBe(404)
  }
})
