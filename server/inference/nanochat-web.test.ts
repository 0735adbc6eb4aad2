import { afterEach, describe, expect, it } from 'vitest'
import type { HistoryFile, HistoryMessage, Inference } from '../core/ports/index.ts'
import { takeAll } from '../core/turn/answer.ts'
import {
  startFakeNanochatWeb,
  type FakeNanochatWeb,
  type FakeNanochatWebOptions,
} from '../testing/fake-nanochat-web.ts'
import { startFakeModelServer } from '../testing/fake-model-server.ts'
import { eventsOf, gather, generateRequest } from '../testing/inference-requests.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { createInference } from './index.ts'
import { createNanochat } from './nanochat.ts'
import { createOpenai } from './openai/index.ts'

const { signal } = new AbortController()
const settings = { internalApiKey: undefined, timeoutSeconds: 5 }
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function serve(
  options: FakeNanochatWebOptions = {},
): Promise<{ readonly web: FakeNanochatWeb; readonly inference: Inference }> {
  const web = await startFakeNanochatWeb(options)
  const inference = createNanochat({ ...settings, url: web.url })
  closers.push(web.close, inference.close)
  return { web, inference }
}

const user = (content: string, files?: readonly HistoryFile[]): HistoryMessage => ({
  role: 'user',
  content,
  ...(files && { files }),
})
const assistant = (content: string): HistoryMessage => ({ role: 'assistant', content })
const lengths = (web: FakeNanochatWeb) =>
  web.requests.at(-1)?.messages.map(({ content }) => Array.from(content).length) ?? []

describe('nanochat’s own web server', () => {
  it('is asked where it answers, and from then on nowhere else', async () => {
    const { web, inference } = await serve({ answer: () => ['नम', 'स्ते ', '🥟', '\n\n', '"x"'] })
    for (let count = 0; count < 2; count += 1) {
      expect(await gather(inference)).toMatchObject({
        text: 'नमस्ते 🥟\n\n"x"',
        finish: { reason: 'stop' },
        error: undefined,
      })
    }
    expect(web.asked).toEqual([
      'POST /generate',
      'POST /chat/completions',
      'POST /chat/completions',
    ])
    expect(web.requests[0]?.body).toEqual({
      messages: [{ role: 'user', content: 'Be brief.\n\nHello' }],
      temperature: 0.8,
      max_tokens: 1024,
      top_k: 50,
    })
  })

  it('is found again when another server takes its place', async () => {
    let missing = '/generate'
    const model = await startFakeModelServer({
      protocol: 'nanochat',
      respond: () => [missing === '/generate' ? { status: 405, body: '{}' } : 'Hi'],
    })
    const inference = createNanochat({ ...settings, url: model.url })
    closers.push(model.close, inference.close)
    expect((await gather(inference)).error).toMatchObject({ code: 'inference_error' })
    missing = ''
    expect(await gather(inference)).toMatchObject({ text: 'Hi' })
  })

  it.each(['/generate', '/chat/completions', '/'])(
    'may be given with a route behind its address: %s',
    async (path) => {
      const web = await startFakeNanochatWeb()
      const inference = createNanochat({ ...settings, url: web.url + path })
      closers.push(web.close, inference.close)
      expect(await gather(inference)).toMatchObject({ text: 'Hello world!' })
      expect(await inference.isReady({ signal })).toBe(true)
    },
  )

  it('is what a server is taken for that has no list of models', async () => {
    const web = await startFakeNanochatWeb()
    const inference = createInference(
      { ...settings, api: 'auto', url: web.url, apiKey: undefined, model: undefined },
      { builtin: () => expect.unreachable(), logger: createRecordingLogger() },
    )
    closers.push(web.close, inference.close)
    expect(inference.messageLimit).toBeUndefined()
    await inference.learn?.({ signal })
    expect(inference).toMatchObject({ kind: 'nanochat', messageLimit: 8_000 })
    expect(await gather(inference)).toMatchObject({ text: 'Hello world!' })
  })

  it('has no list of models: its health stands for it', async () => {
    const { inference } = await serve({ workers: 2 })
    expect(await inference.models({ signal })).toEqual({
      status: 'ok',
      ready: true,
      num_gpus: 2,
      available_workers: 2,
      models: [],
      cards: [],
    })
  })

  it('is asked for no more than it takes', async () => {
    const { web, inference } = await serve()
    const request = generateRequest({ maxTokens: 20_000, temperature: 0, topK: 0 })
    expect(await gather(inference, request)).toMatchObject({ error: undefined })
    expect(web.requests[0]?.body).toMatchObject({ max_tokens: 4_096, temperature: 0, top_k: 0 })
  })

  it('tells why it refuses a request', async () => {
    const { inference } = await serve()
    const request = generateRequest({ temperature: 3 })
    expect((await gather(inference, request)).error).toMatchObject({
      code: 'inference_error',
      message: 'temperature must be between 0 and 2',
      retryable: false,
    })
  })

  it.each([
    [true, 200, { models: [] }],
    [true, 200, {}],
    [false, 200, { ready: false }],
    [true, 429, {}],
    [false, 401, { detail: 'no key' }],
    [false, 403, {}],
    [false, 404, { detail: 'Not Found' }],
    [false, 500, {}],
    [false, 503, {}],
  ])('is ready: %s when it says %i %j of itself', async (ready, status, body) => {
    const model = await startFakeModelServer({
      protocol: 'nanochat',
      lookup: ({ path }) => (path === '/models' ? { status: 404, body: {} } : { status, body }),
    })
    const inference = createNanochat({ ...settings, url: model.url })
    closers.push(model.close, inference.close)
    expect(await inference.isReady({ signal })).toBe(ready)
  })

  it('is ready while it has no time but for our own answer, and not when it is gone', async () => {
    const computing = Promise.withResolvers<void>()
    const { web, inference } = await serve({ compute: () => computing.promise })
    const events = eventsOf(inference.generate(generateRequest(), { signal }))
    await events.next()
    expect(await inference.isReady({ signal })).toBe(true)
    computing.resolve()
    while (await events.next());
    expect(await inference.isReady({ signal })).toBe(true)
    await web.close()
    closers.shift()
    expect(await inference.isReady({ signal })).toBe(false)
  })

  it('is as ready as it says once nobody wants its answer any more', async () => {
    const { inference } = await serve({ compute: () => new Promise(() => {}) })
    const left = new AbortController()
    const first = Promise.withResolvers<void>()
    const taken = takeAll(inference.generate(generateRequest(), { signal: left.signal }), () => {
      first.resolve()
      return true
    })
    await first.promise
    expect(await inference.isReady({ signal })).toBe(true)
    left.abort()
    await expect(taken).rejects.toThrow(/abort/i)
    expect(await inference.isReady({ signal: AbortSignal.timeout(50) })).toBe(false)
  })
})

