import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  MANUAL,
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../testing/fake-model-server.ts'
import { readExposition } from '../testing/read-exposition.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import type { TestClient } from '../testing/test-client.ts'
import { createMetrics } from './index.ts'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let script: Script

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
})
afterAll(() => model.close())

const read = async () => {
  const response = await fetch(`${server.url}/metrics`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await response.text()
  return { text, ...readExposition(text) }
}
const MESSAGES = '/api/conversations/:id/messages'

describe('/metrics', () => {
  beforeEach(async () => {
    script = ['Hello', ' world', '!']
    server = await startTestServer({ INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' })
    visitor = await server.visitor()
    return () => server.close()
  })

  it('is open, and every line of it is one that Prometheus takes', async () => {
    await visitor.send(await visitor.conversation(), 'hi')
    const { families, value } = await read()
    for (const [name, { type, samples }] of families) {
      expect(name).toMatch(/^samosa_/)
      expect(['counter', 'gauge', 'histogram']).toContain(type)
      expect(samples).toBeGreaterThan(0)
    }
    for (const name of ['samosa_turn_duration_seconds', 'samosa_time_to_first_token_seconds']) {
      expect(value(`${name}_bucket{le="+Inf"}`)).toBe(value(`${name}_count`))
    }
    expect(value('samosa_process_memory_bytes{kind="resident"}')).toBeGreaterThan(1e7)
    expect(value('samosa_process_cpu_seconds_total{mode="user"}')).toBeGreaterThan(0)
    expect(value('samosa_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0)
  })

  it('counts turns, tokens and how long they took', async () => {
    const id = await visitor.conversation()
    await visitor.send(id, 'hi')
    await visitor.send(id, 'again')
    const { value } = await read()
    expect(value('samosa_turns_total{finish_reason="stop"}')).toBe(2)
    expect(value('samosa_turns_total{finish_reason="error"}')).toBe(0)
    expect(value('samosa_tokens_total')).toBe(6)
    expect(value('samosa_model_tokens_total{kind="prompt"}')).toBe(14)
    expect(value('samosa_model_tokens_total{kind="completion"}')).toBe(6)
    expect(value('samosa_turn_duration_seconds_count')).toBe(2)
    expect(value('samosa_time_to_first_token_seconds_count')).toBe(2)
    expect(value('samosa_store_duration_seconds_count{operation="add_message"}')).toBe(4)
  })

  it('counts requests by the pattern of their path, never by what is in it', async () => {
    const id = await visitor.conversation()
    await visitor.request('GET', `/api/conversations/${id}`)
    await visitor.request('GET', `/api/conversations/${randomUUID()}`)
    await visitor.request('GET', '/api/conversations/asha@example.org')
    await visitor.request('GET', '/api/conversations?limit=secret')
    const { text, value } = await read()
    const route = 'route="/api/conversations/:id"'
    const count = (status: number) =>
      value(`samosa_http_requests_total{method="GET",${route},status="${status}"}`)
    expect(count(200)).toBe(1)
    expect(count(404)).toBe(2)
    expect(value(`samosa_http_request_duration_seconds_count{method="GET",${route}}`)).toBe(3)
    expect(text).not.toMatch(/[0-9a-f]{8}-|asha|secret/)
  })

  it('has one series for all paths that nobody serves, and for all words that are no method', async () => {
    for (let count = 0; count < 5; count += 1) {
      await fetch(`${server.url}/${randomUUID()}`, { method: 'POST' })
      await fetch(`${server.url}/${randomUUID()}`, { method: 'PROPFIND' })
    }
    await fetch(`${server.url}/health`, { method: 'PROPFIND' })
    await fetch(`${server.url}/`)
    const { value } = await read()
    const requests = (labels: string) => value(`samosa_http_requests_total{${labels}}`)
    expect(requests('method="POST",route="other",status="404"')).toBe(5)
    expect(requests('method="other",route="other",status="404"')).toBe(5)
    expect(requests('method="other",route="/health",status="405"')).toBe(1)
    expect(requests('method="GET",route="files",status="200"')).toBe(1)
  })

  it('shows what is going on now: readers and running turns', async () => {
    script = MANUAL
    const id = await visitor.conversation()
    const first = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'hi',
    })
    const second = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    const during = await read()
    expect(during.value('samosa_streams_open')).toBe(2)
    expect(during.value('samosa_turns_running')).toBe(1)
    await model.finish()
    await Promise.all([first.rest(), second.rest()])
    const after = await read()
    expect(after.value('samosa_streams_open')).toBe(0)
    expect(after.value('samosa_turns_running')).toBe(0)
    const streamed = `samosa_http_requests_total{method="POST",route="${MESSAGES}",status="200"}`
    expect(after.value(streamed)).toBe(1)
  })

  it('counts what went wrong at the model server, in a turn and outside of one', async () => {
    script = [{ status: 500, body: '{}' }]
    await visitor.send(await visitor.conversation(), 'hi')
    await model.close()
    expect((await visitor.request('GET', '/api/models')).status).toBe(503)
    model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
    const { value } = await read()
    expect(value('samosa_upstream_errors_total{code="inference_error"}')).toBe(1)
    expect(value('samosa_upstream_errors_total{code="inference_unreachable"}')).toBe(1)
    expect(value('samosa_upstream_errors_total{code="inference_timeout"}')).toBe(0)
    expect(value('samosa_turns_total{finish_reason="error"}')).toBe(1)
  })
})

describe('metrics', () => {
  const turn = {
    ownerId: 'a',
    finishReason: 'stop',
    outcome: undefined,
    errorCode: undefined,
    isAnswered: true,
    tokenCount: 11,
    usage: undefined,
    promptCharacters: 0,
    firstTokenMs: 500,
    totalMs: 1_500,
  } as const

  it('tell a speed only of answers that are long enough to have one', async () => {
    const metrics = createMetrics()
    metrics.turns.turnEnded(turn)
    metrics.turns.turnEnded({ ...turn, tokenCount: 9 })
    metrics.turns.turnEnded({ ...turn, totalMs: 500 })
    metrics.turns.turnEnded({ ...turn, firstTokenMs: undefined })
    const { value } = readExposition((await metrics.read()).text)
    expect(value('samosa_tokens_per_second_count')).toBe(1)
    expect(value('samosa_tokens_per_second_sum')).toBe(10)
    metrics.close()
  })

  it('count refusals, and nothing of another server in the same process', async () => {
    const [metrics, other] = [createMetrics(), createMetrics()]
    metrics.requests.requestEnded({ method: 'POST', route: MESSAGES, status: 429, ms: 1 })
    metrics.requests.requestEnded({ method: 'POST', route: MESSAGES, status: 200, ms: 1 })
    const limited = async ({ read: readIt }: typeof metrics) =>
      readExposition((await readIt()).text).value('samosa_rate_limited_total')
    expect(await limited(metrics)).toBe(1)
    expect(await limited(other)).toBe(0)
    metrics.close()
    other.close()
  })
})
