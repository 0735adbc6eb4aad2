import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { tokensOf, type TestClient } from '../../testing/test-client.ts'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let script: Script = ['Hello', ' world', '!']

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'nanochat', respond: () => script })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
    INTERNAL_API_KEY: 'internal',
    SYSTEM_PROMPT: 'Be brief.',
    THINK_PROMPT: 'Think.',
    MAX_CONVERSATION_HISTORY: '4',
  })
  visitor = await server.visitor()
})
afterEach(() => {
  script = ['Hello', ' world', '!']
})
afterAll(async () => {
  await server.close()
  await model.close()
})

const messagesOf = async (id: string) =>
  (await visitor.request('GET', `/api/conversations/${id}`)).body.messages
const lastRequest = () => model.requests.at(-1)

describe('sending a message', () => {
  it('streams the turn as numbered events and stores both messages', async () => {
    const id = await visitor.conversation()
    const events = await visitor.send(id, 'hi there')
    const turn = events[0]?.data.turn_id
    expect(events.map((event) => event.id)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `${turn}.${n}`))
    expect(events[0]?.data).toEqual({
      turn_id: expect.any(String),
      user_message_id: expect.any(String),
      message_id: expect.any(String),
    })
    expect(events[1]?.data).toEqual({ title: 'hi there' })
    expect(events[2]?.data).toEqual({ token: 'Hello', gpu: 0 })
    expect(tokensOf(events).join('')).toBe('Hello world!')
    expect(events.at(-1)?.data).toMatchObject({
      done: true,
      message_id: events[0]?.data.message_id,
      finish_reason: 'stop',
      token_count: 3,
      inference_time_ms: expect.any(Number),
    })

    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    expect(body.title).toBe('hi there')
    expect(body.messages).toMatchObject([
      {
        id: events[0]?.data.user_message_id,
        role: 'user',
        content: 'hi there',
        conversation_id: id,
        token_count: 0,
        model_tag: 'default',
        inference_time_ms: 0,
      },
      {
        id: events[0]?.data.message_id,
        role: 'assistant',
        content: 'Hello world!',
        token_count: 3,
        finish_reason: 'stop',
        feedback: null,
      },
    ])
    expect(body.messages[1]?.inference_time_ms).toBeGreaterThanOrEqual(0)
    expect(body.messages[1]!.created_at >= body.messages[0]!.created_at).toBe(true)
    expect(body.updated_at > body.created_at).toBe(true)
  })

  it('has the headers of an event stream', async () => {
    const stream = await visitor.stream(
      'POST',
      `/api/conversations/${await visitor.conversation()}/messages`,
      { content: 'hi' },
      { 'x-trace-id': 'trace-1', 'x-session-trace-id': 'session-1' },
    )
    const { headers } = stream.response
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-cache, no-store, no-transform')
    expect(headers.get('x-accel-buffering')).toBe('no')
    expect(headers.get('x-trace-id')).toBe('trace-1')
    expect(headers.get('x-session-trace-id')).toBe('session-1')
    await stream.rest()
    expect(lastRequest()?.headers).toMatchObject({
      'x-trace-id': 'trace-1',
      'x-session-trace-id': 'session-1',
      'x-internal-api-key': 'internal',
    })
    expect(lastRequest()?.headers['x-user-id']).toEqual(expect.any(String))
    expect(lastRequest()?.headers.authorization).toBeUndefined()
  })

  it('puts the prompt in front of the first user message and never stores it', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'one')
    expect(lastRequest()?.messages).toEqual([{ role: 'user', content: 'Be brief.\n\none' }])
    await visitor.send(id, 'two')
    expect(lastRequest()?.messages).toEqual([
      { role: 'user', content: 'Be brief.\n\none' },
      { role: 'assistant', content: 'Hello world!' },
      { role: 'user', content: 'two' },
    ])
    const stored = (await messagesOf(id)).map((message) => message.content)
    expect(stored).toEqual(['one', 'Hello world!', 'two', 'Hello world!'])
  })

  it('sends the options, with the configured defaults', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'defaults')
    expect(lastRequest()?.body).toMatchObject({
      temperature: 0.8,
      max_tokens: 1_024,
      top_k: 50,
      force_web_search: false,
    })
    const options = { temperature: 0, max_tokens: 7, top_k: 0, force_web_search: true }
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'given',
      thinking_mode: true,
      ...options,
    })
    await stream.rest()
    expect(lastRequest()?.body).toMatchObject(options)
    expect(lastRequest()?.messages[0]?.content).toMatch(/^Think\.\n\n/)
  })

  it('sends no more history than configured', async () => {
    const id = await visitor.conversation()
    for (const word of ['a', 'b', 'c', 'd']) await visitor.send(id, word)
    // The oldest of four would be an answer without its question.
    expect(lastRequest()?.messages).toHaveLength(3)
    expect(lastRequest()?.messages.at(-1)).toEqual({
      role: 'user',
      content: expect.stringMatching(/d$/),
    })
  })

  it('does not send thinking back', async () => {
    script = ['<think>secret', ' plan</think>', 'Done.']
    const id = await visitor.conversation()
    await visitor.send(id, 'one')
    await visitor.send(id, 'two')
    expect(lastRequest()?.messages[1]).toEqual({ role: 'assistant', content: 'Done.' })
    expect((await messagesOf(id))[1]?.content).toBe('<think>secret plan</think>Done.')
  })

  it('titles by the first message that has words', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, '   ')
    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    expect(body.title).toBe('New conversation')
    const events = await visitor.send(id, 'Now with words')
    expect(events[1]?.data).toEqual({ title: 'Now with words' })
    expect((await visitor.send(id, 'And more')).some(({ data }) => 'title' in data)).toBe(false)
  })

  it('titles by the first 80 characters, and leaves a chosen name alone', async () => {
    const long = await visitor.conversation()
    await visitor.send(long, '😀'.repeat(81))
    expect((await visitor.request('GET', `/api/conversations/${long}`)).body.title).toBe(
      '😀'.repeat(80),
    )

    const named = await visitor.conversation()
    await visitor.request('PUT', `/api/conversations/${named}`, { title: 'Mine' })
    const events = await visitor.send(named, 'hi')
    expect(events.some((event) => 'title' in event.data)).toBe(false)
    expect((await visitor.request('GET', `/api/conversations/${named}`)).body.title).toBe('Mine')
  })

  it('takes a message of as many characters as the prompt leaves of 8,000', async () => {
    const content = '字'.repeat(8_000 - 'Be brief.\n\n'.length)
    const events = await visitor.send(await visitor.conversation(), content)
    expect(events.at(-1)?.data.finish_reason).toBe('stop')
  })

  const REFUSED: readonly [string, unknown, string][] = [
    ['no content', {}, 'content'],
    ['an empty message', { content: '' }, 'content'],
    ['a message of 8,001 characters', { content: 'x'.repeat(8_001) }, 'content'],
    ['content that is a number', { content: 7 }, 'content'],
    ['a temperature above 2', { content: 'x', temperature: 2.1 }, 'temperature'],
    ['a temperature in words', { content: 'x', temperature: '1' }, 'temperature'],
    ['no tokens at all', { content: 'x', max_tokens: 0 }, 'max_tokens'],
    ['too many tokens', { content: 'x', max_tokens: 4_097 }, 'max_tokens'],
    ['half a token', { content: 'x', max_tokens: 1.5 }, 'max_tokens'],
    ['a top_k above 200', { content: 'x', top_k: 201 }, 'top_k'],
    ['an edit of a number', { content: 'x', replaces: 7 }, 'replaces'],
    ['thinking_mode in words', { content: 'x', thinking_mode: 'yes' }, 'thinking_mode'],
  ]
  for (const [name, body, field] of REFUSED) {
    it(`refuses ${name}, asks nobody and stores nothing`, async () => {
      const id = await visitor.conversation()
      const before = model.requests.length
      const reply = await visitor.request('POST', `/api/conversations/${id}/messages`, body)
      expect(reply.status).toBe(422)
      expect(reply.body.errors[0]?.path).toBe(field)
      expect(model.requests).toHaveLength(before)
      expect(await messagesOf(id)).toEqual([])
    })
  }
})

