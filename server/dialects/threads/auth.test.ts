import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { AdminUsersBody } from '../site/admin-routes.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTestClient } from '../../testing/test-client.ts'

const PASSWORD = 'a good password'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

type Body = Readonly<Record<string, unknown>>

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

const start = (environment: Readonly<Record<string, string>> = {}) =>
  startTestServer({
    AUTH_MODE: 'local',
    PASSWORD_COST: '4',
    // Tests come from as many places as they like.
    TRUSTED_PROXIES: 'loopback',
    ...environment,
  })

interface Asking {
  readonly token?: string | undefined
  /** An address. */
  readonly from?: string
}

async function ask(
  { url }: Pick<TestServer, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  { token, from = '192.0.2.1' }: Asking = {},
): Promise<Reply> {
  const response = await fetch(url + path, {
    method,
    headers: {
      'x-forwarded-for': from,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const data: unknown = text === '' ? {} : JSON.parse(text)
  return { status: response.status, headers: response.headers, body: data as Body }
}

const register = (server: TestServer, body: object | string, asking: Asking = {}) =>
  ask(server, 'POST', '/api/auth/register', body, asking)
const login = (server: TestServer, username: unknown, password: unknown, from?: string) =>
  ask(server, 'POST', '/api/auth/login', { username, password }, from === undefined ? {} : { from })
const refresh = (server: TestServer, token: unknown) =>
  ask(server, 'POST', '/api/auth/refresh', { refresh_token: token })
const me = (server: TestServer, token: string) =>
  ask(server, 'GET', '/api/auth/me', undefined, { token })

async function tokensOf(server: TestServer, username: string, password = PASSWORD) {
  const { status, body } = await login(server, username, password)
  expect(status).toBe(200)
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) }
}

/** A server with an admin, and the admin's token. */
async function startWithAdmin(environment: Readonly<Record<string, string>> = {}) {
  const server = await start(environment)
  await register(server, { username: 'root', password: PASSWORD })
  return { server, admin: (await tokensOf(server, 'root')).access }
}

async function using<T>(server: TestServer, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } finally {
    await server.close()
  }
}

