import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as bcrypt from '@node-rs/bcrypt'
import { toChatError } from '../core/errors.ts'
import type { AccountStore, Registration } from '../core/ports/index.ts'
import { createInProcessLimiter } from '../limits/in-process.ts'
import { createJsonAccountStore } from '../stores/json-accounts.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { createLocalAccounts, type LocalAccounts, type LocalAccountsOptions } from './local.ts'
import {
  createPasswords,
  createThreadedHashing,
  DEFAULT_COST,
  type PasswordHashing,
} from './passwords.ts'

const PASSWORD = 'a good password'
const HOME = '192.0.2.1'
const trace = { traceId: 'x', sessionTraceId: undefined }

/** The real library, which counts what it is asked for. */
function createCountingHashing() {
  const asked = {
    hashes: 0,
    compares: [] as { readonly password: string; readonly cost: string }[],
  }
  const hashing: PasswordHashing = {
    hash(password, cost) {
      asked.hashes += 1
      return bcrypt.hash(password, { cost })
    },
    verify(password, encoded) {
      asked.compares.push({ password, cost: encoded.slice(0, 7) })
      return bcrypt.verify(password, encoded)
    },
    close: async () => undefined,
  }
  return { asked, hashing }
}

let directory: string
let store: AccountStore
let accounts: LocalAccounts
let now: number
let counting: ReturnType<typeof createCountingHashing>
const logger = createRecordingLogger()
const limiter = () => createInProcessLimiter({ windowSeconds: 300 })

const open = async (options: Partial<LocalAccountsOptions> = {}) => {
  store = await createJsonAccountStore({ directory, logger })
  counting = createCountingHashing()
  accounts = createLocalAccounts({
    store,
    limiter: limiter(),
    tokens: {
      secret: 'a secret of more than thirty-two bytes',
      algorithm: 'HS256',
      issuer: 'samosa-chat',
      audience: undefined,
      accessSeconds: 900,
      refreshSeconds: 604_800,
    },
    isRegistrationOpen: true,
    passwordCost: 4,
    hashing: counting.hashing,
    environment: { now: () => now, createId: () => crypto.randomUUID() },
    logger,
    ...options,
  })
}
const close = async () => {
  await accounts.close()
  await store.close()
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-accounts-'))
  now = Date.UTC(2026, 0, 1)
  await open()
})
afterEach(async () => {
  await close()
  await rm(directory, { recursive: true })
})

const registration = (username: string): Registration => ({
  username,
  password: PASSWORD,
  fullName: undefined,
  email: undefined,
  roles: [],
  allowedProducts: [],
  allowedAgents: [],
  isActive: true,
})
const register = (username = 'ann') => accounts.register(registration(username), undefined, HOME)
const signIn = (username: string, password: string, place = HOME) =>
  accounts.signIn({ username, password, place })
const refused = { code: 'unauthorized', status: 401 }