describe('a turn outlives its readers', () => {
  it('stores the answer although the client has left', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    await model.send('first')
    while ((await stream.next()).data.token !== 'first');
    stream.leave()
    const follower = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    await model.send(' second')
    await model.finish()
    await follower.rest()
    expect((await messagesOf(id))[1]).toMatchObject({ content: 'first second', token_count: 2 })
  })

  it('gives a reader that comes back exactly the bytes it missed', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const first = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    await model.send('one')
    await first.next()
    await first.next()
    const seen = await first.next()
    expect(seen.data.token).toBe('one')
    const resumed = fetch(`${server.url}/api/conversations/${id}/stream`, {
      headers: { authorization: `Bearer ${visitor.token}`, 'last-event-id': seen.id ?? '' },
    })
    const byQuery = visitor.stream(
      'GET',
      `/api/conversations/${id}/stream?last_event_id=${seen.id}`,
    )
    const whole = visitor.stream('GET', `/api/conversations/${id}/stream`)
    await model.send('two')
    await model.finish()
    const missed = await first.rest()
    const text = await (await resumed).text()
    expect(text).toBe(
      missed.map(({ id: at, data }) => `id: ${at}\ndata: ${JSON.stringify(data)}\n\n`).join(''),
    )
    expect(await (await byQuery).rest()).toEqual(missed)
    expect((await (await whole).rest()).slice(-missed.length)).toEqual(missed)
  })

  it('replays an ended turn, and answers 204 when nothing is missing', async () => {
    const id = await visitor.conversation()
    expect(await visitor.request('GET', `/api/conversations/${id}/stream`)).toMatchObject({
      status: 204,
    })
    const events = await visitor.send(id, 'hi')
    const again = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    expect(await again.rest()).toEqual(events)
    const last = { 'last-event-id': events.at(-1)?.id ?? '' }
    const reply = await visitor.request('GET', `/api/conversations/${id}/stream`, undefined, last)
    expect(reply.status).toBe(204)
  })

  it('shows a running turn to a reader that knows only the one before, or none that was', async () => {
    const id = await visitor.conversation()
    const before = await visitor.send(id, 'hi')
    script = MANUAL
    const path = `/api/conversations/${id}`
    const running = await visitor.stream('POST', `${path}/messages`, { content: 'again' })
    const { turn_id } = (await running.next()).data
    const last = before.at(-1)?.id ?? ''
    const readers = [
      await visitor.stream('GET', `${path}/stream`, undefined, { 'last-event-id': last }),
      await visitor.stream('GET', `${path}/stream?last_event_id=${turn_id}.999`),
      await visitor.stream('GET', `${path}/stream?last_event_id=nonsense`),
    ]
    const header = { 'last-event-id': '' }
    const byQuery = `${path}/stream?last_event_id=${turn_id}.1`
    const rest = await visitor.stream('GET', byQuery, undefined, header)
    await model.send('x')
    await model.finish()
    for (const reader of readers) expect((await reader.rest())[0]?.id).toBe(`${turn_id}.1`)
    expect((await rest.rest())[0]?.id).toBe(`${turn_id}.2`)
  })

  it('tells that a turn is running', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    const { turn_id } = (await stream.next()).data
    const running = await visitor.request('GET', `/api/conversations/${id}`)
    expect(running.body.running_turn_id).toBe(turn_id)
    await model.finish()
    await stream.rest()
    const ended = await visitor.request('GET', `/api/conversations/${id}`)
    expect(ended.body).not.toHaveProperty('running_turn_id')
  })
})

