/**
 * What is erased is nowhere: not one byte of it in the data folder, in a table, or in Redis. A visitor leaves a word of
 * its own in every place that keeps text; each is shown to be there, and then to be gone, while what another visitor
 * left is there still.
 */
import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type RunningServer, startServer } from './compose.ts'
import { type Config, readConfig } from './config/index.ts'
import { StartError } from './core/errors.ts'
import { erase } from './erase.ts'
import { demoKnowledgeDirectory } from './package.ts'
import { connectRedis } from './redis.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { connectDatabase } from './stores/postgres/database.ts'
import {
  type DatabaseServer,
  startPostgres,
  startRedis,
  whyNoPostgres,
  whyNoRedis,
} from './testing/database-servers.ts'
import { eventually } from './testing/eventually.ts'
import { type FakeModelServer, MANUAL, startFakeModelServer } from './testing/fake-model-server.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { createTestClient, type TestClient, type TestStream } from './testing/test-client.ts'

const run = promisify(execFile)
const PATIENT = 120_000
const DAY = 24 * 60 * 60_000

/** Everywhere that a visitor leaves text. */
const PLACES = [
  ...['message', 'answer', 'title', 'filename', 'file', 'comment', 'payload', 'summary'],
  ...['contact', 'hidden', 'replaced', 'running'],
] as const
/** What of it answers that are over or running leave in Redis. */
const IN_REDIS = ['answer', 'filename', 'replaced', 'running']

/** A word for each place, that nothing else has; small letters and digits, which every file writes as they are. */
const wordsOf = (who: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    PLACES.map((place) => [place, `${who}${place}${randomBytes(8).toString('hex')}`]),
  )

/** Which places of somebody a text has a word of. */
const placesIn = (text: string, words: Readonly<Record<string, string>>) =>
  Object.entries(words).flatMap(([place, word]) =>
    // Bytes of files stand in tables as hexadecimal digits.
    text.includes(word) || text.includes(Buffer.from(word).toString('hex')) ? [place] : [],
  )