describe('a sign-in', () => {
  it('costs one hash, whatever is wrong with it', async () => {
    const { id } = await register()
    const attempts: Readonly<Record<string, () => Promise<unknown>>> = {
      right: () => signIn('ann', PASSWORD),
      'a wrong password': () => signIn('ann', 'another one'),
      'a longer password': () => signIn('ann', `${PASSWORD}${'x'.repeat(100)}`),
      'no password': () => signIn('ann', ''),
      'nobody of that name': () => signIn('bob', PASSWORD),
      'no name at all': () => signIn('x'.repeat(100_000), PASSWORD),
      async 'a user who was switched off'() {
        await store.change(id, () => ({ isActive: false }))
        await signIn('ann', PASSWORD)
      },
    }
    counting.asked.hashes = 0
    for (const [what, attempt] of Object.entries(attempts)) {
      counting.asked.compares.length = 0
      const error = await attempt().then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (what === 'right') expect(error).toBeUndefined()
      else expect(error, what).toMatchObject({ ...refused, message: 'Invalid credentials' })
      expect(counting.asked, what).toMatchObject({ hashes: 0, compares: [{ cost: '$2b$04$' }] })
    }
  })

  it('takes no password for another that begins with the same 72 bytes', async () => {
    const password = 'x'.repeat(72)
    await accounts.register({ ...registration('ann'), password }, undefined, HOME)
    await expect(signIn('ann', password)).resolves.toBeDefined()
    await expect(signIn('ann', `${password}y`)).rejects.toMatchObject(refused)
    await expect(signIn('ann', `${password.slice(0, 71)}\0`)).rejects.toMatchObject(refused)
    await expect(signIn('ann', password.slice(0, 71))).rejects.toMatchObject(refused)
  })

  it('hashes the password anew after it, once, when the cost is another by now', async () => {
    const { id } = await register()
    await close()
    await open({ passwordCost: 5 })
    await signIn('ann', PASSWORD)
    await accounts.close()
    expect(counting.asked).toMatchObject({ hashes: 1, compares: [{ cost: '$2b$04$' }] })
    expect((await store.find(id))?.passwordHash).toMatch(/^\$2b\$05\$/)
    await signIn('ann', PASSWORD)
    await expect(signIn('ann', 'another one')).rejects.toMatchObject(refused)
    await accounts.close()
    expect(counting.asked).toMatchObject({ hashes: 1, compares: [{}, {}, {}] })
  })

  it('is remembered by place over a restart, and nobody can read the place', async () => {
    await register()
    await signIn('ann', PASSWORD)
    await close()
    await open()
    const others = Array.from({ length: 50 }, (_, index) => `198.51.100.${index}`)
    for (const place of others) {
      await expect(signIn('ann', 'a guess at it', place)).rejects.toMatchObject(refused)
    }
    await expect(signIn('ann', PASSWORD, '203.0.113.1')).rejects.toMatchObject({
      code: 'rate_limited',
      status: 429,
      retryAfter: 300,
      allowance: { name: 'logins', limit: 50, windowSeconds: 300, remaining: 0 },
    })
    await expect(signIn('ann', PASSWORD)).resolves.toBeDefined()
    const [file = ''] = await readdir(join(directory, 'accounts'))
    const text = await readFile(join(directory, 'accounts', file), 'utf8')
    expect(text).not.toContain(HOME)
    expect(text).not.toContain(PASSWORD)
  })

  it('succeeds when it cannot be written down', async () => {
    const { id } = await register()
    const broken: AccountStore = {
      ...store,
      change: async () => {
        throw new Error('the disk is full')
      },
    }
    await open({ store: broken })
    await expect(signIn('ann', PASSWORD)).resolves.toBeDefined()
    expect(await store.find(id)).toBeDefined()
    expect(logger.lines.at(-1)).toMatchObject({ message: 'a sign-in could not be noted' })
  })

  it('refuses further guesses of one place without a hash, also when all come at once', async () => {
    await register()
    const guesses = Array.from({ length: 40 }, () =>
      signIn('ann', 'a guess at it').catch(toChatError),
    )
    const statuses = (await Promise.all(guesses)).map((error) => 'status' in error && error.status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
    expect(counting.asked.compares).toHaveLength(10)
  })

  it('is one of fifty at once, and all are let in', async () => {
    await register()
    const pairs = await Promise.all(Array.from({ length: 50 }, () => signIn('ann', PASSWORD)))
    expect(pairs).toHaveLength(50)
    expect(counting.asked.compares).toHaveLength(50)
  })
})

describe('a token', () => {
  it('is good until it ends', async () => {
    await register()
    const { accessToken, refreshToken } = await signIn('ann', PASSWORD)
    now += 899_000
    expect(await accounts.authenticate(accessToken, trace)).toMatchObject({ username: 'ann' })
    now += 10_000
    await expect(accounts.authenticate(accessToken, trace)).rejects.toMatchObject(refused)
    await expect(accounts.renew(refreshToken, HOME)).resolves.toBeDefined()
    now += 604_800_000
    await expect(accounts.renew(refreshToken, HOME)).rejects.toMatchObject(refused)
  })

  it('says who its user is by what the account says now', async () => {
    await register('admin')
    const asked = { ...registration('ann'), fullName: 'Ann', email: 'ann@example.com' }
    const admin = { userId: 'x', roles: ['admin'] }
    const lists = { roles: ['reader'], allowedProducts: ['p'], allowedAgents: ['a'] }
    const { id } = await accounts.register({ ...asked, ...lists }, admin, HOME)
    const { accessToken } = await signIn('ann', PASSWORD)
    expect(await accounts.authenticate(accessToken, trace)).toEqual({
      userId: id,
      username: 'ann',
      name: 'Ann',
      email: 'ann@example.com',
      roles: ['reader'],
      products: ['p'],
      agents: ['a'],
    })
  })

  it('is dead at once when its user is switched off, though it was good a moment ago', async () => {
    const { id } = await register()
    const { accessToken, refreshToken } = await signIn('ann', PASSWORD)
    await accounts.authenticate(accessToken, trace)
    await store.change(id, () => ({ isActive: false }))
    await expect(accounts.authenticate(accessToken, trace)).rejects.toMatchObject(refused)
    await expect(accounts.renew(refreshToken, HOME)).rejects.toMatchObject(refused)
    await store.change(id, () => ({ isActive: true }))
    await expect(accounts.authenticate(accessToken, trace)).resolves.toBeDefined()
  })

  it('is dead when its user is gone', async () => {
    const { id } = await register()
    const { accessToken, refreshToken } = await signIn('ann', PASSWORD)
    await close()
    await rm(join(directory, 'accounts', `${id}.json`))
    await open()
    await expect(accounts.authenticate(accessToken, trace)).rejects.toMatchObject(refused)
    await expect(accounts.renew(refreshToken, HOME)).rejects.toMatchObject(refused)
    await expect(accounts.account(id)).rejects.toMatchObject(refused)
  })
})

describe('the line before the hashes', () => {
  it('lets few work at once, in the order in which they came', async () => {
    const passwords = createPasswords({ cost: 4, atOnce: 2 })
    const gate = Promise.withResolvers<void>()
    const began: number[] = []
    const all = Array.from({ length: 6 }, (_, index) =>
      passwords.inTurn(HOME, async () => {
        began.push(index)
        if (index < 2) await gate.promise
      }),
    )
    await Promise.resolve()
    expect(began).toEqual([0, 1])
    gate.resolve()
    await Promise.all(all)
    expect(began).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('goes on after one that failed', async () => {
    const passwords = createPasswords({ cost: 4, atOnce: 1 })
    const failing = passwords.inTurn(HOME, () => Promise.reject(new Error('no')))
    const next = passwords.inTurn(HOME, async () => 'yes')
    await expect(failing).rejects.toThrow('no')
    await expect(next).resolves.toBe('yes')
  })

  it('has an end, for all and for one place', async () => {
    const passwords = createPasswords({ cost: 4, atOnce: 1 })
    const gate = Promise.withResolvers<void>()
    const wait = (place: string) => passwords.inTurn(place, () => gate.promise)
    const full = { status: 503, code: 'rate_limited', retryAfter: 5 }
    const waiting = Array.from({ length: 65 }, () => wait(HOME))
    await expect(wait(HOME)).rejects.toMatchObject(full)
    for (let index = 0; index < 64; index += 1) waiting.push(wait(`198.51.100.${index}`))
    await expect(wait('203.0.113.1')).rejects.toMatchObject(full)
    gate.resolve()
    await Promise.all(waiting)
    await expect(wait(HOME)).resolves.toBeUndefined()
  })
})

describe('hashing in threads', () => {
  it('is bcrypt as others have it', async () => {
    const hashing = createThreadedHashing()
    const encoded = await hashing.hash(PASSWORD, 4)
    expect(bcrypt.verifySync(PASSWORD, encoded)).toBe(true)
    expect(await hashing.verify(PASSWORD, encoded)).toBe(true)
    expect(await hashing.verify('another one', encoded)).toBe(false)
    // A hash of another implementation.
    expect(
      await hashing.verify('U*U', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
    ).toBe(true)
    expect(DEFAULT_COST).toBe(bcrypt.DEFAULT_COST)
    await hashing.close()
  })

  it('goes on after a thread has died', async () => {
    const hashing = createThreadedHashing()
    // What only a fault of ours could ask for.
    await expect(hashing.hash(PASSWORD, 99)).rejects.toThrow('cost')
    expect(await hashing.hash(PASSWORD, 4)).toMatch(/^\$2b\$04\$/)
    await hashing.close()
    await expect(createPasswords({ cost: 4, hashing: brokenHashing }).checkReady()).rejects.toThrow(
      'Passwords cannot be hashed on this machine (Error: no binary).',
    )
  })

  it('works on several at once', async () => {
    const hashing = createThreadedHashing()
    const made = await Promise.all([1, 2, 3].map(() => hashing.hash(PASSWORD, 4)))
    expect(new Set(made).size).toBe(3)
    await hashing.close()
  })
})

const brokenHashing: PasswordHashing = {
  hash: () => Promise.reject(new Error('no binary')),
  verify: () => Promise.reject(new Error('no binary')),
  close: async () => undefined,
}
