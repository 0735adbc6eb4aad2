import { afterEach, describe, expect, it } from 'vitest'
import { MANUAL, startFakeModelServer } from '../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { tokensOf } from '../testing/test-client.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function start(environment: Readonly<Record<string, string>>): Promise<TestServer> {
  const server = await startTestServer(environment)
  closing.push(() => server.close())
  return server
}

const startSession = (server: TestServer, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/api/session`, { method: 'POST', headers })

describe('messages by the minute', () => {
  it('are counted, and refused when there are too many, with what is left and how long to wait', async () => {
    const server = await start({ RATE_LIMIT_MESSAGES_PER_MINUTE: '2' })
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    const first = await visitor.stream('POST', path, { content: '1+1' })
    expect(first.response.headers.get('ratelimit-policy')).toBe('"messages";q=2;w=60')
    expect(first.response.headers.get('ratelimit')).toMatch(/^"messages";r=1;t=(?:60|59)$/)
    await first.rest()
    const again = await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})
    expect(again.response.headers.get('ratelimit')).toMatch(/^"messages";r=0;t=\d+$/)
    await again.rest()

    const refused = await visitor.request('POST', path, { content: '1+1' })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('ratelimit')).toMatch(/^"messages";r=0;t=\d+$/)
    expect(refused.headers.get('ratelimit-policy')).toBe('"messages";q=2;w=60')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(refused.body).toMatchObject({
      code: 'rate_limited',
      detail: expect.stringMatching(/^That is too many messages .* Please wait \d+ seconds\.$/),
    })
    const stored = await visitor.request('GET', `/api/conversations/${id}`)
    expect(stored.body.messages).toHaveLength(2)
    expect(stored.headers.get('ratelimit')).toBeNull()
  })

  it('that come again with one idempotency key are one', async () => {
    const server = await start({ RATE_LIMIT_MESSAGES_PER_MINUTE: '2' })
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    for (let count = 0; count < 5; count += 1) {
      await visitor.send(id, '1+1', { 'idempotency-key': 'one' })
    }
    await visitor.send(id, '1+2', { 'idempotency-key': 'two' })
    const path = `/api/conversations/${id}/messages`
    const refused = await visitor.request(
      'POST',
      path,
      { content: '3' },
      { 'idempotency-key': '3' },
    )
    expect(refused.status).toBe(429)
  })

  const UNTAKEN = { filename: 'a.zip', content_type: 'application/zip', data_base64: 'UEsDBA==' }

  it('take nothing when no turn begins: refused, foreign, in the way of another, or with nothing to answer', async () => {
    const server = await start({ RATE_LIMIT_MESSAGES_PER_MINUTE: '1' })
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    const tried = [
      await visitor.request('POST', path, { content: '' }),
      await visitor.request('POST', path, '{'),
      await visitor.request('POST', path, '{}', { 'content-type': 'text/plain' }),
      await visitor.request('POST', path, { content: 'x', attachments: [UNTAKEN] }),
      await visitor.request('POST', path, { content: 'x', replaces: id }),
      await visitor.request('POST', `/api/conversations/${id}/regenerate`, {}),
      await (await server.visitor()).request('POST', path, { content: 'x' }),
      await visitor.request('POST', path, { content: 'x' }, { authorization: 'Bearer x' }),
    ]
    expect(tried.map(({ status }) => status)).toEqual([422, 400, 415, 415, 404, 400, 404, 401])
    for (const { headers } of tried) expect(headers.get('ratelimit')).toBeNull()
    await visitor.send(id, '1+1')
    expect((await visitor.request('POST', path, { content: '1+1' })).status).toBe(429)
  })

  it('take nothing while another answer is being written', async () => {
    const model = await startFakeModelServer({ protocol: 'nanochat', respond: () => MANUAL })
    closing.push(() => model.close())
    const server = await start({
      RATE_LIMIT_MESSAGES_PER_MINUTE: '2',
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'nanochat',
    })
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    const running = await visitor.stream('POST', path, { content: 'x' })
    for (let count = 0; count < 3; count += 1) {
      expect((await visitor.request('POST', path, { content: 'y' })).status).toBe(409)
    }
    await visitor.request('POST', `/api/conversations/${id}/stop`)
    await running.rest()
    const next = await visitor.stream('POST', path, { content: 'y' })
    expect(next.response.headers.get('ratelimit')).toMatch(/^"messages";r=0;/)
    await visitor.request('POST', `/api/conversations/${id}/stop`)
    await next.rest()
  })

  it('that are refused leave the conversation free and unchanged', async () => {
    const server = await start({ RATE_LIMIT_MESSAGES_PER_MINUTE: '1' })
    const visitor = await server.visitor()
    const [id, other] = [await visitor.conversation(), await visitor.conversation()]
    await visitor.send(id, '1+1')
    const headers = { 'idempotency-key': 'one' }
    const refused = await Promise.all(
      Array.from({ length: 3 }, () =>
        visitor.request('POST', `/api/conversations/${other}/messages`, { content: 'x' }, headers),
      ),
    )
    for (const reply of refused) {
      expect(reply.status).toBe(429)
      expect(reply.headers.get('ratelimit')).toMatch(/^"messages";r=0;t=\d+$/)
    }
    const stored = await visitor.request('GET', `/api/conversations/${other}`)
    expect(stored.body.messages).toEqual([])
    expect(stored.body).not.toHaveProperty('running_turn_id')
  })

  it('are counted by address too: a fresh session is no fresh allowance', async () => {
    const server = await start({ RATE_LIMIT_MESSAGES_PER_MINUTE: '1' })
    for (let count = 0; count < 3; count += 1) {
      const visitor = await server.visitor()
      await visitor.send(await visitor.conversation(), '1+1')
    }
    const fresh = await server.visitor()
    const path = `/api/conversations/${await fresh.conversation()}/messages`
    const refused = await fresh.request('POST', path, { content: '1+1' })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('ratelimit-policy')).toBe('"messages";q=3;w=60')
  })

  it('tell pages of allowed origins what is left', async () => {
    const server = await start({
      RATE_LIMIT_MESSAGES_PER_MINUTE: '1',
      ALLOWED_ORIGINS: 'https://shop.example',
    })
    const response = await startSession(server, { origin: 'https://shop.example' })
    expect(response.headers.get('access-control-expose-headers')).toMatch(
      /retry-after, ratelimit, ratelimit-policy/,
    )
  })
})

describe('sessions by the minute', () => {
  it('are limited by address, which a caller cannot choose', async () => {
    const server = await start({})
    const limited = await start({ RATE_LIMIT_MESSAGES_PER_MINUTE: '20' })
    let answer = await startSession(limited)
    expect(answer.headers.get('ratelimit-policy')).toBe('"sessions";q=60;w=60')
    for (let count = 1; count <= 60; count += 1) {
      answer = await startSession(limited, { 'x-forwarded-for': `198.51.100.${count}` })
      await startSession(server)
    }
    expect(answer.status).toBe(429)
    expect(await answer.text()).toContain('too many new sessions')
    expect((await startSession(server)).status).toBe(201)
  })

  it('are counted for each caller behind a trusted proxy', async () => {
    const server = await start({
      RATE_LIMIT_MESSAGES_PER_MINUTE: '20',
      TRUSTED_PROXIES: 'loopback, 10.0.0.0/8',
    })
    for (let count = 1; count <= 61; count += 1) {
      const from = { 'x-forwarded-for': `203.0.113.9, 198.51.100.${count}, 10.0.0.1` }
      expect((await startSession(server, from)).status).toBe(201)
    }
  })
})

describe('the daily budget of tokens', () => {
  it('refuses messages when it is used up, until midnight UTC and over a restart', async () => {
    const model = await startFakeModelServer({ protocol: 'nanochat', respond: () => ['Hello'] })
    closing.push(() => model.close())
    const server = await start({
      DAILY_TOKEN_BUDGET: '5',
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'nanochat',
    })
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    await visitor.send(id, 'What is a samosa?')
    for (const restart of [false, true]) {
      if (restart) await server.restart()
      for (const route of ['messages', 'regenerate']) {
        const path = `/api/conversations/${id}/${route}`
        const refused = await visitor.request('POST', path, { content: 'And now?' })
        expect(refused.status).toBe(429)
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(refused.headers.get('ratelimit-policy')).toBe('"day";q=5;w=86400')
        expect(refused.headers.get('ratelimit')).toBe(
          `"day";r=0;t=${refused.headers.get('retry-after')}`,
        )
        expect(refused.body).toMatchObject({
          code: 'budget_exhausted',
          detail: expect.stringMatching(/midnight UTC/),
        })
      }
    }
    expect((await visitor.request('GET', `/api/conversations/${id}`)).status).toBe(200)
  })

  it('does not refuse a message that was taken on before, when it comes again, also after a restart', async () => {
    const server = await start({ DAILY_TOKEN_BUDGET: '1', RATE_LIMIT_MESSAGES_PER_MINUTE: '1' })
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    const key = { 'idempotency-key': 'one' }
    const first = await visitor.send(id, '1+1', key)
    expect(await visitor.send(id, '1+1', key)).toEqual(first)
    await server.restart()
    expect(tokensOf(await visitor.send(id, '1+1', key)).join('')).toBe(tokensOf(first).join(''))
    await expect(visitor.send(id, '1+1', { 'idempotency-key': 'two' })).rejects.toThrow('429')
  })
})
