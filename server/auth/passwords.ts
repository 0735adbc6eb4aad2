/**
 * Hashes of passwords. They take a quarter of a second of a core each, on purpose: so they are made beside
 * the thread that serves, few at a time, and whoever comes meanwhile waits in line.
 */
import { availableParallelism } from 'node:os'
import { DEFAULT_COST, hash, parseOptions, verify } from '@node-rs/bcrypt'
import { passwordProblem } from '../core/accounts.ts'
import { ChatError } from '../core/errors.ts'

/**
 * One core stays free for answers; and of Node's four threads for such work, two at least for files. More at
 * once would make nobody's sign-in faster on most machines.
 */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1))
/** Whoever comes last waits for about half a minute; that is what a sign-in may take before people give up. */
const MOST_WAITING = 128
/** So that one caller cannot fill the line. */
const MOST_WAITING_OF_ONE = 64
/** Seconds after which the line has moved on. */
const RETRY_AFTER = 5

/** What makes hashes and compares them, away from the main thread. */
export interface PasswordHashing {
  hash(password: string, cost: number): Promise<string>
  verify(password: string, hash: string): Promise<boolean>
}

const bcrypt: PasswordHashing = {
  hash: (password, cost) => hash(password, { cost }),
  verify: (password, encoded) => verify(password, encoded),
}

export interface PasswordsOptions {
  /** Undefined: the library's. Each step more doubles the work. */
  readonly cost: number | undefined
  /** Tests set these. */
  readonly hashing?: PasswordHashing
  readonly atOnce?: number
}

/** Work with one hash at a time, in its turn. */
export interface Turn {
  hash(password: string): Promise<string>
  /** Costs one hash, also for a password that cannot be right and for an account that is not there. */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

export interface Passwords {
  /**
   * Does the work when its turn has come. `place` is where the caller is.
   * @throws ChatError `rate_limited` when too many wait
   */
  inTurn<T>(place: string, work: (turn: Turn) => Promise<T>): Promise<T>
  /** Whether a hash was made at another cost than new ones are. */
  isOfOtherCost(hash: string): boolean
}

export function createPasswords(options: PasswordsOptions): Passwords {
  const { cost = DEFAULT_COST, hashing = bcrypt, atOnce = AT_ONCE } = options
  /** The hash of no password, for accounts that are not there: comparing it takes as long. */
  const nobodys = `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
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
    async inTurn(place, work) {
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
    isOfOtherCost: (encoded) => parseOptions(encoded).cost !== cost,
  }
}

const lineIsFull = () =>
  new ChatError('rate_limited', 'Too many people are signing in. Please try again in a moment.', {
    status: 503,
    retryAfter: RETRY_AFTER,
  })
