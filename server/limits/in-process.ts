/** Rate limits of one server process, in fixed windows. */
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
  // Windows all last equally long: the oldest is also the one that ends first.
  const counted = createOldestOut<Quota>({
    most: options.mostQuotas ?? MOST_QUOTAS,
    lifetime: windowSeconds * 1_000,
    onDrop: ({ key, limit }) => void limiterFor(limit).delete(key),
  })

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
      for (const quota of quotas) counted.keep(`${quota.limit}:${quota.key}`, quota)
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

/** Remembers a bounded number of things for a bounded time; the oldest go first. */
interface OldestOut<Value> {
  /** Keeps the value from now on, unless the key is known already. */
  keep(key: string, value: Value): void
}

interface OldestOutOptions<Value> {
  readonly most: number
  /** Milliseconds. */
  readonly lifetime: number
  readonly onDrop?: (value: Value) => void
}

function createOldestOut<Value>(options: OldestOutOptions<Value>): OldestOut<Value> {
  const { most, lifetime, onDrop } = options
  // A Map gives its entries in the order in which they came, which is the order in which they end.
  const entries = new Map<string, { readonly value: Value; readonly endsAt: number }>()

  const drop = (key: string, value: Value) => {
    entries.delete(key)
    onDrop?.(value)
  }

  const makeRoom = (now: number) => {
    for (const [key, { value, endsAt }] of entries) {
      if (endsAt > now && entries.size < most) return
      drop(key, value)
    }
  }

  return {
    keep(key, value) {
      const now = performance.now()
      const entry = entries.get(key)
      if (entry && entry.endsAt > now) return
      makeRoom(now)
      entries.set(key, { value, endsAt: now + lifetime })
    },
  }
}
