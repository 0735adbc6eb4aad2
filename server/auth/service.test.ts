import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAsker, type Asker } from './ask.ts'
import { createServiceAuthenticator, type AuthServiceOptions } from './service.ts'
import {
  forge,
  hmac,
  startListeningServer,
  type HeardRequest,
  type ListeningServer,
  type ScriptedAnswer,
} from '../testing/auth.ts'

const START = Date.UTC(2026, 0, 1)
const trace = { traceId: 'trace-1' }
const user = { id: 'u1', email: 'ann@example.com', name: 'Ann', is_admin: false }
const valid = (changes: object = {}) => ({ body: { valid: true, user: { ...user, ...changes } } })

let now: number
let auth: ListeningServer
let asker: Asker
let answer: (request: HeardRequest) => ScriptedAnswer | Promise<ScriptedAnswer>
beforeEach(async () => {
  now = START
  answer = () => valid()
  asker = createAsker()
  auth = await startListeningServer((request) => answer(request))
})
afterEach(async () => {
  await asker.close()
  await auth.close()
})

const create = (changes: Partial<AuthServiceOptions> = {}) =>
  createServiceAuthenticator({
    url: auth.url,
    internalApiKey: 'internal-key',
    adminEmail: undefined,
    cache: { ttlSeconds: 300, maxSize: 2 },
    asker,
    environment: { now: () => now, createId: () => crypto.randomUUID() },
    ...changes,
  })

describe('the auth service', () => {
  it('is asked about the token, with our key and the trace', async () => {
    const identity = await create().authenticate('the-token', {
      traceId: 'trace-1',
      sessionTraceId: 'session-1',
    })
    expect(identity).toEqual({ userId: 'u1', roles: [], email: 'ann@example.com', name: 'Ann' })
    expect(auth.requests).toHaveLength(1)
    expect(auth.requests[0]).toMatchObject({
      method: 'POST',
      path: '/auth/validate',
      body: { token: 'the-token' },
      headers: {
        'content-type': 'application/json',
        'x-internal-api-key': 'internal-key',
        'x-trace-id': 'trace-1',
        'x-session-trace-id': 'session-1',
      },
    })
  })

  it('may know users by numbers, and say little of them', async () => {
    answer = () => ({ body: { valid: true, user: { id: 42 }, more: 'than expected' } })
    expect(await create().authenticate('t', trace)).toEqual({
      userId: '42',
      roles: [],
      email: undefined,
      name: undefined,
    })
  })

  it('is believed in what it says of an account, and keeps nobody out for how it says it', async () => {
    const asked = async (said: object) => {
      answer = () => valid(said)
      return (await create().authenticate('t', trace)).account
    }
    expect(
      await asked({ provider: 'google', created_at: '2026-01-02T03:04:05', last_login_at: null }),
    ).toEqual({ provider: 'google', createdAt: '2026-01-02T03:04:05.000Z', lastLoginAt: null })
    expect(await asked({ created_at: '2026-01-02T03:04:05-02:00' })).toEqual({
      provider: null,
      createdAt: '2026-01-02T05:04:05.000Z',
      lastLoginAt: null,
    })
    expect(await asked({ provider: 7, created_at: 'yesterday', last_login_at: {} })).toBeUndefined()
    expect(await asked({})).toBeUndefined()
  })

  it('makes admins, and so does the configured e-mail in any case', async () => {
    answer = () => valid({ is_admin: true })
    expect((await create().authenticate('t', trace)).roles).toEqual(['admin'])
    answer = () => valid({ email: 'Ann@Example.COM' })
    const withAdmin = create({ adminEmail: 'ann@example.com' })
    expect((await withAdmin.authenticate('t', trace)).roles).toEqual(['admin'])
    answer = () => valid({ email: null })
    expect((await create({ adminEmail: 'a@b' }).authenticate('t', trace)).roles).toEqual([])
  })

  const ANSWERS: readonly [string, ScriptedAnswer, object][] = [
    ['that it is not valid', { body: { valid: false, reason: 'expired' } }, { status: 401 }],
    ['401', { status: 401, body: { detail: 'no' } }, { status: 401 }],
    [
      '403',
      { status: 403, body: {} },
      { status: 500, message: 'internal api key rejected by auth' },
    ],
    ['500', { status: 500, body: 'Traceback' }, { status: 503, code: 'auth_unreachable' }],
    ['503', { status: 503, body: '' }, { status: 503 }],
    ['404', { status: 404, body: {} }, { status: 503 }],
    ['something that is not JSON', { body: '<html>' }, { status: 503 }],
    ['nothing', { body: '' }, { status: 503 }],
    ['valid without a user', { body: { valid: true } }, { status: 503 }],
    ['valid in a text', { body: { valid: 'true', user } }, { status: 503 }],
    ['a user without an id', valid({ id: undefined }), { status: 503 }],
    ['a user with an empty id', valid({ id: '' }), { status: 503 }],
    [
      'an id that is no exact number',
      { body: `{"valid":true,"user":{"id":9007199254740993}}` },
      { status: 503 },
    ],
    ['more than a megabyte', valid({ name: 'x'.repeat(2_000_000) }), { status: 503 }],
  ]
  for (const [what, scripted, expected] of ANSWERS) {
    it(`gives ${JSON.stringify(expected)} when it answers ${what}, and is asked again`, async () => {
      answer = () => scripted
      const service = create()
      await expect(service.authenticate('t', trace)).rejects.toMatchObject(expected)
      answer = () => valid()
      expect((await service.authenticate('t', trace)).userId).toBe('u1')
    })
  }

  it('is not followed anywhere else', async () => {
    const elsewhere = await startListeningServer(() => valid())
    answer = () => ({ status: 307, headers: { location: `${elsewhere.url}/auth/validate` } })
    await expect(create().authenticate('t', trace)).rejects.toMatchObject({ status: 503 })
    expect(elsewhere.requests).toHaveLength(0)
    await elsewhere.close()
  })

  it('gives 503 when it cannot be reached', async () => {
    await auth.close()
    await expect(create().authenticate('t', trace)).rejects.toMatchObject({
      status: 503,
      code: 'auth_unreachable',
    })
  })

  it('gives 503 when it does not answer in time', async () => {
    const impatient = createAsker({ patience: 30 })
    answer = () => new Promise<never>(() => {})
    await expect(create({ asker: impatient }).authenticate('t', trace)).rejects.toMatchObject({
      status: 503,
      code: 'auth_unreachable',
    })
    await impatient.close()
  })

  it('never has the token told to a log', async () => {
    const token = 'very-secret-token'
    for (const scripted of [{ status: 500, body: token }, { body: { valid: token } }]) {
      answer = () => scripted
      const failure: unknown = await create()
        .authenticate(token, trace)
        .catch((error: unknown) => error)
      const { cause } = failure as Error
      expect(cause).toBeInstanceOf(Error)
      expect(JSON.stringify(cause) + (cause as Error).stack).not.toContain(token)
    }
  })
})

