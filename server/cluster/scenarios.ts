/** What goes wrong in the machine room, one thing after the other, while visitors ask. */
import { setTimeout as wait } from 'node:timers/promises'
import { createCrowd, type Crowd } from './crowd.ts'
import type { FaultProxy } from './fault-proxy.ts'
import type { Verdict } from './ledger.ts'
import type { AnswerShape } from './model.ts'
import type { ChatServer, Room } from './room.ts'

/** How much of everything. */
export interface Effort {
  /** Visitors who ask at the same time. */
  readonly visitors: number
  /** Milliseconds that a part is away. */
  readonly outage: number
  /** Connections of readers that are cut in all. */
  readonly cuts: number
}

export interface Result extends Verdict {
  readonly visitors: number
  readonly faults: number
  /** Milliseconds. */
  readonly lasted: number
  /** Milliseconds that the worst of the answers stood still. */
  readonly longestSilence: number
  /** What besides had to be true, and was not: a sentence each. */
  readonly broken: readonly string[]
}

/** What a scenario has for itself. */
interface Stage {
  readonly room: Room
  readonly effort: Effort
  readonly crowd: Crowd
  /** Notes a sentence when what had to be true is not. */
  expect(isTrue: boolean, sentence: string): void
}

type Play = (stage: Stage) => Promise<void>

/** About three seconds of a person who reads. */
const USUAL: AnswerShape = { tokens: 60, interval: 50 }
/** Milliseconds within which the turns of a dead server have an end. */
const TAKEN_OVER_WITHIN = 15_000
/** Milliseconds that visitors ask before and after a fault, so that it comes into the middle of answers. */
const BEFORE = 1_500
const AFTER = 2_500

/** All of it under one name each, in the order in which it is played. */
export const SCENARIOS: Readonly<Record<string, Play>> = {
  async 'read on at the other server'({ room, crowd, expect }) {
    const { exchange, visitor, asked } = await crowd.ask({ tokens: 80, interval: 30 })
    await until(() => exchange.text !== '')
    const readers = room.servers.flatMap(({ url }) =>
      Array.from({ length: 5 }, () => visitor.follow(url, exchange.conversationId)),
    )
    await asked
    const late = room.servers.map(({ url }) => visitor.follow(url, exchange.conversationId))
    const read = new Set(await Promise.all([...readers, ...late]))
    expect(read.size === 1, `readers of one turn got ${read.size} different streams`)
    expect([...read][0]?.includes('"done":true') === true, 'a reader was not told the end')
  },

  async 'rolling restart under load'({ room, crowd, expect }) {
    crowd.start(USUAL)
    await wait(BEFORE)
    for (const server of room.servers) {
      server.running.process.kill('SIGTERM')
      const code = await server.running.exited
      expect(code === 0, `${server.name} ended with ${code}`)
      await server.start()
      await wait(BEFORE)
    }
    await crowd.end()
    const cut = crowd.exchanges.filter(({ finishReason }) => finishReason !== 'stop')
    expect(cut.length === 0, `${cut.length} answers did not come to their end`)
  },

  async 'kill -9 of a server that writes'({ room: { servers }, crowd, expect }) {
    const [server] = servers
    crowd.start(USUAL)
    await wait(BEFORE)
    server.running.process.kill('SIGKILL')
    await server.running.exited
    await wait(AFTER)
    await crowd.end()
    const worst = longestSilenceOf(crowd)
    expect(worst <= TAKEN_OVER_WITHIN, `an answer stood still for ${seconds(worst)}`)
    await server.start()
  },

  async 'a server is frozen, replaced, and wakes up'({ room: { servers }, crowd, expect }) {
    const [server] = servers
    crowd.start(USUAL)
    await wait(BEFORE)
    server.running.process.kill('SIGSTOP')
    await wait(TAKEN_OVER_WITHIN + AFTER)
    server.running.process.kill('SIGCONT')
    await wait(AFTER)
    await crowd.end()
    expect(await isReady(server), `${server.name} is not ready after it woke up`)
  },

  'nginx and a server are cut off': cutOff(({ servers }) => [servers[0].fromNginx]),
  'a server and its model server are cut off': cutOff(({ servers }) => [servers[0].toModel]),
  'a server and PostgreSQL are cut off': cutOff(({ servers }) => [servers[0].toPostgres]),
  'a server and Redis are cut off': cutOff(({ servers }) => [servers[0].toRedis]),
  'a server’s cable to PostgreSQL and Redis is pulled': cutOff(
    ({ servers: [{ toPostgres, toRedis }] }) => [toPostgres, toRedis],
    'freeze',
  ),

  async 'PostgreSQL is away'({ room, effort, crowd, expect }) {
    crowd.start(USUAL)
    await wait(BEFORE)
    const running = crowd.exchanges.filter(({ finishReason }) => finishReason === undefined)
    await room.postgres.kill()
    await wait(effort.outage)
    expect(!(await isReady(room.servers[0])), 'a server without its database says that it is ready')
    await room.postgres.start()
    await until(() => isReady(room.servers[0]))
    await wait(AFTER)
    await crowd.end()
    const cut = running.filter(({ finishReason }) => finishReason !== 'stop')
    expect(cut.length === 0, `${cut.length} answers that ran did not come to their end`)
  },

  async 'Redis is away, and comes back with nothing'({ room, effort, crowd, expect }) {
    crowd.start(USUAL)
    await wait(BEFORE)
    await room.redis.kill()
    await wait(effort.outage)
    for (const server of room.servers) {
      expect(await isReady(server), `${server.name} is not ready without Redis`)
      expect((await readiness(server)).includes('degraded'), `${server.name} does not say degraded`)
    }
    await room.redis.start()
    await until(async () => !(await readiness(room.servers[0])).includes('degraded'))
    await wait(AFTER)
    await crowd.end()
  },

  async 'the clock of a server jumps'({ room: { servers }, crowd, expect }) {
    crowd.start(USUAL)
    for (const hours of [2, -5, 3]) {
      await wait(BEFORE)
      servers[0].jumpClock(hours * 3_600_000)
    }
    await wait(AFTER)
    await crowd.end()
    const cut = crowd.exchanges.filter(({ finishReason }) => finishReason !== 'stop')
    expect(cut.length === 0, `${cut.length} answers did not come to their end`)
  },

  async 'readers lose their connections'({ effort, crowd, expect }) {
    // Once in a few events, at any byte of them.
    crowd.start(
      { tokens: 200, interval: 10 },
      { cutAfter: () => 1 + Math.floor(Math.random() * 600) },
    )
    await until(() => crowd.cuts >= effort.cuts)
    await crowd.end()
    const cut = crowd.exchanges.filter(({ finishReason }) => finishReason !== 'stop')
    expect(cut.length === 0, `${cut.length} answers did not come to their end`)
  },
}

