/** Copies the folder of the real server slowly, while it works, in every order that a tool may take. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageDirectory } from './package.ts'
import { recoverDrafts } from './core/turn/drafts.ts'
import type { ConversationStore } from './core/ports/index.ts'
import { createJsonDraftStore } from './stores/json-drafts.ts'
import { createInProcessTurnLog } from './turn-logs/in-process.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { startFakeModelServer, type FakeModelServer } from './testing/fake-model-server.ts'
import { spawnServer, type SpawnedServer } from './testing/spawn-server.ts'
import { createTestClient, tokensOf, type TestClient } from './testing/test-client.ts'

const run = promisify(execFile)

/** Conversations that talk at the same time. */
const TALKS = 4
/** Turns before copies are begun. */
const TURNS = 40

interface Acknowledged {
  readonly conversationId: string
  readonly messageId: string
  readonly content: string
}

let model: FakeModelServer
let parent: string
let directory: string
let server: SpawnedServer
let client: TestClient

const start = (folder: string) =>
  spawnServer({
    LOG_LEVEL: 'error',
    RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
    DATABASE_URL: `file:${folder}`,
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
  })

/** What `samosa-chat backup <target>` writes. */
const backUp = async (target: string) => {
  const env = { PATH: process.env['PATH'], DATABASE_URL: `file:${directory}` }
  const args = ['server/main.ts', 'backup', target]
  return (await run(process.execPath, args, { cwd: packageDirectory(), env })).stdout
}

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'samosa-backup-'))
  directory = join(parent, 'data')
  model = await startFakeModelServer({ protocol: 'nanochat', respond: () => ['One ', 'answer'] })
  server = await start(directory)
  const answer = await fetch(`${server.url}/api/session`, { method: 'POST' })
  const session = (await answer.json()) as { token: string }
  client = createTestClient(() => server.url, session.token)
})
afterAll(async () => {
  server.process.kill('SIGKILL')
  await server.exited
  await model.close()
  await rm(parent, { recursive: true, force: true })
})

/** Talks until it is told that it is enough; some conversations are deleted. */
function createLoad() {
  const acknowledged: Acknowledged[] = []
  const [deleting, deleted] = [new Set<string>(), new Set<string>()]
  let turns = 0
  let heard = Promise.withResolvers<void>()
  let isEnough = false

  const talk = async () => {
    while (!isEnough) {
      const conversationId = await client.conversation()
      for (let count = 0; count < 4 && !isEnough; count += 1) {
        const content = `message ${count} of ${conversationId}`
        const path = `/api/conversations/${conversationId}/messages`
        const stream = await client.stream('POST', path, { content })
        const started = await stream.next()
        acknowledged.push({ conversationId, messageId: started.data.user_message_id!, content })
        const events = await stream.rest()
        const messageId = events.at(-1)!.data.message_id!
        acknowledged.push({ conversationId, messageId, content: tokensOf(events).join('') })
        turns += 1
        heard.resolve()
      }
      if (turns % 5 !== 0) continue
      deleting.add(conversationId)
      await client.request('DELETE', `/api/conversations/${conversationId}`)
      deleted.add(conversationId)
    }
  }
  const talks = Promise.all(Array.from({ length: TALKS }, talk))
  return {
    acknowledged,
    /** Somebody has asked; it may have happened or not. */
    deleting,
    deleted,
    /** Resolves when somebody has been answered since the last time. */
    async nextTurn() {
      await Promise.race([heard.promise, talks])
      heard = Promise.withResolvers()
    },
    turns: () => turns,
    async end() {
      isEnough = true
      await talks
    },
  }
}

const namesIn = (folder: string) => readdir(folder, { withFileTypes: true }).catch(() => [])

/** Whether the files of conversations have all that was acknowledged. */
async function areSaved({ acknowledged, deleting }: Before): Promise<boolean> {
  const root = join(directory, 'conversations')
  const names = await readdir(root, { recursive: true })
  const texts = names.filter((name) => name.endsWith('.json')).map((name) => join(root, name))
  const all = await Promise.all(texts.map((path) => readFile(path, 'utf8').catch(() => '')))
  const text = all.join('')
  return acknowledged.every(
    ({ conversationId, messageId }) => deleting.has(conversationId) || text.includes(messageId),
  )
}

/**
 * A copy that takes one file at each step, and leaves the second half of it for the next. Comes to the
 * journal when the files of conversations have long been newer than what it may have of them.
 */
