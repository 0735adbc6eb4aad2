/** Counts the tokens that a day's answers cost, over restarts too. */
import { createHash, randomBytes } from 'node:crypto'
import type {
  Logger,
  KeptText,
  TokenBudget,
  TurnObserver,
  TurnOutcome,
} from '../core/ports/index.ts'
import { LRUCache } from 'lru-cache'
import { ChatError } from '../core/errors.ts'
import { z } from 'zod'

// The file that keeps a day's spending over a restart.

const tokensSchema = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
/** What was spent on one UTC day. */
const daySchema = z.object({
  /** `YYYY-MM-DD` */
  date: z.string(),
  /** Goes into the keys of `spent`. */
  salt: z.string().min(1),
  total: tokensSchema,
  spent: z.array(z.tuple([z.string(), tokensSchema])).transform((entries) => new Map(entries)),
})
type Day = z.output<typeof daySchema>

/** Resolves to `undefined` when there is no file, or none that can be read: then the count starts anew. */
async function readDay(file: KeptText, logger: Logger): Promise<Day | undefined> {
  try {
    const text = await file.read()
    return text === undefined ? undefined : daySchema.parse(JSON.parse(text))
  } catch (error) {
    logger.warn({ err: error }, 'the spent tokens could not be read')
    return undefined
  }
}

/** A failure is logged: answers do not depend on this file. */
async function writeDay(file: KeptText, day: Day, logger: Logger): Promise<void> {
  try {
    await file.replace(JSON.stringify({ ...day, spent: [...day.spent] }))
  } catch (error) {
    logger.warn({ err: error }, 'the spent tokens could not be written')
  }
}

/** An address may spend what this many visitors may: people share addresses, and a fresh session is free. */
const VISITORS_PER_ADDRESS = 3
/** Visitors and addresses that are counted in a day; the ones not seen for longest make room. */
const MOST_COUNTED = 50_000
/** Callers whose address is known when their answer ends. */
const MOST_CALLERS = 10_000
/** Milliseconds from a change to the file. */
const WRITE_AFTER = 3_000
const DAY = 24 * 60 * 60_000
/** A rule of thumb for what a model server does not tell. */
const CHARACTERS_PER_TOKEN = 4

export interface TokenBudgetOptions {
  /** Tokens a day; 0: no limit. */
  readonly whole: number
  readonly perVisitor: number
  /** Where a day's spending is kept. */
  readonly file: KeptText
  /** Where several servers count together; without it, this one counts alone. */
  readonly shared?: SharedDays | undefined
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Days that several servers count together. What they reject with is logged; each counts for itself meanwhile. */
export interface SharedDays {
  /** The day's salt: the one that came first. */
  salt(date: string, own: string): Promise<string>
  /** What all have spent of each, in the order of the keys. */
  spent(date: string, keys: readonly string[]): Promise<readonly number[]>
  add(date: string, keys: readonly string[], tokens: number): Promise<void>
}

/** The key of all tokens of a day; no hash has a dot. */
const TOTAL = '.total'

export interface DailyTokenBudget extends TokenBudget, TurnObserver {
  /** Writes what is not written yet. */
  close(): Promise<void>
}

export async function createTokenBudget(options: TokenBudgetOptions): Promise<DailyTokenBudget> {
  const { whole, perVisitor, file, shared, logger, now } = options
  let day = (await readDay(file, logger)) ?? startDay(dayOf(now()))
  /** The date whose salt is the one of all servers. */
  let agreed: string | undefined
  const addresses = new LRUCache<string, string>({ max: MOST_CALLERS })
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()

  const write = () => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(() => writeDay(file, day, logger))
    return writing
  }

  const today = () => {
    const date = dayOf(now())
    if (day.date !== date) day = startDay(date)
    return day
  }

  const logAlone = (error: unknown) => {
    logger.debug({ err: error }, 'tokens are counted by this server alone')
  }

  /** Today, with the salt that all servers have. */
  const agree = async () => {
    const current = today()
    if (!shared || agreed === current.date) return current
    const { date, salt } = current
    const theirs = await shared.salt(date, salt)
    agreed = date
    if (theirs !== salt && day.date === date) day = { ...startDay(date), salt: theirs }
    return today()
  }