/** Plays one with visitors of its own, and counts. */
export async function play(name: string, room: Room, effort: Effort): Promise<Result> {
  const broken: string[] = []
  const crowd = await createCrowd(room.url, effort.visitors)
  const began = performance.now()
  const before = room.faults()
  await SCENARIOS[name]?.({
    room,
    effort,
    crowd,
    expect(isTrue, sentence) {
      if (!isTrue) broken.push(sentence)
    },
  })
  return {
    ...(await crowd.judge()),
    visitors: crowd.size,
    faults: room.faults() - before + crowd.cuts,
    lasted: performance.now() - began,
    longestSilence: longestSilenceOf(crowd),
    broken,
  }
}

/** Visitors ask while some of the ways are broken, and everything comes to an end when they are whole again. */
function cutOff(ways: (room: Room) => readonly FaultProxy[], how: 'cut' | 'freeze' = 'cut'): Play {
  return async ({ room, effort, crowd, expect }) => {
    crowd.start(USUAL)
    await wait(BEFORE)
    for (const way of ways(room)) way[how]()
    await wait(effort.outage)
    for (const way of ways(room)) way.heal()
    await until(() => isReady(room.servers[0]))
    await wait(AFTER)
    await crowd.end()
    expect(await isReady(room.servers[0]), `${room.servers[0].name} is not ready afterwards`)
  }
}

export const longestSilenceOf = ({ exchanges }: Crowd) =>
  Math.max(0, ...exchanges.map(({ longestSilence }) => longestSilence))

const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`

const isReady = async ({ url }: ChatServer) => (await fetch(`${url}/ready`)).ok

const readiness = async ({ url }: ChatServer) => await (await fetch(`${url}/ready`)).text()

/** @throws Error when it has not come true within a minute */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const late = performance.now() + 60_000
  while (!(await isTrue())) {
    if (performance.now() > late) throw new Error(`it never came true: ${isTrue.toString()}`)
    await wait(50)
  }
}