describe('what nanochat is sent', () => {
  const PROMPT = 'Be kind.'
  const ROOM = 8_000 - `${PROMPT}\n\n`.length
  const ask = async (messages: readonly HistoryMessage[], systemPrompt = PROMPT) => {
    const { web, inference } = await serve()
    const answer = await gather(inference, generateRequest({ messages, systemPrompt }))
    return { web, ...answer }
  }

  it('has the room that the prompt leaves, in code points', async () => {
    for (const letter of ['x', '🥟']) {
      const { web, error } = await ask([user(letter.repeat(ROOM))])
      expect(error).toBeUndefined()
      expect(lengths(web)).toEqual([8_000])
    }
    expect(await ask([user('x'.repeat(8_000))], '')).toMatchObject({ error: undefined })
    const { web, error } = await ask([user('x'.repeat(ROOM + 1))])
    expect(web.requests).toEqual([])
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: `The message is too long for the model server: it takes ${ROOM} characters. Please shorten it.`,
      retryable: false,
    })
  })

  it('is nothing with a prompt that leaves no room, which is the operator’s to mend', async () => {
    const { error } = await ask([user('Hi there')], 'x'.repeat(7_997))
    expect(error).toMatchObject({ code: 'inference_misconfigured', retryable: false })
    expect(error).toMatchObject({
      cause: { message: expect.stringContaining('the prompt leaves 1 of the 8000 characters') },
    })
  })

  it('begins with a question, and takes turns, as for an OpenAI-compatible server', async () => {
    const messages = [
      assistant('Welcome!'),
      { role: 'system', content: 'never sent' } as const,
      assistant('Ask me.'),
      user('One?'),
      user('Two?'),
      assistant('<think>hm</think>Three.'),
      assistant('<think>only thoughts</think>'),
      user('Four?'),
    ]
    const { web } = await ask(messages)
    expect(web.requests[0]?.messages).toEqual([
      { role: 'user', content: `${PROMPT}\n\nOne?\n\nTwo?` },
      { role: 'assistant', content: 'Three.' },
      { role: 'user', content: 'Four?' },
    ])
    const openai = await startFakeModelServer({ protocol: 'openai' })
    const inference = createOpenai({ ...settings, apiKey: undefined, model: 'm', url: openai.url })
    closers.push(openai.close, inference.close)
    const plain = messages.filter(({ role }) => role !== 'system')
    await gather(inference, generateRequest({ messages: plain, systemPrompt: '' }))
    const own = web.requests[0]?.messages.map(({ role, content }) => ({
      role,
      content: content.replace(`${PROMPT}\n\n`, ''),
    }))
    expect(openai.requests[0]?.messages).toEqual(own)
  })

  it('joins answers, and keeps the newer of two that are too long together', async () => {
    const { web } = await ask([
      user('a'.repeat(5_000)),
      user('b'.repeat(5_000)),
      assistant('One.'),
      assistant('Two.'),
      user('c'),
    ])
    expect(web.requests[0]?.messages).toEqual([
      { role: 'user', content: `${PROMPT}\n\n${'b'.repeat(5_000)}` },
      { role: 'assistant', content: 'One.\n\nTwo.' },
      { role: 'user', content: 'c' },
    ])
  })

  it('cuts what was said earlier to what it takes, and leaves out the oldest', async () => {
    const { web, error } = await ask([
      user('o'.repeat(3_000)),
      assistant('without its question'),
      user('u'.repeat(9_000)),
      assistant('🥟'.repeat(9_000)),
      user('v'.repeat(8_000)),
      assistant('a'.repeat(7_000)),
      user('newest'),
    ])
    expect(error).toBeUndefined()
    expect(lengths(web)).toEqual([8_000, 8_000, ROOM, 7_000, 6])
    expect(web.requests[0]?.messages[0]?.content).toMatch(/^Be kind\.\n\nu+…$/)
    expect(web.requests[0]?.messages[1]?.content).toMatch(/^🥟+…$/u)
  })

  it('is at most 32,000 characters and 500 messages, the newest always among them', async () => {
    const long = Array.from({ length: 6 }, () => [user('q'.repeat(7_000)), assistant('a')]).flat()
    const { web: full, error } = await ask([...long, user('newest')])
    expect(error).toBeUndefined()
    expect(lengths(full)).toEqual([7_010, 1, 7_000, 1, 7_000, 1, 7_000, 1, 6])
    const many = Array.from({ length: 400 }, () => [user('q'), assistant('a')]).flat()
    const { web: most, error: none } = await ask([...many, user('newest')])
    expect(none).toBeUndefined()
    // An answer without its question would come first.
    expect(lengths(most)).toHaveLength(499)
    expect(most.requests[0]?.messages.at(-1)?.content).toBe('newest')
  })

  it('has files as far as there is room, and says where they are cut', async () => {
    const file = (name: string, text: string): HistoryFile => ({
      kind: 'text',
      name,
      text,
      sizeBytes: text.length,
      isCut: false,
    })
    const { web } = await ask([
      user('Look.', [file('a.txt', 'short'), file('b.txt', 'y'.repeat(9_000))]),
    ])
    const [message] = web.requests[0]?.messages ?? []
    expect(lengths(web)[0]).toBeLessThanOrEqual(8_000)
    expect(lengths(web)[0]).toBeGreaterThan(7_500)
    expect(message?.content).toMatch(/^Be kind\.\n\nLook\.\n\nAttached file: a\.txt\n```txt\nshort/)
    expect(message?.content).toMatch(/y\n```\n\[cut here; the whole file has 9000 bytes\]$/)

    const whole = 'x'.repeat(ROOM - 20)
    const many = Array.from({ length: 5 }, (_, at) => file(`${'n'.repeat(250)}${at}.txt`, 'text'))
    const { web: full, error } = await ask([user(whole, many)])
    expect(error).toBeUndefined()
    expect(lengths(full)).toEqual([8_000])
    expect(full.requests[0]?.messages[0]?.content).toContain(whole)
  })
})