let model: FakeModelServer
let folder: string
let servers: RunningServer[]
const logger = createRecordingLogger()
beforeAll(async () => {
  model = await startFakeModelServer({
    protocol: 'openai',
    respond: ({ messages }) => {
      const asked = JSON.stringify(messages.at(-1)?.content)
      if (asked.includes('Slowly')) return MANUAL
      return [`Noted: ${/Say (\w+)/.exec(asked)?.[1] ?? 'nothing'}.`]
    },
  })
})
afterAll(() => model.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samosa-erasure-'))
  servers = []
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(async () => {
  await stopAll()
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

const configOf = (environment: Readonly<Record<string, string>>): Config =>
  readConfig(
    {
      ...{ PORT: '0', LOG_LEVEL: 'silent', EMBEDDINGS: 'off', RATE_LIMIT_MESSAGES_PER_MINUTE: '0' },
      ...{ INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai', WIDGET_CONTACT_FORM: 'yes' },
      ...environment,
    },
    { directory: folder, demoKnowledge: demoKnowledgeDirectory() },
  )

async function start(environment: Readonly<Record<string, string>>): Promise<RunningServer> {
  const server = await startServer(configOf(environment), logger)
  servers.push(server)
  return server
}

const stopAll = () => Promise.all(servers.splice(0).map((server) => server.close(0)))

interface Visitor {
  readonly id: string
  readonly words: Readonly<Record<string, string>>
  at(server: RunningServer): TestClient
}

async function visit(server: RunningServer, name: string): Promise<Visitor> {
  const answer = await fetch(`${server.url}/api/session`, { method: 'POST' })
  const session = z.object({ token: z.string(), visitor_id: z.string() })
  const { token, visitor_id: id } = session.parse(await answer.json())
  return { id, words: wordsOf(name), at: ({ url }) => createTestClient(() => url, token) }
}

/** Writes into every place but that of an answer that is being written. */
async function leaveTraces(server: RunningServer, { at, words }: Visitor): Promise<void> {
  const client = at(server)
  const ask = async (id: string, body: object, path = 'messages') => {
    const stream = await client.stream('POST', `/api/conversations/${id}/${path}`, body)
    expect(stream.response.status).toBe(200)
    return (await stream.rest()).at(-1)?.data.message_id
  }
  const expectDone = async (...request: Parameters<TestClient['request']>) => {
    const { status, body } = await client.request(...request)
    expect([status, body]).toEqual([expect.toSatisfy((code: number) => code < 300), body])
  }
  const id = await client.conversation()
  await ask(id, { content: `Say ${words['replaced']}, please` })
  const file = { filename: `${words['filename']}.txt`, content_type: 'text/plain' }
  const answer = await ask(id, {
    content: `Say ${words['answer']}: ${words['message']}`,
    attachments: [{ ...file, data_base64: Buffer.from(`${words['file']}\n`).toString('base64') }],
  })
  await expectDone('PUT', `/api/conversations/${id}/messages/${answer}/feedback`, {
    ...{ rating: 'down', comment: `No, ${words['comment']}` },
  })
  await expectDone('PUT', `/api/provider-threads/${id}`, {
    payload: { note: words['payload'] },
  })
  await expectDone('PATCH', `/api/conversations/${id}`, { title: `On ${words['title']}` })
  await expectDone('PATCH', `/api/threads/${id}`, { summary: `In short: ${words['summary']}` })
  await expectDone('POST', '/api/contact', {
    ...{ message: `Call me: ${words['contact']}`, email: 'ann@example.com', consent: true },
    conversation_id: id,
  })
  const hidden = await client.conversation()
  await ask(hidden, { content: `Hide ${words['hidden']}` })
  await expectDone('DELETE', `/api/threads/${hidden}`)
}

/** Begins an answer that goes on, and waits until there is a draft of it. */
async function beginAnswer(
  server: RunningServer,
  { at, words }: Visitor,
  everything: () => Promise<string>,
): Promise<TestStream> {
  const client = at(server)
  const id = await client.conversation()
  const path = `/api/conversations/${id}/messages`
  const stream = await client.stream('POST', path, { content: 'Slowly, please' })
  expect(stream.response.status).toBe(200)
  await model.send(`It is ${words['running']}`)
  await eventually(async () => expect(placesIn(await everything(), words)).toContain('running'))
  return stream
}

/** What is expected of a command that is to erase somebody. */
const eraseUser = async (environment: Readonly<Record<string, string>>, ...args: string[]) => {
  const printed: string[] = []
  await erase(args, {
    config: configOf(environment),
    logger,
    input: new PassThrough(),
    remarks: new PassThrough(),
    print: (text) => printed.push(text),
  })
  return printed.join('\n')
}

const sorted = (places: readonly string[]) => places.toSorted()
const EVERYWHERE = sorted(PLACES)
const AT_REST = EVERYWHERE.filter((place) => place !== 'running')

async function readFolder(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return `${path}\n${(await readFile(path)).toString('latin1')}`
  })
  return (await Promise.all(texts)).join('\n')
}

describe('in a data folder', { timeout: PATIENT }, () => {
  const everything = () => readFolder(join(folder, 'data'))

  /** Files of words too, which the server writes only of those who have much. */
  const makeIndex = async () => {
    const store = await createJsonFileStore({
      ...{ directory: join(folder, 'data'), logger },
      searched: { savedFrom: 0 },
    })
    await store.reindex({ signal: new AbortController().signal, onProgress: () => undefined })
    await store.close()
  }

  /** Two visitors with all that they can leave, and the server that they left it at. */
  const prepare = async () => {
    const first = await start({})
    const [ann, bob] = [await visit(first, 'ann'), await visit(first, 'bob')]
    await leaveTraces(first, ann)
    await leaveTraces(first, bob)
    await stopAll()
    await makeIndex()
    expect((await everything()).split('"samosa_words"').length).toBeGreaterThan(2)
    return { ann, bob }
  }

  it('nothing is left of who erases everything, not even of an answer that is being written', async () => {
    const { ann, bob } = await prepare()
    const server = await start({})
    await beginAnswer(server, ann, everything)
    expect(sorted(placesIn(await everything(), ann.words))).toEqual(EVERYWHERE)
    expect((await ann.at(server).request('DELETE', '/api/session')).status).toBe(204)
    const left = await everything()
    expect(placesIn(left, ann.words)).toEqual([])
    expect(left.includes(ann.id)).toBe(false)
    expect(sorted(placesIn(left, bob.words))).toEqual(AT_REST)
    await stopAll()
    expect(placesIn(await everything(), ann.words)).toEqual([])
  })

  it('nothing is left of who is erased by the command, which waits for no server that has the folder', async () => {
    const { ann, bob } = await prepare()
    const server = await start({})
    await expect(eraseUser({}, '--user', ann.id, '--yes')).rejects.toThrow(
      /^Nothing was erased: a server uses .*data\. Stop it and run this again, or have/,
    )
    await beginAnswer(server, ann, everything)
    await stopAll()
    expect(sorted(placesIn(await everything(), ann.words))).toEqual(EVERYWHERE)
    expect(await eraseUser({}, '--user', ann.id, '--yes')).toBe(
      [
        `Of ${ann.id} there is:`,
        '- 3 conversations, with messages and files',
        '- 1 message of the contact form',
        'It is erased. Backups that were made before still have it.',
      ].join('\n'),
    )
    const left = await everything()
    expect(placesIn(left, ann.words)).toEqual([])
    expect(left.includes(ann.id)).toBe(false)
    expect(sorted(placesIn(left, bob.words))).toEqual(AT_REST)
  })

  it('nothing is left of what is older than RETENTION_DAYS', async () => {
    const { ann, bob } = await prepare()
    expect(sorted(placesIn(await everything(), ann.words))).toEqual(AT_REST)
    vi.setSystemTime(Date.now() + 31 * DAY)
    const server = await start({ RETENTION_DAYS: '30' })
    const cy = await visit(server, 'cy')
    await leaveTraces(server, cy)
    await eventually(async () => {
      const now = await everything()
      expect(placesIn(now, { ...ann.words, more: bob.words['message'] ?? '' })).toEqual([])
      expect(now.includes(ann.id)).toBe(false)
    })
    const left = await everything()
    expect(placesIn(left, bob.words)).toEqual([])
    expect(sorted(placesIn(left, cy.words))).toEqual(AT_REST)
  })
})

const whyNot = whyNoPostgres() ?? whyNoRedis()
describe.skipIf(whyNot)(`in PostgreSQL and Redis ${whyNot ?? ''}`, { timeout: PATIENT }, () => {
  let postgres: DatabaseServer
  let redis: DatabaseServer
  let environment: Readonly<Record<string, string>>
  beforeAll(async () => {
    ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  }, PATIENT)
  afterAll(async () => {
    await Promise.all([postgres.stop(), redis.stop()])
  })
  beforeEach(async () => {
    const database = connectDatabase({ url: postgres.url, logger })
    const name = `d${randomUUID().replaceAll('-', '')}`
    await database.sql.unsafe(`create database ${name}`)
    await database.close()
    const url = new URL(postgres.url)
    url.pathname = name
    environment = { DATABASE_URL: url.href, REDIS_URL: redis.url }
  })

  const tables = async () => {
    const args = ['--data-only', '--inserts', environment['DATABASE_URL'] ?? '']
    return (await run('pg_dump', args, { maxBuffer: 100_000_000 })).stdout
  }
  const keys = async () => {
    const { client, close } = await connectRedis(redis.url, logger)
    const texts: string[] = []
    for await (const batch of client.scanIterator()) {
      for (const key of batch) texts.push(key, JSON.stringify(await valueOf(client, key)))
    }
    await close()
    return texts.join('\n')
  }
  const valueOf = async (
    client: Awaited<ReturnType<typeof connectRedis>>['client'],
    key: string,
  ): Promise<unknown> => {
    switch (await client.type(key)) {
      case 'stream':
        return await client.xRange(key, '-', '+')
      case 'hash':
        return await client.hGetAll(key)
      case 'set':
        return await client.sMembers(key)
      case 'zset':
        return await client.zRange(key, 0, -1)
      case 'string':
        return await client.get(key)
      // It has expired.
      case 'none':
        return undefined
      default:
        throw new Error(`nobody knows what is in ${key}`)
    }
  }
  const placesLeft = async ({ words }: Visitor) => ({
    tables: sorted(placesIn(await tables(), words)),
    redis: sorted(placesIn(await keys(), words)),
  })
  const NOWHERE = { tables: [], redis: [] }

  /** Two servers, and two visitors with all that they can leave. */
  const prepare = async () => {
    const [one, two] = [await start(environment), await start(environment)]
    const [ann, bob] = [await visit(one, 'ann'), await visit(two, 'bob')]
    await leaveTraces(one, ann)
    await leaveTraces(two, bob)
    return { one, two, ann, bob }
  }
  const ALL = { tables: EVERYWHERE, redis: IN_REDIS }
  const REST = { tables: AT_REST, redis: IN_REDIS.filter((place) => place !== 'running') }

  it('nothing is left of who erases everything at another server than the one that answers', async () => {
    const { one, two, ann, bob } = await prepare()
    await beginAnswer(one, ann, tables)
    expect(await placesLeft(ann)).toEqual(ALL)
    expect((await ann.at(two).request('DELETE', '/api/session')).status).toBe(204)
    expect(await placesLeft(ann)).toEqual(NOWHERE)
    expect((await tables()).includes(ann.id)).toBe(false)
    expect(await placesLeft(bob)).toEqual(REST)
    await stopAll()
    expect(await placesLeft(ann)).toEqual(NOWHERE)
  })

  it('nothing is left of who is erased by the command, beside servers that run and answer', async () => {
    const { one, ann, bob } = await prepare()
    await beginAnswer(one, ann, tables)
    expect(await placesLeft(ann)).toEqual(ALL)
    expect(await eraseUser(environment, '--user', ann.id, '--yes')).toContain('- 3 conversations')
    expect(await placesLeft(ann)).toEqual(NOWHERE)
    expect((await tables()).includes(ann.id)).toBe(false)
    expect(await placesLeft(bob)).toEqual(REST)
    await stopAll()
    expect(await placesLeft(ann)).toEqual(NOWHERE)
  })

  it('without Redis, what the command cannot stop has no place any more, and leaves nothing when it ends', async () => {
    const alone = { DATABASE_URL: environment['DATABASE_URL'] ?? '' }
    const server = await start(alone)
    const ann = await visit(server, 'ann')
    await beginAnswer(server, ann, tables)
    await eraseUser(alone, '--user', ann.id, '--yes')
    await model.finish()
    await eventually(async () => expect(placesIn(await tables(), ann.words)).toEqual([]))
    expect((await tables()).includes(ann.id)).toBe(false)
  })

  it('nothing is left of what is older than RETENTION_DAYS, and two servers do not get into each other’s way', async () => {
    const { ann, bob } = await prepare()
    expect(await placesLeft(ann)).toEqual(REST)
    await stopAll()
    vi.setSystemTime(Date.now() + 31 * DAY)
    const old = { ...environment, RETENTION_DAYS: '30' }
    const [one] = await Promise.all([start(old), start(old)])
    const cy = await visit(one, 'cy')
    await leaveTraces(one, cy)
    await eventually(async () => {
      expect([await placesLeft(ann), await placesLeft(bob)]).toEqual([NOWHERE, NOWHERE])
      expect((await tables()).includes(ann.id)).toBe(false)
    })
    expect(await placesLeft(cy)).toEqual(REST)
  })
})

it('the command says what is wrong, and erases nothing', async () => {
  await expect(eraseUser({})).rejects.toThrow(/^Name one user: samosa-chat erase --user/)
  await expect(eraseUser({}, '--user', 'ann', 'lee')).rejects.toThrow(/Put a name with blanks/)
  await expect(eraseUser({}, '--user', 'ann')).rejects.toThrow(/^There is nothing in .*data: name/)
  await expect(eraseUser({}, '--usr', 'ann')).rejects.toBeInstanceOf(StartError)
})
