/** Stops the real server as an operator or a container does. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MANUAL, startFakeModelServer, type FakeModelServer } from './testing/fake-model-server.ts'
import { openSocket, readAll, requestBytes, sendRaw } from './testing/raw-request.ts'
import { spawnServer, type SpawnedServer } from './testing/spawn-server.ts'
import { createTestClient, tokensOf } from './testing/test-client.ts'

let directory: string
let model: FakeModelServer
const started: SpawnedServer[] = []
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-stop-'))
  model = await startFakeModelServer({ protocol: 'nanochat', respond: () => MANUAL })
})
afterAll(async () => {
  for (const server of started) server.process.kill('SIGKILL')
  await Promise.all(started.map(({ exited }) => exited))
  await model.close()
  await rm(directory, { recursive: true, force: true })
})

async function start() {
  const server = await spawnServer({
    DATABASE_URL: `file:${directory}`,
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
  })
  started.push(server)
  return server
}

/** A visitor in the middle of an answer. */
async function startAnswer(server: SpawnedServer) {
  const session = await fetch(`${server.url}/api/session`, { method: 'POST' })
  const { token } = (await session.json()) as { token: string }
  const client = createTestClient(() => server.url, token)
  const id = await client.conversation()
  const path = `/api/conversations/${id}/messages`
  const asked = model.requests.length + 1
  const stream = await client.stream('POST', path, { content: 'Hello?' })
  await model.requested(asked)
  await model.send('Hello')
  while ((await stream.next()).data.token === undefined);
  return { client, token, id, stream }
}

describe('a server that is asked to stop', () => {
  it('takes nobody new, finishes what has begun, and leaves cleanly', async () => {
    const server = await start()
    const { client, token, id, stream } = await startAnswer(server)
    expect((await sendRaw(server.url, requestBytes('GET /ready HTTP/1.1'))).status).toBe(200)
    const ready = await openSocket(server.url)
    const readiness = readAll(ready)
    ready.write('GET /ready HTTP/1.1\r\nConnection: close\r\n')
    const half = await openSocket(server.url)
    const created = readAll(half)
    const body = '{"title":"begun before"}'
    half.write(
      requestBytes(
        'POST /api/conversations HTTP/1.1',
        [
          `Authorization: Bearer ${token}`,
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
        ],
        body.slice(0, 10),
      ),
    )

    // Connections are taken in their order: when this one is answered, the two before are the server's.
    expect((await sendRaw(server.url, requestBytes('GET /health HTTP/1.1'))).status).toBe(200)

    server.process.kill('SIGTERM')
    await server.said('stopping')
    await expect(fetch(`${server.url}/health`)).rejects.toThrow('fetch failed')
    ready.write('Host: x\r\n\r\n')
    expect(await readiness).toMatchObject({
      status: 503,
      body: expect.stringContaining('"ready":false'),
    })
    half.write(body.slice(10))
    expect((await created).status).toBe(201)
    await model.send(' world')
    await model.finish()
    const events = await stream.rest()
    expect(tokensOf(events)).toEqual([' world'])
    expect(events.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'stop' })
    expect(await server.exited).toBe(0)

    const again = await start()
    const after = createTestClient(() => again.url, client.token)
    const stored = await after.request('GET', `/api/conversations/${id}`)
    expect(stored.body.messages.at(-1)).toMatchObject({
      content: 'Hello world',
      finish_reason: 'stop',
    })
    again.process.kill('SIGINT')
    expect(await again.exited).toBe(0)
  })

  it('ends at once when it is asked twice', async () => {
    const server = await start()
    await startAnswer(server)
    server.process.kill('SIGTERM')
    await server.said('stopping')
    server.process.kill('SIGTERM')
    expect(await server.exited).toBe(1)
  })
})
