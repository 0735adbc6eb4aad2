/** The load generator, a process of its own: does one job (JSON in its argument) and prints what it saw. */
import { setTimeout as wait } from 'node:timers/promises'
import { isWhole, json, markOf, prepareAskers, signIn, type Asker, type Target } from './askers.ts'
import { microseconds } from './clock.ts'
import { eachToken, openConnection, type Ask, type Connection } from './connection.ts'
import { type DatabaseUse, watchDatabases } from './database-use.ts'
import { jobSchema, type Job, type JobOf, type ResultOf } from './jobs.ts'
import { cpuOf, memoryOf } from './process-usage.ts'
import { TOKEN_DIGITS, TOKEN_MARK, type Script } from './script.ts'
import { percentile } from './statistics.ts'

/** Short answers whose first token counts. */
const SHORT: Script = { tokens: 4, interval: 0 }
/** Answers that warm a server up before it is measured. */
const WARM_UP = 40
/** Milliseconds between two streams that are opened. */
const RAMP = 1
/** Tokens of an answer of the many streams: then the visitor asks again. */
const ANSWER = 200
/** Milliseconds that all streams may take to have their first token. */
const OPEN_PATIENCE = 20_000
/** Milliseconds from then on before measuring begins: the compiler is busy with a new server for seconds. */
const SETTLE = 4_000
/** Tokens of an answer that is ended from outside. */
const ENDLESS = 90_000

async function firstToken(connection: Connection, asker: Asker, script: Script): Promise<number> {
  const asked = performance.now()
  let after = Number.NaN
  const answer = await connection.ask({
    ...asker.send(script),
    onBytes(bytes) {
      if (Number.isNaN(after))
        eachToken(bytes, TOKEN_MARK, () => (after = performance.now() - asked))
    },
  })
  if (!isWhole(answer)) throw new Error(`An answer broke: ${answer.status} ${answer.tail}`)
  return after
}

async function measureFirstTokens(job: JobOf<'ttft'>): Promise<ResultOf<'ttft'>> {
  const times: Record<string, number[]> = {}
  const lanes = []
  for (const target of job.targets) {
    const askers = await prepareAskers(target, job.requests + WARM_UP)
    const own: number[] = []
    times[target.name] = own
    lanes.push({ askers, connection: openConnection(target.url), own })
  }
  for (let round = 0; round < job.requests + WARM_UP; round += 1) {
    for (const { askers, connection, own } of lanes) {
      const asker = askers[round]
      if (!asker) continue
      const time = await firstToken(connection, asker, SHORT)
      if (round >= WARM_UP) own.push(time)
    }
  }
  for (const { connection } of lanes) connection.close()
  return times
}

async function ask(url: string, asker: Asker, script: Script, onBytes?: (bytes: Buffer) => void) {
  const connection = openConnection(url)
  try {
    return await connection.ask({ ...asker.send(script), ...(onBytes && { onBytes }) })
  } finally {
    connection.close()
  }
}

interface Seen {
  /** Milliseconds, of each token. */
  readonly lateness: readonly number[]
  readonly bytes: number
  /** Answers that were asked for. */
  readonly turns: number
}

/** Asks, and leaves with the first token. */
async function untilFirstToken(target: Target, send: Ask): Promise<void> {
  const connection = openConnection(target.url)
  const mark = markOf(target)
  // Leaving ends the reading with an error, which is what is wanted here.
  const left = connection.ask({
    ...send,
    onBytes: (bytes) => bytes.includes(mark, 0, 'latin1') && connection.close(),
  })
  const got = await left.catch(() => undefined)
  if (got) throw new Error(`An answer did not begin: ${got.status} ${got.tail}`)
}

/** Streams that visitors read, one answer after the other. */
interface OpenStreams {
  /** What came while the work went on. */
  measure(work: () => Promise<unknown>): Promise<Seen>
  /** Ends them; how many came to their end in good order. */
  end(): Promise<number>
}

/** Somebody who asks a server, and reads there, or on another one. */
interface Visitor {
  readonly asker: Asker
  readonly target: Target
  /** Base URL. */
  readonly readsAt: string
}

const visitorsOf = (target: Target, askers: readonly Asker[], readsAt: string = target.url) =>
  askers.map((asker): Visitor => ({ asker, target, readsAt }))

