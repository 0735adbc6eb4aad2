/**
 * A stand-in for nanochat's own web server, on 127.0.0.1: `POST /chat/completions`, `GET /health`, `GET /stats`, and
 * nothing else of use. It refuses what that one refuses, frames its events as that one does, and gives each worker
 * one answer at a time.
 *
 *     const web = await startFakeNanochatWeb({ answer: () => ['Hel', 'lo'] })
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { listenLocally } from './listen-locally.ts'

export interface NanochatWebRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  /** As it came. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface FakeNanochatWebOptions {
  /** The tokens of an answer; without it `Hello`, ` world`, `!`. */
  readonly answer?: (request: NanochatWebRequest) => readonly string[]
  readonly workers?: number
  /** Between the first token and the second; the process answers nothing else meanwhile, as one that computes. */
  readonly compute?: () => Promise<void>
}

export interface FakeNanochatWeb {
  readonly url: string
  /** Conversations that were answered. */
  readonly requests: readonly NanochatWebRequest[]
  /** Method and path of everything that was asked, refused or not. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

const MOST_MESSAGES = 500
const LONGEST_MESSAGE = 8_000
const LONGEST_CONVERSATION = 32_000

const requestSchema = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  temperature: z.number().nullish(),
  max_tokens: z.int().nullish(),
  top_k: z.int().nullish(),
})

type ChatRequest = z.output<typeof requestSchema>

/** Each route with its method. */
const ROUTES: Readonly<Record<string, string>> = {
  '/': 'GET',
  '/logo.svg': 'GET',
  '/chat/completions': 'POST',
  '/health': 'GET',
  '/stats': 'GET',
}

const lengthOf = (text: string) => Array.from(text).length

/** Why the server does not take a conversation; `undefined` when it does. */
function refusalOf({ messages, ...options }: ChatRequest): string | undefined {
  if (messages.length === 0) return 'At least one message is required'
  if (messages.length > MOST_MESSAGES) return `Too many messages: ${MOST_MESSAGES} at most`
  let total = 0
  for (const [index, { role, content }] of messages.entries()) {
    if (content === '') return `Message ${index} has empty content`
    const length = lengthOf(content)
    if (length > LONGEST_MESSAGE) return `Message ${index} is too long: ${LONGEST_MESSAGE} at most`
    total += length
    if (role !== 'user' && role !== 'assistant') return `Message ${index} has invalid role`
  }
  if (total > LONGEST_CONVERSATION) return `Conversation too long: ${LONGEST_CONVERSATION} at most`
  const ranges = { temperature: [0, 2], top_k: [0, 200], max_tokens: [1, 4_096] } as const
  for (const name of ['temperature', 'top_k', 'max_tokens'] as const) {
    const [least, most] = ranges[name]
    const value = options[name] ?? least
    if (value < least || value > most) return `${name} must be between ${least} and ${most}`
  }
  return undefined
}

/** JSON as Python writes it. */
const spaced = (value: Readonly<Record<string, unknown>>) =>
  `{${Object.entries(value)
    .map(([key, held]) => `${JSON.stringify(key)}: ${JSON.stringify(held)}`)
    .join(', ')}}`

const HEADERS = {
  server: 'uvicorn',
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'true',
} as const

function reply(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  const text = JSON.stringify(body)
  const length = { 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    ...length,
    'content-type': 'application/json',
  })
  response.end(text)
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = []
  incoming.on('data', (piece: Uint8Array) => pieces.push(piece))
  await once(incoming, 'end')
  return Buffer.concat(pieces).toString()
}

export async function startFakeNanochatWeb(
  options: FakeNanochatWebOptions = {},
): Promise<FakeNanochatWeb> {
  const { answer = () => ['Hello', ' world', '!'], compute = async () => {} } = options
  const requests: NanochatWebRequest[] = []
  const asked: string[] = []
  const free = Array.from({ length: options.workers ?? 1 }, (_, gpu) => gpu)
  const waiting: ((gpu: number) => void)[] = []
  let computing = Promise.resolve()

  const takeWorker = async (): Promise<number> =>
    free.shift() ?? (await new Promise<number>((resolve) => waiting.push(resolve)))
  const giveBack = (gpu: number) => {
    const next = waiting.shift()
    if (next) next(gpu)
    else free.push(gpu)
  }

  const stream = async (request: NanochatWebRequest, response: ServerResponse) => {
    const gpu = await takeWorker()
    try {
      requests.push(request)
      response.writeHead(200, {
        ...HEADERS,
        'content-type': 'text/event-stream; charset=utf-8',
      })
      for (const [index, token] of answer(request).entries()) {
        if (index === 1) {
          computing = compute()
          await computing
        }
        if (response.destroyed) return
        response.write(`data: ${spaced({ token, gpu })}\n\n`)
      }
      response.end(`data: ${spaced({ done: true })}\n\n`)
    } finally {
      giveBack(gpu)
    }
  }

  const chat = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body: unknown = JSON.parse(await textOf(incoming))
    const read = requestSchema.safeParse(body)
    if (!read.success) {
      const detail = read.error.issues.map(({ path, message, code }) => ({
        type: code,
        loc: ['body', ...path.map(String)],
        msg: message,
      }))
      reply(response, 422, { detail })
      return
    }
    const detail = refusalOf(read.data)
    if (detail !== undefined) reply(response, 400, { detail })
    else await stream({ messages: read.data.messages, body: { ...Object(body) } }, response)
  }

  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const path = new URL(incoming.url ?? '/', 'http://x').pathname
    asked.push(`${incoming.method} ${path}`)
    await computing
    const method = ROUTES[path]
    const available_workers = free.length
    if (method === undefined) reply(response, 404, { detail: 'Not Found' })
    else if (incoming.method !== method) {
      reply(response, 405, { detail: 'Method Not Allowed' }, { allow: method })
    } else if (path === '/chat/completions') await chat(incoming, response)
    else if (path === '/health') {
      const num_gpus = options.workers ?? 1
      reply(response, 200, { status: 'ok', ready: true, num_gpus, available_workers })
    } else if (path === '/stats') reply(response, 200, { available_workers })
    else {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' })
      response.end('<!doctype html><title>NanoChat</title>')
    }
  }

  const server = createServer((incoming, response) => void handle(incoming, response))
  const host = await listenLocally(server)
  return {
    url: `http://${host}`,
    requests,
    asked,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
