import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createInProcessLimiter } from './in-process.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout'] }))
afterEach(() => void vi.useRealTimers())

const user = { key: 'user', limit: 2 }
const address = { key: 'address', limit: 3 }

describe('a rate limit', () => {
  it('says what is left, and begins anew with the next window', async () => {
    const limiter = createInProcessLimiter()
    expect(await limiter.take([user])).toEqual({
      allowed: true,
      limit: 2,
      remaining: 1,
      resetSeconds: 60,
    })
    vi.advanceTimersByTime(20_000)
    expect(await limiter.take([user])).toMatchObject({ remaining: 0, resetSeconds: 40 })
    expect(await limiter.take([user])).toMatchObject({ allowed: false, remaining: 0 })
    vi.advanceTimersByTime(40_000)
    expect(await limiter.take([user])).toMatchObject({ allowed: true, remaining: 1 })
  })

  it('takes from every quota or from none', async () => {
    const limiter = createInProcessLimiter()
    const others = ['a', 'b', 'c'].map((key) => ({ key, limit: 2 }))
    for (const other of others)
      expect(await limiter.take([other, address])).toMatchObject({ allowed: true })
    for (let count = 0; count < 5; count += 1) {
      expect(await limiter.take([user, address])).toMatchObject({ allowed: false, limit: 3 })
    }
    expect(await limiter.take([user])).toMatchObject({ allowed: true, remaining: 1 })
  })

  it('tells of the quota that is closest to its end', async () => {
    const limiter = createInProcessLimiter()
    expect(await limiter.take([user, address])).toMatchObject({ limit: 2, remaining: 1 })
    await limiter.take([address])
    expect(await limiter.take([{ key: 'new', limit: 2 }, address])).toMatchObject({
      limit: 3,
      remaining: 0,
    })
  })

  it('is looked at without taking from it', async () => {
    const limiter = createInProcessLimiter({ windowSeconds: 300 })
    expect(await limiter.look([user])).toEqual({
      allowed: true,
      limit: 2,
      remaining: 2,
      resetSeconds: 300,
    })
    await limiter.take([user])
    vi.advanceTimersByTime(100_000)
    for (const round of [1, 2]) {
      expect(await limiter.look([user, address]), String(round)).toMatchObject({
        allowed: true,
        limit: 2,
        remaining: 1,
        resetSeconds: 200,
      })
    }
    await limiter.take([user])
    expect(await limiter.look([address, user])).toMatchObject({ allowed: false, remaining: 0 })
    expect(await limiter.look([])).toBeUndefined()
  })

  it('gets back what was taken, and never more', async () => {
    const limiter = createInProcessLimiter()
    await limiter.take([user, address])
    await limiter.take([user, address])
    await limiter.giveBack([user, address], 1)
    expect(await limiter.look([user])).toMatchObject({ allowed: true, remaining: 1 })
    expect(await limiter.look([address])).toMatchObject({ remaining: 2 })
    await limiter.giveBack([user, address], 5)
    expect(await limiter.look([user])).toMatchObject({ remaining: 2 })
    expect(await limiter.look([address])).toMatchObject({ remaining: 3 })
    await limiter.take([user])
    vi.advanceTimersByTime(60_000)
    await limiter.giveBack([user], 1)
    expect(await limiter.take([user])).toMatchObject({ remaining: 1 })
  })

  it('forgets the oldest when there are too many to remember', async () => {
    const limiter = createInProcessLimiter({ mostQuotas: 10 })
    const quota = (index: number) => ({ key: `user ${index}`, limit: 2 })
    for (let index = 0; index < 20; index += 1) await limiter.take([quota(index)])
    expect(await limiter.take([quota(19)])).toMatchObject({ remaining: 0 })
    expect(await limiter.take([quota(0)])).toMatchObject({ remaining: 1 })
  })
})
