/** One conversation is the same in every dialect, whichever began it and whichever ends it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askCited, postChat } from '../../testing/cited-client.ts'
import { startFakeModelServer, type FakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

let model: FakeModelServer
/** Answers from documents, and by a model server. */
let builtin: TestServer
let remote: TestServer
beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai' })
  const settings = {
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    INFERENCE_MODEL: 'fake-model',
    ALLOWED_MODELS: 'named, other',
  }
  ;[builtin, remote] = await Promise.all([startTestServer(), startTestServer(settings)])
})
afterAll(async () => {
  await Promise.all([builtin.close(), remote.close()])
  await model.close()
})

interface Caller {
  readonly server: TestServer
  readonly client: TestClient
}

const DIALECTS = ['A', 'B', 'C'] as const
type Dialect = (typeof DIALECTS)[number]

/** Begins a conversation as clients of the dialect do, and resolves to its id. */
const begin: Record<Dialect, (caller: Caller) => Promise<string>> = {
  async A({ client }) {
    const id = await client.conversation({ model_tag: 'd20' })
    await client.send(id, 'How do I add the chat?')
    return id
  },
  async B({ server, client }) {
    const query = 'How do I add the chat?'
    return (await askCited(server.url, { query }, client.token)).conversationId
  },
  async C({ client }) {
    const metadata = { model: 'd20', own: { kept: [1] } }
    const { body } = await client.request('POST', '/api/threads', { metadata })
    await goOn.C({ client, text: 'How do I add the chat?', id: body.id })
    return body.id
  },
}

interface Step {
  readonly client: TestClient
  readonly id: string
  readonly text: string
}

const goOn: Record<Dialect, (step: Step & Partial<Caller>) => Promise<unknown>> = {
  A: ({ client, id, text }) => client.send(id, text),
  B: ({ server, client, id, text }) =>
    askCited(server!.url, { query: text, conversation_id: id }, client.token),
  async C({ client, id, text }) {
    const path = `/api/threads/${id}/messages`
    const reply = await client.request('POST', path, { text, sender_id: 'somebody' })
    expect(reply.status).toBe(201)
    expect(reply.body).toMatchObject({ text, sender_type: 'user', status: 'ready' })
  },
}

const end: Record<'A' | 'C', (client: TestClient, id: string) => Promise<number>> = {
  A: async (client, id) => (await client.request('DELETE', `/api/conversations/${id}`)).status,
  C: async (client, id) => (await client.request('DELETE', `/api/threads/${id}`)).status,
}

const inA = async (client: TestClient, id: string) =>
  (await client.request('GET', `/api/conversations/${id}`)).body.messages
const inC = async (client: TestClient, id: string) => {
  const { body } = await client.request('GET', `/api/threads/${id}/messages?limit=100`)
  return body.items as unknown as readonly {
    readonly id: string
    readonly text: string
    readonly sender_type: string
  }[]
}
const listedIn = async (client: TestClient, path: string) =>
  (await client.request('GET', path)).body.items.map(({ id }) => id)

/** What dialects A and C answer about a conversation that is not there for the caller. */
async function statusesOf(client: TestClient, id: string) {
  const statusOf = async (method: string, path: string, body?: unknown) =>
    (await client.request(method, path, body)).status
  return [
    await statusOf('GET', `/api/conversations/${id}`),
    await statusOf('PUT', `/api/conversations/${id}`, { title: 'x' }),
    await statusOf('POST', `/api/conversations/${id}/messages`, { content: 'x' }),
    await statusOf('GET', `/api/conversations/${id}/stream`),
    await statusOf('POST', `/api/conversations/${id}/stop`),
    await statusOf('GET', `/api/threads/${id}`),
    await statusOf('PATCH', `/api/threads/${id}`, { title: 'x' }),
    await statusOf('GET', `/api/threads/${id}/messages`),
    await statusOf('POST', `/api/threads/${id}/messages`, { text: 'x' }),
    await statusOf('GET', `/api/provider-threads/${id}`),
    await statusOf('PUT', `/api/provider-threads/${id}`, {}),
  ]
}
const NOWHERE = Array.from({ length: 11 }, () => 404)

