/** What PostgreSQL and Redis cost: the way to the first token, a token's CPU, and a second server. */
import { createClient } from '@redis/client'
import {
  type DatabaseServer,
  startPostgres,
  startRedis,
  whyNoPostgres,
  whyNoRedis,
} from '../testing/database-servers.ts'
import type { DatabaseUse } from './database-use.ts'
import { resultSchemas, type ResultOf } from './jobs.ts'
import { load, pin } from './processes.ts'
import { type Effort, figure, type Measurement } from './report.ts'
import type { MeasuredServer, Servers } from './servers.ts'
import { median, percentile } from './statistics.ts'

/** Milliseconds between two tokens of an open stream. */
const INTERVAL = 50
/** Of the streams that a server is measured with elsewhere: databases need their part of the machine. */
const SHARE = 0.5
/** Rounds of first tokens that do not count: the compiler is busy with new servers. */
const COMPILING_ROUNDS = 2

interface Place {
  readonly postgres: DatabaseServer
  readonly redis: DatabaseServer
}

/** How servers keep things, and where answers are read. */
const SETUPS = {
  files: { name: 'one server, JSON files', servers: 1 },
  postgres: { name: 'one, PostgreSQL', servers: 1 },
  redis: { name: 'one, PostgreSQL and Redis', servers: 1 },
  two: { name: 'two, PostgreSQL and Redis', servers: 2 },
  elsewhere: { name: 'two, each answer read on the other', servers: 2 },
} as const
type Setup = keyof typeof SETUPS

const setups = [
  'files',
  'postgres',
  'redis',
  'two',
  'elsewhere',
] as const satisfies readonly Setup[]

const usesRedis = (setup: Setup) => setup !== 'files' && setup !== 'postgres'

type Streams = ResultOf<'streams'>

export async function measureCluster(servers: Servers, effort: Effort): Promise<Measurement> {
  const whyNot = [whyNoPostgres(), whyNoRedis()].filter((reason) => reason !== undefined)
  if (whyNot.length > 0) {
    const name = `Several servers are not measured. ${whyNot.join(' ')}`
    return { name, table: [], budgets: [], figures: {} }
  }
  // As safe as they are where they are used.
  const postgres = await startPostgres({ settings: ['fsync=on', 'full_page_writes=on'] })
  const redis = await startRedis()
  // They share the core on which nothing is measured.
  for (const { pid } of [postgres, redis]) pin(pid, 1)
  try {
    const place = { postgres, redis }
    const added = await measureFirstTokens(servers, place, effort)
    return describe(added, await measureTokens(servers, place, effort), effort)
  } finally {
    await postgres.stop()
    await redis.stop()
  }
}

const startAll = async (
  { startProduct }: Servers,
  setup: Setup,
  { postgres, redis }: Place,
): Promise<readonly MeasuredServer[]> => {
  const environment = {
    ...(setup !== 'files' && { DATABASE_URL: postgres.url }),
    ...(usesRedis(setup) && { REDIS_URL: redis.url }),
  }
  const started: MeasuredServer[] = []
  while (started.length < SETUPS[setup].servers) started.push(await startProduct({ environment }))
  return started
}

const stopAll = async (started: readonly MeasuredServer[]) => {
  for (const server of started) await server.stop()
}

/** Milliseconds that a server adds to the first token, by setup: of half of the answers no more, and of 90 in 100. */
async function measureFirstTokens(
  servers: Servers,
  place: Place,
  { rounds, requests }: Effort,
): Promise<ReadonlyMap<Setup, { readonly p50: number; readonly p90: number }>> {
  const compared = ['files', 'postgres', 'redis'] as const
  const started: MeasuredServer[] = []
  const seen: ResultOf<'ttft'>[] = []
  try {
    for (const setup of compared) started.push(...(await startAll(servers, setup, place)))
    const direct = { name: 'model server', kind: 'plain', url: servers.model } as const
    const named = started.map(({ target }, at) => ({ ...target, name: compared[at] ?? '' }))
    for (let round = 0; round < COMPILING_ROUNDS + rounds; round += 1) {
      const job = { kind: 'ttft', targets: [direct, ...named], requests } as const
      const times = await load(job, resultSchemas.ttft)
      if (round >= COMPILING_ROUNDS) seen.push(times)
    }
  } finally {
    await stopAll(started)
  }
  const added = (name: Setup, share: number) =>
    median(
      seen.map(
        (times) =>
          percentile(times[name] ?? [], share) - percentile(times['model server'] ?? [], share),
      ),
    )
  return new Map(
    compared.map((setup) => [setup, { p50: added(setup, 0.5), p90: added(setup, 0.9) }]),
  )
}

/** What streams of a lifelike pace cost, of each round by setup. */
async function measureTokens(
  servers: Servers,
  place: Place,
  { rounds, streams, window }: Effort,
): Promise<readonly ReadonlyMap<Setup, Streams>[]> {
  const seen: ReadonlyMap<Setup, Streams>[] = []
  for (let round = 0; round < rounds; round += 1) {
    const results = new Map<Setup, Streams>()
    for (const setup of setups) {
      // What was kept of earlier turns is nothing to this one.
      await emptied(place.redis)
      const started = await startAll(servers, setup, place)
      try {
        const job = {
          kind: 'streams',
          servers: started.map(({ target, pid }) => ({ target, pid })),
          isReadElsewhere: setup === 'elsewhere',
          isUnderWay: true,
          databases: {
            postgres: place.postgres,
            ...(usesRedis(setup) && { redis: place.redis }),
          },
          model: servers.model,
          // As many in all: two servers share the core that one has, and tokens come to each more singly.
          streams: (streams * SHARE) / SETUPS[setup].servers,
          interval: INTERVAL,
          window,
        } as const
        results.set(setup, await load(job, resultSchemas.streams))
      } finally {
        await stopAll(started)
      }
    }
    seen.push(results)
  }
  return seen
}

