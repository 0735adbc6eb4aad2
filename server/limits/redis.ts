/** Rate limits that several servers share, counted in Redis; while it is away, each server counts for itself. */
import type { RedisClientType } from '@redis/client'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { RateLimiter } from '../core/ports/index.ts'
import { createLimiter, WINDOW_SECONDS } from './in-process.ts'

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
