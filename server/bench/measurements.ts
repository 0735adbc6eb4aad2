/** The measurements: how they are run, and what each must reach. */
import { measureAnswers, measureEmbedding, measureSearch } from './answers.ts'
import { measureChatSearch } from './chat-search.ts'
import { measureCluster } from './cluster.ts'
import { measureGrowth } from './growth.ts'
import { resultSchemas, type ResultOf } from './jobs.ts'
import { load } from './processes.ts'
import { type Effort, figure, type Measurement } from './report.ts'
import { PIPE, type MeasuredServer, type Servers } from './servers.ts'
import { median, percentile } from './statistics.ts'

/** Rounds of first tokens that do not count: the compiler is busy with new servers. */
const COMPILING_ROUNDS = 2
/** Milliseconds between two tokens of an open stream. */
const INTERVAL = 50
const SATURATED_STREAMS = 32
const SATURATED_TOKENS = 8_000
const STOPPED_STREAMS = 200
const LOGINS = 50
/** Streams that go on while people sign in. */
const STREAMS_BESIDE_LOGINS = 200
/** Milliseconds that a model server may still be busy after its turn was stopped. */
const STOP_PATIENCE = 400

export type Measure = (servers: Servers, effort: Effort) => Promise<Measurement>

type Start = () => Promise<MeasuredServer>

const startsOf = ({ startProduct, startNginx, startPipe }: Servers): readonly Start[] => [
  () => startProduct(),
  ...(startNginx ? [startNginx] : []),
  startPipe,
]

const withServer = async <Value>(start: Start, use: (server: MeasuredServer) => Promise<Value>) => {
  const server = await start()
  try {
    return await use(server)
  } finally {
    await server.stop()
  }
}

const measureFirstTokens: Measure = async (servers, { rounds, requests }) => {
  const started: MeasuredServer[] = []
  const seen: ResultOf<'ttft'>[] = []
  try {
    for (const start of startsOf(servers)) started.push(await start())
    const direct = { name: 'model server', kind: 'plain', url: servers.model } as const
    const targets = [direct, ...started.map(({ target }) => target)]
    for (let round = 0; round < COMPILING_ROUNDS + rounds; round += 1) {
      const times = await load({ kind: 'ttft', targets, requests }, resultSchemas.ttft)
      if (round >= COMPILING_ROUNDS) seen.push(times)
    }
  } finally {
    for (const server of started) await server.stop()
  }
  const figures = started.map(({ target: { name } }) => {
    const added = (share: number) =>
      median(
        seen.map(
          (times) =>
            percentile(times[name] ?? [], share) - percentile(times['model server'] ?? [], share),
        ),
      )
    return { name, median: added(0.5), p90: added(0.9) }
  })
  return {
    name: 'Time to first token, added to asking the model server directly',
    table: [
      ['', 'median ms', 'p90 ms'],
      ...figures.map(({ name, median: p50, p90 }) => [name, figure(p50, 2), figure(p90, 2)]),
    ],
    budgets: [
      {
        what: 'added time to first token over what a bare pipe adds, median',
        value: (figures[0]?.median ?? Number.NaN) - (figures.at(-1)?.median ?? Number.NaN),
        unit: 'ms',
        atMost: 1,
      },
    ],
    figures,
  }
}

