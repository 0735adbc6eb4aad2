/** Rate limits of one server process, in fixed windows. */
import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Quota, QuotaState, RateLimiter } from '../core/ports/index.ts'

const WINDOW_SECONDS = 60
/** Quotas that are counted at the same time; the ones that began first make room for more. */
const MOST_QUOTAS = 50_000

export interface InProcessLimiterOptions {
  /** Tests set these. */
  readonly windowSeconds?: number
  readonly mostQuotas?: number
}

/** A used-up quota is what the library rejects with; anything else is a fault. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key)
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return refusal
    throw refusal
  }
}

export function createInProcessLimiter(options: InProcessLimiterOptions = {}): RateLimiter {
  const windowSeconds = options.windowSeconds ?? WINDOW_SECONDS
  const duration = windowSeconds
  const limiters = new Map<number, RateLimiterMemory>()
  const limiterFor = (limit: number) => {
    const limiter =
      limiters.get(limit) ??
      new RateLimiterMemory({ points: limit, duration, keyPrefix: String(limit) })
    limiters.set(limit, limiter)
    return limiter
  }
  /**
   * Windows all last equally long, and nothing here is read: what was used longest ago is also what began first
   * and ends first.
   */
  const counted = new LRUCache<string, Quota>({
    // Its `max` would reserve 2 MB at once, where most servers see few callers.
    maxSize: options.mostQuotas ?? MOST_QUOTAS,
    sizeCalculation: () => 1,
    ttl: windowSeconds * 1_000,
    dispose: ({ key, limit }) => void limiterFor(limit).delete(key),
  })
  const note = (quota: Quota) => {
    const key = `${quota.limit}:${quota.key}`
    if (!counted.has(key)) counted.set(key, quota)
  }

  const stateOf = ({ limit }: Quota, counter: RateLimiterRes): QuotaState => {
    const used = counter.consumedPoints
    return {
      allowed: used <= limit,
      limit,
      remaining: Math.max(0, limit - used),
      resetSeconds: secondsOf(counter),
    }
  }

  return {
    windowSeconds,
    async take(quotas) {
      for (const quota of quotas) note(quota)
      const states = await Promise.all(
        quotas.map(async (quota) =>
          stateOf(quota, await consume(limiterFor(quota.limit), quota.key)),
        ),
      )
      if (states.every(({ allowed }) => allowed)) return tightest(states)
      await Promise.all(quotas.map(({ key, limit }) => limiterFor(limit).reward(key)))
      return tightest(states)
    },
    async look(quotas) {
      const states = await Promise.all(
        quotas.map(async (quota) => {
          const counter = await limiterFor(quota.limit).get(quota.key)
          const used = counter?.consumedPoints ?? 0
          return {
            allowed: used < quota.limit,
            limit: quota.limit,
            remaining: Math.max(0, quota.limit - used),
            resetSeconds: counter ? secondsOf(counter) : windowSeconds,
          }
        }),
      )
      return tightest(states)
    },
    async giveBack(quotas, count) {
      for (const { key, limit } of quotas) {
        const used = (await limiterFor(limit).get(key))?.consumedPoints ?? 0
        if (used > 0) await limiterFor(limit).reward(key, Math.min(count, used))
      }
    },
  }
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1_000))

/** What is refused comes first, the longest wait before the others; then what has least left. */
function tightest(states: readonly QuotaState[]): QuotaState | undefined {
  return states.toSorted(
    (one, other) =>
      Number(one.allowed) - Number(other.allowed) ||
      (one.allowed ? one.remaining - other.remaining : other.resetSeconds - one.resetSeconds),
  )[0]
}