describe('a send or a regenerate that names the last event it saw', () => {
  type Action = 'messages' | 'regenerate'
  const ACTIONS = ['messages', 'regenerate'] as const
  const repeat = (id: string, action: Action, lastEventId: string, more = {}) =>
    visitor.stream(
      'POST',
      `/api/conversations/${id}/${action}`,
      action === 'messages' ? { content: 'hi' } : {},
      { 'last-event-id': lastEventId, ...more },
    )
  let id = ''
  let asked = 0
  const begin = async () => {
    script = MANUAL
    id = await visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    asked = model.requests.length + 1
    return await visitor.stream('POST', path, { content: 'hi' })
  }
  const askedNobody = async (messages: number) => {
    expect(model.requests).toHaveLength(asked)
    expect(await messagesOf(id)).toHaveLength(messages)
  }

  it.each(ACTIONS)(
    'reads on behind it, byte for byte, while the answer runs: %s',
    async (action) => {
      const first = await begin()
      await model.send('one')
      const [start, , seen] = [await first.next(), await first.next(), await first.next()]
      expect(seen.data.token).toBe('one')
      const response = await fetch(`${server.url}/api/conversations/${id}/${action}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${visitor.token}`,
          'content-type': 'application/json',
          'last-event-id': seen.id ?? '',
        },
        body: JSON.stringify({ content: 'hi' }),
      })
      const whole = await repeat(id, action, `${start.data.turn_id}.0`)
      await model.send('two')
      await model.finish()
      const missed = await first.rest()
      expect(await response.text()).toBe(
        missed.map((event) => `id: ${event.id}\ndata: ${JSON.stringify(event.data)}\n\n`).join(''),
      )
      expect(tokensOf(await whole.rest())).toEqual(['one', 'two'])
      await askedNobody(2)
    },
  )

  it.each(ACTIONS)(
    'gets the rest of one that has ended, also of an earlier one: %s',
    async (action) => {
      id = await visitor.conversation()
      const events = await visitor.send(id, 'hi')
      const seen = events[2]?.id ?? ''
      for (const messages of [2, 4]) {
        asked = model.requests.length
        expect(await (await repeat(id, action, seen)).rest()).toEqual(events.slice(3))
        await askedNobody(messages)
        if (messages === 2) await visitor.send(id, 'and more')
      }
    },
  )

  it.each(ACTIONS)(
    'gets 204 when it has seen all of it, also while another one runs: %s',
    async (action) => {
      id = await visitor.conversation()
      const seen = (await visitor.send(id, 'hi')).at(-1)?.id ?? ''
      asked = model.requests.length
      expect((await repeat(id, action, seen)).response.status).toBe(204)
      await askedNobody(2)
      script = MANUAL
      const path = `/api/conversations/${id}/messages`
      asked = model.requests.length + 1
      const running = await visitor.stream('POST', path, { content: 'more' })
      await model.requested(asked)
      expect((await repeat(id, action, seen)).response.status).toBe(204)
      await askedNobody(3)
      await model.finish()
      await running.rest()
    },
  )

  it.each(ACTIONS)(
    'is refused, and asks nobody, when that is not known here: %s',
    async (action) => {
      const elsewhere = await visitor.send(await visitor.conversation(), 'hi')
      id = await visitor.conversation()
      const events = await visitor.send(id, 'hi')
      const turn = events[0]?.data.turn_id
      asked = model.requests.length
      const refused = async (lastEventId: string) =>
        await visitor.request(
          'POST',
          `/api/conversations/${id}/${action}`,
          { content: 'hi' },
          { 'last-event-id': lastEventId },
        )
      const detail = expect.stringMatching(/last-event-id/)
      for (const unknown of [elsewhere[1]?.id ?? '', `${crypto.randomUUID()}.1`, `${turn}.999`]) {
        expect(await refused(unknown)).toMatchObject({ status: 404, body: { detail } })
      }
      for (const none of ['nonsense', '7', `${turn}`, `${turn}.x`, `${turn}.-1`]) {
        expect(await refused(none)).toMatchObject({ status: 400, body: { detail } })
      }
      await askedNobody(2)
    },
  )

  it.each(ACTIONS)(
    'asks nobody anew when the server was restarted meanwhile: %s',
    async (action) => {
      const first = await begin()
      await model.send('so far')
      let seen = ''
      while (seen === '') {
        const { id: at, data } = await first.next()
        if (data.token === 'so far') seen = at ?? ''
      }
      await server.restart()
      expect((await repeat(id, action, seen)).response.status).toBe(404)
      await askedNobody(2)
      expect((await messagesOf(id))[1]).toMatchObject({ content: 'so far' })
    },
  )

  it('is told so when the conversation is somebody else’s', async () => {
    const seen = (await visitor.send(await visitor.conversation(), 'hi'))[1]?.id ?? ''
    const stranger = await server.visitor()
    id = await visitor.conversation()
    const events = await visitor.send(id, 'hi')
    for (const lastEventId of [seen, events[1]?.id ?? '', 'nonsense']) {
      const headers = { 'last-event-id': lastEventId }
      const path = `/api/conversations/${id}/messages`
      const reply = await stranger.request('POST', path, { content: 'hi' }, headers)
      expect(reply.status).toBe(404)
    }
  })

  it('goes by that and not by its Idempotency-Key; with an empty one it is a new request', async () => {
    id = await visitor.conversation()
    const key = { 'idempotency-key': 'key-7' }
    const events = await visitor.send(id, 'hi', key)
    asked = model.requests.length
    const rest = await repeat(id, 'messages', events[3]?.id ?? '', key)
    expect(await rest.rest()).toEqual(events.slice(4))
    await askedNobody(2)
    await (await repeat(id, 'messages', '')).rest()
    expect(await messagesOf(id)).toHaveLength(4)
  })
})