const measureStreams: Measure = async (servers, { rounds, streams, window }) => {
  const seen = new Map<string, ResultOf<'streams'>[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const start of startsOf(servers)) {
      await withServer(start, async ({ target, pid }) => {
        const one = { kind: 'streams', servers: [{ target, pid }] } as const
        const job = { ...one, streams, interval: INTERVAL, window }
        const result = await load({ ...job, model: servers.model }, resultSchemas.streams)
        seen.set(target.name, [...(seen.get(target.name) ?? []), result])
      })
    }
  }
  /** Of one round each, so that a slow moment of the machine slows both. */
  const against = (results: readonly ResultOf<'streams'>[], other: string) =>
    median(
      results.map(
        ({ cpuPerToken }, round) =>
          cpuPerToken / (seen.get(other)?.[round]?.cpuPerToken ?? Number.NaN),
      ),
    )
  const figures = [...seen].map(([name, results]) => {
    const middle = (pick: (result: ResultOf<'streams'>) => number) => median(results.map(pick))
    return {
      name,
      served: Math.min(...results.map(({ served }) => served)),
      cpu: middle(({ cpuPerToken }) => cpuPerToken),
      ratio: against(results, 'nginx'),
      pipeRatio: against(results, PIPE),
      onTime: middle(({ tokens, due }) => tokens / due),
      p50: middle(({ latenessMedian }) => latenessMedian),
      p99: middle(({ latenessP99 }) => latenessP99),
      memory: middle(({ memoryPerStream }) => memoryPerStream / 1_024),
    }
  })
  const ours = figures[0]
  return {
    name: `${figure(streams, 0)} visitors who read 10 s of ${1_000 / INTERVAL} tokens/s and ask again`,
    table: [
      [
        '',
        'served',
        'on time %',
        'late p50 ms',
        'p99 ms',
        'CPU µs/token',
        '× bare pipe',
        '× nginx',
        'KB/stream',
      ],
      ...figures.map((of) => [
        of.name,
        figure(of.served, 0),
        figure(of.onTime * 100),
        figure(of.p50),
        figure(of.p99),
        figure(of.cpu),
        figure(of.pipeRatio, 2),
        figure(of.ratio, 2),
        figure(of.memory, 0),
      ]),
    ],
    budgets: ours
      ? [
          { what: 'streams served', value: ours.served, unit: '', atLeast: streams },
          { what: 'lateness of tokens, p99', value: ours.p99, unit: 'ms', atMost: 25 },
          { what: 'memory per stream', value: ours.memory, unit: 'KB', atMost: 90 },
          {
            what: 'CPU per token against a bare pipe',
            value: ours.pipeRatio,
            unit: '×',
            atMost: 1.5,
          },
        ]
      : [],
    figures,
  }
}

/** What a token of a thread costs, whose provider's chunks are passed on, against one of a conversation. */
const measureThreads: Measure = async (servers, { rounds, streams, window }) => {
  const seen: Record<'chat' | 'thread', ResultOf<'streams'>[]> = { chat: [], thread: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['chat', 'thread'] as const) {
      const result = await withServer(
        () => servers.startDialect(kind),
        ({ target, pid }) => {
          const one = { kind: 'streams', servers: [{ target, pid }] } as const
          const job = { ...one, streams, interval: INTERVAL, window }
          return load({ ...job, model: servers.model }, resultSchemas.streams)
        },
      )
      seen[kind].push(result)
    }
  }
  const ratio = median(
    seen.thread.map(
      ({ cpuPerToken }, round) => cpuPerToken / (seen.chat[round]?.cpuPerToken ?? Number.NaN),
    ),
  )
  const figures = (['chat', 'thread'] as const).map((kind) => ({
    name: kind === 'chat' ? 'dialect A' : 'dialect C',
    served: Math.min(...seen[kind].map(({ served }) => served)),
    // A server that is late writes many tokens at once, which makes each of them cheaper.
    onTime: median(seen[kind].map(({ tokens, due }) => tokens / due)),
    p99: median(seen[kind].map(({ latenessP99 }) => latenessP99)),
    cpu: median(seen[kind].map(({ cpuPerToken }) => cpuPerToken)),
  }))
  return {
    name: 'The same of a provider that speaks OpenAI, in dialect A and as threads',
    table: [
      ['', 'served', 'on time %', 'late p99 ms', 'CPU µs/token'],
      ...figures.map(({ name, served, onTime, p99, cpu }) => [
        name,
        figure(served, 0),
        figure(onTime * 100),
        figure(p99),
        figure(cpu),
      ]),
    ],
    budgets: [
      {
        what: 'streams served',
        value: Math.min(...figures.map(({ served }) => served)),
        unit: '',
        atLeast: streams,
      },
      { what: 'CPU per token of a thread against dialect A', value: ratio, unit: '×', atMost: 1.5 },
    ],
    figures: { dialects: figures, ratio },
  }
}

