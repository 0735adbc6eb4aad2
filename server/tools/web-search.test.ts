import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Tool } from '../core/ports/index.ts'
import { createTools } from './index.ts'
import { createWebSearch } from './web-search.ts'
import { listenLocally } from '../testing/listen-locally.ts'

const KEY = 'tvly-secret-1234567890'

interface Asked {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly authorization: string | undefined
  readonly body: unknown
}

/** Stands in for Tavily's API. */
async function startSearchService() {
  const asked: Asked[] = []
  const watchers = { onRequest: () => {} }
  let respond = (response: ServerResponse): void => void response.end()
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const piece of request) text += String(piece)
    asked.push({
      method: request.method,
      path: request.url,
      authorization: request.headers.authorization,
      body: JSON.parse(text),
    })
    respond(response)
    watchers.onRequest()
  }
  const server = createServer((request, response) => void take(request, response))
  const host = await listenLocally(server)
  return {
    asked,
    url: `http://${host}`,
    answer(status: number, body: string, headers: Record<string, string> = {}) {
      respond = (response) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(body)
      }
    },
    hang() {
      respond = () => {}
    },
    requested: () =>
      new Promise<void>((resolve) => {
        watchers.onRequest = resolve
      }),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const page = (number: number, content = 'Some text.') => ({
  title: `Page ${number}`,
  url: `https://example.com/${number}`,
  content,
  score: 0.9,
  raw_content: null,
})

