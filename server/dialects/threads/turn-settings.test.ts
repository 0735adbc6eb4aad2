/** Turns of threads with other engines, other settings, and under a server that is killed. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../../testing/eventually.ts'
import { MANUAL, startFakeModelServer, type Script } from '../../testing/fake-model-server.ts'
import { spawnServer } from '../../testing/spawn-server.ts'
import { startTestServer } from '../../testing/start-test-server.ts'
import { createThreadClient } from '../../testing/thread-client.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function start(
  environment: Readonly<Record<string, string>>,
  protocol: 'openai' | 'nanochat' | undefined = 'openai',
  respond: () => Script = () => MANUAL,
) {
  const model = await startFakeModelServer({ protocol, respond })
  closing.push(() => model.close())
  const server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: protocol,
    ...environment,
  })
  closing.push(() => server.close())
  const visitor = await server.visitor()
  const client = createThreadClient(() => server.url, visitor.token)
  return { model, server, visitor, client, id: await client.thread() }
}

const statusesOf = (events: readonly string[]) =>
  events.map((data) =>
    data === '[DONE]'
      ? data
      : ((JSON.parse(data) as { agent_status?: string }).agent_status ?? 'error'),
  )

describe('silence of a provider', () => {
  it('has no limit in threads, unlike in conversations', async () => {
    const { client, visitor, model, id } = await start({ INFERENCE_TIMEOUT_SECONDS: '0.2' })
    const stream = await client.open(id, { text: 'Take your time' })
    await model.requested(1)
    // This one begins later, and its time is up while the other still waits.
    const conversation = await visitor.conversation()
    const events = await visitor.send(conversation, 'Hurry')
    expect(events.map(({ data }) => data.code)).toContain('inference_timeout')
    await model.send('Here')
    await model.finish()
    const answered = await stream.rest()
    expect(statusesOf(answered)).toContain('completed')
    expect((await client.messages(id))[0]).toMatchObject({ text: 'Here', status: 'ready' })
  })

  it('has the limit that the operator sets for streams', async () => {
    const { client, id } = await start({ CHAT_LLM_STREAM_TIMEOUT_SECONDS: '0.2' })
    const events = await client.send(id, { text: 'Hurry' })
    expect(statusesOf(events).slice(-3)).toEqual(['failed', 'error', '[DONE]'])
    expect((await client.messages(id))[0]).toMatchObject({ text: 'Hurry', status: 'error' })
  })
})

describe('a server whose operator has switched answers off', () => {
  it('stores messages of threads, and says so to all who ask a model', async () => {
    const { client, visitor, model, id } = await start({ CHAT_LLM_ENABLED: 'false' })
    const stored = await client.post(id, { text: 'For later', metadata: { a: 1 } })
    expect([stored.status, stored.body]).toMatchObject([
      201,
      { text: 'For later', status: 'ready' },
    ])
    const conversation = await visitor.conversation()
    const refusals = [
      await client.request('GET', '/api/models'),
      await client.request('POST', `/api/threads/${id}/messages/stream`, { text: 'Now' }),
      await client.request('POST', `/api/conversations/${conversation}/messages`, {
        content: 'Now',
      }),
      await client.request('POST', `/api/conversations/${id}/regenerate`, {}),
      await client.request('POST', '/api/v1/chat', { query: 'Now' }),
    ]
    for (const { status, body } of refusals) {
      expect([status, body.detail]).toEqual([503, expect.stringContaining('switched off')])
    }
    expect((await client.messages(id)).map(({ text }) => text)).toEqual(['For later'])
    expect((await client.request('GET', '/ready')).status).toBe(200)
    expect([model.requests, model.lookups]).toEqual([[], []])
  })
})

describe('a limit of messages', () => {
  it('counts those of threads, streamed or not, and a repeat of one key once', async () => {
    const environment = { RATE_LIMIT_MESSAGES_PER_MINUTE: '2' }
    const { client, model, id } = await start(environment, 'openai', () => ['Hello'])
    const headers = { 'idempotency-key': 'k' }
    await client.send(id, { text: 'One' }, headers)
    await client.send(id, { text: 'One' }, headers)
    expect((await client.post(id, { text: 'Two' })).status).toBe(201)
    const refused = [
      await client.post(id, { text: 'Three' }),
      await client.request('POST', `/api/threads/${id}/messages/stream`, { text: 'Three' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([429, 429])
    expect(model.requests).toHaveLength(2)
    expect(await client.messages(id)).toHaveLength(4)
  })
})

describe('engines that send no chunks', () => {
  it.each([
    ['nanochat', 'nanochat', {}],
    ['the built-in engine', undefined, { INFERENCE_API: 'builtin' }],
  ] as const)(
    '%s is read by the openai package as every provider is',
    async (_, protocol, environment) => {
      const respond = (): Script => ['<think>Hm', '.</think>', '\n\nIt is ', '42.']
      const { client, server, visitor, id } = await start(environment, protocol, respond)
      const openai = new OpenAI({
        apiKey: visitor.token,
        baseURL: server.url,
        maxRetries: 0,
        fetch: async (_url, init) =>
          await fetch(`${server.url}/api/threads/${id}/messages/stream`, {
            method: 'POST',
            headers: init?.headers ?? {},
            body: JSON.stringify({ text: 'What is 6 * 7?' }),
          }),
      })
      const stream = ChatCompletionStream.createChatCompletion(openai, {
        model: 'm',
        messages: [{ role: 'user', content: 'What is 6 * 7?' }],
        stream: true,
      })
      const completion = await stream.finalChatCompletion()
      expect(completion.choices[0]).toMatchObject({
        finish_reason: 'stop',
        message: { role: 'assistant', content: expect.stringContaining('42') },
      })
      const [answer] = await client.messages(id)
      expect(answer?.text).toBe(completion.choices[0]?.message.content?.trim())
    },
  )
})

describe('a server that is killed in mid-answer', () => {
  it('leaves nothing that is processed for ever, and what it had of the answer', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'samosa-threads-'))
    closing.push(() => rm(directory, { recursive: true, force: true }))
    const model = await startFakeModelServer({ protocol: 'openai', respond: () => MANUAL })
    closing.push(() => model.close())
    const startServer = async () => {
      const server = await spawnServer({
        LOG_LEVEL: 'error',
        DATABASE_URL: `file:${directory}`,
        INFERENCE_SERVICE_URL: model.url,
        INFERENCE_API: 'openai',
      })
      closing.push(async () => {
        server.process.kill('SIGKILL')
        await server.exited
      })
      return server
    }
    let server = await startServer()
    const session = await fetch(`${server.url}/api/session`, { method: 'POST' })
    const { token } = (await session.json()) as { token: string }
    const client = createThreadClient(() => server.url, token)
    const [early, late] = [await client.thread(), await client.thread()]
    const streams = [await client.open(late, { text: 'Late?' })]
    await model.send('As far as it came')
    const drafts = join(directory, 'drafts')
    await eventually(async () => {
      const files = await readdir(drafts)
      const texts = await Promise.all(files.map((file) => readFile(join(drafts, file), 'utf8')))
      expect(texts.join('')).toContain('As far as it came')
    })
    streams.push(await client.open(early, { text: 'Early?' }))
    for (const id of [early, late]) {
      expect((await client.messages(id))[0]?.status).toBe('processing')
    }
    server.process.kill('SIGKILL')
    await server.exited
    await Promise.allSettled(streams.map((stream) => stream.rest()))
    server = await startServer()
    const left = async (id: string) =>
      (await client.messages(id)).map(({ text, status }) => [text, status])
    expect(await left(early)).toEqual([['Early?', 'ready']])
    expect(await left(late)).toEqual([
      ['As far as it came', 'ready'],
      ['Late?', 'ready'],
    ])
  })
})
