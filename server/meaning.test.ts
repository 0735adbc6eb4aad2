/** Meaning as an operator sets it up and as `/ready` tells of it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { askCited } from './testing/cited-client.ts'
import { eventually } from './testing/eventually.ts'
import { vectorOf } from './testing/fake-embedder.ts'
import { startFakeEmbeddingServer, type EmbeddingAnswer } from './testing/fake-embedding-server.ts'
import { startFakeModelServer } from './testing/fake-model-server.ts'
import { spawnServer } from './testing/spawn-server.ts'
import { startTestServer } from './testing/start-test-server.ts'

const DOCUMENTS = {
  'returns.md': '# Refunds\n\nRefund: ten days.',
  'pets.md':
    '# Dogs and cats\n\nDogs and cats are welcome in our hotel. Please keep your dog on a lead.',
  'care.md': '# Care\n\nWash linen at forty degrees.',
}

let folder: string
const closers: (() => Promise<void>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samosa-meaning-'))
  await mkdir(join(folder, 'documents'))
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    await writeFile(join(folder, 'documents', name), text)
  }
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
  await rm(folder, { recursive: true })
})

const answer: EmbeddingAnswer = ({ input }) => ({
  body: { data: input.map((text) => ({ embedding: [...vectorOf(text)] })) },
})

async function startService(port = 0) {
  const service = await startFakeEmbeddingServer(answer, port)
  closers.push(() => service.close())
  return service
}

async function startServer(environment: Readonly<Record<string, string>>) {
  const logger = createRecordingLogger()
  const server = await startTestServer(
    { EMBEDDINGS: '', KNOWLEDGE_DIR: join(folder, 'documents'), ...environment },
    logger,
  )
  closers.push(() => server.close())
  return { server, logger }
}

async function readiness(url: string): Promise<unknown> {
  const response = await fetch(`${url}/ready`)
  const body: unknown = await response.json()
  return { status: response.status, body }
}

const ready = (meaning: string) => ({
  status: 200,
  body: { status: 'ok', ready: true, store: true, inference: true, meaning },
})

describe('an embedding service', () => {
  it('compares meaning, and embeds nothing again after a restart', async () => {
    const service = await startService()
    const chat = await startFakeModelServer({ protocol: 'openai' })
    closers.push(() => chat.close())
    const { server } = await startServer({
      INFERENCE_SERVICE_URL: chat.url,
      INFERENCE_API: 'openai',
      INFERENCE_MODEL: 'chat',
      EMBEDDING_SERVICE_URL: service.url,
      EMBEDDING_MODEL_NAME: 'm',
    })
    await eventually(async () => expect(await readiness(server.url)).toEqual(ready('on')))
    const { sources } = await askCited(server.url, { query: 'reimburse week?' })
    expect(sources[0]).toMatchObject({ title: 'Refunds' })
    const texts = service.requests.flatMap(({ input }) => input)
    expect(texts).toContain('Refund: ten days.')
    expect(new Set(service.requests.map(({ model }) => model))).toEqual(new Set(['m']))
    await server.restart()
    await eventually(async () => expect(await readiness(server.url)).toEqual(ready('on')))
    expect(service.requests.flatMap(({ input }) => input)).toEqual(texts)
  })

  it('may be down: words answer, /ready says so without failing, and it is back by itself', async () => {
    const gone = await startFakeEmbeddingServer()
    await gone.close()
    const { server, logger } = await startServer({ EMBEDDING_SERVICE_URL: gone.url })
    const down = ready('lexical only: the embedding service does not answer')
    await eventually(async () => expect(await readiness(server.url)).toEqual(down))
    const { sources } = await askCited(server.url, { query: 'refund days' })
    expect(sources[0]).toMatchObject({ title: 'Refunds' })
    await startService(Number(new URL(gone.url).port))
    await eventually(async () => expect(await readiness(server.url)).toEqual(ready('on')))
    const told = logger.lines.filter(({ message }) => message.startsWith('Meaning'))
    expect(told.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'Meaning is not compared for now: words alone decide'],
      ['info', 'Meaning is compared again'],
    ])
  })
})

it('is off when it is switched off', async () => {
  const service = await startService()
  const { server } = await startServer({ EMBEDDINGS: 'off', EMBEDDING_SERVICE_URL: service.url })
  expect(await readiness(server.url)).toEqual(ready('off'))
  await askCited(server.url, { query: 'refund' })
  expect(service.requests).toEqual([])
})

it('is compared by the encoder that comes along, and no packet leaves the machine', async () => {
  const server = await spawnServer(
    {
      EMBEDDINGS: 'builtin',
      KNOWLEDGE_DIR: join(folder, 'documents'),
      DATABASE_URL: `file:${join(folder, 'data')}`,
    },
    {
      command: [process.execPath, '--import', './server/testing/no-network.ts', 'server/main.ts'],
    },
  )
  closers.push(async () => {
    server.process.kill('SIGKILL')
    await server.exited
  })
  await eventually(async () => expect(await readiness(server.url)).toEqual(ready('on')))
  const { sources } = await askCited(server.url, { query: 'May my dog come along to the hotel?' })
  // By its words alone it is not found to be answered.
  expect(sources[0]).toMatchObject({ title: 'Dogs and cats' })
  expect(server.output()).not.toContain('would leave the machine')
})
