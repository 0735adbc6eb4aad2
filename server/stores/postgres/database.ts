/**
 * stores/postgres: everything that is kept, in PostgreSQL. Here: the connection, and what its failures mean. Tables are
 * made in migrations.ts; begin at conversations.ts for what stands in them.
 */
import { connect, type Socket } from 'node:net'
import postgres from 'postgres'
import { ChatError, StartError } from '../../core/errors.ts'
import type { Logger } from '../../core/ports/index.ts'

/** Connections of one server. PostgreSQL takes 100 in all unless told otherwise. */
const MOST_CONNECTIONS = 10
/** Seconds in which a connection is made. */
const CONNECT_SECONDS = 3
/** Milliseconds without a byte after which a connection is given up: a cable was pulled, or the database is frozen. */
const LONGEST_SILENCE = 8_000
/** Milliseconds that a statement may take; less than the silence, so that one which is slow says so itself. */
const LONGEST_STATEMENT = 7_000
/**
 * Milliseconds that somebody waits for what is asked, whatever happens: the library connects again for ever where
 * connections are taken and ended at once.
 */
const LONGEST_WORK = 12_000
/** Seconds after which a connection that nobody uses is closed: before it counts as silent. */
const IDLE_SECONDS = 5

/** What a statement is run by: the pool, or one connection within a transaction. */
export type Sql = postgres.Sql<{ bigint: number }> | postgres.TransactionSql<{ bigint: number }>

