/** Rate limits of one server process, in fixed windows. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Quota, QuotaState, RateLimiter } from '../core/ports.ts'
import { createOldestOut } from './oldest-out.ts'

const WINDOW_SECONDS = 60
/** Quotas that are counted at the same time; the ones that began first make room for more. */
const MOST_QUOTAS = 50_000
/** Requests that may come again, and for how long (milliseconds) they are known. */
const MOST_REPEATABLE = 20_000
const REPEATABLE_FOR = 24 * 60 * 60_000

export interface InProcessLimiterOptions {
  /** Tests set these. */
  readonly windowSeconds?: number
  readonly mostQuotas?: number
  readonly mostRepeatable?: number
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
  // Windows all last equally long: the oldest is also the one that ends first.
  const counted = createOldestOut<Quota>({
    most: options.mostQuotas ?? MOST_QUOTAS,
    lifetime: windowSeconds * 1_000,
    onDrop: ({ key, limit }) => void limiterFor(limit).delete(key),
  })
  const repeatable = createOldestOut<true>({
    most: options.mostRepeatable ?? MOST_REPEATABLE,
    lifetime: REPEATABLE_FOR,
  })

  const stateOf = ({ limit }: Quota, counter: RateLimiterRes, taken: boolean): QuotaState => {
    const used = counter.consumedPoints
    return {
      allowed: taken && used <= limit,
      limit,
      remaining: Math.max(0, limit - used),
      resetSeconds: Math.max(1, Math.ceil(counter.msBeforeNext / 1_000)),
    }
  }

  const look = async (quota: Quota): Promise<QuotaState> => {
    const counter = await limiterFor(quota.limit).get(quota.key)
    return counter
      ? stateOf(quota, counter, true)
      : { allowed: true, limit: quota.limit, remaining: quota.limit, resetSeconds: windowSeconds }
  }

  return {
    windowSeconds,
    async take(quotas, once) {
      if (once !== undefined && repeatable.get(once)) {
        const seen = await Promise.all(quotas.map(look))
        const state = tightest(seen)
        return state && { ...state, allowed: true }
      }
      for (const quota of quotas) counted.keep(`${quota.limit}:${quota.key}`, quota)
      const states = await Promise.all(
        quotas.map(async (quota) =>
          stateOf(quota, await consume(limiterFor(quota.limit), quota.key), true),
        ),
      )
      if (states.every(({ allowed }) => allowed)) {
        if (once !== undefined) repeatable.keep(once, true)
        return tightest(states)
      }
      await Promise.all(quotas.map(({ key, limit }) => limiterFor(limit).reward(key)))
      return tightest(states)
    },
    knows: (once) => repeatable.get(once) !== undefined,
  }
}

/** What is refused comes first, the longest wait before the others; then what has least left. */
function tightest(states: readonly QuotaState[]): QuotaState | undefined {
  return states.toSorted(
    (one, other) =>
      Number(one.allowed) - Number(other.allowed) ||
      (one.allowed ? one.remaining - other.remaining : other.resetSeconds - one.resetSeconds),
  )[0]
}
