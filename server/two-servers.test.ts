/** Starts two real servers on one data folder, as two containers or two hosts do. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeModelServer, type FakeModelServer } from './testing/fake-model-server.ts'
import { INSIDE_NAMESPACE, whyNoNamespaces } from './testing/pid-namespace.ts'
import { spawnServer, type SpawnedServer } from './testing/spawn-server.ts'
import { createTestClient, tokensOf, type TestClient } from './testing/test-client.ts'

const noNamespaces = whyNoNamespaces()
const SERVER = fileURLToPath(new URL('testing/serve.ts', import.meta.url))

let root: string
let model: FakeModelServer
const started: Promise<SpawnedServer>[] = []
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'samosa-two-'))
  model = await startFakeModelServer({ protocol: 'nanochat', respond: () => ['An ', 'answer.'] })
})
afterAll(async () => {
  for (const attempt of await Promise.allSettled(started)) {
    if (attempt.status === 'rejected') continue
    attempt.value.process.kill('SIGKILL')
    await attempt.value.exited
  }
  await model.close()
  await rm(root, { recursive: true, force: true })
})

interface StartOptions {
  readonly within?: readonly [string, ...string[]] | undefined
  /** Milliseconds. */
  readonly patience?: number
  readonly lapse?: number
  readonly withoutKernel?: boolean
}

const HOUR = 3_600_000

function start(directory: string, options: StartOptions = {}) {
  const { within, patience = 0, lapse = HOUR, withoutKernel = false } = options
  const timing = { renewEvery: 100, trust: Math.min(lapse / 3, 5_000), lapse, lookEvery: 20 }
  const lock = JSON.stringify({ patience, timing, withoutKernel })
  const environment = {
    DATABASE_URL: `file:${directory}`,
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
    RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
  }
  const program = [process.execPath, SERVER, lock] as const
  const server = spawnServer(environment, {
    command: within ? [...within, ...program] : program,
  })
  started.push(server)
  return server
}

async function visitorOf(server: SpawnedServer) {
  const session = await fetch(`${server.url}/api/session`, { method: 'POST' })
  const { token } = (await session.json()) as { token: string }
  return { token, at: ({ url }: SpawnedServer) => createTestClient(() => url, token) }
}

const pathOf = (id: string) => `/api/conversations/${id}/messages`

async function ask(client: TestClient, id: string, content: string) {
  const stream = await client.stream('POST', pathOf(id), { content })
  const events = await stream.rest()
  expect(tokensOf(events).join('')).toBe('An answer.')
}

async function questionsIn(client: TestClient, id: string) {
  const { status, body } = await client.request('GET', `/api/conversations/${id}`)
  expect(status).toBe(200)
  return body.messages.filter(({ role }) => role === 'user').map(({ content }) => content)
}

/** The folder's files by name, with what is in them; the lock's own aside. */
async function contentOf(directory: string) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(directory, 'locks')))
  const read = paths.map(async (path) => [path, await readFile(path, 'utf8')] as const)
  return new Map(await Promise.all(read))
}

/** Each starts three servers, which takes its time on a busy machine. */
describe('two servers on one data folder', { timeout: 120_000 }, () => {
  it.for([
    { first: 'outside', second: 'inside', within: [undefined, INSIDE_NAMESPACE] },
    { first: 'inside', second: 'outside', within: [INSIDE_NAMESPACE, undefined] },
  ])(
    'the second, $second a PID namespace, does not start beside the first, $first, and loses nothing after its death',
    async ({ first, within }, { skip }) => {
      skip(noNamespaces !== undefined, noNamespaces)
      const directory = join(root, `first-${first}`)
      const holder = await start(directory, { within: within[0] })
      const visitor = await visitorOf(holder)
      const id = await visitor.at(holder).conversation()
      await ask(visitor.at(holder), id, 'one')
      await expect(start(directory, { within: within[1] })).rejects.toThrow(
        `${directory} is in use by another server (process `,
      )
      await ask(visitor.at(holder), id, 'two')
      holder.process.kill('SIGKILL')
      await holder.exited
      const successor = await start(directory, { within: within[1] })
      expect(await questionsIn(visitor.at(successor), id)).toEqual(['one', 'two'])
    },
  )

  it('the one that was frozen, replaced and woken writes nothing, says so and ends', async () => {
    const directory = join(root, 'frozen')
    const options = { lapse: 3_000, withoutKernel: true }
    const frozen = await start(directory, options)
    const visitor = await visitorOf(frozen)
    const id = await visitor.at(frozen).conversation()
    await ask(visitor.at(frozen), id, 'one')
    frozen.process.kill('SIGSTOP')
    const headers = { Authorization: `Bearer ${visitor.token}`, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ content: 'lost' })
    // What it finds first when it wakes.
    const asked = Promise.all([
      fetch(`${frozen.url}${pathOf(id)}`, { method: 'POST', headers, body }),
      fetch(`${frozen.url}/ready`),
    ])

    const successor = await start(directory, options)
    await ask(visitor.at(successor), id, 'two')
    successor.process.kill('SIGTERM')
    expect(await successor.exited).toBe(0)
    const before = await contentOf(directory)
    frozen.process.kill('SIGCONT')

    const [answer, readiness] = await asked
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await answer.json()).toMatchObject({
      code: 'interrupted',
      detail: expect.stringMatching(/^Another server has taken over.*Please try again\.$/),
    })
    expect(readiness.status).toBe(503)
    expect(await readiness.json()).toMatchObject({ ready: false, store: false })
    expect(await frozen.exited).toBe(1)
    const lines = frozen.output().split('\n')
    const ends = /Another server has taken the data folder .* has stopped writing and ends/
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([
      expect.stringMatching(ends),
    ])
    expect(lines.filter((line) => line.startsWith('Another'))).toEqual([
      expect.stringMatching(ends),
    ])
    expect(await contentOf(directory)).toEqual(before)
    const next = await start(directory, options)
    expect(await questionsIn(visitor.at(next), id)).toEqual(['one', 'two'])
  })

  it('a copy starts beside the running original', async () => {
    const directory = join(root, 'original')
    const original = await start(directory)
    const visitor = await visitorOf(original)
    const id = await visitor.at(original).conversation()
    await ask(visitor.at(original), id, 'one')
    await cp(directory, `${directory}-copy`, { recursive: true })
    const copy = await start(`${directory}-copy`)
    expect(await questionsIn(visitor.at(copy), id)).toEqual(['one'])
    await ask(visitor.at(original), id, 'two')
  })
})