export interface Database {
  readonly sql: postgres.Sql<{ bigint: number }>
  /** Runs statements as one, on one connection. */
  transaction<Value>(work: (sql: Sql) => Promise<Value>): Promise<Value>
  /**
   * Gives what work gives.
   * @throws ChatError `storage_unreachable` where the database cannot be reached, `internal` with the sentence otherwise
   */
  explain<Value>(sentence: string, work: () => Promise<Value>): Promise<Value>
  /** Whether it answers. */
  isReady(): Promise<boolean>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`, with parameters such as `sslmode=require`. */
  readonly url: string
  readonly logger: Logger
  /** Tests set it. */
  readonly connections?: number
}

/** Makes no connection yet: the first statement does. */
export function connectDatabase({ url, logger, connections }: DatabaseOptions): Database {
  const settings = {
    max: connections ?? MOST_CONNECTIONS,
    connect_timeout: CONNECT_SECONDS,
    idle_timeout: IDLE_SECONDS,
    // At once: whoever waits has a sentence of ours before long, and asks again.
    backoff: () => 0.1,
    onnotice: () => undefined,
    connection: { application_name: 'samosa-chat', statement_timeout: LONGEST_STATEMENT },
    socket: openSocket,
    types: {
      // Times and counts, all far below 2^53.
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
    },
  }
  const sql = postgres(url, settings)
  let isClosed = false

  const explain = async <Value>(sentence: string, work: () => Promise<Value>): Promise<Value> => {
    try {
      return await within(LONGEST_WORK, work)
    } catch (error) {
      if (error instanceof ChatError) throw error
      if (isClosed) throw new ChatError('interrupted', 'The server is stopping. Please try again.')
      if (isUnreachable(error)) throw storageUnreachable(error)
      throw new ChatError('internal', `${sentence}. Please try again.`, { cause: error })
    }
  }

  return {
    sql,
    transaction: (work) => inTransaction(sql, work),
    explain,
    async isReady() {
      if (isClosed) return false
      try {
        await sql`select 1`
        return true
      } catch (error) {
        logger.error({ err: error }, 'the database cannot be used')
        return false
      }
    },
    async close() {
      isClosed = true
      await sql.end({ timeout: 5 })
    },
  }
}

/**
 * Of a connection that is cut, the library ends the transaction at once, and then all the same sends what follows over
 * it, if only the `rollback`: to a socket that is not there, in a step of the event loop where nobody can catch what that
 * throws, so that the process ends. Nothing may follow, then: neither a statement nor the end of the work.
 */
async function inTransaction<Value>(
  sql: Database['sql'],
  work: (on: Sql) => Promise<Value>,
): Promise<Value> {
  const done = Promise.withResolvers<Value>()
  let cut: { readonly error: unknown } | undefined
  const begun = sql.begin((on) => {
    const guarded = new Proxy(on, {
      apply(target, self, args: unknown[]): unknown {
        if (cut) throw cut.error
        return Reflect.apply(target, self, args)
      },
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    work(guarded).then(
      (value) => {
        if (cut) return
        done.resolve(value)
        resolve()
      },
      (error: unknown) => {
        // By then it is known whether that was the end of the connection.
        setImmediate(() => {
          if (!cut) reject(error)
        })
      },
    )
    return promise
  })
  try {
    await begun
  } catch (error) {
    cut = { error }
    throw error
  }
  return await done.promise
}

/** @throws what work throws; Error with the code `CONNECT_TIMEOUT` when it takes longer */
export async function within<Value>(ms: number, work: () => Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(
      Object.assign(new Error('the database did not answer in time'), { code: 'CONNECT_TIMEOUT' }),
    )
  }, ms)
  try {
    return await Promise.race([work(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The part of the library's own settings that a connection needs. */
interface Place {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path: string | false | undefined
}

/**
 * A connection that is given up when nothing comes over it any more. It is given back before it is made: of one that the
 * library has not got it does not notice the end, and lacks it in its pool from then on.
 */
function openSocket({ host, port, path }: Place): Socket {
  const socket = path ? connect(path) : connect(port[0] ?? 5432, host[0] ?? 'localhost')
  socket.setKeepAlive(true, LONGEST_SILENCE)
  socket.setTimeout(CONNECT_SECONDS * 1_000, () => {
    socket.destroy(Object.assign(new Error('the connection is silent'), { code: 'ETIMEDOUT' }))
  })
  socket.once('connect', () => socket.setTimeout(LONGEST_SILENCE))
  return socket
}

export const storageUnreachable = (cause: unknown) =>
  new ChatError(
    'storage_unreachable',
    'Conversations cannot be reached right now. Please try again in a moment.',
    { cause, retryAfter: 2 },
  )

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/**
 * Codes of the library, of the network and of PostgreSQL (appendix A of its manual) that say: not now. 08 is the
 * connection, 53 what the database lacks (connections, memory, disk), 57 its operator; 25006 a standby that only reads;
 * 57014 a statement that took too long.
 */
const UNREACHABLE =
  /^(?:CONNECTION_|CONNECT_TIMEOUT|E(?:CONN|TIMEDOUT|PIPE|HOST|NET|AI_|NOTFOUND)|08|53|57|25006)/

const isUnreachable = (error: unknown) => UNREACHABLE.test(codeOf(error))

/**
 * What an operator is told when the server cannot start on a database; what is no matter of the database stays as it
 * is. Nothing of the address but host and port is said: the rest has the password.
 */
export function whyNoStart(error: unknown, url: string): unknown {
  if (error instanceof StartError) return error
  const { host, pathname, username } = new URL(url)
  const at = host === '' ? 'the database' : host
  const name = decodeURIComponent(pathname.slice(1))
  const sentences: Readonly<Record<string, string>> = {
    ECONNREFUSED: `no PostgreSQL listens at ${at}. Start it, or mend host and port`,
    ENOTFOUND: `there is no host called as in ${at}. Mend the host`,
    EAI_AGAIN: `the host of ${at} cannot be looked up. Mend the host, or the name server`,
    ECONNRESET: `${at} ended the connection. Mend host and port: is it a PostgreSQL?`,
    ETIMEDOUT: `${at} does not answer. Mend host and port, or the firewall between`,
    CONNECT_TIMEOUT: `${at} does not answer. Mend host and port: is it a PostgreSQL?`,
    CONNECTION_CLOSED: `${at} ended the connection. Mend host and port: is it a PostgreSQL?`,
    '28P01': `${at} does not take the password of the user “${username}”. Mend user and password`,
    '28000': `${at} does not let the user “${username}” in. Mend the user, or pg_hba.conf there`,
    '3D000': `there is no database “${name}” at ${at}. Make it: createdb ${name}`,
    '42501': `the user “${username}” may not make tables in “${name}” at ${at}. Grant it: GRANT CREATE, USAGE ON SCHEMA public TO ${username}`,
    '57P03': `the PostgreSQL at ${at} is starting or stopping. Start again in a moment`,
    '53300': `the PostgreSQL at ${at} has no connection left. Raise max_connections there`,
    '25006': `the PostgreSQL at ${at} only reads, as a standby does. Name the primary`,
  }
  const sentence = sentences[codeOf(error)]
  if (sentence === undefined) return error
  return new StartError(`DATABASE_URL: ${sentence}.`, { cause: error })
}
