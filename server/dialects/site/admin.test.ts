import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startListeningServer, type ListeningServer } from '../../testing/auth.ts'
import type { AdminUsersBody } from './admin-routes.ts'
import { startFakeModelServer, type FakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTestClient } from '../../testing/test-client.ts'

const USERS: Readonly<Record<string, object>> = {
  'ann-token': { id: 1, email: 'ann@example.com', name: 'Ann', is_admin: true },
  'bob-token': {
    id: 'bob/../1',
    email: 'bob@example.com',
    name: null,
    is_admin: false,
    provider: 'github',
    created_at: '2025-11-03T08:15:00.250000',
    last_login_at: '2026-02-01T07:30:00+02:00',
    password_hash: 'never shown',
  },
  'cy-token': { id: 'cy', email: 'Boss@Example.com', name: 'Cy', is_admin: false },
}

let auth: ListeningServer
let model: FakeModelServer
let server: TestServer
let swapAnswer: { readonly status?: number; readonly body: unknown }
beforeEach(async () => {
  swapAnswer = { body: { current: 'd24' } }
  auth = await startListeningServer(({ body }) => {
    const user = USERS[(body as { token: string }).token]
    return { body: user ? { valid: true, user } : { valid: false, reason: 'unknown' } }
  })
  model = await startFakeModelServer({ protocol: 'nanochat', lookup: () => swapAnswer })
  server = await startTestServer({
    AUTH_SERVICE_URL: auth.url,
    INTERNAL_API_KEY: 'internal-key',
    ADMIN_EMAIL: 'boss@example.com',
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
  })
})
afterEach(async () => {
  await server.close()
  await model.close()
  await auth.close()
})

const client = (token: string) => createTestClient(() => server.url, token)
const usersSeenBy = async (token: string) => {
  const { status, body } = await client(token).request('GET', '/api/admin/users')
  expect(status).toBe(200)
  return body as unknown as AdminUsersBody
}

describe('users of another service', () => {
  it('have their own conversations, and nobody else’s', async () => {
    const id = await client('bob-token').conversation()
    const { body } = await client('bob-token').request('GET', `/api/conversations/${id}`)
    expect(body).toMatchObject({ id, user_id: 'bob/../1' })
    expect((await client('ann-token').request('GET', `/api/conversations/${id}`)).status).toBe(404)
    expect((await client('dan-token').request('GET', `/api/conversations/${id}`)).status).toBe(401)
  })

  it('get no anonymous sessions', async () => {
    const response = await fetch(`${server.url}/api/session`, { method: 'POST' })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ status: 404, code: 'not_found' })
  })

  it('can be erased, and are gone from the list of users until they come again', async () => {
    await client('bob-token').conversation()
    expect((await usersSeenBy('ann-token')).items.map(({ id }) => id)).toEqual(['1', 'bob/../1'])
    const { status } = await client('bob-token').request('DELETE', '/api/session')
    expect(status).toBe(204)
    expect((await usersSeenBy('ann-token')).items.map(({ id }) => id)).toEqual(['1'])
    expect((await client('bob-token').request('GET', '/api/conversations')).body.items).toEqual([])
  })
})

