import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAsker, type Asker } from './ask.ts'
import {
  createJwtAuthenticator,
  PUBLIC_KEY_ALGORITHMS,
  type JwtOptions,
  createKeySet,
} from './jwt.ts'

import {
  forge,
  hmac,
  rsa,
  startListeningServer,
  type ListeningServer,
  type ScriptedAnswer,
} from '../testing/auth.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const trace = { traceId: 't' }

let now: number
beforeEach(() => {
  now = START
})
const environment = { now: () => now, createId: () => crypto.randomUUID() }
const seconds = (offset: number) => START / 1_000 + offset

const createWithSecret = (changes: Partial<JwtOptions> = {}) =>
  createJwtAuthenticator({
    key: () => new TextEncoder().encode(SECRET),
    algorithms: ['HS256'],
    issuer: undefined,
    audience: undefined,
    environment,
    ...changes,
  })
const signed = (claims: object) =>
  forge({ alg: 'HS256' }, { sub: 'ann', exp: seconds(600), ...claims }, hmac(SECRET))

describe('a token of the host site', () => {
  it('says who it is: the subject as it stands, roles, e-mail and name', async () => {
    const token = signed({
      sub: ' Ann/ö ',
      roles: ['editor', 'admin'],
      email: 'ann@example.com',
      name: 'Ann',
      iss: 'https://any.example',
    })
    expect(await createWithSecret().authenticate(token, trace)).toEqual({
      userId: ' Ann/ö ',
      roles: ['editor', 'admin'],
      email: 'ann@example.com',
      name: 'Ann',
    })
  })

  it('is good without an end, for as long as its key is', async () => {
    const token = forge({ alg: 'HS256' }, { sub: 'ann' }, hmac(SECRET))
    now += 10_000 * MINUTE
    expect(await createWithSecret().authenticate(token, trace)).toMatchObject({ userId: 'ann' })
  })

  it('gives no role when its roles are no list of texts', async () => {
    for (const roles of ['admin', { admin: true }, ['admin', 1], null, undefined]) {
      const token = signed({ roles, email: ['x'], name: 5 })
      expect(await createWithSecret().authenticate(token, trace)).toEqual({
        userId: 'ann',
        roles: [],
        email: undefined,
        name: undefined,
      })
    }
  })

  it('allows clocks to differ by five seconds, not by more', async () => {
    const host = createWithSecret()
    const ends = signed({ exp: seconds(0) })
    const begins = signed({ nbf: seconds(9) })
    now = START + 4_000
    expect(await host.authenticate(ends, trace)).toMatchObject({ userId: 'ann' })
    expect(await host.authenticate(begins, trace)).toMatchObject({ userId: 'ann' })
    now = START + 5_000
    await expect(host.authenticate(ends, trace)).rejects.toMatchObject({ code: 'unauthorized' })
    now = START + 3_000
    await expect(host.authenticate(begins, trace)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('may be of the other algorithm when the operator says so, and then of no other', async () => {
    const host = createWithSecret({ algorithms: ['HS512'] })
    const claims = { sub: 'ann', exp: seconds(600) }
    const token = forge({ alg: 'HS512' }, claims, hmac(SECRET, 'sha512'))
    expect(await host.authenticate(token, trace)).toMatchObject({ userId: 'ann' })
    await expect(host.authenticate(signed({}), trace)).rejects.toMatchObject({ status: 401 })
  })
})

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}
const [first, second, small]: [KeyPair, KeyPair, KeyPair] = [
  generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  generateKeyPairSync('rsa', { modulusLength: 1_024 }),
]
const jwk = ({ publicKey }: KeyPair, changes: object = {}) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...changes,
})
const signedBy = ({ privateKey }: KeyPair, header: object = {}) =>
  forge({ alg: 'RS256', ...header }, { sub: 'ann', exp: seconds(86_400) }, rsa(privateKey))

