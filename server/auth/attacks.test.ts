import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  forge,
  hmac,
  rsa,
  startListeningServer,
  type ListeningServer,
  type Signer,
} from '../testing/auth.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const ISSUER = 'https://site.example'
const AUDIENCE = 'the-chat'
const seconds = () => Math.floor(Date.now() / 1_000)

const site = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const attacker = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const jwkOf = (key: KeyObject, kid: string) => ({
  ...key.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  alg: 'RS256',
})

/** What is asked with a genuine token of a mode, and what a genuine token of it is made of. */
interface Genuine {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly sign: Signer
  /** The `type` of a token that is for something else; `refresh` when it is not given. */
  readonly otherType?: string
}

let elsewhere: ListeningServer
let keys: ListeningServer
beforeAll(async () => {
  const theirs = { keys: [jwkOf(attacker.publicKey, 'site-key')] }
  elsewhere = await startListeningServer(() => ({ body: theirs }))
  keys = await startListeningServer(() => ({ body: { keys: [jwkOf(site.publicKey, 'site-key')] } }))
})
afterAll(async () => {
  await elsewhere.close()
  await keys.close()
})

/** The status of a request for new tokens with this one. */
async function renewalStatus({ url }: TestServer, token: string): Promise<number> {
  const response = await fetch(`${url}/api/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: token }),
  })
  return response.status
}

/** Makes the first user; what its tokens say. */
async function registerSomebody({ url }: TestServer) {
  const response = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'somebody', password: 'a good password' }),
  })
  const { id } = (await response.json()) as { readonly id: string }
  return { sub: id, token_version: 0, iat: seconds() - 5, nbf: seconds() - 5 }
}

/** The status of a request whose header lines are sent as they stand. */
async function statusWith(server: TestServer, lines: readonly string[]): Promise<number> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  const request = ['GET /api/conversations HTTP/1.1', 'host: x', ...lines, 'connection: close']
  socket.write(`${request.join('\r\n')}\r\n\r\n`, 'latin1')
  let answer = ''
  socket.on('data', (bytes: Buffer) => {
    answer += bytes.toString()
  })
  await once(socket, 'close')
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
}

const statusOf = (server: TestServer, token: string) =>
  statusWith(server, [`authorization: Bearer ${token}`])

/** Every way of being somebody that a forged token has been known to try; each is one change to a genuine one. */
const FORGED: Readonly<Record<string, (genuine: Genuine) => string>> = {
  'that says it needs no signature': ({ claims, sign }) => forge({ alg: 'none' }, claims, sign),
  'that says so in other letters': ({ claims, sign }) => forge({ alg: 'nOnE' }, claims, sign),
  'with an empty signature': ({ header, claims }) => forge(header, claims, () => Buffer.alloc(0)),
  'whose signature was taken off': (genuine) =>
    genuineToken(genuine).split('.').slice(0, 2).join('.'),
  'whose signature is all zeros': ({ header, claims }) =>
    forge(header, claims, () => Buffer.alloc(256)),
  'that was changed after it was signed': (genuine) => {
    const [header, , signature] = genuineToken(genuine).split('.')
    const claims = { ...genuine.claims, sub: 'somebody-else', roles: ['admin'] }
    return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
  },
  'signed with the public key as a shared secret': ({ claims }) =>
    forge(
      { alg: 'HS256', kid: 'site-key' },
      claims,
      hmac(site.publicKey.export({ type: 'spki', format: 'pem' })),
    ),
  'signed with the key set as a shared secret': ({ claims }) =>
    forge(
      { alg: 'HS256', kid: 'site-key' },
      claims,
      hmac(JSON.stringify(jwkOf(site.publicKey, 'site-key'))),
    ),
  'of another algorithm than the key is for': ({ header, claims }) =>
    forge({ ...header, alg: 'PS256' }, claims, rsa(site.privateKey)),
  'of a longer hash with the same secret': ({ claims }) =>
    forge({ alg: 'HS512' }, claims, hmac(SECRET, 'sha512')),
  'with a list of algorithms': ({ header, claims, sign }) =>
    forge({ ...header, alg: [header['alg'], 'none'] }, claims, sign),
  'of another issuer': ({ header, claims, sign }) =>
    forge(header, { ...claims, iss: 'https://else.example' }, sign),
  'of no issuer': ({ header, claims, sign }) => forge(header, { ...claims, iss: undefined }, sign),
  'that has expired': ({ header, claims, sign }) =>
    forge(header, { ...claims, exp: seconds() - 60 }, sign),
  'whose end is a text': ({ header, claims, sign }) =>
    forge(header, { ...claims, exp: String(seconds() + 60) }, sign),
  'that is not valid yet': ({ header, claims, sign }) =>
    forge(header, { ...claims, nbf: seconds() + 60 }, sign),
  'of nobody': ({ header, claims, sign }) => forge(header, { ...claims, sub: undefined }, sign),
  'that names a file without content as its key': ({ header, claims }) =>
    forge({ ...header, kid: '../../../../../../dev/null' }, claims, hmac('')),
  'that brings its key in a query': ({ header, claims }) =>
    forge({ ...header, kid: "x' UNION SELECT 'mine' -- " }, claims, hmac('mine')),
  'that says where its key set is': ({ claims }) =>
    forge(
      { alg: 'RS256', kid: 'site-key', jku: `${elsewhere.url}/keys` },
      claims,
      rsa(attacker.privateKey),
    ),
  'that says where its certificate is': ({ claims }) =>
    forge(
      { alg: 'RS256', kid: 'site-key', x5u: `${elsewhere.url}/certificate` },
      claims,
      rsa(attacker.privateKey),
    ),
  'that brings its key along': ({ claims }) =>
    forge(
      { alg: 'RS256', kid: 'site-key', jwk: jwkOf(attacker.publicKey, 'site-key') },
      claims,
      rsa(attacker.privateKey),
    ),
  'with a critical extension': ({ header, claims, sign }) =>
    forge({ ...header, crit: ['exp-later'], 'exp-later': 1 }, claims, sign),
  'whose content is not encoded': ({ header, claims, sign }) =>
    forge({ ...header, crit: ['b64'], b64: false }, claims, sign),
  'of more than 8 KiB': ({ header, claims, sign }) =>
    forge(header, { ...claims, filler: 'x'.repeat(8_192) }, sign),
  'of another purpose': ({ header, claims, sign, otherType = 'refresh' }) =>
    forge(header, { ...claims, type: otherType }, sign),
  'with a point at its end': (genuine) => `${genuineToken(genuine)}.`,
  'with padding': (genuine) => `${genuineToken(genuine)}==`,
}

const genuineToken = ({ header, claims, sign }: Genuine) => forge(header, claims, sign)

/** Header lines that carry a genuine token in a way that does not count. */
const MISPLACED: Readonly<Record<string, (token: string) => readonly string[]>> = {
  'in another scheme': (token) => [`authorization: Basic ${token}`],
  'without a scheme': (token) => [`authorization: ${token}`],
  'with its scheme glued to it': (token) => [`authorization: Bearer${token}`],
  'behind a tab': (token) => [`authorization: Bearer\t${token}`],
  'behind a no-break space': (token) => [`authorization: Bearer\u00a0${token}`],
  'cut by a space': (token) => [`authorization: Bearer ${token.slice(0, 20)} ${token.slice(20)}`],
  'followed by another': (token) => [`authorization: Bearer ${token}, Bearer ${token}`],
  'in a cookie': (token) => [`cookie: token=${token}; authorization=Bearer ${token}`],
}

/** The same in two headers: a proxy may have looked at the other one, so the request is none. */
const REPEATED: typeof MISPLACED = {
  'in two headers': (token) => [`authorization: Bearer ${token}`, `Authorization: Bearer ${token}`],
  'in the second of two headers': (token) => [
    'authorization: Bearer nonsense',
    `authorization: Bearer ${token}`,
  ],
  'in the first of two headers': (token) => [
    `authorization: Bearer ${token}`,
    'authorization: Bearer nonsense',
  ],
}

const claims = () => ({ sub: 'somebody', iss: ISSUER, exp: seconds() + 600 })

interface Mode {
  environment(): Record<string, string>
  genuine(): Genuine
  /** What a genuine token says besides, once the server is there. */
  readonly prepare?: (server: TestServer) => Promise<Readonly<Record<string, unknown>>>
  /** Where tokens are shown other than in a header. */
  readonly statusOf?: (server: TestServer, token: string) => Promise<number>
}

const accounts = {
  environment: () => ({
    AUTH_MODE: 'local',
    PASSWORD_COST: '4',
    JWT_SECRET_KEY: SECRET,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
  }),
  prepare: registerSomebody,
}

const MODES: Readonly<Record<string, Mode>> = {
  'sessions of visitors': {
    environment: () => ({ JWT_SECRET_KEY: SECRET, JWT_ISSUER: ISSUER }),
    genuine: () => ({
      header: { alg: 'HS256' },
      claims: { ...claims(), type: 'visitor' },
      sign: hmac(SECRET),
    }),
  },
  'tokens signed with a shared secret': {
    environment: () => ({
      AUTH_MODE: 'jwt',
      JWT_SECRET_KEY: SECRET,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
    }),
    genuine: () => ({
      header: { alg: 'HS256' },
      claims: { ...claims(), aud: AUDIENCE },
      sign: hmac(SECRET),
    }),
  },
  'access tokens of accounts': {
    ...accounts,
    genuine: () => ({
      header: { alg: 'HS256' },
      claims: { ...claims(), aud: AUDIENCE, type: 'access' },
      sign: hmac(SECRET),
    }),
  },
  'refresh tokens of accounts': {
    ...accounts,
    genuine: () => ({
      header: { alg: 'HS256' },
      claims: { ...claims(), aud: AUDIENCE, type: 'refresh' },
      sign: hmac(SECRET),
      otherType: 'access',
    }),
    statusOf: renewalStatus,
  },
  'tokens signed with a key of a key set': {
    environment: () => ({
      AUTH_MODE: 'jwt',
      // There, and of no use to anybody: keys and a secret are never valid at once.
      JWT_SECRET_KEY: SECRET,
      JWT_JWKS_URL: `${keys.url}/keys`,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
    }),
    genuine: () => ({
      header: { alg: 'RS256', kid: 'site-key' },
      claims: { ...claims(), aud: AUDIENCE },
      sign: rsa(site.privateKey),
    }),
  },
}

for (const [name, mode] of Object.entries(MODES)) {
  describe(name, () => {
    const show = mode.statusOf ?? statusOf
    let server: TestServer
    let genuine: Genuine
    let prepared: Readonly<Record<string, unknown>>
    beforeAll(async () => {
      server = await startTestServer(mode.environment())
      prepared = (await mode.prepare?.(server)) ?? {}
    })
    afterAll(() => server.close())
    beforeEach(() => {
      const made = mode.genuine()
      genuine = { ...made, claims: { ...made.claims, ...prepared } }
    })

    it('let a genuine one in', async () => {
      expect(await show(server, genuineToken(genuine))).toBe(200)
    })

    for (const [what, forged] of Object.entries(FORGED)) {
      it(`refuse one ${what}`, async () => {
        const heard = elsewhere.requests.length
        expect(await show(server, forged(genuine))).toBe(401)
        expect(elsewhere.requests).toHaveLength(heard)
      })
    }
    if (mode.statusOf) return

    it('let a genuine one in whatever the case of the scheme', async () => {
      const token = genuineToken(genuine)
      expect(await statusWith(server, [`AUTHORIZATION: bearer  ${token}`])).toBe(200)
    })

    for (const [what, lines] of Object.entries(MISPLACED)) {
      it(`refuse a genuine one ${what}`, async () => {
        expect(await statusWith(server, lines(genuineToken(genuine)))).toBe(401)
      })
    }

    for (const [what, lines] of Object.entries(REPEATED)) {
      it(`refuse the request of a genuine one ${what}`, async () => {
        expect(await statusWith(server, lines(genuineToken(genuine)))).toBe(401)
      })
    }
  })
}

describe('tokens of the host site', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(MODES['tokens signed with a shared secret']!.environment())
  })
  afterAll(() => server.close())
  const status = (changes: object) =>
    statusOf(
      server,
      forge({ alg: 'HS256' }, { ...claims(), aud: AUDIENCE, ...changes }, hmac(SECRET)),
    )

  it('are for this audience, alone or among others', async () => {
    expect(await status({ aud: ['else', AUDIENCE] })).toBe(200)
    expect(await status({ aud: 'else' })).toBe(401)
    expect(await status({ aud: undefined })).toBe(401)
  })

  it('name somebody in a text of 1 to 255 characters', async () => {
    expect(await status({ sub: '😀'.repeat(255) })).toBe(200)
    expect(await status({ sub: '😀'.repeat(256) })).toBe(401)
    expect(await status({ sub: '' })).toBe(401)
    expect(await status({ sub: 7 })).toBe(401)
    expect(await status({ sub: null })).toBe(401)
  })

  it('are no sessions of visitors, and no refresh tokens in anybody’s spelling', async () => {
    expect(await status({ type: 'access' })).toBe(200)
    expect(await status({ type: 'visitor' })).toBe(401)
    expect(await status({ typ: 'Refresh' })).toBe(401)
    expect(await status({ token_type: 'refresh' })).toBe(401)
    expect(await status({ token_use: 'refresh' })).toBe(401)
  })

  it('are no sessions in visitor mode, whoever signed them', async () => {
    const visitors = await startTestServer({ JWT_SECRET_KEY: SECRET, JWT_ISSUER: ISSUER })
    const token = forge({ alg: 'HS256' }, claims(), hmac(SECRET))
    expect(await statusOf(visitors, token)).toBe(401)
    await visitors.close()
  })
})

describe('tokens of accounts', () => {
  let server: TestServer
  let good: Readonly<Record<string, unknown>>
  beforeAll(async () => {
    server = await startTestServer(accounts.environment())
    good = { ...claims(), aud: AUDIENCE, ...(await registerSomebody(server)) }
  })
  afterAll(() => server.close())

  const UNFIT: Readonly<Record<string, object>> = {
    'of a visitor': { type: 'visitor' },
    'of no type': { type: undefined },
    'of types in a list': { type: ['access', 'refresh'] },
    'of a user that there is not': { sub: '00000000-0000-4000-8000-000000000000' },
    'whose user is a number': { sub: 7 },
    'of the sessions before the last logout': { token_version: -1 },
    'of sessions that are still to come': { token_version: 1 },
    'of no sessions': { token_version: undefined },
    'whose sessions are a text': { token_version: '0' },
    'without an end': { exp: undefined },
    'that does not say when it was made': { iat: undefined },
    'that does not say from when on it is valid': { nbf: undefined },
    'for another audience': { aud: 'else' },
    'for no audience': { aud: undefined },
  }
  for (const [what, changes] of Object.entries(UNFIT)) {
    it(`are refused ${what}`, async () => {
      const sign = (type: string) =>
        forge({ alg: 'HS256' }, { ...good, type, ...changes }, hmac(SECRET))
      expect(await statusOf(server, sign('access'))).toBe(401)
      expect(await renewalStatus(server, sign('refresh'))).toBe(401)
    })
  }

  it('say nothing of their user that the account does not', async () => {
    const token = forge(
      { alg: 'HS256' },
      { ...good, type: 'access', roles: [], username: 'else' },
      hmac(SECRET),
    )
    const response = await fetch(`${server.url}/api/auth/me`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(await response.json()).toMatchObject({ username: 'somebody', roles: ['admin'] })
  })
})

describe('tokens of another service', () => {
  let auth: ListeningServer
  let server: TestServer
  beforeAll(async () => {
    auth = await startListeningServer(() => ({ body: { valid: true, user: { id: 1 } } }))
    server = await startTestServer({ AUTH_SERVICE_URL: auth.url })
  })
  afterAll(async () => {
    await server.close()
    await auth.close()
  })

  it('may have any form', async () => {
    expect(await statusOf(server, 'opaque/token+of=theirs')).toBe(200)
  })

  it('are refused unasked when they have more than 8 KiB', async () => {
    const heard = auth.requests.length
    expect(await statusOf(server, 'x'.repeat(8_193))).toBe(401)
    expect(auth.requests).toHaveLength(heard)
  })

  for (const [what, lines] of Object.entries({ ...MISPLACED, ...REPEATED })) {
    it(`are refused unasked ${what}`, async () => {
      const heard = auth.requests.length
      const status = await statusWith(server, lines(`a-token-of-${what.replaceAll(' ', '-')}`))
      expect(status, what).toBe(401)
      expect(auth.requests).toHaveLength(heard)
    })
  }
})
