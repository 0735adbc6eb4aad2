import { createHmac } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { createVisitorSessions } from './visitor.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const DAY = 86_400
let now = Date.UTC(2026, 0, 1)
const options = {
  secret: SECRET,
  algorithm: 'HS256',
  issuer: 'samosa-chat',
  lifetimeSeconds: 7 * DAY,
  environment: { now: () => now, createId: () => crypto.randomUUID() },
}
const sessions = createVisitorSessions(options)
const trace = { traceId: 't' }

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = (changes: object = {}) => ({
  type: 'visitor',
  sub: 'somebody',
  iss: 'samosa-chat',
  exp: Math.floor(now / 1_000) + 60,
  ...changes,
})
const sign = (payload: Record<string, unknown>, secret = SECRET) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
const signRaw = (header: object, payload: object) => {
  const body = `${encode(header)}.${encode(payload)}`
  return `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}`
}

describe('visitor sessions', () => {
  it('know a visitor by the token', async () => {
    const { token, visitor_id, expires_in } = await sessions.start()
    expect(expires_in).toBe(7 * DAY)
    expect(await sessions.authenticate(token, trace)).toEqual({ userId: visitor_id, roles: [] })
  })

  it('have their token checked once in its life, and again when it is over', async () => {
    const { token, visitor_id } = await sessions.start()
    const verify = vi.spyOn(crypto.subtle, 'verify')
    try {
      expect(await sessions.authenticate(token, trace)).toMatchObject({ userId: visitor_id })
      expect(verify).toHaveBeenCalledTimes(1)
      now += 6 * DAY * 1_000
      expect(await sessions.authenticate(token, trace)).toMatchObject({ userId: visitor_id })
      expect(verify).toHaveBeenCalledTimes(1)
      now += 2 * DAY * 1_000
      await expect(sessions.authenticate(token, trace)).rejects.toMatchObject({ status: 401 })
      expect(verify).toHaveBeenCalledTimes(2)
    } finally {
      verify.mockRestore()
    }
  })

  it('end, and are renewed for the same visitor', async () => {
    const { token, visitor_id } = await sessions.start()
    now += 8 * DAY * 1_000
    await expect(sessions.authenticate(token, trace)).rejects.toMatchObject({
      code: 'unauthorized',
    })
    expect((await sessions.start(token)).visitor_id).toBe(visitor_id)
    now += 200 * DAY * 1_000
    expect((await sessions.start(token)).visitor_id).not.toBe(visitor_id)
  })

  const FORGED: Readonly<Record<string, () => Promise<string> | string>> = {
    'that says it needs no signature': () => `${encode({ alg: 'none' })}.${encode(claims())}.`,
    'with an empty signature': () => `${encode({ alg: 'HS256' })}.${encode(claims())}.`,
    'of another algorithm': () => signRaw({ alg: 'HS512' }, claims()),
    'signed with another secret': () => sign(claims(), 'another secret of more than thirty bytes'),
    'of another issuer': () => sign(claims({ iss: 'else' })),
    'of another type': () => sign(claims({ type: 'refresh' })),
    'without an end': () => signRaw({ alg: 'HS256' }, { ...claims(), exp: undefined }),
    'that is not valid yet': () => sign(claims({ nbf: Math.floor(now / 1_000) + 600 })),
    'without a subject': () => signRaw({ alg: 'HS256' }, { ...claims(), sub: undefined }),
    'that is no token': () => 'nonsense',
    'of a megabyte': () => 'x'.repeat(1_000_000),
  }
  for (const [name, forge] of Object.entries(FORGED)) {
    it(`refuse a token ${name}, and do not renew it`, async () => {
      const token = await forge()
      await expect(sessions.authenticate(token, trace)).rejects.toMatchObject({
        code: 'unauthorized',
      })
      expect((await sessions.start(token)).visitor_id).not.toBe('somebody')
    })
  }
})