describe('the list of users', () => {
  it('has everybody, who was there last first, with what they have', async () => {
    const bob = client('bob-token')
    await bob.send(await bob.conversation(), 'Hello?')
    await bob.conversation()
    const { items, totals } = await usersSeenBy('cy-token')
    expect(items).toHaveLength(2)
    const [cy, seenBob] = items
    expect(cy).toMatchObject({ id: 'cy', email: 'Boss@Example.com', is_admin: true })
    expect(cy).toMatchObject({ conversation_count: 0, message_count: 0 })
    expect(cy).toMatchObject({ provider: null, created_at: null, last_login_at: null })
    expect(seenBob).toEqual({
      id: 'bob/../1',
      email: 'bob@example.com',
      name: null,
      is_admin: false,
      first_seen_at: expect.stringMatching(/^\d{4}-.*Z$/),
      last_seen_at: expect.stringMatching(/^\d{4}-.*Z$/),
      provider: 'github',
      created_at: '2025-11-03T08:15:00.250Z',
      last_login_at: '2026-02-01T05:30:00.000Z',
      conversation_count: 2,
      message_count: 2,
    })
    expect(totals).toEqual({ users: 2, conversations: 2, messages: 2 })
  })

  it('is the same after a restart', async () => {
    await client('bob-token').conversation()
    const before = await usersSeenBy('ann-token')
    await server.restart()
    const after = await usersSeenBy('ann-token')
    expect(after.items[1]).toEqual(before.items[1])
    expect(after.items[0]?.first_seen_at).toBe(before.items[0]?.first_seen_at)
  })

  it('is for admins only', async () => {
    const { status, body } = await client('bob-token').request('GET', '/api/admin/users')
    expect(status).toBe(403)
    expect(body).toMatchObject({ code: 'forbidden' })
  })
})

describe('swapping the model', () => {
  const swap = (token: string, body: unknown) =>
    client(token).request('POST', '/api/models/swap', body)

  it('is passed on, and so is the answer', async () => {
    const { status, body } = await swap('ann-token', { model_tag: 'd24' })
    expect(status).toBe(200)
    expect(body).toEqual({ current: 'd24' })
    expect(model.lookups).toMatchObject([
      { method: 'POST', path: '/models/swap', body: { model_tag: 'd24' } },
    ])
  })

  it('is for admins only, whatever the body says', async () => {
    expect((await swap('bob-token', { model_tag: 'd24' })).status).toBe(403)
    expect((await swap('bob-token', '{"model_tag":')).status).toBe(403)
    expect(model.lookups).toEqual([])
  })

  it('takes a tag of 1 to 100 characters', async () => {
    for (const body of [{}, { model_tag: '' }, { model_tag: 'x'.repeat(101) }, { model_tag: 5 }]) {
      expect((await swap('ann-token', body)).status).toBe(422)
    }
    expect((await swap('ann-token', { model_tag: '😀'.repeat(100) })).status).toBe(200)
  })

  it('is 502 when the model server refuses', async () => {
    swapAnswer = { status: 500, body: { error: { message: 'out of memory' } } }
    const { status, body } = await swap('ann-token', { model_tag: 'd99' })
    expect(status).toBe(502)
    expect(body).toMatchObject({ detail: 'out of memory' })
  })

  it('tells an admin what is wrong with a tag, and no place of a file', async () => {
    swapAnswer = { status: 404, body: { detail: 'No checkpoint d99 in /srv/checkpoints' } }
    expect(await swap('ann-token', { model_tag: 'd99' })).toMatchObject({
      status: 502,
      body: { detail: 'No checkpoint d99 in [path]' },
    })
    swapAnswer = { body: { current: 'd24', path: '/srv/checkpoints/d24' } }
    expect((await swap('ann-token', { model_tag: 'd24' })).body).toEqual({ current: 'd24' })
  })

  it('is 503 when the model server is not there', async () => {
    await model.close()
    expect((await swap('ann-token', { model_tag: 'd24' })).status).toBe(503)
  })

  it('is 409 where a server cannot', async () => {
    const builtin = await startTestServer({ AUTH_SERVICE_URL: auth.url })
    const admin = createTestClient(() => builtin.url, 'ann-token')
    const { status, body } = await admin.request('POST', '/api/models/swap', { model_tag: 'd24' })
    expect(status).toBe(409)
    expect(body).toMatchObject({ detail: 'This model server cannot load another model.' })
    await builtin.close()
  })
})

describe('visitors', () => {
  it('are no admins: 403, not 404', async () => {
    const visitors = await startTestServer()
    const visitor = await visitors.visitor()
    expect((await visitor.request('GET', '/api/admin/users')).status).toBe(403)
    const body = { model_tag: 'd24' }
    expect((await visitor.request('POST', '/api/models/swap', body)).status).toBe(403)
    await visitors.close()
  })
})