describe('the web_search tool', () => {
  let service: Awaited<ReturnType<typeof startSearchService>>
  let tool: Tool
  const { signal } = new AbortController()
  const run = (args: unknown) => tool.run(args, { signal, cite: () => [] })
  const answer = (results: readonly unknown[]) =>
    service.answer(200, JSON.stringify({ query: 'q', results, response_time: 1.2 }))

  beforeEach(async () => {
    service = await startSearchService()
    tool = createWebSearch({ url: service.url, apiKey: KEY })
  })
  afterEach(async () => {
    await service.close()
  })

  it('asks the service and gives title, link and content of what it found', async () => {
    answer([page(1), page(2)])
    expect(await run({ query: ' samosa recipe ' })).toEqual({
      success: true,
      output: {
        query: 'samosa recipe',
        results: [
          { title: 'Page 1', url: 'https://example.com/1', content: 'Some text.' },
          { title: 'Page 2', url: 'https://example.com/2', content: 'Some text.' },
        ],
      },
    })
    expect(service.asked).toEqual([
      {
        method: 'POST',
        path: '/search',
        authorization: `Bearer ${KEY}`,
        body: { query: 'samosa recipe', max_results: 5, search_depth: 'basic' },
      },
    ])
  })

  it('gives no more results than were asked for, though the service may', async () => {
    answer(Array.from({ length: 20 }, (_, index) => page(index)))
    const result = await run({ query: 'q', max_results: 2 })
    expect(result).toMatchObject({ output: { results: [{}, {}] } })
    expect(service.asked[0]?.body).toMatchObject({ max_results: 2 })
  })

  it('cuts each result, and all together, to what a model can use', async () => {
    answer(
      Array.from({ length: 10 }, (_, index) => ({
        ...page(index, '🥟'.repeat(50_000)),
        title: 't'.repeat(9_000),
      })),
    )
    const text = JSON.stringify(await run({ query: 'q', max_results: 10 }))
    expect(text.length).toBeGreaterThan(8_000)
    expect(text.length).toBeLessThan(12_000)
    expect(text.isWellFormed()).toBe(true)
  })

  it('leaves out what is no result, or has no link to the web', async () => {
    answer([
      null,
      'x',
      { title: 'No link' },
      { ...page(1), url: 'javascript:alert(1)' },
      { url: 'https://example.com/bare', title: 5 },
    ])
    expect(await run({ query: 'q' })).toMatchObject({
      output: { results: [{ title: '', url: 'https://example.com/bare', content: '' }] },
    })
    answer([])
    expect(await run({ query: 'q' })).toMatchObject({ success: true, output: { results: [] } })
  })

  it.each([
    undefined,
    {},
    { query: '' },
    { query: 5 },
    { query: 'x'.repeat(401) },
    { query: 'q', max_results: 0 },
    { query: 'q', max_results: 11 },
  ])('refuses arguments %# without asking', async (args) => {
    expect(await run(args)).toMatchObject({ success: false })
    expect(service.asked).toEqual([])
  })

  const failures: readonly [string, number, string, RegExp][] = [
    ['a wrong key', 401, `{"detail":{"error":"Unauthorized: ${KEY}"}}`, /refused the key/],
    ['too many requests', 429, '{"detail":{"error":"slow down"}}', /no searches left/],
    ['a plan that is used up', 432, '{}', /no searches left/],
    ['a bad request', 400, `{"detail":{"error":"${KEY}"}}`, /refused the request \(HTTP 400\)/],
    ['a failure of its own', 503, '<h1>Oops</h1>', /out of order/],
    ['no JSON', 200, `<h1>${KEY}</h1>`, /cannot be read/],
    ['other JSON', 200, '{"results":5}', /cannot be read/],
    ['too much', 200, `{"results":["${'x'.repeat(3_000_000)}"]}`, /cannot be read/],
  ]
  it.each(failures)('says so in words on %s', async (_, status, body, words) => {
    service.answer(status, body)
    const result = await run({ query: 'q' })
    expect(result).toMatchObject({ success: false, error: expect.stringMatching(words) })
    expect(JSON.stringify(result)).not.toContain(KEY)
  })

  it('takes the key nowhere else', async () => {
    const elsewhere = await startSearchService()
    service.answer(307, '', { location: `${elsewhere.url}/search` })
    expect(await run({ query: 'q' })).toMatchObject({ success: false })
    expect(elsewhere.asked).toEqual([])
    await elsewhere.close()
  })

  it('does not wait for ever', async () => {
    service.hang()
    tool = createWebSearch({ url: service.url, apiKey: KEY, timeoutMs: 30 })
    expect(await run({ query: 'q' })).toEqual({
      success: false,
      error: 'The web search did not answer in time.',
    })
  })

  it('stops at once when it is told to', async () => {
    service.hang()
    const controller = new AbortController()
    const result = tool.run({ query: 'q' }, { signal: controller.signal, cite: () => [] })
    await service.requested()
    controller.abort('stopped')
    expect(await result).toEqual({ success: false, error: 'The web search was stopped.' })
    expect(
      await tool.run({ query: 'q' }, { signal: controller.signal, cite: () => [] }),
    ).toMatchObject({
      success: false,
    })
    expect(service.asked).toHaveLength(1)
  })

  it('says that the service cannot be reached', async () => {
    await service.close()
    expect(await run({ query: 'q' })).toEqual({
      success: false,
      error: 'The web search cannot be reached.',
    })
    service = await startSearchService()
  })
})

it('is there only with a key', () => {
  const knowledge = {
    search: async () => [],
    headingsNear: () => [],
    compare: async () => undefined,
    meaning: () => ({ kind: 'off' as const }),
    settled: async () => {},
    domainsOf: () => [],
    titlesOf: () => [],
    personalityOf: () => undefined,
    documentTitles: [],
    size: { documents: 0, passages: 0 },
  }
  const names = (apiKey: string | undefined) =>
    createTools({ knowledge, webSearch: { url: 'http://127.0.0.1:9', apiKey } }).map(
      ({ name }) => name,
    )
  expect(names(KEY)).toContain('web_search')
  expect(names(undefined)).not.toContain('web_search')
})

it('is the only tool that can reach the network', async () => {
  const files = (await readdir(import.meta.dirname)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  )
  const reaching: string[] = []
  for (const name of files) {
    const source = await readFile(`${import.meta.dirname}/${name}`, 'utf8')
    const reaches = /from '(?:undici|node:(?:https?2?|net|tls|dns|dgram))|\bfetch\(|WebSocket/
    if (reaches.test(source)) reaching.push(name)
  }
  expect(reaching).toEqual(['web-search.ts'])
})
