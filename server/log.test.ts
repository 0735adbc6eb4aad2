/** Runs the real server through all that goes right and wrong, and reads every line of its log. */
import { SignJWT } from 'jose'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageDirectory } from './package.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from './testing/fake-model-server.ts'
import { createTestClient } from './testing/test-client.ts'

const SECRETS = {
  apiKey: 'sk-live-0815-secret',
  embeddingKey: 'sk-embed-0815-secret',
  jwtKey: 'a-secret-of-the-operator-0815-0815',
  prompt: 'You are the secret assistant of the Sharma family.',
  email: 'asha.secret@example.org',
  name: 'Asha Secret Sharma',
  question: 'my secret question is about paneer',
  edited: 'my secret question was edited',
  answer: 'secret-answer',
  title: 'a secret title',
  comment: 'a secret comment',
  badToken: 'bad.secret.token',
  query: 'secret-in-the-query',
  key: 'secret-idempotency-key',
  stored: 'secret!',
} as const

interface Line {
  readonly level?: string
  readonly time?: string
  readonly message?: string
  readonly traceId?: string
  readonly status?: number
}

const lines: string[] = []
const parsed = () => lines.map((line) => JSON.parse(line) as Line)
let model: FakeModelServer
let token: string

/** Starts the server; resolves to its address and what ends it. */
async function start(directory: string) {
  const server = spawn(process.execPath, ['server/main.ts'], {
    cwd: packageDirectory(),
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      LOG_LEVEL: 'DEBUG',
      DATABASE_URL: `file:${directory}`,
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
      INFERENCE_API_KEY: SECRETS.apiKey,
      EMBEDDING_SERVICE_URL: model.url,
      EMBEDDING_API_KEY: SECRETS.embeddingKey,
      SYSTEM_PROMPT: SECRETS.prompt,
      AUTH_MODE: 'jwt',
      JWT_SECRET_KEY: SECRETS.jwtKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(server, 'exit')
  server.stderr.on('data', (text: Buffer) => lines.push(String(text)))
  const output = createInterface({ input: server.stdout })
  const url = await new Promise<string>((resolve, reject) => {
    output.on('line', (line) => {
      const ready = /ready at (http:\S+)$/.exec(line)?.[1]
      if (ready === undefined) lines.push(line)
      else resolve(ready)
    })
    void exited.then(() => reject(new Error(`the server did not start: ${lines.join('\n')}`)))
  })
  const closed = once(output, 'close')
  const stop = async () => {
    server.kill('SIGTERM')
    await Promise.all([exited, closed])
  }
  return { url, stop }
}

/** Everything that a conversation can go through. */
async function talk(url: string, script: (next: Script) => void) {
  const visitor = createTestClient(() => url, token)
  const id = await visitor.conversation({ title: SECRETS.title })
  const messages = `/api/conversations/${id}/messages`
  const send = async (content: string, more: object, traceId: string, next?: Script) => {
    script(next ?? [SECRETS.answer, ' and more'])
    const headers = { 'idempotency-key': `${SECRETS.key}-${traceId}`, 'x-trace-id': traceId }
    const stream = await visitor.stream('POST', messages, { content, ...more }, headers)
    return await stream.rest()
  }
  const [first] = await send(SECRETS.question, {}, 'trace-success')
  await send(SECRETS.edited, { replaces: first?.data.user_message_id }, 'trace-edit')
  const message = `Incorrect API key provided: ${SECRETS.apiKey}. You asked: ${SECRETS.edited}`
  const error = JSON.stringify({ error: { message } })
  await send(SECRETS.question, {}, 'trace-failed', [{ status: 401, body: error }])
  await send(SECRETS.question, {}, 'trace-html', [{ status: 502, body: SECRETS.question }])
  await send(SECRETS.question, {}, 'trace-midway', [SECRETS.answer, { error: message }])
  await send(SECRETS.question, {}, 'trace-cut', [SECRETS.answer, { cut: true }])
  await send(SECRETS.question, {}, 'trace-garbage', [{ raw: `data: {"${SECRETS.answer}\n\n` }])
  const body = (await visitor.request('GET', `/api/conversations/${id}`)).body
  const answer = body.messages.find(({ role }) => role === 'assistant')
  await visitor.request('PUT', `${messages}/${answer?.id}/feedback`, {
    rating: 'down',
    comment: SECRETS.comment,
  })
  await visitor.request('POST', messages, `{"content": "${SECRETS.question}`)
  await visitor.request('POST', messages, { content: 7, [SECRETS.question]: SECRETS.question })
  const query = `?last_event_id=${SECRETS.query}&token=${token}`
  await (await visitor.stream('GET', `/api/conversations/${id}/stream${query}`)).rest()
  await visitor.request('GET', `/nothing?${SECRETS.query}`)
  await visitor.request('GET', `/api/conversations/${SECRETS.email}`)
  await visitor.request('GET', `/${encodeURIComponent(SECRETS.email)}/${token}`)
  await createTestClient(() => url, SECRETS.badToken).request('GET', '/api/conversations')
  await visitor.request('PATCH', `/api/conversations/${id}`, { title: SECRETS.title })
  await visitor.request('DELETE', `/api/conversations/${id}`)
}

beforeAll(async () => {
  let script: Script = []
  const directory = await mkdtemp(join(tmpdir(), 'samosa-log-'))
  model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
  token = await new SignJWT({ email: SECRETS.email, name: SECRETS.name })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('visitor-1')
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(SECRETS.jwtKey))
  await mkdir(join(directory, 'drafts'), { recursive: true })
  await writeFile(join(directory, 'drafts', `${randomUUID()}.json`), SECRETS.stored)
  const server = await start(directory)
  await talk(server.url, (next) => {
    script = next
  })
  await server.stop()
  await rm(directory, { recursive: true })
})
afterAll(() => model.close())

describe('the log', () => {
  it('is JSON, line by line, with a level, a time and a message', () => {
    expect(lines.length).toBeGreaterThan(20)
    for (const line of parsed()) {
      expect(line.level).toMatch(/^(debug|info|warn|error)$/)
      expect(new Date(line.time ?? '').toISOString()).toBe(line.time)
      expect(line.message).toMatch(/./)
    }
  })

  it.each(Object.entries(SECRETS))('does not have the %s', (_, secret) => {
    expect(lines.join('\n')).not.toContain(secret)
  })

  it('has no token, nor part of one', () => {
    const text = lines.join('\n')
    for (const part of token.split('.')) expect(text).not.toContain(part)
    expect(text).not.toMatch(/bearer|authorization/i)
  })

  it('names the trace of each request and of what it set off', () => {
    for (const name of ['success', 'edit', 'failed', 'html', 'midway', 'cut', 'garbage']) {
      const ofTrace = parsed().filter(({ traceId }) => traceId === `trace-${name}`)
      const messages = ofTrace.map(({ message }) => message)
      expect(messages).toContain('request')
      const hasFailed = name !== 'success' && name !== 'edit'
      expect(messages).toContain(hasFailed ? 'turn failed' : 'turn ended')
    }
    for (const { message, traceId } of parsed()) {
      if (message === 'request' || message?.startsWith('turn')) expect(traceId).toMatch(/./)
    }
  })

  it('tells what was asked and answered, the failures too', () => {
    const statuses = parsed().flatMap(({ status }) => status ?? [])
    expect(new Set(statuses)).toEqual(new Set([200, 201, 204, 400, 401, 404, 422]))
    expect(lines.join('\n')).toContain('"path":"/nothing"')
  })
})