describe('one turn at a time', () => {
  it('refuses a second send and a regenerate with the running turn’s id', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    const { turn_id } = (await stream.next()).data
    for (const [path, body] of [
      ['messages', { content: 'again' }],
      ['regenerate', {}],
    ] as const) {
      const reply = await visitor.request('POST', `/api/conversations/${id}/${path}`, body)
      expect(reply).toMatchObject({ status: 409, body: { turn_id, detail: expect.any(String) } })
    }
    await model.send('x')
    await model.finish()
    await stream.rest()
    expect(await messagesOf(id)).toHaveLength(2)
  })
})

describe('stopping', () => {
  it('ends the upstream, stores what came and says so', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    await model.send('so far')
    while ((await stream.next()).data.token !== 'so far');
    expect((await visitor.request('POST', `/api/conversations/${id}/stop`)).status).toBe(202)
    expect((await messagesOf(id))[1]).toMatchObject({ content: 'so far', finish_reason: 'stopped' })
    expect((await stream.rest()).at(-1)?.data).toMatchObject({
      done: true,
      finish_reason: 'stopped',
    })
    await model.idle()
  })

  it('stores nothing when nothing had come, and the conversation goes on', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    await visitor.request('POST', `/api/conversations/${id}/stop`)
    const events = await stream.rest()
    expect(events.some((event) => 'error' in event.data)).toBe(false)
    expect(await messagesOf(id)).toHaveLength(1)
    script = ['fine']
    await visitor.send(id, 'again')
    expect(await messagesOf(id)).toHaveLength(3)
  })

  it('answers 202 when nothing runs', async () => {
    const id = await visitor.conversation()
    expect((await visitor.request('POST', `/api/conversations/${id}/stop`)).status).toBe(202)
  })

  it('happens by itself when the conversation is deleted, which stays deleted', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    await model.send('x')
    expect((await visitor.request('DELETE', `/api/conversations/${id}`)).status).toBe(204)
    await stream.rest()
    await model.idle()
    expect((await visitor.request('GET', `/api/conversations/${id}`)).status).toBe(404)
    await server.restart()
    expect((await visitor.request('GET', `/api/conversations/${id}`)).status).toBe(404)
  })
})

