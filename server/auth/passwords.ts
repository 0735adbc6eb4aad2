/**
 * Hashes of passwords. They take a quarter of a second of a core each, on purpose: so they are made beside
 * the thread that serves, few at a time, and whoever comes meanwhile waits in line.
 */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { passwordProblem, foldName, LONGEST_USERNAME } from '../core/accounts.ts'
import { ChatError, StartError } from '../core/errors.ts'
import { createHash } from 'node:crypto'
import type { Quota, QuotaState, RateLimiter } from '../core/ports/index.ts'

/** One core stays free for answers; and more at once would make hardly anybody's sign-in faster. */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1))
/** Whoever comes last waits for about half a minute; that is what a sign-in may take before people give up. */
const MOST_WAITING = 128
/** So that one caller cannot fill the line. */
const MOST_WAITING_OF_ONE = 64
/** Seconds after which the line has moved on. */
const RETRY_AFTER = 5

/** Of bcrypt, as the library has it. */
export const DEFAULT_COST = 12
const LEAST_COST = 4

export type HashJob =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: number }
  | { readonly kind: 'verify'; readonly password: string; readonly encoded: string }

/** What makes hashes and compares them, away from the main thread. */
export interface PasswordHashing {
  hash(password: string, cost: number): Promise<string>
  verify(password: string, encoded: string): Promise<boolean>
  close(): Promise<void>
}

/** TypeScript in the sources, JavaScript in the product. */
const WORKER = new URL(`password-worker${extname(import.meta.url)}`, import.meta.url)

/**
 * Hashes with bcrypt in threads of their own. Threads are started when all others are at work, and again after
 * one has died; a process does not stay alive for those that have nothing to do.
 */
export function createThreadedHashing(): PasswordHashing {
  const idle: Worker[] = []
  const all = new Set<Worker>()

  const start = () => {
    // Nothing of the environment: there are secrets in it.
    const worker = new Worker(WORKER, { name: 'passwords', env: {}, execArgv: [] })
    all.add(worker)
    worker.once('exit', () => {
      all.delete(worker)
      const place = idle.indexOf(worker)
      if (place >= 0) idle.splice(place, 1)
    })
    return worker
  }

  const run = async (job: HashJob): Promise<unknown> => {
    const worker = idle.pop() ?? start()
    worker.ref()
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const onExit = () => reject(new Error('The thread for passwords has stopped.'))
    worker.once('message', resolve).once('error', reject).once('exit', onExit)
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      worker.postMessage(job)
      const answer = await promise
      worker.unref()
      idle.push(worker)
      return answer
    } finally {
      worker.off('message', resolve).off('error', reject).off('exit', onExit)
    }
  }

  return {
    hash: async (password, cost) => String(await run({ kind: 'hash', password, cost })),
    verify: async (password, encoded) =>
      (await run({ kind: 'verify', password, encoded })) === true,
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}

export interface PasswordsOptions {
  /** Undefined: the library's. Each step more doubles the work. */
  readonly cost: number | undefined
  /** Tests set these. */
  readonly hashing?: PasswordHashing
  readonly atOnce?: number
}

/** Work with one hash at a time, in its turn. */
interface Turn {
  hash(password: string): Promise<string>
  /** Costs one hash, also for a password that cannot be right and for an account that is not there. */
  matches(password: string, encoded: string | undefined): Promise<boolean>
}

export function createPasswords(options: PasswordsOptions) {
  const { cost = DEFAULT_COST, hashing = createThreadedHashing(), atOnce = AT_ONCE } = options
  const start = `$2b$${String(cost).padStart(2, '0')}$`
  /** The hash of no password, for accounts that are not there: comparing it takes as long. */
  const nobodys = start + '.'.repeat(53)
  const waiting: (() => void)[] = []
  const waitingOf = new Map<string, number>()
  let working = 0

  const turn: Turn = {
    hash: (password) => hashing.hash(password, cost),
    async matches(password, encoded) {
      // The library would compare the first 72 bytes of a longer one.
      const isPossible = passwordProblem(password) === undefined
      const isSame = await hashing.verify(isPossible ? password : '', encoded ?? nobodys)
      return isSame && isPossible && encoded !== undefined
    },
  }

  const waitInLine = async (place: string) => {
    const ofOne = waitingOf.get(place) ?? 0
    if (waiting.length >= MOST_WAITING || ofOne >= MOST_WAITING_OF_ONE) throw lineIsFull()
    waitingOf.set(place, ofOne + 1)
    await new Promise<void>((resolve) => waiting.push(resolve))
    const left = (waitingOf.get(place) ?? 1) - 1
    if (left === 0) waitingOf.delete(place)
    else waitingOf.set(place, left)
  }

  return {
    /** @throws StartError when passwords cannot be hashed on this machine */
    async checkReady(): Promise<void> {
      try {
        await hashing.hash('ready', LEAST_COST)
      } catch (cause) {
        const [reason] = String(cause).split('\n')
        throw new StartError(`Passwords cannot be hashed on this machine (${reason}).`, { cause })
      }
    },
    /**
     * Does the work when its turn has come. `place` is where the caller is.
     * @throws ChatError `rate_limited` when too many wait
     */
    async inTurn<Value>(place: string, work: (turn: Turn) => Promise<Value>): Promise<Value> {
      // Whoever leaves hands its place over, so nobody who comes in that moment gets between.
      if (working < atOnce) working += 1
      else await waitInLine(place)
      try {
        return await work(turn)
      } finally {
        const next = waiting.shift()
        if (next) next()
        else working -= 1
      }
    },
    /** Whether a hash was made at another cost than new ones are. */
    isOfOtherCost: (encoded: string) => !encoded.startsWith(start),
    close: () => hashing.close(),
  }
}

const lineIsFull = () =>
  new ChatError('rate_limited', 'Too many people are signing in. Please try again in a moment.', {
    status: 503,
    retryAfter: RETRY_AFTER,
  })

// How often passwords may be tried. Whoever guesses is slowed down by the account and by the place they guess
// from; nobody can keep somebody else out for good: failures from one place count for that place alone, and
// when many places try one account, it stays open to those it has been signed in from.

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

interface Attempt {
  readonly username: string
  readonly place: string
  /** Whether the account has been signed in from there before. */
  readonly isKnownPlace: boolean
}

/** All of it throws ChatError `rate_limited`. */
export function createAttempts(limiter: RateLimiter) {
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
    /** Takes nothing: for who has a long way to go before the attempt. */
    check: async (attempt: Attempt) =>
      refuseUnless('logins', await limiter.look(quotasOf(attempt))),
    /** Counts a failure, until it turns out to be none. */
    begin: (attempt: Attempt) => take('logins', quotasOf(attempt)),
    /** What had failed before was the same person’s: it counts no more. */
    async succeed(attempt: Attempt): Promise<void> {
      const failed = await limiter.look([pairOf(attempt)])
      if (failed) await limiter.giveBack(quotasOf(attempt), failed.limit - failed.remaining)
    },
    register: (place: string, isAdmin: boolean) =>
      take('registrations', [
        isAdmin
          ? { key: `registrations by admins from ${place}`, limit: REGISTRATIONS_OF_ADMIN }
          : { key: `registrations from ${place}`, limit: REGISTRATIONS_FROM_PLACE },
      ]),
    renew: (place: string) =>
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
