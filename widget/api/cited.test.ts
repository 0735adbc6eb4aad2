import { beforeEach, describe, expect, it } from 'vitest'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { createClient, type ChatClient, dialects } from './client.ts'

import { createKeyValueStore } from './key-value-store.ts'
import type { TurnStream } from './read-stream.ts'
import type { WidgetEvent } from './decode-event.ts'

const SOURCE = {
  number: 1,
  title: 'Dough',
  url: null,
  creator: 'Asha',
  section: null,
  snippet: 'It rests.',
  score: 0.5,
}

const encoder = new TextEncoder()

/** Each piece comes as a piece. */
const bodyOf = (pieces: readonly string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece))
      controller.close()
    },
  })

let server: ScriptedServer
let wishes: { creator: string; personalityWeight: number }
let cited: ChatClient
/** What `/api/v1/chat` answers. */
let wire: readonly string[]

const eventOf = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

beforeEach(() => {
  server = new ScriptedServer()
  wishes = { creator: 'Asha', personalityWeight: 0.5 }
  const fetchIt: typeof fetch = async (input, init) => {
    const answer = await server.fetch(input, init)
    const url = input instanceof Request ? input.url : new URL(input).href
    if (!url.endsWith('/api/v1/chat')) return answer
    const headers = { 'content-type': 'text/event-stream; charset=utf-8' }
    return answer.status === 404 ? new Response(bodyOf(wire), { headers }) : answer
  }
  const store = createKeyValueStore('test:', undefined)
  const client = createClient({ endpoint: 'https://chat.example', fetch: fetchIt, store })
  cited = dialects.cited(client, wishes)
})

const eventsOf = async (stream: TurnStream): Promise<readonly WidgetEvent[]> => {
  const events: WidgetEvent[] = []
  for await (const batch of stream) events.push(...batch.map(({ event }) => event))
  return events
}

const ask = async (id: string, content = 'How long?') =>
  await eventsOf(await cited.send(id, { content }, { idempotencyKey: 'k' }))

const asked = () => server.asked('POST', /\/api\/v1\/chat$/).map(({ body }) => body)

describe('a question in dialect B', () => {
  it('goes out with its conversation and with what the page wishes at that time', async () => {
    wire = [eventOf('sources', []), eventOf('done', {})]
    await ask('c')
    wishes.creator = ''
    wishes.personalityWeight = 7
    await ask('c', 'Why?')
    wishes.personalityWeight = NaN
    await ask('c', 'Why?')
    const question = { conversation_id: 'c', creator: 'Asha', personality_weight: 0.5 }
    expect(asked()).toEqual([
      { ...question, query: 'How long?' },
      { ...question, query: 'Why?', creator: null, personality_weight: 1 },
      { ...question, query: 'Why?', creator: null, personality_weight: 0 },
    ])
  })

  it('is answered by named events, whatever else there is', async () => {
    const id = server.addConversation([
      ['user', 'How long?'],
      ['assistant', 'Thirty minutes [1].'],
    ])
    const [user, assistant] = server.conversations.get(id)?.messages ?? []
    wire = [
      ': ping\n\n',
      eventOf('sources', [SOURCE, null]),
      eventOf('token', 'Thirty '),
      eventOf('token', { text: 'minutes [1].' }),
      eventOf('token', 7),
      eventOf('news', 'x'),
      'data: {"token":"unnamed"}\n\n',
      'event: token\ndata: no JSON\n\n',
      eventOf('done', { conversation_id: id, citations: [{ number: 1, unproven: ['Thirty'] }] }),
      eventOf('token', 'behind the end'),
    ]
    expect(await ask(id)).toEqual([
      { type: 'sources', sources: [SOURCE] },
      { type: 'token', text: 'Thirty ' },
      { type: 'token', text: 'minutes [1].' },
      { type: 'citations', citations: [{ number: 1, unproven: ['Thirty'] }] },
      { type: 'start', user_message_id: user?.id, message_id: assistant?.id },
      { type: 'done', finish_reason: 'stop', conversation_id: undefined },
    ])
  })

  it('ends as its conversation says: stopped, or in another one', async () => {
    const id = server.addConversation([['user', 'How long?']])
    server.conversations
      .get(id)
      ?.messages.push({ id: 'm', role: 'assistant', content: 'Thi', finish_reason: 'stopped' })
    wire = [eventOf('sources', []), eventOf('done', { conversation_id: id })]
    const end = (await ask('gone')).at(-1)
    expect(end).toEqual({ type: 'done', finish_reason: 'stopped', conversation_id: id })
  })

  it('ends all the same when its conversation cannot be had, or holds something else', async () => {
    const id = server.addConversation([
      ['user', 'Another question'],
      ['assistant', 'Yes.'],
    ])
    wire = [eventOf('token', 'Yes.'), eventOf('done', { conversation_id: id })]
    for (const at of [id, 'gone']) {
      const events = await ask(at)
      expect(events.map(({ type }) => type)).toEqual(['token', 'citations', 'done'])
    }
  })

  it('is read to its end by whoever is slower than the network', async () => {
    wire = [
      eventOf('token', 'Thirty '),
      eventOf('token', 'minutes.'),
      eventOf('done', { conversation_id: 'c' }),
    ]
    const stream = await cited.send('c', { content: 'How long?' }, { idempotencyKey: 'k' })
    let text = ''
    for await (const batch of stream) {
      for (const { event } of batch) if (event.type === 'token') text += event.text
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(text).toBe('Thirty minutes.')
  })

  it('fails with the server’s last event, and without one', async () => {
    wire = [eventOf('sources', []), eventOf('token', 'Hal'), eventOf('error', { message: 'No.' })]
    expect((await ask('c')).slice(-2)).toEqual([
      { type: 'error', code: 'inference_error', retryable: true },
      { type: 'done', finish_reason: 'error' },
    ])
    wire = [eventOf('sources', []), eventOf('token', 'Hal')]
    expect((await ask('c')).map(({ type }) => type)).toEqual(['sources', 'token'])
  })

  it('is refused as in dialect A', async () => {
    server.fail(/v1\/chat$/, () => problem(409, { turn_id: 't' }))
    await expect(ask('c')).rejects.toMatchObject({ code: 'conflict', turnId: 't' })
    server.fail(/v1\/chat$/, () => new Response('<p>Hello</p>'))
    await expect(ask('c')).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('is asked again when it has no answer', async () => {
    const id = server.addConversation([
      ['user', 'First'],
      ['assistant', 'Yes.'],
      ['user', 'Second'],
    ])
    wire = [eventOf('sources', []), eventOf('done', { conversation_id: id })]
    await eventsOf(await cited.regenerate(id, {}, { idempotencyKey: 'k' }))
    expect(asked()).toMatchObject([{ query: 'Second', conversation_id: id }])
  })
})

it('offers nothing that a question in dialect B cannot carry', async () => {
  server.config = {
    ...server.config,
    features: { think: true, search: true, feedback: true },
    attachments: { images: true, text: true },
    max_message_length: 8_000,
  }
  expect(await cited.widgetConfig()).toMatchObject({
    features: { think: false, search: false, feedback: true },
    attachments: null,
    max_message_length: 1_000,
    questionsOnly: true,
    title: 'Ask us',
  })
})
