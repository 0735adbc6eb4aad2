import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectRedis, type Redis } from '../redis.ts'
import { type DatabaseServer, startRedis, whyNoRedis } from '../testing/database-servers.ts'
import { eventually } from '../testing/eventually.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { createRedisDays, createRedisLimiter } from './redis.ts'
import { createTokenBudget } from './token-budget.ts'

describe.skipIf(whyNoRedis())(`a rate limit in Redis ${whyNoRedis() ?? ''}`, () => {
  let server: DatabaseServer
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis()
    redis = await connectRedis(server.url, createRecordingLogger())
  })
  beforeEach(async () => void (await redis.client.flushAll()))
  afterAll(async () => {
    await redis.close()
    await server.stop()
  })

  const user = { key: 'user', limit: 2 }
  const address = { key: 'address', limit: 3 }
  const open = (name = 'messages') => createRedisLimiter({ client: redis.client, name })

  it('is one for all servers, and another one for what is called otherwise', async () => {
    const [here, there] = [open(), open()]
    expect(await here.take([user])).toMatchObject({ allowed: true, limit: 2, remaining: 1 })
    expect(await there.take([user])).toMatchObject({ allowed: true, remaining: 0 })
    expect(await here.take([user])).toMatchObject({ allowed: false, remaining: 0 })
    expect(await there.look([user])).toMatchObject({ allowed: false })
    expect(await open('contacts').take([user])).toMatchObject({ remaining: 1 })
  })

  it('takes from every quota or from none, also when many come at once to several servers', async () => {
    const servers = [open(), open(), open()]
    const taken = await Promise.all(
      Array.from({ length: 9 }, (_, n) =>
        servers[n % 3]!.take([{ key: `u${n}`, limit: 2 }, address]),
      ),
    )
    expect(taken.filter((state) => state?.allowed)).toHaveLength(3)
    expect(await open().look([{ key: 'u8', limit: 2 }])).toMatchObject({
      remaining: expect.any(Number),
    })
  })

  it('gets back what was taken, and never more', async () => {
    const limiter = open()
    await limiter.take([user])
    await limiter.giveBack([user], 5)
    expect(await open().look([user])).toMatchObject({ remaining: 2 })
    expect(await limiter.take([user])).toMatchObject({ remaining: 1 })
  })

  it('counts for each server alone while Redis is away, and for all when it is back', async () => {
    const limiter = open()
    await limiter.take([user])
    await server.kill()
    await eventually(() => expect(redis.trouble()).toBe('Redis is away'))
    expect(await limiter.take([user])).toMatchObject({ allowed: true })
    expect(await limiter.take([user])).toMatchObject({ allowed: true })
    expect(await limiter.take([user])).toMatchObject({ allowed: false })
    await server.start()
    await eventually(() => expect(redis.trouble()).toBeUndefined())
    expect(await limiter.take([user])).toMatchObject({ allowed: true })
  })
})

describe.skipIf(whyNoRedis())(`the day’s tokens in Redis ${whyNoRedis() ?? ''}`, () => {
  it('are one count for all servers, which goes on alone while Redis is away', async () => {
    const server = await startRedis()
    const logger = createRecordingLogger()
    const redis = await connectRedis(server.url, logger)
    const open = () => {
      let kept: string | undefined
      return createTokenBudget({
        ...{ whole: 1_000, perVisitor: 100, logger, now: Date.now },
        shared: createRedisDays(redis.client),
        file: {
          place: 'memory',
          read: async () => kept,
          async replace(text) {
            kept = text
          },
          keepFirst: async (text) => (kept ??= text),
        },
      })
    }
    const [here, there] = [await open(), await open()]
    const ada = { userId: 'ada', address: '192.0.2.1' }
    const answered = (userId: string, tokens: number) => ({
      ownerId: userId,
      finishReason: 'stop' as const,
      outcome: undefined,
      errorCode: undefined,
      isAnswered: true,
      tokenCount: tokens,
      usage: { prompt_tokens: 0, completion_tokens: tokens, total_tokens: tokens },
      promptCharacters: 0,
      firstTokenMs: 1,
      totalMs: 1,
    })
    await here.check(ada)
    await there.check(ada)
    here.turnEnded(answered('ada', 60))
    there.turnEnded(answered('ada', 60))
    for (const budget of [here, there]) {
      await eventually(async () => {
        await expect(budget.check(ada)).rejects.toMatchObject({ code: 'budget_exhausted' })
      })
    }
    await there.check({ userId: 'bob', address: '198.51.100.7' })
    await server.kill()
    await expect(here.check(ada)).rejects.toMatchObject({ code: 'budget_exhausted' })
    await here.check({ userId: 'bob', address: '198.51.100.7' })
    for (const budget of [here, there]) await budget.close()
    await redis.close()
    await server.stop()
  })
})