const measureSaturated: Measure = async (servers, { rounds }) => {
  const direct = { name: 'model server', kind: 'plain', url: servers.model } as const
  const job = { kind: 'saturated', streams: SATURATED_STREAMS, tokens: SATURATED_TOKENS } as const
  const figures: { name: string; served: number; rate: number }[] = []
  const measure = async (target: MeasuredServer['target'], count: number) => {
    const seen = await load({ ...job, target, rounds: count }, resultSchemas.saturated)
    figures.push({ name: target.name, served: seen.served, rate: median(seen.rates) })
  }
  for (const start of startsOf(servers)) {
    await withServer(start, async ({ target }) => measure(target, rounds))
  }
  await measure(direct, rounds)
  return {
    name: `${SATURATED_STREAMS} streams, as fast as they are taken`,
    table: [
      ['', 'served', 'tokens/s'],
      ...figures.map(({ name, served, rate }) => [name, figure(served, 0), figure(rate, 0)]),
    ],
    budgets: [
      {
        what: 'tokens a second',
        value: figures[0]?.rate ?? Number.NaN,
        unit: '',
        atLeast: 150_000,
      },
      {
        what: 'streams served',
        value: figures[0]?.served ?? 0,
        unit: '',
        atLeast: SATURATED_STREAMS,
      },
    ],
    figures,
  }
}

const measureStop: Measure = async (servers) => {
  const job = { kind: 'stop', streams: STOPPED_STREAMS, patience: STOP_PATIENCE } as const
  const seen = await withServer(
    () => servers.startProduct(),
    async ({ target }) => load({ ...job, target, model: servers.model }, resultSchemas.stop),
  )
  return {
    name: `Answers open at the model server, ${STOP_PATIENCE} ms after …`,
    table: [
      ['', 'before', 'after'],
      ['their turns were stopped', String(seen.opened), String(seen.afterStop)],
      ['every reader had left', String(seen.left), String(seen.goOn)],
      ['those were stopped too', String(seen.goOn), String(seen.afterLeavingAndStop)],
    ],
    budgets: [
      { what: 'open after a stop', value: seen.afterStop, unit: '', atMost: 0 },
      { what: 'going on without readers', value: seen.goOn, unit: '', atLeast: seen.left },
      {
        what: 'open after readers left and a stop',
        value: seen.afterLeavingAndStop,
        unit: '',
        atMost: 0,
      },
    ],
    figures: seen,
  }
}

const measureLogins: Measure = async ({ startProduct, model }, { window }) => {
  const account = { username: 'reader', password: 'a password to measure with' }
  const start = () => startProduct({ environment: { AUTH_MODE: 'local' } })
  const seen = await withServer(start, async ({ target }) => {
    const job = { kind: 'logins', model, streams: STREAMS_BESIDE_LOGINS, logins: LOGINS } as const
    const paced = { ...job, interval: INTERVAL, window, target: { ...target, account } }
    return await load(paced, resultSchemas.logins)
  })
  const { quiet, busy, served, signedIn, slowest } = seen
  return {
    name: `${STREAMS_BESIDE_LOGINS} streams while ${LOGINS} people sign in at once`,
    table: [
      ['', 'late p50 ms', 'p99 ms'],
      ['before', figure(quiet.median), figure(quiet.p99)],
      [`meanwhile (${figure(slowest / 1_000)} s)`, figure(busy.median), figure(busy.p99)],
    ],
    budgets: [
      { what: 'signed in', value: signedIn, unit: '', atLeast: LOGINS },
      { what: 'streams served', value: served, unit: '', atLeast: STREAMS_BESIDE_LOGINS },
      { what: 'delay of tokens, p99', value: busy.p99 - quiet.p99, unit: 'ms', atMost: 25 },
    ],
    figures: seen,
  }
}

export const MEASUREMENTS = {
  ttft: measureFirstTokens,
  streams: measureStreams,
  threads: measureThreads,
  saturated: measureSaturated,
  stop: measureStop,
  logins: measureLogins,
  cluster: measureCluster,
  answers: measureAnswers,
  search: measureSearch,
  'chat-search': (_, effort) => measureChatSearch(effort),
  growth: (_, effort) => measureGrowth(effort),
  embedding: measureEmbedding,
} as const satisfies Readonly<Record<string, Measure>>