describe('registering', () => {
  it('is open while there is no user; the first is an admin, whatever it asks for', async () => {
    const server = await start()
    await using(server, async () => {
      const { status, body } = await register(server, {
        username: '  Ada ',
        password: PASSWORD,
        full_name: 'Ada Lovelace',
        email: 'ada@example.com',
        roles: ['author'],
        allowed_products: ['p1', 'p1'],
        allowed_agents: null,
        is_active: false,
      })
      expect(status).toBe(201)
      expect(body).toEqual({
        id: expect.stringMatching(UUID),
        username: 'Ada',
        email: 'ada@example.com',
        full_name: 'Ada Lovelace',
        roles: ['admin', 'author'],
        allowed_products: ['p1'],
        allowed_agents: [],
        is_active: true,
        token_version: 0,
        created_at: expect.stringMatching(TIME),
        updated_at: expect.stringMatching(TIME),
        last_login_at: null,
      })
    })
  })

  it.each([{}, { REGISTRATION: 'open' }])(
    'lets one of two be the first that come at once (%j)',
    async (environment: Record<string, string>) => {
      const server = await start(environment)
      await using(server, async () => {
        const both = await Promise.all(
          ['ann', 'bob'].map((username) =>
            register(server, { username, password: PASSWORD, roles: ['admin'] }),
          ),
        )
        const statuses = both.map(({ status }) => status)
        expect(new Set(statuses)).toEqual(new Set([201, 403]))
      })
    },
  )

  it('is for admins from then on', async () => {
    const { server, admin } = await startWithAdmin()
    await using(server, async () => {
      const body = { username: 'bob', password: PASSWORD, roles: ['reader'], is_active: true }
      const refused = await register(server, body)
      expect(refused.status).toBe(403)
      expect(refused.body['detail']).toBe('Only an admin may add users here.')
      const added = await register(server, body, { token: admin })
      expect(added.status).toBe(201)
      expect(added.body).toMatchObject({ username: 'bob', roles: ['reader'] })
      const { access } = await tokensOf(server, 'bob')
      const byBob = await register(server, { ...body, username: 'cy' }, { token: access })
      expect(byBob.status).toBe(403)
      const withNonsense = await register(server, { ...body, username: 'cy' }, { token: 'x.y.z' })
      expect(withNonsense.status).toBe(401)
    })
  })

  it('is for everybody where it is open, but roles, lists and states are set by an admin', async () => {
    const { server, admin } = await startWithAdmin({ REGISTRATION: 'open' })
    await using(server, async () => {
      const added = await register(server, {
        username: 'bob',
        password: PASSWORD,
        roles: [],
        allowed_products: [],
        is_active: true,
      })
      expect(added.status).toBe(201)
      expect(added.body).toMatchObject({ roles: [], is_active: true })
      for (const wish of [
        { roles: ['admin'] },
        { allowed_products: ['p'] },
        { allowed_agents: ['a'] },
        { is_active: false },
      ]) {
        const body = { username: 'cy', password: PASSWORD, ...wish }
        expect((await register(server, body)).status).toBe(403)
        const byAdmin = { ...body, username: `cy ${Object.keys(wish).join('')}` }
        expect((await register(server, byAdmin, { token: admin })).status).toBe(201)
      }
    })
  })

  describe('checks each field', () => {
    let server: TestServer
    let token: string
    beforeAll(async () => {
      ;({ server, admin: token } = await startWithAdmin())
    })
    afterAll(() => server.close())
    let count = 0
    const status = async (changes: object) => {
      count += 1
      const body = { username: `user-${count}`, password: PASSWORD, ...changes }
      const reply = await register(server, body, { token })
      const errors = reply.body['errors'] as readonly { readonly path: string }[] | undefined
      return [reply.status, errors?.[0]?.path] as const
    }

    it.each(['é'.repeat(36), '12345678', '😀'.repeat(18), ' '.repeat(8)])(
      'takes the password %j, and it is the one that signs in',
      async (password) => {
        expect(await status({ password })).toEqual([201, undefined])
        expect((await login(server, `user-${count}`, password)).status).toBe(200)
        expect((await login(server, `user-${count}`, `${password}x`)).status).toBe(401)
      },
    )

    it.each(['', '1234567', 'é'.repeat(37), 'x'.repeat(73), 'x'.repeat(500_000)])(
      'answers 400 to a password outside of 8 to 72 bytes',
      async (password) => expect(await status({ password })).toEqual([400, 'password']),
    )

    it('answers 409 to a name or an address that is taken, in whatever letters', async () => {
      expect(await status({ username: 'Straße Ⅸ', email: 'Zoe@Example.com' })).toEqual([
        201,
        undefined,
      ])
      for (const username of ['straße ix', 'STRASSE IX', ' Ｓtraße Ⅸ ']) {
        expect(await status({ username })).toEqual([409, 'username'])
      }
      expect(await status({ email: 'zoe@EXAMPLE.com' })).toEqual([409, 'email'])
    })

    it.each([
      ['username', null],
      ['username', ''],
      ['username', '   '],
      ['username', 7],
      ['username', ['x']],
      ['username', 'a\u202eb'],
      ['username', 'a\u200bb'],
      ['username', 'a\nb'],
      ['username', 'x'.repeat(151)],
      ['username', 'x'.repeat(900_000)],
      ['password', null],
      ['password', 12_345_678],
      ['email', 'nobody'],
      ['email', 'a b@example.com'],
      ['email', 'a@b@c'],
      ['email', 5],
      ['email', `${'x'.repeat(250)}@example.com`],
      ['full_name', {}],
      ['full_name', 'x'.repeat(256)],
      ['full_name', 'a\u0007b'],
      ['roles', 'admin'],
      ['roles', { 0: 'admin' }],
      ['roles.0', [null]],
      ['roles.1', ['admin', 5]],
      ['allowed_products.0', ['']],
      ['allowed_agents.0', ['x'.repeat(101)]],
      ['allowed_agents', Array.from({ length: 101 }, (_, index) => `a${index}`)],
      ['allowed_products', Array.from({ length: 100 }, (_, index) => `${index}`.repeat(30))],
      ['is_active', 'yes'],
      ['is_active', 1],
    ])('answers 422 with the name of %s for %j', async (path, value) => {
      expect(await status({ [path.replace(/\..*/, '')]: value })).toEqual([422, path])
    })

    it.each(['username', 'password', 'email', 'full_name', 'roles'])(
      'answers 422 to half a character and to NUL in %s',
      async (field) => {
        for (const text of ['\\ud800', 'x\\u0000y', '\\udc00\\ud800']) {
          const value = field === 'roles' ? `["${text}"]` : `"${text}"`
          const body = `{"username":"z","password":"12345678","${field}":${value}}`
          const reply = await register(server, body, { token })
          expect(reply.status).toBe(422)
          expect(reply.body['detail']).toContain(field)
        }
      },
    )

    it('takes null for what is left out, and names in any script', async () => {
      const nothing = { full_name: null, email: null, roles: null, allowed_products: null }
      expect(await status({ ...nothing, allowed_agents: null, is_active: null })).toEqual([
        201,
        undefined,
      ])
      expect(await status({ username: '😀'.repeat(150), full_name: 'می\u200cخواهم' })).toEqual([
        201,
        undefined,
      ])
    })

    it('takes lists as long as a token can carry', async () => {
      const lists = { roles: ['é'.repeat(100)], allowed_products: ['😀'.repeat(100), 'p'] }
      const agents = Array.from({ length: 33 }, (_, index) => `${'x'.repeat(97)}${index}`)
      expect(await status({ ...lists, allowed_agents: agents })).toEqual([201, undefined])
      const { access } = await tokensOf(server, `user-${count}`)
      expect((await me(server, access)).body['allowed_agents']).toEqual(agents)
    })

    it.each([
      ['[]', 422],
      ['null', 422],
      ['{', 400],
      ['"x"', 422],
    ])('answers %s with %i', async (body, expected) => {
      expect((await register(server, body, { token })).status).toBe(expected)
    })

    it('answers 413 to 10 MB', async () => {
      const huge = 'x'.repeat(10_000_000)
      expect((await register(server, { username: huge }, { token })).status).toBe(413)
      expect((await login(server, huge, huge)).status).toBe(413)
      expect((await refresh(server, huge)).status).toBe(413)
    })
  })
})