  /** Learns what other servers have counted; what this one has counted alone is not forgotten. */
  const learn = async (keys: readonly string[]) => {
    if (!shared) return
    try {
      const counts = await shared.spent(day.date, [TOTAL, ...keys])
      day.total = Math.max(day.total, counts[0] ?? 0)
      for (const [place, key] of keys.entries()) {
        const known = day.spent.get(key) ?? 0
        const all = counts[place + 1] ?? 0
        if (all > known) spend(key, all - known)
      }
    } catch (error) {
      logAlone(error)
    }
  }

  const spend = (key: string, tokens: number) => {
    const spent = (day.spent.get(key) ?? 0) + tokens
    day.spent.delete(key)
    day.spent.set(key, spent)
    const [oldest] = day.spent.keys()
    if (day.spent.size > MOST_COUNTED && oldest !== undefined) day.spent.delete(oldest)
  }

  return {
    async check(caller) {
      if (whole === 0 && perVisitor === 0) return
      const { salt } = await agree().catch((error: unknown) => {
        logAlone(error)
        return today()
      })
      const user = hashed(salt, 'user', caller.userId)
      const address = hashed(salt, 'address', caller.address)
      await learn(perVisitor > 0 ? [user, address] : [])
      const { total, spent } = day
      if (whole > 0 && total >= whole) {
        throw usedUp('This chat has answered as much as it may today', whole, now())
      }
      if (perVisitor === 0) return
      addresses.set(caller.userId, caller.address)
      const mine = spent.get(user) ?? 0
      const here = spent.get(address) ?? 0
      const perAddress = perVisitor * VISITORS_PER_ADDRESS
      if (mine < perVisitor && here < perAddress) return
      const limit = mine >= perVisitor ? perVisitor : perAddress
      throw usedUp('You have used up today’s allowance of this chat', limit, now())
    },
    turnStarted() {},
    turnEnded(outcome) {
      const tokens = tokensOf(outcome)
      if (tokens === 0) return
      const { salt } = today()
      day.total += tokens
      const address = addresses.get(outcome.ownerId)
      const keys = [
        hashed(salt, 'user', outcome.ownerId),
        ...(address === undefined ? [] : [hashed(salt, 'address', address)]),
      ]
      if (perVisitor > 0) for (const key of keys) spend(key, tokens)
      const counted = perVisitor > 0 ? [TOTAL, ...keys] : [TOTAL]
      shared?.add(day.date, counted, tokens).catch(logAlone)
      timer ??= setTimeout(() => void write(), WRITE_AFTER).unref()
    },
    async close() {
      if (timer) await write()
      else await writing
    },
  }
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

const startDay = (date: string): Day => ({
  date,
  salt: randomBytes(16).toString('base64url'),
  total: 0,
  spent: new Map(),
})

/** Who came and from where stays out of the file, and the next day's salt cuts the thread. */
function hashed(salt: string, kind: 'user' | 'address', name: string): string {
  return createHash('sha256').update(`${salt} ${kind} ${name}`).digest('base64url').slice(0, 22)
}

function tokensOf({
  usage,
  promptCharacters,
  tokenCount,
  errorCode,
  isAnswered,
}: TurnOutcome): number {
  if (usage?.total_tokens !== undefined) return usage.total_tokens
  // A model server that is down costs nothing.
  if (tokenCount === 0 && errorCode !== undefined && !isAnswered) return 0
  return Math.ceil(promptCharacters / CHARACTERS_PER_TOKEN) + tokenCount
}

function usedUp(what: string, limit: number, time: number): ChatError {
  const resetSeconds = Math.max(1, Math.ceil((DAY - (time % DAY)) / 1_000))
  return new ChatError('budget_exhausted', `${what}. It goes on at midnight UTC.`, {
    retryAfter: resetSeconds,
    allowance: { name: 'day', limit, windowSeconds: DAY / 1_000, remaining: 0, resetSeconds },
  })
}