async function* copySlowly(
  to: string,
  sort: (names: string[]) => string[],
  before: Before,
  path = '',
): AsyncGenerator<void> {
  if (path === 'journal') while (!(await areSaved(before))) yield
  const entries = await namesIn(join(directory, path))
  const isFolder = new Map(entries.map((entry) => [entry.name, entry.isDirectory()]))
  for (const name of sort([...isFolder.keys()])) {
    const place = join(path, name)
    // The lock is held by a process that runs.
    if (place.startsWith('lock')) continue
    if (isFolder.get(name)) {
      yield* copySlowly(to, sort, before, place)
      continue
    }
    const file = await open(join(directory, place)).catch(() => undefined)
    if (!file) continue
    const { size } = await file.stat()
    const half = Buffer.alloc(size >> 1)
    await file.read(half, 0, half.length, null)
    yield
    const rest = await file.readFile()
    await file.close()
    await mkdir(dirname(join(to, place)), { recursive: true })
    await writeFile(join(to, place), Buffer.concat([half, rest]))
  }
}

const first = (wanted: string) => (names: string[]) =>
  names.toSorted((a, b) => Number(b === wanted) - Number(a === wanted) || a.localeCompare(b))
const last = (wanted: string) => (names: string[]) => first(wanted)(names).toReversed()

const ORDERS = {
  'conversations first': first('conversations'),
  'journal first': first('journal'),
  'journal last': last('journal'),
  'by name': (names: string[]) => names.toSorted(),
  'by name, backwards': (names: string[]) => names.toSorted().toReversed(),
}

async function check(store: ConversationStore, { acknowledged, deletedBefore, deleting }: Before) {
  const [{ ownerId: visitor } = { ownerId: '' }] = await store.owners()
  const listed = await store.conversationIds(visitor)
  for (const id of deletedBefore) expect(listed).not.toContain(id)
  const ids = new Set(acknowledged.map(({ conversationId }) => conversationId))
  for (const id of ids) {
    if (deleting.has(id)) continue
    expect(listed).toContain(id)
    const messages = (await store.messages(visitor, id)) ?? []
    const stored = new Map(messages.map((message) => [message.id, message.content]))
    expect(stored.size).toBe(messages.length)
    for (const message of acknowledged) {
      if (message.conversationId === id) expect(stored.get(message.messageId)).toBe(message.content)
    }
  }
}

interface Before {
  readonly acknowledged: readonly Acknowledged[]
  readonly deletedBefore: readonly string[]
  /** While the copy was made, too. */
  readonly deleting: ReadonlySet<string>
}

describe('a copy of the data folder of a server that works', () => {
  it('has what was acknowledged before it was begun, in whatever order and however slowly', async () => {
    const load = createLoad()
    while (load.turns() < TURNS) await load.nextTurn()

    const copies: { readonly name: string; readonly before: Before }[] = []
    const begin = (name: string) => {
      const { acknowledged, deleting, deleted } = load
      const before = { acknowledged: [...acknowledged], deletedBefore: [...deleted], deleting }
      copies.push({ name, before })
      return before
    }
    const copying = Object.entries(ORDERS).map(async ([name, sort]) => {
      const to = join(parent, name)
      for await (const _ of copySlowly(to, sort, begin(name))) await load.nextTurn()
    })
    begin('backup')
    expect(await backUp(join(parent, 'backup'))).toMatch(/has \d+ conversations/)
    await Promise.all(copying)
    await load.end()
    server.process.kill('SIGKILL')
    await server.exited

    for (const { name, before } of copies) {
      const folder = join(parent, name)
      const logger = createRecordingLogger()
      const store = await createJsonFileStore({ directory: folder, logger })
      const drafts = createJsonDraftStore({ directory: folder, logger })
      await recoverDrafts({ store, drafts, log: createInProcessTurnLog(), logger })
      await check(store, before)
      await store.close()
      expect([name, logger.lines.filter(({ level }) => level === 'error')]).toEqual([name, []])
    }

    server = await start(join(parent, 'backup'))
    const { acknowledged, deleting } = copies.find(({ name }) => name === 'backup')!.before
    const there = acknowledged.find(({ conversationId }) => !deleting.has(conversationId))
    const { body } = await client.request('GET', `/api/conversations/${there?.conversationId}`)
    expect(body.messages.map(({ id }) => id)).toContain(there?.messageId)
  }, 120_000)
})
