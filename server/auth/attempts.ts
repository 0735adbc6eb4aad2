/**
 * How often passwords may be tried. Whoever guesses is slowed down by the account and by the place they guess
 * from; nobody can keep somebody else out for good: failures from one place count for that place alone, and
 * when many places try one account, it stays open to those it has been signed in from.
 */
import { createHash } from 'node:crypto'
import { foldName, LONGEST_USERNAME } from '../core/accounts.ts'
import { ChatError } from '../core/errors.ts'
import type { Quota, QuotaState, RateLimiter } from '../core/ports/index.ts'

/** Failures in a window: of one account from one place, from one place, of one account from strange places. */
const OF_ACCOUNT_FROM_PLACE = 10
const FROM_PLACE = 50
const OF_ACCOUNT = 50
/** People share addresses, and an admin may add many. */
const REGISTRATIONS_FROM_PLACE = 60
const REGISTRATIONS_OF_ADMIN = 600
/** Each open page renews a few times an hour. */
const RENEWALS_FROM_PLACE = 600

const SENTENCES = {
  logins: 'That is too many attempts to sign in.',
  registrations: 'That is too many registrations in a short time.',
  renewals: 'That is too many renewals of a session in a short time.',
} as const

export interface Attempt {
  readonly username: string
  readonly place: string
  /** Whether the account has been signed in from there before. */
  readonly isKnownPlace: boolean
}

/** All of them throw ChatError `rate_limited`. */
export interface Attempts {
  /** Takes nothing: for who has a long way to go before the attempt. */
  check(attempt: Attempt): Promise<void>
  /** Counts a failure, until it turns out to be none. */
  begin(attempt: Attempt): Promise<void>
  /** What had failed before was the same person’s: it counts no more. */
  succeed(attempt: Attempt): Promise<void>
  register(place: string, isAdmin: boolean): Promise<void>
  renew(place: string): Promise<void>
}

export function createAttempts(limiter: RateLimiter): Attempts {
  const refuseUnless = (name: keyof typeof SENTENCES, state: QuotaState | undefined) => {
    if (!state || state.allowed) return
    const { limit, remaining, resetSeconds } = state
    const wait = resetSeconds === 1 ? 'a second' : `${resetSeconds} seconds`
    throw new ChatError('rate_limited', `${SENTENCES[name]} Please wait ${wait}.`, {
      retryAfter: resetSeconds,
      allowance: { name, limit, windowSeconds: limiter.windowSeconds, remaining, resetSeconds },
    })
  }
  const take = async (name: keyof typeof SENTENCES, quotas: readonly Quota[]) =>
    refuseUnless(name, await limiter.take(quotas))

  return {
    check: async (attempt) => refuseUnless('logins', await limiter.look(quotasOf(attempt))),
    begin: (attempt) => take('logins', quotasOf(attempt)),
    async succeed(attempt) {
      const failed = await limiter.look([pairOf(attempt)])
      if (failed) await limiter.giveBack(quotasOf(attempt), failed.limit - failed.remaining)
    },
    register: (place, isAdmin) =>
      take('registrations', [
        isAdmin
          ? { key: `registrations by admins from ${place}`, limit: REGISTRATIONS_OF_ADMIN }
          : { key: `registrations from ${place}`, limit: REGISTRATIONS_FROM_PLACE },
      ]),
    renew: (place) =>
      take('renewals', [{ key: `renewals from ${place}`, limit: RENEWALS_FROM_PLACE }]),
  }
}

/** The account, whether there is one or not, in a few characters. */
function accountKey(username: string): string {
  const name = username.length > LONGEST_USERNAME * 2 ? '' : foldName(username)
  return createHash('sha256').update(name).digest('base64url')
}

const pairOf = ({ username, place }: Attempt): Quota => ({
  key: `logins of ${accountKey(username)} from ${place}`,
  limit: OF_ACCOUNT_FROM_PLACE,
})

const quotasOf = (attempt: Attempt): readonly Quota[] => [
  pairOf(attempt),
  { key: `logins from ${attempt.place}`, limit: FROM_PLACE },
  ...(attempt.isKnownPlace
    ? []
    : [{ key: `logins of ${accountKey(attempt.username)}`, limit: OF_ACCOUNT }]),
]