describe('signing in', () => {
  let server: TestServer
  let admin: string
  beforeAll(async () => {
    ;({ server, admin } = await startWithAdmin({ JWT_AUDIENCE: 'the-chat' }))
    await register(
      server,
      {
        username: 'Bob',
        email: 'bob@example.com',
        password: PASSWORD,
        roles: ['reader'],
        allowed_products: ['p1'],
        allowed_agents: ['a1'],
      },
      { token: admin },
    )
  })
  afterAll(() => server.close())

  it('gives a pair of tokens with all that the contract says', async () => {
    const { status, body, headers } = await login(server, ' BOB', PASSWORD)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 15 * 60,
      refresh_expires_in: 10_080 * 60,
    })
    const user = (await me(server, String(body['access_token']))).body
    for (const [name, type, lifetime] of [
      ['access_token', 'access', 900],
      ['refresh_token', 'refresh', 604_800],
    ] as const) {
      const token = String(body[name])
      expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' })
      const claims = decodeJwt(token)
      expect(claims).toEqual({
        sub: user['id'],
        username: 'Bob',
        type,
        iss: 'samosa-chat',
        aud: 'the-chat',
        iat: expect.any(Number),
        nbf: claims.iat,
        exp: claims.iat! + lifetime,
        token_version: 0,
        roles: ['reader'],
        products: ['p1'],
        agents: ['a1'],
      })
    }
    expect(user['last_login_at']).toMatch(TIME)
  })

  it('says the same of all that is wrong', async () => {
    await register(
      server,
      { username: 'idle', password: PASSWORD, is_active: false },
      { token: admin },
    )
    const replies = [
      await login(server, 'bob', 'another password'),
      await login(server, 'bob', `${PASSWORD} `),
      await login(server, 'bob', ''),
      await login(server, 'nobody', PASSWORD),
      await login(server, '', PASSWORD),
      await login(server, 'x'.repeat(500_000), 'y'.repeat(400_000)),
      await login(server, 'idle', PASSWORD),
    ]
    for (const { status, body, headers } of replies) {
      expect(status).toBe(401)
      expect(body['detail']).toBe('Invalid credentials')
      expect(body).toEqual(replies[0]?.body)
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
  })

  it.each([
    [null, PASSWORD, 'username'],
    [7, PASSWORD, 'username'],
    ['bob', null, 'password'],
    ['bob', 5, 'password'],
    ['bob', ['x'], 'password'],
  ])('answers 422 to %j with %j', async (username, password, path) => {
    const { status, body } = await login(server, username, password)
    expect([status, body['errors']]).toEqual([
      422,
      [{ path, message: expect.stringMatching(/^must be a text/) }],
    ])
  })

  it('answers 422 to half a character and to NUL', async () => {
    for (const text of ['\\ud83d', 'bob\\u0000']) {
      const name = `{"username":"${text}","password":"${PASSWORD}"}`
      const password = `{"username":"bob","password":"${PASSWORD}${text}"}`
      for (const body of [name, password]) {
        expect((await ask(server, 'POST', '/api/auth/login', body)).status).toBe(422)
      }
    }
  })

  it('gives tokens that no other kind can take the place of', async () => {
    const tokens = await tokensOf(server, 'bob')
    expect((await me(server, tokens.refresh)).status).toBe(401)
    expect((await refresh(server, tokens.access)).status).toBe(401)
    expect(
      (await ask(server, 'POST', '/api/auth/logout', {}, { token: tokens.refresh })).status,
    ).toBe(401)
    expect((await me(server, tokens.access)).status).toBe(200)
  })

  it('can be renewed, by two tabs at once and again by the same token', async () => {
    const tokens = await tokensOf(server, 'bob')
    const [one, other] = await Promise.all([
      refresh(server, tokens.refresh),
      refresh(server, tokens.refresh),
    ])
    for (const { status, body } of [one, other, await refresh(server, tokens.refresh)]) {
      expect(status).toBe(200)
      expect(Object.keys(body)).toEqual(Object.keys((await login(server, 'bob', PASSWORD)).body))
      expect((await me(server, String(body['access_token']))).status).toBe(200)
      expect((await refresh(server, body['refresh_token'])).status).toBe(200)
    }
  })

  it.each([
    [null, 422],
    [5, 422],
    [undefined, 422],
    ['', 401],
    ['nonsense', 401],
    ['x'.repeat(100_000), 401],
  ])('is not renewed by %j', async (token, expected) => {
    expect((await refresh(server, token)).status).toBe(expected)
  })

  it('ends with logging out: every earlier token is dead', async () => {
    const first = await tokensOf(server, 'bob')
    const second = await tokensOf(server, 'bob')
    // Both are known to be good.
    for (const { access } of [first, second]) expect((await me(server, access)).status).toBe(200)
    const logout = await ask(server, 'POST', '/api/auth/logout', undefined, { token: first.access })
    expect(logout.status).toBe(204)
    for (const { access, refresh: renewal } of [first, second]) {
      expect((await me(server, access)).status).toBe(401)
      expect((await refresh(server, renewal)).status).toBe(401)
    }
    const { access } = await tokensOf(server, 'bob')
    const { body } = await me(server, access)
    expect(body['token_version']).toBe(decodeJwt(access)['token_version'])
    expect(body['token_version']).toBe(1)
  })

  it('is needed for everything that is somebody’s', async () => {
    for (const [method, path] of [
      ['GET', '/api/auth/me'],
      ['POST', '/api/auth/logout'],
      ['GET', '/api/conversations'],
    ] as const) {
      const { status, headers } = await ask(server, method, path)
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    }
    expect((await ask(server, 'POST', '/api/session')).status).toBe(404)
  })

  it('survives a restart', async () => {
    const { access, refresh: renewal } = await tokensOf(server, 'bob')
    await server.restart()
    expect((await me(server, access)).body['username']).toBe('Bob')
    expect((await refresh(server, renewal)).status).toBe(200)
    expect((await register(server, { username: 'late', password: PASSWORD })).status).toBe(403)
  })
})

