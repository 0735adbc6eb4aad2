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

describe('a question without an answer', () => {
  const FAILS: Script = [{ status: 500, body: '{}' }]
  const send = async (body: object) => {
    const stream = await visitor.stream('POST', path(), body)
    expect(stream.response.status).toBe(200)
    return await stream.rest()
  }
  const fail = async (content: string) => {
    script = FAILS
    const [start] = await send({ content })
    script = ANSWER
    return start!.data.user_message_id!
  }

  it('goes to the end when it is repeated, and to the model once', async () => {
    const failed = await fail('three')
    await send({ content: 'four' })
    // Two questions in a row are one message to the model.
    expect(askedLast()?.slice(-1)).toEqual(['three\n\nfour'])
    const events = await send({ content: 'three', repeats: failed })
    expect(askedLast()?.slice(-3)).toEqual(['four', 'fine!', 'three'])
    const { messages } = await conversation()
    expect(messages.slice(4).map(({ content }) => content)).toEqual([
      'four',
      'fine!',
      'three',
      'fine!',
    ])
    expect(messages.at(-2)?.id).toBe(events[0]?.data.user_message_id)
  })

  it('is asked once when the next says the same', async () => {
    await fail('three')
    await send({ content: ' three\n' })
    expect(askedLast()?.slice(-2)).toEqual(['fine!', ' three\n'])
    const asked = model.requests.at(-1)?.messages ?? []
    expect(asked.map(({ role }) => role).slice(-2)).toEqual(['assistant', 'user'])
  })

  it('keeps its files when it is repeated', async () => {
    script = FAILS
    const attachments = [
      { filename: 'a.txt', content_type: 'text/plain', data_base64: btoa('Apples.') },
    ]
    const [start] = await send({ content: 'Look.', attachments })
    script = ANSWER
    await send({ content: 'four' })
    await send({ content: 'Look.', repeats: start?.data.user_message_id })
    expect(askedLast()?.at(-1)).toContain('Apples.')
    const { messages } = await conversation()
    const file = expect.objectContaining({ filename: 'a.txt' })
    expect(messages.at(-2)).toMatchObject({ content: 'Look.', attachments: [file] })
  })

  it('is repeated once: one that has an answer, or is gone, is not found', async () => {
    const failed = await fail('three')
    await send({ content: 'four' })
    await send({ content: 'three', repeats: failed })
    for (const repeats of [failed, first, secondAnswer, randomUUID(), '']) {
      const reply = await visitor.request('POST', path(), { content: 'three', repeats })
      expect([repeats, reply.status]).toEqual([repeats, 404])
    }
    const both = { content: 'three', repeats: second, replaces: second }
    const { status, body } = await visitor.request('POST', path(), both)
    expect([status, body.errors[0]?.path]).toEqual([422, 'repeats'])
  })
})

describe('files of an edited message', () => {
  const fileOf = (filename: string, text: string) => ({
    filename,
    content_type: 'text/plain',
    data_base64: btoa(text),
  })
  interface Sent {
    readonly id: string
    readonly attachments?: readonly { readonly id: string; readonly filename: string }[]
  }
  let sent: Sent
  const lastAsked = async (): Promise<Sent> => (await conversation()).messages.at(-2)!
  const names = async () => (await lastAsked()).attachments?.map(({ filename }) => filename)
  const idOf = (name: string) => sent.attachments?.find(({ filename }) => filename === name)?.id

  beforeEach(async () => {
    const attachments = [fileOf('a.txt', 'Apples.'), fileOf('b.txt', 'Bananas.')]
    const stream = await visitor.stream('POST', path(), { content: 'Look.', attachments })
    await stream.rest()
    sent = await lastAsked()
  })
  const change = async (more: object) => {
    const body = { content: 'Look again.', replaces: sent.id, ...more }
    const stream = await visitor.stream('POST', path(), body)
    return { status: stream.response.status, events: await stream.rest() }
  }

  it('stay, all of them, when nothing is said', async () => {
    await change({})
    expect(await names()).toEqual(['a.txt', 'b.txt'])
  })

  it('go when they are not kept, from the model and from the server', async () => {
    await change({ keep_attachments: [idOf('b.txt')] })
    expect(await names()).toEqual(['b.txt'])
    expect(askedLast()?.at(-1)).not.toContain('Apples.')
    expect((await visitor.request('GET', `/api/attachments/${idOf('a.txt')}`)).status).toBe(404)
  })

  it('can all go', async () => {
    await change({ keep_attachments: [] })
    expect(await names()).toBeUndefined()
    expect(askedLast()?.at(-1)).toBe('Look again.')
  })

  it('stand beside new ones', async () => {
    await change({ keep_attachments: [idOf('a.txt')], attachments: [fileOf('c.txt', 'Cherries.')] })
    expect(await names()).toEqual(['a.txt', 'c.txt'])
    expect(askedLast()?.at(-1)).toMatch(/Apples\.[^]*Cherries\./)
  })

  it.each([
    ['one of another message', () => ({ keep_attachments: [randomUUID()] }), 'keep_attachments.0'],
    ['without an edit', () => ({ keep_attachments: [], replaces: null }), 'keep_attachments'],
    [
      'more than a message holds',
      () => ({
        keep_attachments: [idOf('a.txt'), idOf('b.txt')],
        attachments: ['c', 'd', 'e', 'f'].map((name) => fileOf(`${name}.txt`, name)),
      }),
      'attachments',
    ],
  ])('are refused with the field: %s', async (_name, more, at) => {
    const body = { content: 'Look again.', replaces: sent.id, ...more() }
    const reply = await visitor.request('POST', path(), body)
    expect([reply.status, reply.body.errors[0]?.path]).toEqual([422, at])
    expect(await names()).toEqual(['a.txt', 'b.txt'])
  })
})