/** Resolves once every stream has had a token and the server has warmed up. */
async function openStreams(
  { model, interval, isUnderWay }: Pick<JobOf<'streams'>, 'model' | 'interval' | 'isUnderWay'>,
  visitors: readonly Visitor[],
): Promise<OpenStreams> {
  let seen: { lateness: number[]; bytes: number; turns: number } | undefined
  let opened = 0
  const watch = (mark: string) => {
    let isFirst = true
    return (bytes: Buffer) => {
      if (isFirst && bytes.includes(mark, 0, 'latin1')) {
        isFirst = false
        opened += 1
      }
      if (!seen) return
      const { lateness } = seen
      const now = microseconds()
      seen.bytes += bytes.length
      eachToken(bytes, mark, (at) => {
        const due = Number(bytes.toString('latin1', at, at + TOKEN_DIGITS))
        lateness.push((now - due) / 1_000)
      })
    }
  }
  let ending = false
  /** Has one answer after the other, until one breaks; whether none did. */
  const keepAsking = async ({ asker, target, readsAt }: Visitor, first: number) => {
    const isHere = readsAt === target.url
    let connection = openConnection(readsAt)
    try {
      for (let tokens = first; !ending; tokens = ANSWER) {
        const onBytes = watch(markOf(target))
        if (seen) seen.turns += 1
        const send = asker.send({ interval, tokens })
        if (!isHere) {
          await untilFirstToken(target, send)
          connection.close()
          connection = openConnection(readsAt)
        }
        const answer = await connection.ask({ ...(isHere ? send : asker.readOn), onBytes })
        if (isWhole(answer)) continue
        console.error(`An answer broke: ${answer.status} ${answer.tail}`)
        return false
      }
      return true
    } finally {
      connection.close()
    }
  }
  const visits: Promise<boolean>[] = []
  for (const [index, visitor] of visitors.entries()) {
    // Of different lengths at first: from then on answers begin and end all the time.
    const more = Math.floor((index / visitors.length) * ANSWER)
    visits.push(keepAsking(visitor, isUnderWay ? more + 1 : ANSWER + more))
    await wait(RAMP)
  }
  const patient = performance.now() + OPEN_PATIENCE
  while (opened < visitors.length && performance.now() < patient) await wait(10)
  await wait(SETTLE)
  return {
    async measure(work) {
      const own = { lateness: [], bytes: 0, turns: 0 }
      seen = own
      await work()
      seen = undefined
      return own
    },
    async end() {
      ending = true
      const control = openConnection(model)
      await json(control, { method: 'GET', path: '/end' })
      control.close()
      const ends = await Promise.allSettled(visits)
      return ends.filter((end) => end.status === 'fulfilled' && end.value).length
    },
  }
}

/** A token cut in two by the network is no number; it is late for nobody. */
const percentileOf = (lateness: readonly number[], share: number) =>
  percentile(
    lateness.filter((value) => !Number.isNaN(value)),
    share,
  )

async function measureStreams(job: JobOf<'streams'>): Promise<ResultOf<'streams'>> {
  const { servers, streams, interval, window } = job
  const databases = job.databases && watchDatabases(job.databases)
  const all: (readonly Visitor[])[] = []
  for (const [index, { target }] of servers.entries()) {
    const askers = await prepareAskers(target, streams + WARM_UP)
    for (const asker of askers.slice(streams)) await ask(target.url, asker, SHORT)
    const next = servers[(index + 1) % servers.length]?.target.url
    const readsAt = job.isReadElsewhere ? next : target.url
    all.push(visitorsOf(target, askers.slice(0, streams), readsAt))
  }
  const sum = (what: (pid: number) => number) =>
    servers.reduce((total, { pid }) => total + what(pid), 0)
  const memoryBefore = sum(memoryOf)
  const open = await openStreams(job, all.flat())
  const [cpu, began] = [sum(cpuOf), performance.now()]
  let use: DatabaseUse | undefined
  const { lateness, bytes, turns } = await open.measure(async () => {
    const used = databases?.begin()
    await wait(window)
    use = await (await used)?.end()
  })
  const usedCpu = sum(cpuOf) - cpu
  const lasted = performance.now() - began
  const visitors = streams * servers.length
  const memoryPerStream = (sum(memoryOf) - memoryBefore) / visitors
  await databases?.close()
  return {
    served: await open.end(),
    tokens: lateness.length,
    due: Math.round((lasted / interval) * visitors),
    cpuPerToken: usedCpu / lateness.length,
    latenessMedian: percentileOf(lateness, 0.5),
    latenessP99: percentileOf(lateness, 0.99),
    memoryPerStream,
    bytesPerToken: bytes / lateness.length,
    turns,
    ...(use && { databases: use }),
  }
}

