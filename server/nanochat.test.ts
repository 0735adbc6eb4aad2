/** nanochat's own web server behind the real server, and what visitors hear of a server that is not set up. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { WidgetConfigBody } from './protocol/api.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { askCited, postChat } from './testing/cited-client.ts'
import { startFakeModelServer } from './testing/fake-model-server.ts'
import { startFakeNanochatWeb, type FakeNanochatWeb } from './testing/fake-nanochat-web.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'
import { tokensOf, type TestClient } from './testing/test-client.ts'
import { createThreadClient } from './testing/thread-client.ts'

const lengthOf = (text: string) => Array.from(text).length
const longestOf = async ({ url }: TestServer) =>
  ((await (await fetch(`${url}/api/widget-config`)).json()) as WidgetConfigBody).max_message_length

describe.each(['auto', 'nanochat'])('nanochat’s own web server, with INFERENCE_API=%s', (api) => {
  const SYSTEM_PROMPT = 'Be kind. 🥟'
  const THINK_PROMPT = `Think first. ${'t'.repeat(600)}`
  let web: FakeNanochatWeb
  let server: TestServer
  let visitor: TestClient
  let longest: number
  beforeAll(async () => {
    web = await startFakeNanochatWeb({
      answer: ({ messages }) => ['You said ', `${messages.length}`],
    })
    server = await startTestServer({
      INFERENCE_SERVICE_URL: web.url,
      INFERENCE_API: api,
      SYSTEM_PROMPT,
      THINK_PROMPT,
      MAX_TOKEN_BUDGET: '100000',
      MAX_CONVERSATION_HISTORY: '1000',
    })
    visitor = await server.visitor()
    longest = await longestOf(server)
  })
  afterAll(async () => {
    await server.close()
    await web.close()
  })
  const newest = () => web.requests.at(-1)?.messages ?? []
  const send = async (id: string, body: object) =>
    await (await visitor.stream('POST', `/api/conversations/${id}/messages`, body)).rest()

  it('lowers the longest message by the longer of the two prompts, before anybody has asked', () => {
    expect(longest).toBe(8_000 - lengthOf(`${THINK_PROMPT}\n\n`))
  })

  it('answers, is ready, and shows its health for a list of models', async () => {
    const id = await visitor.conversation()
    expect(tokensOf(await visitor.send(id, 'Hi')).join('')).toBe('You said 1')
    expect(tokensOf(await visitor.send(id, 'And?')).join('')).toBe('You said 3')
    expect(newest()[0]).toEqual({ role: 'user', content: `${SYSTEM_PROMPT}\n\nHi` })
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    expect(await visitor.request('GET', '/api/models')).toMatchObject({
      status: 200,
      body: { status: 'ok', ready: true, models: [], cards: [] },
    })
  })

  it.each([false, true])(
    'takes messages as long as they may be, thinking: %s',
    async (thinking_mode) => {
      for (const letter of ['x', '🥟']) {
        const id = await visitor.conversation()
        const content = letter.repeat(longest)
        const events = await send(id, { content, thinking_mode })
        expect(events.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'stop' })
        expect(newest().at(-1)?.content.endsWith(content)).toBe(true)
        // Again, the other way round, and behind another one.
        const again = { thinking_mode: !thinking_mode }
        const path = `/api/conversations/${id}/regenerate`
        const answer = await (await visitor.stream('POST', path, again)).rest()
        expect(answer.at(-1)?.data).toMatchObject({ finish_reason: 'stop' })
        expect((await send(id, { content })).at(-1)?.data).toMatchObject({ finish_reason: 'stop' })
      }
    },
  )

  it('goes on however long a conversation is', async () => {
    const id = await visitor.conversation()
    for (let count = 0; count < 6; count += 1) {
      const events = await visitor.send(id, `${count} ${'x'.repeat(7_000)}`)
      expect(events.at(-1)?.data).toMatchObject({ finish_reason: 'stop' })
    }
    expect(newest().at(-1)?.content).toMatch(/^5 x/)
  })

  it('refuses longer ones by the field’s name in every dialect, and stores nothing', async () => {
    const content = 'x'.repeat(longest + 1)
    const message = `must have at most ${longest} characters, which this model server takes`
    const refused = (path: string) => ({
      status: 422,
      body: { detail: `${path} ${message}.`, code: 'invalid_request', errors: [{ path, message }] },
    })
    const id = await visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    expect(await visitor.request('POST', path, { content })).toMatchObject(refused('content'))
    const events = await visitor.send(id, 'Short.')
    const replaces = events[0]?.data.user_message_id
    expect(await visitor.request('POST', path, { content, replaces })).toMatchObject(
      refused('content'),
    )
    const threads = createThreadClient(() => server.url, visitor.token)
    for (const route of [`/api/threads/${id}/messages`, `/api/threads/${id}/messages/stream`]) {
      expect(await threads.request('POST', route, { text: content })).toMatchObject(refused('text'))
    }
    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    expect(body.messages.map((said) => said.content)).toEqual(['Short.', 'You said 1'])
    // One that a client of threads has made longer.
    const changed = `/api/threads/${id}/messages/${replaces}`
    expect(await threads.request('PATCH', changed, { text: content })).toMatchObject({
      status: 200,
    })
    expect(await visitor.request('POST', `/api/conversations/${id}/regenerate`)).toMatchObject(
      refused('content'),
    )
  })

  it('cuts files to what is left of a message, and tells the model', async () => {
    const id = await visitor.conversation()
    const data_base64 = Buffer.from('y'.repeat(9_000)).toString('base64')
    const attachments = [{ filename: 'long.txt', content_type: 'text/plain', data_base64 }]
    const events = await send(id, { content: 'x'.repeat(longest - 500), attachments })
    expect(events.at(-1)?.data).toMatchObject({ finish_reason: 'stop' })
    expect(newest().at(-1)?.content).toMatch(/y\n```\n\[cut here; the whole file has 9000 bytes\]$/)
  })
})

it('names the question of the cited dialect where a prompt leaves it less room than it may have', async () => {
  const web = await startFakeNanochatWeb()
  const server = await startTestServer({
    INFERENCE_SERVICE_URL: web.url,
    INFERENCE_API: 'nanochat',
    SYSTEM_PROMPT: 's'.repeat(7_500),
  })
  try {
    const response = await postChat(server.url, { query: 'x'.repeat(600) })
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ path: 'query' }] })
    expect(await askCited(server.url, { query: 'x'.repeat(400) })).toMatchObject({
      text: 'Hello world!',
    })
  } finally {
    await server.close()
    await web.close()
  }
})

it('leaves visitors in peace where a prompt leaves no room at all: that is the operator’s to mend', async () => {
  const web = await startFakeNanochatWeb()
  const logger = createRecordingLogger()
  const server = await startTestServer(
    {
      INFERENCE_SERVICE_URL: web.url,
      INFERENCE_API: 'nanochat',
      SYSTEM_PROMPT: 's'.repeat(8_000),
    },
    logger,
  )
  try {
    expect(await longestOf(server)).toBe(8_000)
    const visitor = await server.visitor()
    const events = await visitor.send(await visitor.conversation(), 'Hi')
    expect(events.at(-2)?.data).toMatchObject({
      error: 'The assistant is not set up right yet. Please try again later.',
    })
    const failed = logger.lines.find(({ message }) => message === 'turn failed')
    expect(inspect(failed, { depth: 6 })).toContain('the prompt leaves')
  } finally {
    await server.close()
    await web.close()
  }
})

it('finds room for passages of documents only beside what the visitor says', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'samosa-knowledge-'))
  for (const kind of ['potato', 'lentil', 'paneer', 'mutton']) {
    const about = `Frozen ${kind} samosas keep in the freezer for three months. `
    const more =
      `The ${kind} filling is cooked in our kitchen on the day before it is sold. `.repeat(8)
    await writeFile(join(directory, `${kind}.md`), `# Keeping ${kind} samosas\n\n${about}${more}\n`)
  }
  for (const topic of ['delivery', 'payment', 'jobs', 'press', 'parking', 'vouchers']) {
    const text = `# About ${topic}\n\nAsk at the counter about ${topic}: somebody will help you.\n`
    await writeFile(join(directory, `${topic}.md`), text)
  }
  const web = await startFakeNanochatWeb()
  const server = await startTestServer({
    INFERENCE_SERVICE_URL: web.url,
    INFERENCE_API: 'nanochat',
    KNOWLEDGE_DIR: directory,
  })
  try {
    const visitor = await server.visitor()
    const longest = await longestOf(server)
    const counts: number[] = []
    for (const length of [60, 5_000, 6_300, longest]) {
      const content = 'How long do frozen samosas keep in the freezer?'.padEnd(length, ' .')
      const events = await visitor.send(await visitor.conversation(), content)
      expect(events.at(-1)?.data).toMatchObject({ finish_reason: 'stop' })
      const sent = web.requests.at(-1)?.messages.at(-1)?.content ?? ''
      expect(lengthOf(sent)).toBeLessThanOrEqual(8_000)
      const passages = sent.match(/end of passage \d/g)?.length ?? 0
      // Nobody is told of a source that the model has not seen.
      const sources = events.flatMap(({ data }) => data.sources ?? [])
      expect(sources).toHaveLength(passages)
      counts.push(passages)
    }
    expect(counts[0]).toBeGreaterThan(counts[2] ?? 0)
    expect(counts[2]).toBeGreaterThan(0)
    expect(counts[3]).toBe(0)
  } finally {
    await server.close()
    await web.close()
    await rm(directory, { recursive: true })
  }
})

describe.each([
  [401, { detail: 'Invalid internal API key sk-proj-abc123DEF456' }, 'Invalid internal API key'],
  [403, { message: 'Forbidden for sk-proj-abc123DEF456' }, 'Forbidden for [key]'],
  [404, { error: { message: 'The model `gone` does not exist' } }, 'does not exist'],
  [402, { error: 'Payment required' }, 'Payment required'],
])('what only the operator can mend (%s)', (status, refusal, logged) => {
  const OURS = 'The assistant is not set up right yet. Please try again later.'
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })

  it.each(['openai', 'nanochat'] as const)(
    'is told to visitors of every dialect as ours, and to the log as it is: %s',
    async (protocol) => {
      const body = JSON.stringify(refusal)
      const model = await startFakeModelServer({
        protocol,
        respond: () => [{ status, body }],
        lookup: () => ({ status, body: refusal }),
      })
      const logger = createRecordingLogger()
      const server = await startTestServer(
        {
          INFERENCE_SERVICE_URL: model.url,
          INFERENCE_API: protocol,
          INFERENCE_MODEL: 'gone',
          INFERENCE_API_KEY: 'sk-proj-abc123DEF456',
        },
        logger,
      )
      closers.push(model.close, server.close)
      const visitor = await server.visitor()
      const id = await visitor.conversation()
      const events = await visitor.send(id, 'Hi')
      expect(events.at(-2)?.data).toMatchObject({ error: OURS, retryable: false })
      const failed = logger.lines.find(({ message }) => message === 'turn failed')
      expect(inspect(failed, { depth: 6 })).toContain(logged)

      expect((await askCited(server.url, { query: 'Hi?' })).error).toEqual({ message: OURS })

      const threads = createThreadClient(() => server.url, visitor.token)
      const thread = await threads.thread()
      expect(await threads.post(thread, { text: 'Hi' })).toMatchObject({
        status: 502,
        body: { detail: OURS },
      })
      expect(await threads.messages(thread)).toMatchObject([{ status: 'error', error_code: OURS }])

      expect(await visitor.request('GET', '/api/models')).toMatchObject({
        status: 502,
        body: { detail: OURS },
      })
      if (protocol === 'nanochat') {
        expect((await fetch(`${server.url}/ready`)).status).toBe(503)
      }
      expect(inspect(logger.lines, { depth: 8 })).not.toContain('abc123DEF456')
    },
  )
})