describe('a user', () => {
  it('owns conversations, which another user does not see', async () => {
    const { server, admin } = await startWithAdmin()
    await using(server, async () => {
      await register(server, { username: 'bob', password: PASSWORD }, { token: admin })
      const { access } = await tokensOf(server, 'bob')
      const bob = createTestClient(() => server.url, access)
      const root = createTestClient(() => server.url, admin)
      const id = await bob.conversation()
      await bob.send(id, 'Hello?')
      expect((await root.request('GET', `/api/conversations/${id}`)).status).toBe(404)

      const { body, status } = await root.request('GET', '/api/admin/users')
      expect(status).toBe(200)
      const { items, totals } = body as unknown as AdminUsersBody
      expect(totals).toEqual({ users: 2, conversations: 1, messages: 2 })
      expect(items.find(({ username }) => username === 'bob')).toEqual({
        id: (await me(server, access)).body['id'],
        email: null,
        name: 'bob',
        is_admin: false,
        first_seen_at: expect.stringMatching(TIME),
        last_seen_at: expect.stringMatching(TIME),
        conversation_count: 1,
        message_count: 2,
        username: 'bob',
        provider: 'local',
        created_at: expect.stringMatching(TIME),
        last_login_at: expect.stringMatching(TIME),
      })
      expect(items.find(({ username }) => username === 'root')?.is_admin).toBe(true)
      expect((await bob.request('GET', '/api/admin/users')).status).toBe(403)

      // Erasing takes what the user has left here; the account stays.
      expect((await bob.request('DELETE', '/api/session')).status).toBe(204)
      expect((await bob.request('GET', `/api/conversations/${id}`)).status).toBe(404)
      expect((await me(server, access)).status).toBe(200)
    })
  })

  it('is told to the element as one who signs in', async () => {
    const server = await start()
    await using(server, async () => {
      const { body } = await ask(server, 'GET', '/api/widget-config')
      expect(body).toMatchObject({ auth_mode: 'local', features: { accounts: true } })
    })
  })
})

