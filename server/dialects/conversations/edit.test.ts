import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { tokensOf, type TestClient } from '../../testing/test-client.ts'

const ANSWER: Script = ['fine', '!']

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let script = ANSWER

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    SYSTEM_PROMPT: 'Be brief.',
    RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
  })
  visitor = await server.visitor()
})
afterAll(async () => {
  await server.close()
  await model.close()
})
afterEach(() => {
  script = ANSWER
})

let id: string
let first: string
let second: string
let secondAnswer: string
beforeEach(async () => {
  id = await visitor.conversation()
  first = (await visitor.send(id, 'one'))[0]!.data.user_message_id!
  const [start] = await visitor.send(id, 'two')
  second = start!.data.user_message_id!
  secondAnswer = start!.data.message_id!
})

const path = () => `/api/conversations/${id}/messages`
const edit = async (replaces: string, content: string, headers?: Record<string, string>) => {
  const stream = await visitor.stream('POST', path(), { content, replaces }, headers)
  expect(stream.response.status).toBe(200)
  return await stream.rest()
}
const conversation = async () => (await visitor.request('GET', `/api/conversations/${id}`)).body
const contents = async () => (await conversation()).messages.map((message) => message.content)
const askedLast = () => model.requests.at(-1)?.messages.map((message) => message.content)

describe('an edit', () => {
  it('drops the message and all that followed, then is a send like any other', async () => {
    const events = await edit(second, 'two, better')
    expect(tokensOf(events)).toEqual(['fine', '!'])
    expect(askedLast()).toEqual(['Be brief.', 'one', 'fine!', 'two, better'])
    const { messages } = await conversation()
    expect(messages.map(({ content }) => content)).toEqual(['one', 'fine!', 'two, better', 'fine!'])
    expect(messages[2]?.id).toBe(events[0]?.data.user_message_id)
    expect(messages[3]?.id).toBe(events[0]?.data.message_id)
    expect([second, secondAnswer]).not.toContain(messages[2]?.id)
    await server.restart()
    expect((await conversation()).messages).toEqual(messages)
  })

  it('of the first message starts over, and the title follows', async () => {
    const events = await edit(first.toUpperCase(), 'another start')
    expect(events[1]?.data).toEqual({ title: 'another start' })
    expect(askedLast()).toEqual(['Be brief.', 'another start'])
    expect((await conversation()).title).toBe('another start')
    expect(await contents()).toEqual(['another start', 'fine!'])
  })

  it('leaves a title that somebody chose, and that of a conversation it does not begin', async () => {
    await edit(second, 'later')
    expect((await conversation()).title).toBe('one')
    await visitor.request('PUT', `/api/conversations/${id}`, { title: 'Mine' })
    const events = await edit(first, 'another start')
    expect((await conversation()).title).toBe('Mine')
    expect(events.map(({ data }) => data.title)).not.toContain('another start')
  })

  it('without an answer to it leaves the edited message, never the old ones', async () => {
    script = [{ status: 500, body: '{}' }]
    const events = await edit(second, 'two, better')
    expect(events.at(-1)?.data.finish_reason).toBe('error')
    expect(await contents()).toEqual(['one', 'fine!', 'two, better'])
  })

  it('is stored before the model is asked', async () => {
    script = MANUAL
    const asked = model.requests.length + 1
    const stream = await visitor.stream('POST', path(), { content: 'new', replaces: second })
    await model.requested(asked)
    await server.restart()
    expect((await contents()).slice(0, 3)).toEqual(['one', 'fine!', 'new'])
    stream.leave()
  })

  it('is done once, however often its key comes, also after a restart', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const [a, b] = await Promise.all([edit(second, 'once', key), edit(second, 'once', key)])
    expect(a).toEqual(b)
    expect(await edit(second, 'once', key)).toEqual(a)
    await server.restart()
    const again = await edit(second, 'once', key)
    expect(again[0]).toEqual(a[0])
    expect(tokensOf(again).join('')).toBe('fine!')
    expect(await contents()).toEqual(['one', 'fine!', 'once', 'fine!'])
  })

  it('is not undone by a late repeat of what it replaced', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const replaced = (await visitor.send(id, 'three', key))[0]!.data.user_message_id!
    await edit(replaced, 'three, better')
    await visitor.send(id, 'three', key)
    await server.restart()
    const late = await visitor.send(id, 'three', key)
    expect(late.at(-1)?.data.finish_reason).toBe('error')
    expect((await contents()).slice(4)).toEqual(['three, better', 'fine!'])
  })

  it('finds only user messages of this conversation', async () => {
    const other = await visitor.conversation()
    const elsewhere = (await visitor.send(other, 'x'))[0]!.data.user_message_id!
    const asked = model.requests.length
    for (const replaces of [secondAnswer, elsewhere, randomUUID(), 'no id', '', '__proto__']) {
      const reply = await visitor.request('POST', path(), { content: 'new', replaces })
      expect([replaces, reply.status]).toEqual([replaces, 404])
    }
    const stranger = await server.visitor()
    const theirs = { content: 'new', replaces: second }
    expect((await stranger.request('POST', path(), theirs)).status).toBe(404)
    expect(model.requests).toHaveLength(asked)
    expect(await contents()).toEqual(['one', 'fine!', 'two', 'fine!'])
    expect((await conversation()).running_turn_id).toBeUndefined()
  })

  it('of a message that is gone by now finds nothing, and changes nothing', async () => {
    await edit(first, 'another start')
    const reply = await visitor.request('POST', path(), { content: 'new', replaces: second })
    expect(reply.status).toBe(404)
    expect(await contents()).toEqual(['another start', 'fine!'])
  })

  it('waits its turn: 409 while an answer is being written', async () => {
    script = MANUAL
    const running = await visitor.stream('POST', path(), { content: 'three' })
    const { turn_id } = (await running.next()).data
    const reply = await visitor.request('POST', path(), { content: 'new', replaces: second })
    expect(reply.status).toBe(409)
    expect(reply.body).toMatchObject({ turn_id })
    await model.finish()
    await running.rest()
    expect((await contents()).slice(0, 5)).toEqual(['one', 'fine!', 'two', 'fine!', 'three'])
  })

  it('of nothing is a send', async () => {
    const stream = await visitor.stream('POST', path(), { content: 'three', replaces: null })
    await stream.rest()
    expect(await contents()).toEqual(['one', 'fine!', 'two', 'fine!', 'three', 'fine!'])
  })
})
