import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { startFakeModelServer, type FakeRequest } from './testing/fake-model-server.ts'
import { startTestServer } from './testing/start-test-server.ts'
import { tokensOf } from './testing/test-client.ts'

const KEY = 'tvly-secret-1234567890'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

/** One that refuses repeats the key, as services do. */
async function startSearchService(
  status = 200,
): Promise<{ url: string; keys: (string | undefined)[] }> {
  const keys: (string | undefined)[] = []
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization)
    request.resume()
    const result = { title: 'News', url: 'https://example.com/news', content: 'It rains.' }
    const refusal = { detail: { error: `Unauthorized: ${request.headers.authorization}` } }
    response.statusCode = status
    response.end(JSON.stringify(status === 200 ? { results: [result] } : refusal))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, keys }
}

const searchCall = JSON.stringify({
  choices: [
    {
      index: 0,
      delta: {
        tool_calls: [
          { index: 0, id: 'c1', function: { name: 'web_search', arguments: '{"query":"rain"}' } },
        ],
      },
    },
  ],
})

/** Searches when it can, and answers once it has a result. */
const respond = ({ body, messages }: FakeRequest) => {
  const canSearch = JSON.stringify(body.tools ?? []).includes('"web_search"')
  const hasSearched = messages.some(({ role }) => role === 'tool')
  return canSearch && !hasSearched ? [{ raw: `data: ${searchCall}\n\n` }] : ['It rains today.']
}

async function start(environment: Record<string, string> = {}) {
  const model = await startFakeModelServer({ protocol: 'openai', respond })
  closers.push(model.close)
  const logger = createRecordingLogger()
  const server = await startTestServer(
    { INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai', ...environment },
    logger,
  )
  closers.push(server.close)
  const { features } = (await (await fetch(`${server.url}/api/widget-config`)).json()) as {
    features: { search: boolean }
  }
  const logged = () => inspect(logger.lines, { depth: Infinity, showHidden: true })
  return { model, server, features, logged }
}

async function textsBelow(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'))
  return (await Promise.all(texts)).join('\n')
}

describe('a server with a key for searching the web', () => {
  it('has the model search and answer from what was found, and shows the key to nobody', async () => {
    const search = await startSearchService()
    const { model, server, features, logged } = await start({
      TAVILY_API_KEY: KEY,
      TAVILY_API_URL: search.url,
    })
    expect(features.search).toBe(true)
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'Does it rain?',
      force_web_search: true,
    })
    const events = await stream.rest()
    expect(tokensOf(events).join('')).toMatch(
      /web_search.*"success":true.*example\.com\/news.*It rains\..*It rains today\.$/s,
    )
    expect(search.keys).toEqual([`Bearer ${KEY}`])
    const [first, second] = model.requests
    expect(first?.body.tool_choice).toEqual({ type: 'function', function: { name: 'web_search' } })
    expect(second?.body).not.toHaveProperty('tool_choice')
    const seen = [JSON.stringify(events), JSON.stringify(model.requests)]
    expect(logged()).toContain('turn ended')
    for (const text of [...seen, logged(), await textsBelow(server.directory)]) {
      expect(text).not.toContain(KEY)
    }
  })

  it('shows it to nobody when the service refuses it', async () => {
    const search = await startSearchService(401)
    const { model, server, logged } = await start({
      TAVILY_API_KEY: KEY,
      TAVILY_API_URL: search.url,
    })
    const visitor = await server.visitor()
    const events = await visitor.send(await visitor.conversation(), 'Does it rain?')
    expect(tokensOf(events).join('')).toMatch(/"success":false.*It rains today\.$/s)
    expect(search.keys).toEqual([`Bearer ${KEY}`])
    const seen = [JSON.stringify(events), JSON.stringify(model.requests)]
    for (const text of [...seen, logged(), await textsBelow(server.directory)]) {
      expect(text).not.toContain(KEY)
    }
  })

  it('has no such tool without one', async () => {
    const { model, server, features } = await start()
    expect(features.search).toBe(false)
    const visitor = await server.visitor()
    const events = await visitor.send(await visitor.conversation(), 'Does it rain?')
    expect(tokensOf(events).join('')).toBe('It rains today.')
    expect(JSON.stringify(model.requests[0]?.body)).not.toContain('web_search')
  })
})