describe('attempts', () => {
  const statusesOf = async (count: number, attempt: () => Promise<Reply>) => {
    const statuses: number[] = []
    for (let done = 0; done < count; done += 1) statuses.push((await attempt()).status)
    return statuses
  }

  it('are limited by account and place, and keep nobody out who is somewhere else', async () => {
    // The limit of messages is off in tests, and this one is not.
    const { server } = await startWithAdmin()
    await using(server, async () => {
      const from = '198.51.100.7'
      const guess = () => login(server, 'root', 'a wrong guess', from)
      expect(await statusesOf(10, guess)).toEqual(Array(10).fill(401))
      const refused = await guess()
      expect(refused.status).toBe(429)
      expect(refused.body['detail']).toMatch(
        /^That is too many attempts to sign in\. Please wait \d+ seconds\.$/,
      )
      const seconds = Number(refused.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(300)
      expect(refused.headers.get('ratelimit-policy')).toBe('"logins";q=10;w=300')
      expect(refused.headers.get('ratelimit')).toBe(`"logins";r=0;t=${seconds}`)
      // Even with the right password from there; and from elsewhere all is well.
      expect((await login(server, 'root', PASSWORD, from)).status).toBe(429)
      expect((await login(server, 'root', PASSWORD, '198.51.100.8')).status).toBe(200)
      expect((await login(server, 'nobody', PASSWORD, from)).status).toBe(401)
    })
  })

  it('begin anew with a success', async () => {
    const { server } = await startWithAdmin()
    await using(server, async () => {
      for (let round = 0; round < 8; round += 1) {
        expect(await statusesOf(9, () => login(server, 'root', 'wrong word'))).not.toContain(429)
        expect((await login(server, 'root', PASSWORD)).status).toBe(200)
      }
    })
  })

  it('are limited by place, whatever the account', async () => {
    const { server } = await startWithAdmin()
    await using(server, async () => {
      let count = 0
      const statuses = await statusesOf(51, () => login(server, `user-${(count += 1)}`, PASSWORD))
      expect(statuses).toEqual([...Array(50).fill(401), 429])
      expect((await login(server, 'root', PASSWORD, '198.51.100.8')).status).toBe(200)
    })
  })

  it('from everywhere leave an account open to where it has been used before', async () => {
    const { server } = await startWithAdmin()
    await using(server, async () => {
      let count = 0
      const guess = () => login(server, 'ROOT', 'a wrong guess', `203.0.113.${(count += 1)}`)
      expect(await statusesOf(51, guess)).toEqual([...Array(50).fill(401), 429])
      expect((await login(server, 'root', PASSWORD, '203.0.113.200')).status).toBe(429)
      expect((await login(server, 'root', PASSWORD)).status).toBe(200)
    })
  })

  it('to register are limited by place', async () => {
    const { server } = await startWithAdmin({ REGISTRATION: 'open' })
    await using(server, async () => {
      let count = 0
      // That of the first user came from there too.
      const statuses = await statusesOf(60, () =>
        register(server, { username: `user-${(count += 1)}`, password: PASSWORD }),
      )
      expect(statuses).toEqual([...Array(59).fill(201), 429])
      const body = { username: 'other', password: PASSWORD }
      expect((await register(server, body, { from: '198.51.100.8' })).status).toBe(201)
    })
  })

  it('to renew are limited by place', async () => {
    const server = await start()
    await using(server, async () => {
      const statuses = await statusesOf(601, () => refresh(server, 'nonsense'))
      expect(statuses).toEqual([...Array(600).fill(401), 429])
    })
  })
})

describe('a server without accounts', () => {
  it('says so on every route', async () => {
    const server = await startTestServer()
    await using(server, async () => {
      for (const [method, path] of [
        ['POST', '/api/auth/register'],
        ['POST', '/api/auth/login'],
        ['POST', '/api/auth/refresh'],
        ['POST', '/api/auth/logout'],
        ['GET', '/api/auth/me'],
      ] as const) {
        const { status, body } = await ask(server, method, path)
        expect(status).toBe(404)
        expect(body['detail']).toBe('This server has no accounts: AUTH_MODE is not "local" here.')
      }
    })
  })
})