async function emptied({ url }: DatabaseServer): Promise<void> {
  const client = await createClient({ url }).connect()
  await client.flushAll()
  client.destroy()
}

function describe(
  added: Awaited<ReturnType<typeof measureFirstTokens>>,
  rounds: Awaited<ReturnType<typeof measureTokens>>,
  { streams }: Effort,
): Measurement {
  const middle = (setup: Setup, pick: (result: Streams) => number) =>
    median(rounds.flatMap((round) => round.get(setup) ?? []).map(pick))
  /** Of one round each, so that a slow moment of the machine slows both. */
  const ratio = (setup: Setup, other: Setup) =>
    median(
      rounds.map(
        (round) =>
          (round.get(setup)?.cpuPerToken ?? Number.NaN) /
          (round.get(other)?.cpuPerToken ?? Number.NaN),
      ),
    )
  const figures = setups.map((setup) => {
    const redis = (
      pick: (use: NonNullable<DatabaseUse['redis']>, result: Streams) => number,
    ): number =>
      middle(setup, (result) => {
        const use = result.databases?.redis
        return use ? pick(use, result) : Number.NaN
      })
    const postgres = (pick: (use: DatabaseUse, result: Streams) => number): number =>
      middle(setup, (result) =>
        result.databases && setup !== 'files' ? pick(result.databases, result) : Number.NaN,
      )
    return {
      setup,
      firstToken: added.get(setup)?.p50 ?? Number.NaN,
      firstTokenP90: added.get(setup)?.p90 ?? Number.NaN,
      served: Math.min(...rounds.map((round) => round.get(setup)?.served ?? 0)),
      cpu: middle(setup, ({ cpuPerToken }) => cpuPerToken),
      onTime: middle(setup, ({ tokens, due }) => tokens / due),
      p99: middle(setup, ({ latenessP99 }) => latenessP99),
      memory: middle(setup, ({ memoryPerStream }) => memoryPerStream / 1_024),
      bytes: middle(setup, ({ bytesPerToken }) => bytesPerToken),
      redis: {
        cpu: redis(({ cpu }, { tokens }) => cpu / tokens),
        commands: redis(({ commands }, { tokens }) => commands / tokens),
        bytesIn: redis(({ bytesIn }, { tokens }) => bytesIn / tokens),
        bytesOut: redis(({ bytesOut }, { tokens }) => bytesOut / tokens),
        bytesPerEvent: redis(({ bytesPerEvent }) => bytesPerEvent),
        bytesPerTurn: redis(({ bytesPerTurn }) => bytesPerTurn),
      },
      postgres: {
        cpuMs: postgres(({ postgresCpu }, { turns }) => postgresCpu / turns / 1_000),
        wal: postgres(({ walBytes }, { turns }) => walBytes / turns / 1_024),
        tables: postgres(({ tableBytes }, { turns }) => tableBytes / turns / 1_024),
      },
    }
  })
  const againstInProcess = ratio('redis', 'postgres')
  // What a token costs is what a core can carry.
  const carried = 2 / ratio('two', 'redis')
  const all = streams * SHARE
  const column = (name: string, digits: number, pick: (of: (typeof figures)[number]) => number) => [
    name,
    ...figures.map((of) => figure(pick(of), digits)),
  ]
  return {
    name: `PostgreSQL and Redis, ${all} visitors who read 10 s of ${1_000 / INTERVAL} tokens/s and ask again`,
    table: [
      ['', ...setups.map((setup) => SETUPS[setup].name)],
      column('added to the first token, p50 ms', 2, (of) => of.firstToken),
      column('p90 ms', 2, (of) => of.firstTokenP90),
      column('streams served', 0, (of) => of.served),
      column('tokens on time %', 1, (of) => of.onTime * 100),
      column('late p99 ms', 1, (of) => of.p99),
      column('CPU µs/token', 1, (of) => of.cpu),
      column('memory KB/stream', 0, (of) => of.memory),
      column('to visitors, bytes/token', 0, (of) => of.bytes),
      column('Redis: CPU µs/token', 1, (of) => of.redis.cpu),
      column('commands/token', 2, (of) => of.redis.commands),
      column('bytes in/token', 0, (of) => of.redis.bytesIn),
      column('bytes out/token', 0, (of) => of.redis.bytesOut),
      column('memory bytes/event', 0, (of) => of.redis.bytesPerEvent),
      column('and bytes/turn', 0, (of) => of.redis.bytesPerTurn),
      column('PostgreSQL: CPU ms/turn', 2, (of) => of.postgres.cpuMs),
      column('WAL KB/turn', 1, (of) => of.postgres.wal),
      column('tables KB/turn', 1, (of) => of.postgres.tables),
    ],
    budgets: [
      {
        what: 'added time to first token with PostgreSQL and Redis, median',
        value: added.get('redis')?.p50 ?? Number.NaN,
        unit: 'ms',
        atMost: 3,
      },
      {
        what: 'CPU per token with the Redis log against the in-process log',
        value: againstInProcess,
        unit: '×',
        atMost: 2,
      },
      { what: 'streams that two servers carry', value: carried, unit: '×', atLeast: 1.8 },
      ...figures.map(({ setup, served }) => ({
        what: `streams served by ${SETUPS[setup].name}`,
        value: served,
        unit: '',
        atLeast: all,
      })),
    ],
    figures: { setups: figures, againstInProcess, carried },
  }
}
