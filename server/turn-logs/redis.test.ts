import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TurnLog, TurnNote } from '../core/ports/index.ts'
import type { TurnEvent } from '../protocol/events.ts'
import { connectRedis, type Redis } from '../redis.ts'
import { type DatabaseServer, startRedis, whyNoRedis } from '../testing/database-servers.ts'
import { eventually } from '../testing/eventually.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { describeTurnLog } from '../testing/turn-log-suite.ts'
import { createRedisTurnLog, type RedisTurnLogOptions } from './redis.ts'

const logger = createRecordingLogger()

describe.skipIf(whyNoRedis())(`in Redis ${whyNoRedis() ?? ''}`, () => {
  let server: DatabaseServer
  const opened: Redis[] = []
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  afterEach(async () => {
    for (const redis of opened.splice(0)) await redis.close()
  })

  const open = async (more: Partial<RedisTurnLogOptions> = {}) => {
    const redis = await connectRedis(server.url, logger)
    opened.push(redis)
    return { redis, log: await createRedisTurnLog({ ...redis, logger, ...more }) }
  }
  const openEmpty = async () => {
    const first = await connectRedis(server.url, logger)
    await first.client.flushAll()
    await first.close()
    return (await open()).log
  }

  describeTurnLog('the turn log', openEmpty)

  const token = (text: string): TurnEvent => ({ type: 'token', text })
  const textOf = (events: readonly TurnEvent[]) =>
    events.map((event) => (event.type === 'token' ? event.text : '')).join('')

  /** What a log gives a reader behind so many events, until the end. */
  const read = (log: TurnLog, turnId: string, afterSeq = 0) => {
    const seen: { seq: number; event: TurnEvent }[] = []
    const ended = Promise.withResolvers<void>()
    const reader = log.follow(turnId, afterSeq, {
      events: (batch, firstSeq) =>
        seen.push(...batch.map((event, at) => ({ seq: firstSeq + at, event }))) > 0,
      end: ended.resolve,
    })
    return { seen, ended: ended.promise, stop: () => reader.stop() }
  }

  const note: TurnNote = {
    ownerId: 'o',
    conversationId: 'c',
    userMessageId: 'u',
    messageId: 'm',
    modelTag: 'default',
    startedAt: 5,
    keeps: undefined,
  }

  describe('two servers', () => {
    let here: TurnLog
    let there: TurnLog
    beforeEach(async () => {
      here = await openEmpty()
      there = (await open()).log
    })
    afterEach(async () => {
      await here.close()
      await there.close()
    })

    it('read the same, before, during and after the turn, behind any event', async () => {
      await here.begin('t', 'c')
      const early = read(there, 't')
      const writer = here.writer('t')
      for (let count = 0; count < 20; count += 1) {
        writer.append([token(`${count} `), token(`ü🙂${count} `)])
        if (count === 10) await eventually(() => expect(early.seen.length).toBeGreaterThan(20))
      }
      const during = Array.from({ length: 41 }, (_, known) => read(there, 't', known))
      await here.end('t')
      const late = Array.from({ length: 41 }, (_, known) => read(there, 't', known))
      const own = read(here, 't')
      await Promise.all([own, early, ...during, ...late].map(({ ended }) => ended))
      expect(own.seen).toHaveLength(40)
      expect(early.seen).toEqual(own.seen)
      for (const [known, { seen }] of [...during.entries(), ...late.entries()]) {
        expect(seen).toEqual(own.seen.slice(known))
      }
      expect(await there.find('t')).toEqual({
        turnId: 't',
        conversationId: 'c',
        running: false,
        events: 40,
      })
    })

    it('read on though a reader has left before anything could be read for it', async () => {
      await here.begin('t', 'c')
      here.writer('t').append([token('a')])
      read(there, 't').stop()
      // By then it was noticed that nobody reads it.
      await there.find('t')
      const reader = read(there, 't')
      await eventually(() => expect(reader.seen).toHaveLength(1))
      reader.stop()
      await here.end('t')
      const late = read(there, 't')
      await late.ended
      expect(late.seen).toHaveLength(1)
    })

    it('run one turn in a conversation between them, and name the one in the way', async () => {
      const begun = await Promise.all([here.begin('one', 'c'), there.begin('two', 'c')])
      expect(begun.filter(({ started }) => started)).toHaveLength(1)
      const [winner, loser] = begun[0].started ? [here, there] : [there, here]
      const name = begun[0].started ? 'one' : 'two'
      expect(await loser.begin('three', 'c')).toEqual({ started: false, runningTurnId: name })
      expect(await loser.latest('c')).toMatchObject({ turnId: name, running: true })
      await winner.end(name)
      expect(await loser.begin('three', 'c')).toEqual({ started: true })
    })

    it('know of each other’s readers', async () => {
      await here.begin('t', 'c')
      const reader = read(there, 't')
      const forever = new AbortController()
      await eventually(async () => {
        expect(await here.left('t', { signal: AbortSignal.abort() })).toBe(false)
      })
      const left = here.left('t', forever)
      reader.stop()
      expect(await left).toBe(true)
    })

    it('ask whoever writes a turn', async () => {
      await here.begin('t', 'c')
      const requests: unknown[] = []
      await here.keep(
        { turnId: 't', ...note },
        {
          async asked(request) {
            requests.push(request)
            return { isDone: true }
          },
          lost() {},
        },
      )
      expect(await there.ask('t', { kind: 'stop' })).toEqual({ isDone: true })
      expect(requests).toEqual([{ kind: 'stop' }])
      await here.end('t')
      expect(await there.ask('t', { kind: 'stop' })).toBeUndefined()
    })

    it('forget what the other one has written of an erased conversation', async () => {
      await here.begin('t', 'c')
      here.writer('t').append([token('secret')])
      await here.end('t')
      expect(await there.find('t')).toBeDefined()
      await there.forget('c')
      const reader = read(there, 't')
      await reader.ended
      expect(reader.seen).toEqual([])
      const redis = await connectRedis(server.url, logger)
      const keys = await redis.client.keys('*')
      expect(keys.filter((key) => key.includes('turn:t'))).toEqual([])
      await redis.close()
    })
  })

  describe('a server that is heard no more', () => {
    const quick = { signOfLife: 60_000, deadAfter: 300 }

    it('has its turns taken over by one other, with all that came', async () => {
      await openEmpty()
      const dead = await open(quick)
      const heirs = [(await open()).log, (await open()).log]
      await dead.log.begin('t', 'c')
      const lost: string[] = []
      await dead.log.keep(
        { turnId: 't', ...note },
        { asked: async () => ({ isDone: true }), lost: () => lost.push('t') },
      )
      dead.log.writer('t').append([token('half '), token('an answer')])
      const reader = read(heirs[1]!, 't')
      await eventually(() => expect(reader.seen).toHaveLength(2))
      const taken = await eventually(async () => {
        const orphans = await Promise.all(heirs.map((heir) => heir.orphans()))
        expect(orphans.flat()).toHaveLength(1)
        return orphans
      })
      const [orphan] = taken.flat()
      expect(orphan).toMatchObject({ turnId: 't', conversationId: 'c', note })
      expect(textOf(orphan?.events ?? [])).toBe('half an answer')
      const heir = taken[0]!.length > 0 ? heirs[0]! : heirs[1]!

      // The first server wakes up, and goes on as though nothing had been.
      dead.log.writer('t').append([token(' that nobody may see')])
      heir.writer('t').append([token('!')])
      await heir.end('t')
      await dead.log.end('t')
      const late = read(heirs[0]!, 't')
      await late.ended
      expect(textOf(late.seen.map(({ event }) => event))).toMatch(/^half an answer.*!$/)
      expect(await heirs[0]!.begin('next', 'c')).toEqual({ started: true })
      for (const log of [dead.log, ...heirs]) await log.close()
    })

    it('is heard by a Redis without memory too, and keeps its turns', async () => {
      await openEmpty()
      const alive = await open({ signOfLife: 20, deadAfter: 400, serverId: 'alive' })
      const heir = (await open()).log
      await alive.log.begin('t', 'c')
      const { client } = alive.redis
      await client.configSet('maxmemory', '1')
      // Heard for longer than it would be taken to live.
      const late = performance.now() + 800
      await eventually(async () => {
        expect(await client.exists('samosa:server:alive')).toBe(1)
        expect(performance.now()).toBeGreaterThan(late)
      })
      await client.configSet('maxmemory', '0')
      expect(await heir.orphans()).toEqual([])
      expect(await heir.find('t')).toMatchObject({ running: true })
      await alive.log.close()
      await heir.close()
    })

    it('learns that its turns are another’s when it wakes up, and can end nothing', async () => {
      await openEmpty()
      const woken = await open({ signOfLife: 200, deadAfter: 100 })
      const heir = (await open()).log
      await woken.log.begin('t', 'c')
      const lost = Promise.withResolvers<void>()
      await woken.log.keep(
        { turnId: 't', ...note },
        { asked: async () => ({ isDone: true }), lost: lost.resolve },
      )
      await eventually(async () => expect(await heir.orphans()).toHaveLength(1))
      await lost.promise
      await woken.log.end('t')
      expect(await heir.find('t')).toMatchObject({ running: true })
      await heir.end('t')
      await woken.log.close()
      await heir.close()
    })
  })

  describe('Redis', () => {
    it('is told in one command what comes together, of all turns', async () => {
      const log = await openEmpty()
      const turns = Array.from({ length: 20 }, (_, at) => `t${at}`)
      for (const turnId of turns) await log.begin(turnId, turnId)
      const { redis, log: other } = await open()
      const callsOf = async () =>
        Number(/cmdstat_eval:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1])
      const before = await callsOf()
      for (const text of ['one ', 'two']) {
        for (const turnId of turns) log.writer(turnId).append([token(text)])
      }
      const readers = turns.map((turnId) => read(other, turnId))
      await eventually(() => {
        for (const { seen } of readers) {
          expect(textOf(seen.map(({ event }) => event))).toBe('one two')
        }
      })
      // Signs of life are commands of this kind too.
      expect((await callsOf()) - before).toBeLessThan(5)
      for (const turnId of turns) expect(await redis.client.xLen(`samosa:turn:${turnId}`)).toBe(1)
      for (const { stop } of readers) stop()
      await log.close()
      await other.close()
    })

    /** What a turn may be: `MOST_TOKENS` and `MOST_CHARACTERS` of core/turn/generate.ts. */
    it('has the largest turn in less than 16 MB, each token told by itself', async () => {
      await openEmpty()
      const { log, redis } = await open()
      await log.begin('t', 'c')
      const writer = log.writer('t')
      const events = [token('x'.repeat(40))]
      for (let count = 0; count < 100_000; count += 1) {
        writer.append(events)
        await new Promise(setImmediate)
      }
      await log.end('t')
      expect(await redis.client.xLen('samosa:turn:t')).toBe(100_001)
      const bytes = await redis.client.memoryUsage('samosa:turn:t', { SAMPLES: 0 })
      expect(bytes).toBeLessThan(16 * 1024 * 1024)
      await log.close()
    })

    it('keeps no more of ended turns than the server that wrote them', async () => {
      await openEmpty()
      const { log, redis } = await open({ limits: { keepEndedEvents: 250 } })
      const { log: other } = await open()
      for (let turn = 0; turn < 10; turn += 1) {
        await log.begin(`t${turn}`, `c${turn}`)
        for (let count = 0; count < 100; count += 1) log.writer(`t${turn}`).append([token('x')])
        await log.end(`t${turn}`)
      }
      await eventually(async () => {
        const keys = await redis.client.keys('samosa:turn:t?')
        expect(keys.toSorted()).toEqual(['samosa:turn:t8', 'samosa:turn:t9'])
      })
      expect(await other.find('t7')).toBeUndefined()
      expect(await other.latest('c7')).toBeUndefined()
      expect(await other.find('t9')).toMatchObject({ running: false, events: 100 })
      const kept = await Promise.all(
        (await redis.client.keys('samosa:conversation:*')).map((key) => redis.client.ttl(key)),
      )
      expect(Math.max(...kept)).toBeLessThanOrEqual(5 * 60)
      await log.close()
      await other.close()
    })

    it('gets no event without those before it, and all once what it lost is noticed', async () => {
      await openEmpty()
      const { log, redis } = await open({ signOfLife: 50 })
      const { log: other } = await open()
      await log.begin('t', 'c')
      const writer = log.writer('t')
      writer.append([token('one '), token('two ')])
      await eventually(async () => expect(await other.find('t')).toMatchObject({ events: 2 }))
      await redis.client.del('samosa:turn:t')
      writer.append([token('three ')])
      await eventually(async () => expect(await other.find('t')).toMatchObject({ events: 3 }))
      writer.append([token('four')])
      await log.end('t')
      const late = read(other, 't')
      await late.ended
      expect(late.seen.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
      expect(textOf(late.seen.map(({ event }) => event))).toBe('one two three four')
      await log.close()
      await other.close()
    })

    it('may be away while a turn runs: its own readers go on, others have it all once it is back', async () => {
      const here = await openEmpty()
      const there = (await open()).log
      await here.begin('t', 'c')
      const writer = here.writer('t')
      const [own, other] = [read(here, 't'), read(there, 't')]
      writer.append([token('one ')])
      await eventually(() => expect(other.seen).toHaveLength(1))
      await server.kill()
      writer.append([token('two ')])
      await eventually(() => expect(textOf(own.seen.map(({ event }) => event))).toBe('one two '))
      expect(await here.begin('alone', 'another')).toEqual({ started: true })
      await server.start()
      writer.append([token('three')])
      await eventually(() => {
        expect(textOf(other.seen.map(({ event }) => event))).toBe('one two three')
      })
      await here.end('t')
      await Promise.all([own.ended, other.ended])
      expect(other.seen).toEqual(own.seen)
      await eventually(async () => {
        expect(await there.find('alone')).toMatchObject({ running: true })
      })
      await here.close()
      await there.close()
    })
  })
})