describe('the keys of a key set', () => {
  let site: ListeningServer
  let asker: Asker
  let answer: () => ScriptedAnswer | Promise<ScriptedAnswer>
  beforeEach(async () => {
    asker = createAsker()
    answer = () => ({ body: { keys: [jwk(first, { kid: 'a' })] } })
    site = await startListeningServer(() => answer())
  })
  afterEach(async () => {
    await asker.close()
    await site.close()
  })
  const create = (algorithms: readonly string[] = PUBLIC_KEY_ALGORITHMS) =>
    createWithSecret({
      key: createKeySet({ url: `${site.url}/keys?of=site`, asker, environment }),
      algorithms,
    })
  const ofFirst = () => signedBy(first, { kid: 'a' })
  const ofSecond = () => signedBy(second, { kid: 'b' })

  it('are asked for once, by all that need them', async () => {
    const host = create()
    await Promise.all(Array.from({ length: 20 }, () => host.authenticate(ofFirst(), trace)))
    await host.authenticate(ofFirst(), trace)
    expect(site.requests.map(({ path }) => path)).toEqual(['/keys?of=site'])
  })

  it('change: an unknown one makes them be asked for again at once, then every 10 seconds at most', async () => {
    const host = create()
    await host.authenticate(ofFirst(), trace)
    answer = () => ({ body: { keys: [jwk(second, { kid: 'b' })] } })
    const all = Array.from({ length: 20 }, () => host.authenticate(ofSecond(), trace))
    for (const { userId } of await Promise.all(all)) expect(userId).toBe('ann')
    for (let count = 0; count < 20; count += 1) {
      const token = signedBy(second, { kid: `made up ${count}` })
      await expect(host.authenticate(token, trace)).rejects.toMatchObject({ status: 401 })
    }
    expect(site.requests).toHaveLength(2)
    answer = () => ({ body: { keys: [jwk(first, { kid: 'c' })] } })
    const third = signedBy(first, { kid: 'c' })
    now += 9_999
    await expect(host.authenticate(third, trace)).rejects.toMatchObject({ status: 401 })
    now += 1
    expect(await host.authenticate(third, trace)).toMatchObject({ userId: 'ann' })
    expect(site.requests).toHaveLength(3)
  })

  it('are given up when the site gives them up', async () => {
    const host = create()
    await host.authenticate(ofFirst(), trace)
    answer = () => ({ body: { keys: [jwk(second, { kid: 'b' })] } })
    now += 10 * MINUTE
    await expect(host.authenticate(ofFirst(), trace)).rejects.toMatchObject({ status: 401 })
  })

  it('stay in use for an hour when the site is down, and are asked for again sparingly', async () => {
    const host = create()
    await host.authenticate(ofFirst(), trace)
    answer = () => ({ status: 502, body: 'down' })
    now += 59 * MINUTE
    await host.authenticate(ofFirst(), trace)
    await host.authenticate(ofFirst(), trace)
    expect(site.requests).toHaveLength(2)
    now += MINUTE
    await expect(host.authenticate(ofFirst(), trace)).rejects.toMatchObject({ status: 503 })
    answer = () => ({ body: { keys: [jwk(first, { kid: 'a' })] } })
    now += 3_000
    expect(await host.authenticate(ofFirst(), trace)).toMatchObject({ userId: 'ann' })
  })

  const NONE: Readonly<Record<string, ScriptedAnswer>> = {
    'an error': { status: 500, body: { keys: [jwk(first, { kid: 'a' })] } },
    'something that is not JSON': { body: '<html>' },
    'something that is no key set': { body: { keys: 'none' } },
    'a way to somewhere else': { status: 302, headers: { location: '/other' } },
  }
  for (const [what, scripted] of Object.entries(NONE)) {
    it(`cannot be had when the site answers with ${what}: 503, and one request in 3 seconds`, async () => {
      answer = () => scripted
      const host = create()
      for (let count = 0; count < 3; count += 1) {
        await expect(host.authenticate(ofFirst(), trace)).rejects.toMatchObject({
          status: 503,
          code: 'auth_unreachable',
        })
      }
      expect(site.requests).toHaveLength(1)
    })
  }

  it('cannot be had when the site does not answer in time: 503', async () => {
    const impatient = createAsker({ patience: 30 })
    answer = () => new Promise<never>(() => {})
    const key = createKeySet({ url: site.url, asker: impatient, environment })
    await expect(
      createWithSecret({ key, algorithms: ['RS256'] }).authenticate(ofFirst(), trace),
    ).rejects.toMatchObject({ status: 503 })
    await impatient.close()
  })

  it('are each for the algorithm that they name', async () => {
    answer = () => ({ body: { keys: [jwk(first, { kid: 'a', alg: 'PS256' })] } })
    await expect(create().authenticate(ofFirst(), trace)).rejects.toMatchObject({ status: 401 })
  })

  it('are for the algorithm that the operator names', async () => {
    await expect(create(['ES256']).authenticate(ofFirst(), trace)).rejects.toMatchObject({
      status: 401,
    })
  })

  it('are never shared secrets, even when one stands among them', async () => {
    const k = Buffer.from(SECRET).toString('base64url')
    answer = () => ({ body: { keys: [{ kty: 'oct', k, kid: 'a' }] } })
    const token = forge({ alg: 'HS256', kid: 'a' }, { sub: 'ann', exp: seconds(60) }, hmac(SECRET))
    const host = create([...PUBLIC_KEY_ALGORITHMS, 'HS256'])
    await expect(host.authenticate(token, trace)).rejects.toMatchObject({ status: 401 })
  })

  it('are all tried for a token that names none', async () => {
    answer = () => ({ body: { keys: [jwk(first), jwk(second)] } })
    const host = create()
    expect(await host.authenticate(signedBy(second), trace)).toMatchObject({ userId: 'ann' })
    await expect(host.authenticate(signedBy(small), trace)).rejects.toMatchObject({ status: 401 })
  })

  it('refuse, and do not fail, where one is of no use', async () => {
    answer = () => ({
      body: { keys: [jwk(small, { kid: 'a' }), { kty: 'RSA', kid: 'b' }, { kty: 'RSA', kid: 5 }] },
    })
    const host = create()
    for (const kid of ['a', 'b', 5, null, { a: 1 }, '__proto__']) {
      await expect(host.authenticate(signedBy(small, { kid }), trace)).rejects.toMatchObject({
        status: 401,
      })
    }
  })
})
