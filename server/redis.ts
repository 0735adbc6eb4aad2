/** Connections to the Redis that servers share, and what their failures mean. Begin at `connectRedis`. */
import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { StartError } from './core/errors.ts'
import type { Logger } from './core/ports/index.ts'
import type { RedisClient } from './turn-logs/redis.ts'

/** Milliseconds: to connect, without an answer, and between two tries to connect again. */
const CONNECT_TIME = 3_000
const LONGEST_SILENCE = 6_000
const LONGEST_PAUSE = 2_000
/** Milliseconds between two signs that the connection works, for those over which little else goes. */
const PING_INTERVAL = 2_000
/** Milliseconds between two looks whether it takes what it is told. */
const LOOK_EVERY = 1_000
/** Milliseconds that a Redis may take to read its data when it starts. */
const LOADING_PATIENCE = 60_000

export interface Redis {
  /** Fails at once while Redis is away: whoever waits would wait for nothing. */
  readonly client: RedisClient
  /** A connection for whoever waits in Redis itself, where nobody else may stand behind. */
  readonly waiting: RedisClient
  /** A connection that hears what is published. */
  readonly hearing: RedisClient
  /** What is wrong with it; `undefined`: it is there and takes what it is told. */
  trouble(): string | undefined
  /** Calls back each time that Redis is there again, or takes again what it is told. */
  onBack(listener: () => void): void
  close(): Promise<void>
}

const newClient = (url: string): RedisClient =>
  createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: PING_INTERVAL,
    socket: {
      connectTimeout: CONNECT_TIME,
      socketTimeout: LONGEST_SILENCE,
      reconnectStrategy: (tries) => Math.min(LONGEST_PAUSE, 50 * 2 ** tries),
    },
  })

/** Why a Redis that answers does what it is told not, by how it says so; and what helps. */
const REFUSALS = [
  {
    sign: /^NOAUTH/,
    state: 'wants a password',
    help: 'Name it in REDIS_URL: redis://:password@host',
  },
  {
    sign: /^WRONGPASS|^ERR AUTH/,
    state: 'does not take this user and password',
    help: 'Mend them in REDIS_URL',
  },
  { sign: /^LOADING/, state: 'still reads its data', help: 'It will be there in a moment' },
  {
    sign: /^READONLY/,
    state: 'only reads, as a replica does',
    help: 'Name the primary in REDIS_URL',
  },
  { sign: /^OOM/, state: 'has no memory left', help: 'Raise maxmemory there' },
  { sign: /^MISCONF/, state: 'cannot write to its disk', help: 'Make room there' },
  { sign: /^NOPERM/, state: 'does not let this user do what is needed', help: 'Mend its ACL' },
] as const
const AWAY = { state: 'is away', help: 'It is tried again all the time' }

type Trouble = (typeof REFUSALS)[number] | typeof AWAY

const refusalIn = (error: unknown) =>
  REFUSALS.find(({ sign }) => error instanceof Error && sign.test(error.message))

/** @throws StartError with a sentence for the operator when Redis cannot be used */
export async function connectRedis(url: string, logger: Logger): Promise<Redis> {
  const [client, waiting, hearing] = [newClient(url), newClient(url), newClient(url)]
  const all = [client, waiting, hearing]
  const listeners: (() => void)[] = []
  let isStarted = false
  let trouble: Trouble | undefined

  const tellBack = () => {
    for (const listener of listeners) listener()
  }
  const note = (found: Trouble | undefined, error?: unknown) => {
    if (found === trouble || !isStarted) return
    const before = trouble
    trouble = found
    if (found) {
      const { state, help } = found
      logger.error(
        { err: error },
        `Redis ${state}: answers go on for those who read them here, and limits count for this server alone. ${help}.`,
      )
      return
    }
    logger.info({}, 'Redis is there again')
    // Who connects anew has told so already.
    if (before !== AWAY) tellBack()
  }
  const look = async () => {
    try {
      await use(client)
      note(all.every(({ isReady }) => isReady) ? undefined : AWAY)
    } catch (error) {
      note(refusalIn(error) ?? AWAY, error)
    }
  }
  for (const each of all) each.on('error', (error) => note(AWAY, error))
  client.on('ready', () => {
    if (!isStarted) return
    tellBack()
    void look()
  })
  try {
    await Promise.all(all.map((each) => connectOnce(each)))
    await untilUsable(client)
  } catch (error) {
    for (const each of all) each.destroy()
    throw whyNoStart(error, url)
  }
  isStarted = true
  const closing = new AbortController()
  const looking = keepLooking(look, closing.signal)
  return {
    client,
    waiting,
    hearing,
    trouble: () => trouble && `Redis ${trouble.state}`,
    onBack: (listener) => void listeners.push(listener),
    async close() {
      isStarted = false
      closing.abort()
      for (const each of all) each.destroy()
      await looking
    },
  }
}

async function keepLooking(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(LOOK_EVERY, undefined, { signal, ref: false }).catch(() => undefined)
    if (!signal.aborted) await look()
  }
}

/** At the start, the first failure counts: somebody waits for a sentence. */
async function connectOnce(client: RedisClient): Promise<void> {
  const failed = Promise.withResolvers<never>()
  client.once('error', failed.reject)
  await Promise.race([client.connect(), failed.promise])
  client.off('error', failed.reject)
}

/** Does what one that is away, full or a replica does not. @throws what Redis says then */
async function use(client: RedisClient): Promise<void> {
  await client.set('samosa:used', '1', { expiration: { type: 'EX', value: 60 } })
}

/** One that reads its data still is waited for; one that does not take anything is none. */
async function untilUsable(client: RedisClient): Promise<void> {
  const late = performance.now() + LOADING_PATIENCE
  for (;;) {
    try {
      return await use(client)
    } catch (error) {
      const isLoading = error instanceof Error && error.message.startsWith('LOADING')
      if (!isLoading || performance.now() > late) throw error
      await wait(200)
    }
  }
}

/** Of the address, host and port are said, and nothing else: it may have a password. */
function whyNoStart(error: unknown, url: string): unknown {
  const { host } = new URL(url)
  const refusal = refusalIn(error)
  if (refusal) {
    const { state, help } = refusal
    return new StartError(`REDIS_URL: the Redis at ${host} ${state}. ${help}.`, { cause: error })
  }
  const said = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const sentences: readonly (readonly [RegExp, string])[] = [
    [/^ECONNREFUSED/, `no Redis listens at ${host}. Start it, or mend host and port`],
    [/^ENOTFOUND|^EAI_AGAIN/, `there is no host called as in ${host}. Mend the host`],
    [/timeout|closed/i, `${host} does not answer as a Redis. Mend host and port`],
  ]
  const found = sentences.find(([pattern]) => pattern.test(code) || pattern.test(said))
  return found ? new StartError(`REDIS_URL: ${found[1]}.`, { cause: error }) : error
}