describe('regenerating', () => {
  it('replaces the last answer', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    script = ['second', ' reply']
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})
    expect(tokensOf(await stream.rest())).toEqual(['second', ' reply'])
    const messages = await messagesOf(id)
    expect(messages).toHaveLength(2)
    expect(messages[1]).toMatchObject({ role: 'assistant', content: 'second reply' })
    expect(lastRequest()?.messages).toEqual([{ role: 'user', content: 'Be brief.\n\nhi' }])
  })

  it('needs no body', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`)
    expect((await stream.rest()).at(-1)?.data.done).toBe(true)
  })

  it('is 400 when there is no user message', async () => {
    const id = await visitor.conversation()
    expect(await visitor.request('POST', `/api/conversations/${id}/regenerate`, {})).toMatchObject({
      status: 400,
      body: { detail: expect.any(String) },
    })
    expect(await visitor.send(id, 'the conversation is free')).toBeTruthy()
  })

  it('keeps the old answer when it fails, even after some tokens', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    script = ['half', { cut: true }]
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})
    expect((await stream.rest()).at(-1)?.data.finish_reason).toBe('error')
    const messages = await messagesOf(id)
    expect(messages.map((message) => message.content)).toEqual(['hi', 'Hello world!'])
  })

  it('answers a message that had failed', async () => {
    script = [{ status: 500, body: '{}' }]
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    expect(await messagesOf(id)).toHaveLength(1)
    script = ['now']
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})
    await stream.rest()
    expect((await messagesOf(id))[1]).toMatchObject({ content: 'now' })
  })
})

describe('an Idempotency-Key', () => {
  it('attaches to the running turn and to the ended one', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const headers = { 'idempotency-key': 'key-1' }
    const asked = model.requests.length
    const send = () =>
      visitor.stream('POST', `/api/conversations/${id}/messages`, { content: 'hi' }, headers)
    const [first, second] = await Promise.all([send(), send()])
    await model.send('once')
    await model.finish()
    const events = await first.rest()
    expect(await second.rest()).toEqual(events)
    expect(await (await send()).rest()).toEqual(events)
    expect(model.requests).toHaveLength(asked + 1)
    expect(await messagesOf(id)).toHaveLength(2)
  })

  it('outlives a restart of the server', async () => {
    const id = await visitor.conversation()
    const headers = { 'idempotency-key': 'key-2' }
    const events = await visitor.send(id, 'hi', headers)
    await server.restart()
    const asked = model.requests.length
    const again = await visitor.send(id, 'hi', headers)
    expect(again[0]?.data).toEqual(events[0]?.data)
    expect(tokensOf(again).join('')).toBe('Hello world!')
    expect(again.at(-1)?.data).toMatchObject({ done: true, token_count: 3 })
    expect(model.requests).toHaveLength(asked)
    expect(await messagesOf(id)).toHaveLength(2)
  })

  it('stands for the answer that has replaced its own', async () => {
    const id = await visitor.conversation()
    const headers = { 'idempotency-key': 'key-5' }
    await visitor.send(id, 'hi', headers)
    script = ['better']
    await (await visitor.stream('POST', `/api/conversations/${id}/regenerate`)).rest()
    await server.restart()
    const again = await visitor.send(id, 'hi', headers)
    expect(tokensOf(again)).toEqual(['better'])
    const { id: answerId } = (await messagesOf(id))[1] ?? {}
    expect(again[0]?.data.message_id).toBe(answerId)
    expect(again.at(-1)?.data.message_id).toBe(answerId)
    expect(await messagesOf(id)).toHaveLength(2)
  })

  it('stands for a failure as well: an older answer is not taken for the one that failed', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    const path = `/api/conversations/${id}/regenerate`
    const regenerate = async () =>
      (await visitor.stream('POST', path, {}, { 'idempotency-key': 'key-6' })).rest()
    script = [{ status: 500, body: '{}' }]
    const failed = await regenerate()
    await server.restart()
    const again = await regenerate()
    expect(again[0]?.data).toEqual(failed[0]?.data)
    expect(tokensOf(again)).toEqual([])
    expect(again.at(-2)?.data).toMatchObject({ error: expect.any(String), retryable: true })
    expect(again.at(-1)?.data).toMatchObject({ done: true, finish_reason: 'error' })
    expect((await messagesOf(id))[1]).toMatchObject({ content: 'Hello world!' })
  })

  it('is kept as its hash alone', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi', { 'idempotency-key': 'a-telling-key' })
    const files = await readdir(server.directory, { recursive: true, withFileTypes: true })
    for (const file of files.filter((each) => each.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'utf8')
      expect(text, file.name).not.toContain('a-telling-key')
    }
  })

  it('stays itself however long it is', async () => {
    const id = await visitor.conversation()
    const long = 'k'.repeat(300)
    await visitor.send(id, 'one', { 'idempotency-key': `${long}1` })
    await visitor.send(id, 'two', { 'idempotency-key': `${long}2` })
    expect(await messagesOf(id)).toHaveLength(4)
  })

  it('belongs to one conversation', async () => {
    const headers = { 'idempotency-key': 'key-3' }
    for (let count = 0; count < 2; count += 1) {
      const id = await visitor.conversation()
      await visitor.send(id, 'hi', headers)
      expect(await messagesOf(id)).toHaveLength(2)
    }
  })

  it('works for regenerate too', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    const asked = model.requests.length
    const regenerate = async () => {
      const path = `/api/conversations/${id}/regenerate`
      return (await visitor.stream('POST', path, {}, { 'idempotency-key': 'key-4' })).rest()
    }
    expect(await regenerate()).toEqual(await regenerate())
    expect(model.requests).toHaveLength(asked + 1)
  })
})

describe('shutting down', () => {
  it('keeps the old answer when a better one could not be finished', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    script = MANUAL
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`)
    await model.send('half')
    while ((await stream.next()).data.token !== 'half');
    await server.restart()
    expect((await messagesOf(id))[1]).toMatchObject({ content: 'Hello world!' })
  })

  it('stores what a running turn has so far as interrupted', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    await model.send('so far')
    while ((await stream.next()).data.token !== 'so far');
    await server.restart()
    expect((await messagesOf(id))[1]).toMatchObject({
      content: 'so far',
      finish_reason: 'interrupted',
    })
    expect((await stream.rest()).at(-1)?.data).toMatchObject({ finish_reason: 'interrupted' })
  })
})
