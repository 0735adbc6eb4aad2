/** Remembers in PostgreSQL who has signed in. */
import type { Identity, Logger, UserDirectory, UserRecord } from '../../core/ports/index.ts'
import { seen, userSchema } from '../json-users.ts'
import type { Database } from './database.ts'
import { bodyOf, ownerKey } from './rows.ts'

/** How long notes are collected, in milliseconds. */
const FLUSH_DELAY = 3_000

/** Users that are looked at together for when they were seen. */
const LOOKED_AT_ONCE = 500

export interface PostgresUsersOptions {
  readonly database: Database
  readonly logger: Logger
  /** Milliseconds since 1970; tests set it. */
  readonly clock?: () => number
  /** Milliseconds; tests set it. */
  readonly flushDelay?: number
}

export function createPostgresUsers(options: PostgresUsersOptions): UserDirectory {
  const { database, logger, clock = Date.now, flushDelay = FLUSH_DELAY } = options
  const { sql, explain } = database
  /** Seen since the last time that notes were written; who is seen again is written once. */
  const noted = new Map<string, Identity>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const userIn = (body: unknown): UserRecord | undefined => userSchema.safeParse(body).data

  const write = async (identity: Identity) => {
    const id = ownerKey(identity.userId)
    const [row] = await sql<{ body: unknown }[]>`select body from users where id = ${id}`
    const user = seen(userIn(row?.body), identity, new Date(clock()).toISOString())
    await sql`
      insert into users ${sql({ id, body: bodyOf(sql, user) })}
      on conflict (id) do update set body = excluded.body`
  }

  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    for (const [id, identity] of noted) {
      noted.delete(id)
      try {
        await write(identity)
      } catch (error) {
        logger.error({ err: error }, 'a user could not be noted')
      }
    }
  }

  return {
    note(identity) {
      if (isClosed) return
      noted.set(identity.userId, identity)
      timer ??= setTimeout(() => void flush(), flushDelay).unref()
    },
    list: () =>
      explain('The users could not be read', async () => {
        await flush()
        const rows = await sql<{ body: unknown }[]>`select body from users order by id`
        return rows.flatMap(({ body }) => userIn(body) ?? [])
      }),
    remove: (userId) =>
      explain('The user could not be removed', async () => {
        noted.delete(userId)
        await sql`delete from users where id = ${ownerKey(userId)}`
      }),
    removeSeenBefore: (time) =>
      explain('The users could not be removed', async () => {
        let [last, gone] = ['', 0]
        for (;;) {
          const rows = await sql<{ id: string; body: unknown }[]>`
            select id, body from users where id > ${last} order by id limit ${LOOKED_AT_ONCE}`
          const newest = rows.at(-1)
          if (!newest) return gone
          last = newest.id
          // Who is here at this moment may not have been written down yet.
          const old = rows.filter(({ body }) => {
            const user = userIn(body)
            return user !== undefined && user.lastSeenAt < time && !noted.has(user.id)
          })
          if (old.length === 0) continue
          const ids = old.map(({ id }) => id)
          gone += (await sql`delete from users where id in ${sql(ids)} returning id`).length
        }
      }),
    async close() {
      isClosed = true
      await flush()
    },
  }
}
