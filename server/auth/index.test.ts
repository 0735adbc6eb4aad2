import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { AdminUsersBody } from '../dialects/site/admin-routes.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { createTestClient } from '../testing/test-client.ts'
import { forge, hmac } from '../testing/auth.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const sign = (claims: object) =>
  forge({ alg: 'HS256' }, { exp: Date.now() / 1_000 + 600, ...claims }, hmac(SECRET))

let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})
const start = async (environment: Record<string, string>) => {
  server = await startTestServer(environment)
  return server
}

describe('the mode of telling who is asking', () => {
  it('is refused when it has nothing to tell by', async () => {
    await expect(start({ AUTH_MODE: 'jwt' })).rejects.toThrow(
      'AUTH_MODE is "jwt", which needs JWT_SECRET_KEY or JWT_JWKS_URL.',
    )
    await expect(start({ AUTH_MODE: 'service' })).rejects.toThrow(
      'AUTH_MODE is "service", which needs AUTH_SERVICE_URL.',
    )
    await expect(start({ AUTH_MODE: 'local', JWT_ALGORITHM: 'RS256' })).rejects.toThrow(
      'JWT_ALGORITHM is "RS256", but AUTH_MODE "local" signs its tokens with a secret; use HS256, HS384 or HS512.',
    )
  })

  it('is told to the element', async () => {
    const { url } = await start({ AUTH_MODE: 'jwt', JWT_SECRET_KEY: SECRET })
    const config = await fetch(`${url}/api/widget-config`)
    expect(await config.json()).toMatchObject({ auth_mode: 'jwt' })
  })
})

describe('users of the host site', () => {
  it('are known by their subject, keep their conversations, and may be admins', async () => {
    const { url } = await start({ AUTH_MODE: 'jwt', JWT_SECRET_KEY: SECRET })
    const client = (claims: object) => createTestClient(() => url, sign(claims))
    const id = await client({ sub: 'Ann/7', email: 'ann@example.com' }).conversation()
    // Another token of the same person; nothing but the subject counts.
    const ann = client({ sub: 'Ann/7', email: 'ann@new.example', iss: 'anybody' })
    const { body } = await ann.request('GET', `/api/conversations/${id}`)
    expect(body).toMatchObject({ id, user_id: 'Ann/7' })
    for (const sub of ['ann/7', 'Ann/7 ', 'Ann%2F7']) {
      const { status } = await client({ sub }).request('GET', `/api/conversations/${id}`)
      expect(status).toBe(404)
    }
    expect((await ann.request('GET', '/api/admin/users')).status).toBe(403)
    const admin = client({ sub: 'root', roles: ['admin'] })
    const { items } = (await admin.request('GET', '/api/admin/users'))
      .body as unknown as AdminUsersBody
    expect(items.find((item) => item.id === 'Ann/7')).toMatchObject({
      email: 'ann@new.example',
      conversation_count: 1,
    })
  })

  it('are verified by the operator’s secret, and none is made up', async () => {
    const { directory, url } = await start({ AUTH_MODE: 'jwt', JWT_SECRET_KEY: SECRET })
    expect(await readdir(join(directory, 'data'))).not.toContain('jwt-secret')
    const { status } = await fetch(`${url}/api/session`, { method: 'POST' })
    expect(status).toBe(404)
  })

  it('are 503 when the keys of the site cannot be had', async () => {
    const { url } = await start({ AUTH_MODE: 'jwt', JWT_JWKS_URL: 'http://127.0.0.1:1/keys' })
    const token = forge({ alg: 'RS256' }, { sub: 'ann' }, () => Buffer.alloc(256))
    const client = createTestClient(() => url, token)
    const { status, body } = await client.request('GET', '/api/conversations')
    expect(status).toBe(503)
    expect(body).toMatchObject({ code: 'auth_unreachable' })
  })
})

describe('visitors', () => {
  it('are on no list, and neither is a file of them', async () => {
    const { directory, visitor, restart } = await start({})
    const somebody = await visitor()
    await somebody.conversation()
    await restart()
    expect(await readdir(join(directory, 'data'))).not.toContain('users.json')
  })
})