describe.each([
  ['the built-in engine', () => builtin],
  ['a model server', () => remote],
])('with %s, a conversation', (_name, serverOf) => {
  it.each(DIALECTS.flatMap((first) => (['A', 'C'] as const).map((last) => [first, last] as const)))(
    'begun in %s goes on in all of them, and is gone from all when deleted in %s',
    async (first, last) => {
      const server = serverOf()
      const caller = { server, client: await server.visitor() }
      const stranger = await server.visitor()
      const { client } = caller
      const id = await begin[first](caller)
      const title = first === 'C' ? 'd20: How do I add the chat?' : 'How do I add the chat?'
      for (const dialect of DIALECTS)
        await goOn[dialect]({ ...caller, id, text: `And ${dialect}?` })

      const asked = ['How do I add the chat?', 'And A?', 'And B?', 'And C?']
      const messages = await inA(client, id)
      const theirs = (await inC(client, id)).toReversed()
      expect(messages.map(({ role }) => role)).toEqual(asked.flatMap(() => ['user', 'assistant']))
      expect(messages.flatMap(({ role, content }) => (role === 'user' ? content : []))).toEqual(
        asked,
      )
      expect(theirs.map((message) => message.id)).toEqual(messages.map((message) => message.id))
      expect(theirs.map(({ sender_type }) => sender_type)).toEqual(messages.map(({ role }) => role))
      const thread = (await client.request('GET', `/api/threads/${id}`)).body
      const conversation = (await client.request('GET', `/api/conversations/${id}`)).body
      expect([thread.title, conversation.title]).toEqual([title, title])
      expect(conversation).toMatchObject({ model_tag: first === 'B' ? 'default' : 'd20' })
      expect(thread.metadata).toMatchObject(first === 'B' ? {} : { model: 'd20' })
      if (first === 'C') expect(thread.metadata).toMatchObject({ own: { kept: [1] } })

      await server.restart()
      expect(await listedIn(client, '/api/conversations')).toEqual([id])
      expect(await listedIn(client, '/api/threads')).toEqual([id])
      expect(await statusesOf(stranger, id)).toEqual(NOWHERE)
      expect(await end.A(stranger, id)).toBe(404)
      expect(await end.C(stranger, id)).toBe(404)
      expect(await listedIn(stranger, '/api/threads?include_deleted=true')).toEqual([])
      const headers = { authorization: `Bearer ${stranger.token}` }
      const question = { query: 'x', conversation_id: id }
      expect((await postChat(server.url, question, headers)).status).toBe(404)

      expect(await end[last](client, id)).toBe(204)
      expect(await statusesOf(client, id)).toEqual(NOWHERE)
      expect(await listedIn(client, '/api/conversations')).toEqual([])
      expect(await listedIn(client, '/api/conversations?q=chat')).toEqual([])
      expect(await listedIn(client, '/api/threads')).toEqual([])
      expect(await listedIn(client, '/api/threads?include_deleted=true')).toEqual(
        last === 'C' ? [id] : [],
      )
      expect(await end.A(client, id)).toBe(404)
      expect(await end.C(client, id)).toBe(last === 'C' ? 204 : 404)

      // A client of dialect B that comes back goes on in a new one, as after every conversation that is gone.
      const next = await askCited(server.url, question, client.token)
      expect(next.conversationId).not.toBe(id)
      expect(await listedIn(client, '/api/conversations')).toEqual([next.conversationId])
    },
  )
})

it('asks the model that a thread names, from every dialect', async () => {
  const client = await remote.visitor()
  const { body } = await client.request('POST', '/api/threads', { metadata: { model: 'named' } })
  await client.send(body.id, 'Hello')
  expect(model.requests.at(-1)?.body.model).toBe('named')
  await client.request('PATCH', `/api/threads/${body.id}`, { metadata: { model: 'other' } })
  await client.send(body.id, 'Hello again')
  expect(model.requests.at(-1)?.body.model).toBe('other')
})

it('a deleted thread ends the answer that is being written in it', async () => {
  const slow = await startFakeModelServer({
    protocol: 'openai',
    respond: () => ['Hel', { wait: new Promise(() => {}) }],
  })
  const server = await startTestServer({ INFERENCE_SERVICE_URL: slow.url, INFERENCE_API: 'openai' })
  try {
    const client = await server.visitor()
    const { body } = await client.request('POST', '/api/threads')
    const path = `/api/conversations/${body.id}/messages`
    const stream = await client.stream('POST', path, { content: 'Hello' })
    while ((await stream.next()).data.token === undefined);
    const running = (await client.request('GET', `/api/threads/${body.id}`)).body.last_messages
    expect(running).toMatchObject([{ text: 'Hello', status: 'processing' }])
    expect(await end.C(client, body.id)).toBe(204)
    expect((await stream.rest()).at(-1)?.data).toMatchObject({ done: true })
    await slow.idle()
    expect((await client.request('GET', `/api/conversations/${body.id}/stream`)).status).toBe(404)
  } finally {
    await server.close()
    await slow.close()
  }
})
