/** Kills the real server in mid-stream, again and again: what it has acknowledged must be there. */
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeModelServer, type FakeModelServer } from './testing/fake-model-server.ts'
import { spawnServer, type SpawnedServer } from './testing/spawn-server.ts'
import { createTestClient, tokensOf, type TestClient } from './testing/test-client.ts'

const KILLS = 50
/** Conversations that talk at the same time. */
const TALKS = 4
/** The kill comes after a random number of events, at most this many. */
const MOST_EVENTS = 90
const TOKENS = Array.from({ length: 12 }, (_, index) => `token ${index} `)

interface Acknowledged {
  readonly conversationId: string
  readonly messageId: string
  readonly content: string
}

let model: FakeModelServer
let directory: string
let server: SpawnedServer
let starting: Promise<SpawnedServer>

const start = () =>
  spawnServer({
    LOG_LEVEL: 'error',
    RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
    DATABASE_URL: `file:${directory}`,
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
  })

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-crash-'))
  model = await startFakeModelServer({ protocol: 'nanochat', respond: () => TOKENS })
  // One that ends by itself leaves its compiled code to those that are killed.
  const first = await start()
  first.process.kill('SIGTERM')
  await first.exited
  starting = start()
  server = await starting
})
afterAll(async () => {
  // Also one that a test whose time is up was still starting.
  const { process, exited } = await starting
  process.kill('SIGKILL')
  await exited
  await model.close()
  await rm(directory, { recursive: true, force: true })
})

/** Talks until the server is gone, and notes what it acknowledged. */
async function talk(client: TestClient, acknowledged: Acknowledged[], onEvent: () => void) {
  try {
    const conversationId = await client.conversation()
    onEvent()
    for (let count = 0; ; count += 1) {
      const content = `message ${count} of ${conversationId}`
      const path = `/api/conversations/${conversationId}/messages`
      const stream = await client.stream('POST', path, { content })
      const started = await stream.next()
      acknowledged.push({ conversationId, messageId: started.data.user_message_id!, content })
      onEvent()
      let event = started
      const events = [started]
      while (event.data.done !== true) {
        event = await stream.next()
        events.push(event)
        onEvent()
      }
      const answer = tokensOf(events).join('')
      acknowledged.push({ conversationId, messageId: event.data.message_id!, content: answer })
    }
  } catch {
    // The server was killed: what a client sees then is of no interest here.
  }
}

/** Kills the server in mid-talk, and looks for what it had acknowledged; returns how much that was. */
async function killOnce(client: TestClient): Promise<number> {
  const acknowledged: Acknowledged[] = []
  const killed = once(server.process, 'exit')
  let eventsLeft = 1 + Math.floor(Math.random() * MOST_EVENTS)
  const onEvent = () => {
    eventsLeft -= 1
    if (eventsLeft === 0) server.process.kill('SIGKILL')
  }
  await Promise.all(Array.from({ length: TALKS }, () => talk(client, acknowledged, onEvent)))
  await killed
  starting = start()
  server = await starting

  for (const file of await filesBelow(directory)) {
    if (!file.endsWith('.json')) continue
    const text = await readFile(file, 'utf8')
    expect(parses(text) || file).toBe(true)
  }
  let kept = 0
  for (const id of new Set(acknowledged.map((message) => message.conversationId))) {
    const { status, body } = await client.request('GET', `/api/conversations/${id}`)
    expect(status).toBe(200)
    const stored = new Map(body.messages.map((message) => [message.id, message.content]))
    for (const message of acknowledged) {
      if (message.conversationId !== id) continue
      expect(stored.get(message.messageId)).toBe(message.content)
      kept += 1
    }
    expect(stored.size).toBe(body.messages.length)
  }
  return kept
}

describe(`a server that is killed ${KILLS} times`, () => {
  let client: TestClient
  let kept = 0

  beforeAll(async () => {
    const response = await fetch(`${server.url}/api/session`, { method: 'POST' })
    const { token } = (await response.json()) as { token: string }
    client = createTestClient(() => server.url, token)
  })

  // Each has a limit of its own: all together take as long as the machine needs.
  it.each(Array.from({ length: KILLS }, (_, index) => index + 1))(
    'has lost nothing acknowledged after kill %i, and every file parses',
    async () => {
      kept += await killOnce(client)
    },
  )

  it('has set nothing aside', async () => {
    expect(kept).toBeGreaterThan(KILLS)
    const { body } = await client.request('GET', '/api/conversations?limit=200')
    expect(body.items.length).toBeGreaterThan(KILLS)
    expect((await filesBelow(directory)).filter((file) => file.includes('unreadable'))).toEqual([])
  })
})