async function measureLogins(job: JobOf<'logins'>): Promise<ResultOf<'logins'>> {
  const { target, streams, window, logins } = job
  const open = await openStreams(job, visitorsOf(target, await prepareAskers(target, streams)))
  const quiet = await open.measure(() => wait(window))
  let signedIn = 0
  let slowest = 0
  const signInOnce = async () => {
    const connection = openConnection(target.url)
    const began = performance.now()
    const { status } = await connection.ask(signIn(target.account))
    connection.close()
    if (status === 200) signedIn += 1
    slowest = Math.max(slowest, performance.now() - began)
  }
  const busy = await open.measure(() => Promise.all(Array.from({ length: logins }, signInOnce)))
  const figuresOf = ({ lateness }: Seen) => ({
    median: percentileOf(lateness, 0.5),
    p99: percentileOf(lateness, 0.99),
  })
  const served = await open.end()
  return { served, signedIn, slowest, quiet: figuresOf(quiet), busy: figuresOf(busy) }
}

async function measureSaturated(job: JobOf<'saturated'>): Promise<ResultOf<'saturated'>> {
  const { target, streams, tokens, rounds } = job
  const askers = await prepareAskers(target, streams)
  const runOnce = async (script: Script) => {
    const began = performance.now()
    const answers = await Promise.all(askers.map((asker) => ask(target.url, asker, script)))
    const served = answers.filter(isWhole).length
    return { served, rate: (served * script.tokens) / ((performance.now() - began) / 1_000) }
  }
  await runOnce({ tokens: Math.ceil(tokens / 4), interval: 0 })
  let served = streams
  const rates: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const seen = await runOnce({ tokens, interval: 0 })
    served = Math.min(served, seen.served)
    rates.push(seen.rate)
  }
  return { served, rates }
}

async function measureStop(job: JobOf<'stop'>): Promise<ResultOf<'stop'>> {
  const { target, streams, patience } = job
  const control = openConnection(job.model)
  const openAnswers = async () => Number(await json(control, { method: 'GET', path: '/open' }))
  const until = async (count: number) => {
    while ((await openAnswers()) !== count) await wait(5)
  }
  const askers = await prepareAskers(target, streams)
  const long = { tokens: ENDLESS, interval: 50 }
  const start = async () => {
    const connections: Connection[] = []
    const answers = askers.map(async (asker) => {
      const connection = openConnection(target.url)
      connections.push(connection)
      // Leaving ends the reading with an error, which is what is wanted here.
      await connection.ask(asker.send(long)).catch(() => undefined)
    })
    await until(streams)
    const leave = async () => {
      for (const connection of connections) connection.close()
      await Promise.all(answers)
    }
    return { leave }
  }
  const stopAll = async () => {
    await Promise.all(
      askers.map(async ({ stop }) => {
        const connection = openConnection(target.url)
        if (stop) await connection.ask(stop)
        connection.close()
      }),
    )
  }

  const read = await start()
  const opened = await openAnswers()
  await stopAll()
  await wait(patience)
  const afterStop = await openAnswers()
  await read.leave()

  const leaving = await start()
  const left = await openAnswers()
  await leaving.leave()
  await wait(patience)
  const goOn = await openAnswers()
  await stopAll()
  await wait(patience)
  const afterLeavingAndStop = await openAnswers()
  control.close()
  return { opened, afterStop, left, goOn, afterLeavingAndStop }
}

async function run(job: Job): Promise<unknown> {
  switch (job.kind) {
    case 'ttft':
      return await measureFirstTokens(job)
    case 'streams':
      return await measureStreams(job)
    case 'logins':
      return await measureLogins(job)
    case 'saturated':
      return await measureSaturated(job)
    case 'stop':
      return await measureStop(job)
  }
}

console.log(JSON.stringify(await run(jobSchema.parse(JSON.parse(process.argv[2] ?? '{}')))))
