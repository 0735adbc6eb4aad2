/** A server that abuse is tried on: after each test it must still answer, and must have logged no error. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createRecordingLogger } from './stores/testing.ts'
import { requestBytes, sendRaw, type RawReply } from './raw-request.ts'
import { startFakeModelServer } from './fake-model-server.ts'
import { startTestServer } from './start-test-server.ts'
import type { TestClient } from './test-client.ts'

export interface AbusedServer {
  readonly url: string
  readonly visitor: TestClient
  /** Bytes as they are. */
  raw(bytes: string | Uint8Array): Promise<RawReply>
  /** A request with any line, headers and body. */
  send(line: string, headers?: readonly string[], body?: string | Uint8Array): Promise<RawReply>
  /** A JSON request of the visitor's. */
  post(path: string, body: string | Uint8Array, headers?: readonly string[]): Promise<RawReply>
}

export function abuseServer(): AbusedServer {
  const logger = createRecordingLogger()
  let url = ''
  let visitor: TestClient | undefined
  let close = async () => {}

  beforeAll(async () => {
    const model = await startFakeModelServer({ protocol: 'openai', respond: () => ['Yes.'] })
    const server = await startTestServer(
      { INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' },
      logger,
    )
    url = server.url
    visitor = await server.visitor()
    close = async () => {
      await server.close()
      await model.close()
    }
  })
  afterEach(async () => {
    const health = await fetch(`${url}/health`)
    expect(health.status).toBe(200)
    await health.text()
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
  afterAll(() => close())

  const send: AbusedServer['send'] = (line, headers, body) =>
    sendRaw(url, requestBytes(line, headers, body))

  return {
    get url() {
      return url
    },
    get visitor() {
      if (!visitor) throw new Error('there is a visitor only while tests run')
      return visitor
    },
    raw: (bytes) => sendRaw(url, bytes),
    send,
    post(path, body, headers = []) {
      const has = (name: string) => headers.some((header) => header.toLowerCase().startsWith(name))
      const token = `Authorization: Bearer ${visitor?.token ?? ''}`
      const type = has('content-type') ? [] : ['Content-Type: application/json']
      return send(`POST ${path} HTTP/1.1`, [token, ...type, ...headers], body)
    },
  }
}

/** A refusal in our own words, whose fault is the client's. */
export function expectProblem(reply: RawReply, status: number): void {
  expect(reply.text.slice(0, 200)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(reply.head).toContain('content-type: application/problem+json')
  expect(JSON.parse(reply.body)).toMatchObject({ status, detail: expect.any(String) })
}
