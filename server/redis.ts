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
/** Milliseconds that a Redis may take to read its data when it starts. */
const LOADING_PATIENCE = 60_000

export interface Redis {
  /** Fails at once while Redis is away: whoever waits would wait for nothing. */
  readonly client: RedisClient
  /** A connection for whoever waits in Redis itself, where nobody else may stand behind. */
  readonly waiting: RedisClient
  /** A connection that hears what is published. */
  readonly hearing: RedisClient
  isThere(): boolean
  /** Calls back each time that Redis is there again. */
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

/** @throws StartError with a sentence for the operator when Redis cannot be used */
export async function connectRedis(url: string, logger: Logger): Promise<Redis> {
  const [client, waiting, hearing] = [newClient(url), newClient(url), newClient(url)]
  const all = [client, waiting, hearing]
  const listeners: (() => void)[] = []
  let isStarted = false
  let isAway = false

  const tellAway = (error: unknown) => {
    if (isAway || !isStarted) return
    isAway = true
    logger.error(
      { err: error },
      'Redis is away: answers go on for those who read them here, and limits count for this server alone',
    )
  }
  for (const each of all) each.on('error', tellAway)
  client.on('ready', () => {
    if (!isStarted) return
    if (isAway) logger.info({}, 'Redis is there again')
    isAway = false
    for (const listener of listeners) listener()
  })
  try {
    await Promise.all(all.map((each) => connectOnce(each)))
    await checkUsable(client)
  } catch (error) {
    for (const each of all) each.destroy()
    throw whyNoStart(error, url)
  }
  isStarted = true
  return {
    client,
    waiting,
    hearing,
    isThere: () => client.isReady,
    onBack: (listener) => void listeners.push(listener),
    async close() {
      for (const each of all) each.destroy()
    },
  }
}

/** At the start, the first failure counts: somebody waits for a sentence. */
async function connectOnce(client: RedisClient): Promise<void> {
  const failed = Promise.withResolvers<never>()
  client.once('error', failed.reject)
  await Promise.race([client.connect(), failed.promise])
  client.off('error', failed.reject)
}

/** One that reads its data still is waited for; one that does not take anything is none. */
async function checkUsable(client: RedisClient): Promise<void> {
  const late = performance.now() + LOADING_PATIENCE
  for (;;) {
    try {
      await client.set('samosa:start', '1', { expiration: { type: 'EX', value: 60 } })
      return
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
  const said = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const sentences: readonly (readonly [RegExp, string])[] = [
    [/^ECONNREFUSED/, `no Redis listens at ${host}. Start it, or mend host and port`],
    [/^ENOTFOUND|^EAI_AGAIN/, `there is no host called as in ${host}. Mend the host`],
    [/^NOAUTH/, `the Redis at ${host} wants a password: redis://:password@${host}`],
    [/^WRONGPASS|^ERR AUTH/, `the Redis at ${host} does not take this user and password`],
    [/^LOADING/, `the Redis at ${host} still reads its data. Start again in a moment`],
    [/^READONLY/, `the Redis at ${host} only reads, as a replica does. Name the primary`],
    [/^OOM/, `the Redis at ${host} has no memory left. Raise maxmemory there`],
    [/^NOPERM/, `the user may not do what is needed in the Redis at ${host}. Mend its ACL`],
    [/timeout|closed/i, `${host} does not answer as a Redis. Mend host and port`],
  ]
  const found = sentences.find(([pattern]) => pattern.test(code) || pattern.test(said))
  return found ? new StartError(`REDIS_URL: ${found[1]}.`, { cause: error }) : error
}
