/** What PostgreSQL and Redis do while servers are measured, by their own counts. Begin at `watchDatabases`. */
import { createClient } from '@redis/client'
import postgres from 'postgres'
import { z } from 'zod'
import { cpuOfFamily } from './process-usage.ts'

export const databasesSchema = z.object({
  postgres: z.object({ url: z.string(), pid: z.number() }),
  redis: z.object({ url: z.string() }).optional(),
})
export type Databases = z.infer<typeof databasesSchema>

/** Between two moments. */
export const databaseUseSchema = z.object({
  /** Microseconds of CPU. */
  postgresCpu: z.number(),
  /** Bytes of the log that is written ahead, and by which the tables and their indexes grew. */
  walBytes: z.number(),
  tableBytes: z.number(),
  redis: z
    .object({
      commands: z.number(),
      bytesIn: z.number(),
      bytesOut: z.number(),
      /** Microseconds of CPU. */
      cpu: z.number(),
      /** Of running turns: bytes of their streams for each event in them, and of all else that is kept of each. */
      bytesPerEvent: z.number(),
      bytesPerTurn: z.number(),
    })
    .optional(),
})
export type DatabaseUse = z.infer<typeof databaseUseSchema>

/** Turns whose memory in Redis is looked at. */
const SAMPLED_TURNS = 100

export interface DatabaseWatch {
  /** Resolves when the counts are taken; what is given ends the time that counts. */
  begin(): Promise<{ end(): Promise<DatabaseUse> }>
  close(): Promise<void>
}

export function watchDatabases(databases: Databases): DatabaseWatch {
  const { pid, url } = databases.postgres
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  const redis = databases.redis && createClient({ url: databases.redis.url })

  const countPostgres = async () => {
    const rows = await sql<{ wal: string; size: string }[]>`
      select pg_current_wal_insert_lsn() - '0/0' as wal, pg_database_size(current_database()) as size`
    const { wal = '', size = '' } = rows[0] ?? {}
    return { wal: Number(wal), size: Number(size), cpu: cpuOfFamily(pid) }
  }
  const countRedis = async () => {
    if (!redis) return undefined
    if (!redis.isOpen) await redis.connect()
    const info = await redis.info('everything')
    const read = (name: string) =>
      Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? Number.NaN)
    const cpu = 1_000_000 * (read('used_cpu_sys') + read('used_cpu_user'))
    const [bytesIn, bytesOut] = [read('total_net_input_bytes'), read('total_net_output_bytes')]
    return { commands: read('total_commands_processed'), bytesIn, bytesOut, cpu }
  }
  /** Bytes of a key. */
  const sizeOf = async (key: string) =>
    Number((await redis?.sendCommand(['MEMORY', 'USAGE', key, 'SAMPLES', '0'])) ?? 0)

  const memoryOfTurns = async () => {
    const [sums, SUFFIX] = [{ turns: 0, events: 0, streams: 0, rest: 0 }, ':state']
    if (!redis) return { bytesPerEvent: 0, bytesPerTurn: 0 }
    for await (const keys of redis.scanIterator({
      MATCH: `samosa:turn:*${SUFFIX}`,
      COUNT: 1_000,
    })) {
      for (const state of keys) {
        if (sums.turns >= SAMPLED_TURNS) break
        const { runs, conversation = '' } = await redis.hGetAll(state)
        const stream = state.slice(0, -SUFFIX.length)
        const [newest] = (await redis.xRevRange(stream, '+', '-', { COUNT: 1 })) ?? []
        if (runs !== '1' || !newest) continue
        sums.turns += 1
        sums.events += Number(newest.id.split('-')[0])
        sums.streams += await sizeOf(stream)
        const others = [state, ...(await redis.keys(`${stream}:read:*`))]
        others.push(...['', ':turns'].map((what) => `samosa:conversation:${conversation}${what}`))
        for (const key of others) sums.rest += await sizeOf(key)
      }
    }
    return { bytesPerEvent: sums.streams / sums.events, bytesPerTurn: sums.rest / sums.turns }
  }

  return {
    async begin() {
      const [before, redisBefore] = [await countPostgres(), await countRedis()]
      return {
        async end() {
          const [after, redisAfter] = [await countPostgres(), await countRedis()]
          const use = {
            postgresCpu: after.cpu - before.cpu,
            walBytes: after.wal - before.wal,
            tableBytes: after.size - before.size,
          }
          if (!redisBefore || !redisAfter) return use
          const change = {
            commands: redisAfter.commands - redisBefore.commands,
            bytesIn: redisAfter.bytesIn - redisBefore.bytesIn,
            bytesOut: redisAfter.bytesOut - redisBefore.bytesOut,
            cpu: redisAfter.cpu - redisBefore.cpu,
          }
          return { ...use, redis: { ...change, ...(await memoryOfTurns()) } }
        },
      }
    },
    async close() {
      await sql.end({ timeout: 1 })
      redis?.destroy()
    },
  }
}
