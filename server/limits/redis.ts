/** What several servers count together, in Redis: rate limits, and the day's tokens. While it is away, each counts alone. */
import type { RedisClientType } from '@redis/client'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { RateLimiter } from '../core/ports/index.ts'
import { createLimiter, WINDOW_SECONDS } from './in-process.ts'
import type { SharedDays } from './token-budget.ts'

/** Seconds that a day's tokens are kept. */
const DAY_KEPT = 2 * 24 * 60 * 60

export interface RedisLimiterOptions {
  readonly client: Pick<RedisClientType, 'eval' | 'isReady'>
  /** What is counted; another name is another count. */
  readonly name: string
  readonly windowSeconds?: number
}

export function createRedisLimiter(options: RedisLimiterOptions): RateLimiter {
  const { client, name, windowSeconds: duration = WINDOW_SECONDS } = options
  const points = Number.MAX_SAFE_INTEGER
  const limiter = new RateLimiterRedis({
    storeClient: client,
    useRedisPackage: true,
    keyPrefix: `samosa:limit:${name}`,
    points,
    duration,
    insuranceLimiter: new RateLimiterMemory({ points, duration }),
  })
  // Redis forgets a window when it ends.
  return createLimiter(limiter, { windowSeconds: duration, noteUse() {} })
}

/** The tokens of each UTC day, under the day's own salt. */
export function createRedisDays(
  client: Pick<RedisClientType, 'hSetNX' | 'hGet' | 'hmGet' | 'hIncrBy' | 'expire'>,
): SharedDays {
  const keyOf = (date: string) => `samosa:tokens:${date}`
  return {
    async salt(date, own) {
      const key = keyOf(date)
      await client.hSetNX(key, 'salt', own)
      await client.expire(key, DAY_KEPT)
      return (await client.hGet(key, 'salt')) ?? own
    },
    async spent(date, keys) {
      return (await client.hmGet(keyOf(date), [...keys])).map(Number)
    },
    async add(date, keys, tokens) {
      await Promise.all(keys.map((key) => client.hIncrBy(keyOf(date), key, tokens)))
    },
  }
}