describe('what the auth service said', () => {
  it('is believed for a time', async () => {
    const service = create()
    await service.authenticate('t', trace)
    now += 299_999
    await service.authenticate('t', trace)
    expect(auth.requests).toHaveLength(1)
    now += 1
    await service.authenticate('t', trace)
    expect(auth.requests).toHaveLength(2)
  })

  it('is believed no longer than the token lives', async () => {
    const exp = START / 1_000 + 60
    const token = forge({ alg: 'HS256' }, { exp }, hmac('theirs'))
    const service = create()
    await service.authenticate(token, trace)
    now += 59_999
    await service.authenticate(token, trace)
    expect(auth.requests).toHaveLength(1)
    now += 1
    await service.authenticate(token, trace)
    await service.authenticate(token, trace)
    expect(auth.requests).toHaveLength(3)
  })

  it('is believed for the time that is configured when the token’s own end makes no sense', async () => {
    const token = forge({ alg: 'HS256' }, { exp: 'never' }, hmac('theirs'))
    const service = create()
    await service.authenticate(token, trace)
    now += 300_000
    await service.authenticate(token, trace)
    expect(auth.requests).toHaveLength(2)
  })

  it('is asked for each time when the cache is off, one way or the other', async () => {
    for (const cache of [
      { ttlSeconds: 0, maxSize: 10 },
      { ttlSeconds: 300, maxSize: 0 },
    ]) {
      const heard = auth.requests.length
      const service = create({ cache })
      await service.authenticate('t', trace)
      await service.authenticate('t', trace)
      expect(auth.requests).toHaveLength(heard + 2)
    }
  })

  it('is asked for once by all that ask at the same time', async () => {
    const service = create({ cache: { ttlSeconds: 0, maxSize: 0 } })
    const all = Array.from({ length: 50 }, () => service.authenticate('t', trace))
    expect(new Set(await Promise.all(all)).size).toBe(1)
    expect(auth.requests).toHaveLength(1)
  })

  it('is each token’s own', async () => {
    answer = ({ body }) => valid({ id: (body as { token: string }).token })
    const service = create()
    const [one, two] = await Promise.all([
      service.authenticate('one', trace),
      service.authenticate('two', trace),
    ])
    expect([one.userId, two.userId]).toEqual(['one', 'two'])
    expect((await service.authenticate('one', trace)).userId).toBe('one')
  })

  it('gives way to newer answers, the one that was used longest ago first', async () => {
    const service = create()
    for (const token of ['one', 'two', 'one', 'three', 'one', 'two']) {
      await service.authenticate(token, trace)
    }
    const asked = auth.requests.map(({ body }) => (body as { token: string }).token)
    expect(asked).toEqual(['one', 'two', 'three', 'two'])
  })
})
