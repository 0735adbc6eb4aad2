/** Rate limits of one server process, in fixed windows. */
import { LRUCache } from 'lru-cache'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  type RateLimiterRes,
} from 'rate-limiter-flexible'
import type { Quota, QuotaState, RateLimiter } from '../core/ports/index.ts'

export const WINDOW_SECONDS = 60
/** Quotas that are counted at the same time; the ones that began first make room for more. */
const MOST_QUOTAS = 50_000

export interface InProcessLimiterOptions {
  /** Tests set these. */
  readonly windowSeconds?: number
  readonly mostQuotas?: number
}

export function createInProcessLimiter(options: InProcessLimiterOptions = {}): RateLimiter {
  const windowSeconds = options.windowSeconds ?? WINDOW_SECONDS
  // The library counts alone: how much is too much differs from quota to quota.
  const limiter = new RateLimiterMemory({
    points: Number.MAX_SAFE_INTEGER,
    duration: windowSeconds,
  })
  /**
   * Windows all last equally long, and nothing here is read: what was used longest ago is also what began first
   * and ends first.
   */
  const counted = new LRUCache<string, true>({
    // Its `max` would reserve 2 MB at once, where most servers see few callers.
    maxSize: options.mostQuotas ?? MOST_QUOTAS,
    sizeCalculation: () => 1,
    ttl: windowSeconds * 1_000,
    dispose: (_, key) => void limiter.delete(key),
  })

  return createLimiter(limiter, {
    windowSeconds,
    noteUse(key) {
      if (!counted.has(key)) counted.set(key, true)
    },
  })
}

export interface LimiterOptions {
  readonly windowSeconds: number
  /** Told of each quota that is taken from, before it is. */
  readonly noteUse: (key: string) => void
}

/** Quotas in fixed windows, on whatever counts; the library's limit is out of reach. */
export function createLimiter(
  limiter: RateLimiterAbstract,
  { windowSeconds, noteUse }: LimiterOptions,
): RateLimiter {
  const consume = async (quota: Quota) => {
    const key = keyOf(quota)
    noteUse(key)
    return stateOf(quota, await limiter.consume(key), quota.limit)
  }

  /** `most`: so much may have been used already. */
  const stateOf = ({ limit }: Quota, counter: RateLimiterRes | null, most: number): QuotaState => {
    const used = counter?.consumedPoints ?? 0
    return {
      allowed: used <= most,
      limit,
      remaining: Math.max(0, limit - used),
      resetSeconds: counter ? secondsOf(counter) : windowSeconds,
    }
  }

  return {
    windowSeconds,
    async take(quotas) {
      const states = await Promise.all(quotas.map(consume))
      if (states.some(({ allowed }) => !allowed)) {
        await Promise.all(quotas.map((quota) => limiter.reward(keyOf(quota))))
      }
      return tightest(states)
    },
    async look(quotas) {
      const states = await Promise.all(
        quotas.map(async (quota) =>
          stateOf(quota, await limiter.get(keyOf(quota)), quota.limit - 1),
        ),
      )
      return tightest(states)
    },
    async giveBack(quotas, count) {
      for (const quota of quotas) {
        const key = keyOf(quota)
        const used = (await limiter.get(key))?.consumedPoints ?? 0
        if (used > 0) await limiter.reward(key, Math.min(count, used))
      }
    },
  }
}

const keyOf = ({ limit, key }: Quota) => `${limit}:${key}`

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1_000))

/** What is refused comes first, the longest wait before the others; then what has least left. */
function tightest(states: readonly QuotaState[]): QuotaState | undefined {
  return states.toSorted(
    (one, other) =>
      Number(one.allowed) - Number(other.allowed) ||
      (one.allowed ? one.remaining - other.remaining : other.resetSeconds - one.resetSeconds),
  )[0]
}
