/** A Redis that is there and does not do what it is told: what is said at the start, and what goes on without it. */
import { afterEach, describe, expect, it } from 'vitest'
import { createClient } from '@redis/client'
import { StartError } from './core/errors.ts'
import { connectRedis, type Redis } from './redis.ts'
import { type DatabaseServer, startRedis, whyNoRedis } from './testing/database-servers.ts'
import { eventually } from './testing/eventually.ts'
import { type FakeModelServer, MANUAL, startFakeModelServer } from './testing/fake-model-server.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { tokensOf, type WireEvent } from './testing/test-client.ts'
import { createRedisTurnLog } from './turn-logs/redis.ts'

/** Reads its data a key in a millisecond when it starts, takes connections meanwhile, and answers `LOADING`. */
const SLOW = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024']
/** So many that they are not read before it is told to be quick. */
const FILL = ['EVAL', "for n = 1, 50000 do redis.call('set', 'key' .. n, n) end", '0']
const BE_QUICK = ['CONFIG', 'SET', 'key-load-delay', '0']

describe.skipIf(whyNoRedis())(`Redis ${whyNoRedis() ?? ''}`, { timeout: 60_000 }, () => {
  const opened: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close()
  })

  const start = async (...args: readonly string[]): Promise<DatabaseServer> => {
    const server = await startRedis({ args })
    opened.push(server.stop)
    return server
  }
  const connect = async (url: string): Promise<Redis> => {
    const redis = await connectRedis(url, createRecordingLogger())
    opened.push(redis.close)
    return redis
  }
  /** Has commands done as an operator has. */
  const operate = async (url: string, ...commands: readonly (readonly string[])[]) => {
    const client = createClient({ url })
    client.on('error', () => undefined)
    await client.connect()
    for (const command of commands) await client.sendCommand(command)
    client.destroy()
  }
  const withPassword = (url: string, password: string) => url.replace('//', `//:${password}@`)

  describe('at the start', () => {
    const refused = async (url: string) => {
      const error = await connectRedis(url, createRecordingLogger()).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(StartError)
      return error instanceof StartError ? error.message : ''
    }

    it('that wants a password says how to give it, and never the one that was given', async () => {
      const { url, port } = await start('--requirepass', 'secret')
      expect(await refused(url)).toBe(
        `REDIS_URL: the Redis at 127.0.0.1:${port} wants a password. Name it in REDIS_URL: redis://:password@host.`,
      )
      const wrong = await refused(withPassword(url, 'guessed'))
      expect(wrong).toBe(
        `REDIS_URL: the Redis at 127.0.0.1:${port} does not take this user and password. Mend them in REDIS_URL.`,
      )
      const redis = await connect(withPassword(url, 'secret'))
      expect(redis.trouble()).toBeUndefined()
    })

    it('that has no memory left, or only reads, is not begun with', async () => {
      const full = await start('--maxmemory', '1')
      expect(await refused(full.url)).toMatch(/ has no memory left\. Raise maxmemory there\.$/)
      const replica = await start('--replicaof', '127.0.0.1', String(full.port))
      expect(await refused(replica.url)).toMatch(
        / only reads, .*\. Name the primary in REDIS_URL\.$/,
      )
    })

    it('that still reads its data is waited for', async () => {
      const server = await start(...SLOW)
      await operate(server.url, FILL, ['SAVE'])
      await server.kill()
      const started = server.start()
      const early = createClient({ url: server.url })
      early.on('error', () => undefined)
      await early.connect()
      await expect(early.ping()).rejects.toThrow(/^LOADING/)
      const connecting = connect(server.url)
      await early.sendCommand(BE_QUICK)
      early.destroy()
      const redis = await connecting
      expect(await redis.client.get('key50000')).toBe('50000')
      await started
    })
  })

  describe('while answers are written', () => {
    interface Fault {
      readonly name: string
      readonly reason: string
      /** What is returned ends it. */
      begin(redis: DatabaseServer): Promise<() => Promise<void>>
    }
    const faults: readonly Fault[] = [
      {
        name: 'has no memory left',
        reason: 'Redis has no memory left',
        async begin({ url }) {
          await operate(url, ['CONFIG', 'SET', 'maxmemory', '1'])
          return () => operate(url, ['CONFIG', 'SET', 'maxmemory', '0'])
        },
      },
      {
        name: 'becomes the replica of another, and lacks what was written',
        reason: 'Redis only reads, as a replica does',
        async begin({ url }) {
          const other = await start()
          await operate(url, ['REPLICAOF', '127.0.0.1', String(other.port)])
          return () => operate(url, ['REPLICAOF', 'NO', 'ONE'])
        },
      },
      {
        name: 'is started anew, and still reads its data',
        reason: 'Redis still reads its data',
        async begin(redis) {
          await operate(redis.url, FILL, ['SAVE'])
          await redis.kill()
          const started = redis.start()
          return async () => {
            await operate(redis.url, BE_QUICK)
            await started
          }
        },
      },
    ]

    /** Its first answer comes as the test has it, the others at once. */
    const startModel = async (): Promise<FakeModelServer> => {
      let asked = 0
      const model = await startFakeModelServer({
        protocol: 'nanochat',
        respond() {
          asked += 1
          return asked === 1 ? MANUAL : ['a whole ', 'answer']
        },
      })
      opened.push(model.close)
      return model
    }
    const serve = async (redis: DatabaseServer, model: FakeModelServer): Promise<TestServer> => {
      const server = await startTestServer({
        REDIS_URL: redis.url,
        INFERENCE_SERVICE_URL: model.url,
        INFERENCE_API: 'nanochat',
        RATE_LIMIT_MESSAGES_PER_MINUTE: '100',
      })
      opened.push(server.close)
      return server
    }
    /** What another server reads of a turn, to its end. */
    const readElsewhere = async (redis: DatabaseServer, turnId: string): Promise<string> => {
      const log = await createRedisTurnLog({
        ...(await connect(redis.url)),
        logger: createRecordingLogger(),
      })
      opened.push(log.close)
      expect(await log.orphans()).toEqual([])
      const ended = Promise.withResolvers<void>()
      let text = ''
      log.follow(turnId, 0, {
        events(batch) {
          for (const event of batch) if (event.type === 'token') text += event.text
          return true
        },
        end: ended.resolve,
      })
      await ended.promise
      return text
    }

    it.each(faults)('one that $name costs no answer, and is told', async ({ reason, begin }) => {
      const redis = await start(...SLOW)
      const model = await startModel()
      const server = await serve(redis, model)
      const visitor = await server.visitor()
      const readiness = async (): Promise<unknown> => (await fetch(`${server.url}/ready`)).json()
      const pathOf = (id: string) => `/api/conversations/${id}`
      const id = await visitor.conversation()
      const stream = await visitor.stream('POST', `${pathOf(id)}/messages`, { content: 'one' })
      const seen: WireEvent[] = []
      const untilText = async (text: string) => {
        while (tokensOf(seen).join('') !== text) seen.push(await stream.next())
      }
      await model.send('before ')
      await untilText('before ')

      const end = await begin(redis)
      await eventually(async () => {
        expect(await readiness()).toMatchObject({ ready: true, status: 'degraded', reason })
      })
      await model.send('during ')
      await untilText('before during ')
      const other = await visitor.conversation()
      expect(tokensOf(await visitor.send(other, 'two')).join('')).toBe('a whole answer')

      await end()
      await eventually(async () => {
        const found = await readiness()
        expect(found).toMatchObject({ ready: true, status: 'ok' })
        expect(found).not.toHaveProperty('reason')
      })
      await model.send('after')
      await model.finish()
      seen.push(...(await stream.rest()))
      expect(tokensOf(seen).join('')).toBe('before during after')
      for (const [conversation, answer] of [
        [id, 'before during after'],
        [other, 'a whole answer'],
      ] as const) {
        const { body } = await visitor.request('GET', pathOf(conversation))
        expect(body.messages.map(({ content }) => content).at(-1)).toBe(answer)
      }
      const turnId = seen.find(({ data }) => data.turn_id !== undefined)?.data.turn_id ?? ''
      expect(await readElsewhere(redis, turnId)).toBe('before during after')
    })
  })
})
