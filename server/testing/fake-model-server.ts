/**
 * A model server for tests: speaks nanochat or OpenAI on 127.0.0.1, says what a script tells it to, and
 * remembers what it was asked.
 *
 *     const model = await startFakeModelServer({ protocol: 'nanochat', respond: () => ['Hel', 'lo'] })
 *
 * A script is a list of steps; when it is through, the protocol's own ending is sent. `MANUAL` hands the
 * pace to the test, which then calls `send(token)` and `finish()`.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FAKE_PROTOCOLS, type FakeProtocol } from './fake-model-protocols.ts'

export type ScriptStep =
  /** A token. */
  | string
  /** Goes on when the promise is settled; `new Promise(() => {})` hangs. */
  | { readonly wait: Promise<unknown> }
  /** Bytes as they are, instead of a token's event. */
  | { readonly raw: string | Uint8Array }
  /** Reset the connection. */
  | { readonly cut: true }
  /** End the body here, without the protocol's ending. */
  | { readonly end: true }
  /** The protocol's error event; go on with the script. */
  | { readonly error: string }
  /** Tokens come from `send`, until `finish`. */
  | { readonly manual: true }
  /** First step only: the whole answer, instead of a stream. */
  | { readonly status: number; readonly body: string; readonly contentType?: string }

export type Script = readonly ScriptStep[]

export const MANUAL: Script = [{ manual: true }]
/** Takes the request and never answers. */
export const HANG: Script = [{ wait: new Promise(() => {}) }]
export const HTML: Script = [
  { status: 200, contentType: 'text/html', body: '<!doctype html><title>Welcome</title>' },
]

export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
  /** `body.messages`, empty when there are none. */
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
}

export interface FakeModelServerOptions {
  readonly protocol: FakeProtocol
  /** What to answer to a generation; without it `Hello`, ` world`, `!`. */
  readonly respond?: (request: FakeRequest) => Script
  /** What to answer to everything else (`GET …/models`, `POST /models/swap`). */
  readonly lookup?: (request: FakeRequest) => { readonly status?: number; readonly body: unknown }
}

export interface FakeModelServer {
  /** Base URL without a path, such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** Generations asked for, oldest first. */
  readonly requests: readonly FakeRequest[]
  /** All other requests. */
  readonly lookups: readonly FakeRequest[]
  /** Answers to generations that are still open. */
  readonly openStreams: number
  /** Connections that were made, in all. */
  readonly connections: number
  /** Resolves when `count` generations have been asked for in all. */
  requested(count: number): Promise<void>
  /** Resolves when no answer is open. */
  idle(): Promise<void>
  /** A token for the oldest open `MANUAL` answer; waits until there is one. */
  send(token: string): Promise<void>
  /** Goes on with the script behind `manual`. */
  finish(): Promise<void>
  /** Cuts what is open and frees the port; connecting is refused from then on. */
  close(): Promise<void>
}

interface ManualAnswer {
  readonly response: ServerResponse
  readonly proceed: () => void
}

const DEFAULT_SCRIPT: Script = ['Hello', ' world', '!']

export async function startFakeModelServer(
  options: FakeModelServerOptions,
): Promise<FakeModelServer> {
  const protocol = FAKE_PROTOCOLS[options.protocol]
  const requests: FakeRequest[] = []
  const lookups: FakeRequest[] = []
  const open = new Set<ServerResponse>()
  const manual: ManualAnswer[] = []
  const watchers = new Set<() => void>()
  let connections = 0

  const changed = () => {
    for (const watcher of [...watchers]) watcher()
  }
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!holds()) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
    })

  const dropManual = (response: ServerResponse) => {
    const at = manual.findIndex((answer) => answer.response === response)
    if (at >= 0) manual.splice(at, 1)
  }

  const play = async (script: Script, response: ServerResponse) => {
    const write = (bytes: string | Uint8Array) => {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(bytes)
    }
    for (const step of script) {
      if (response.destroyed) return
      if (typeof step === 'string') write(protocol.token(step))
      else if ('wait' in step) await step.wait
      else if ('raw' in step) write(step.raw)
      else if ('error' in step) write(protocol.error(step.error))
      else if ('cut' in step) {
        // Lets what was written leave before the reset.
        await nextTurn()
        await nextTurn()
        response.socket?.resetAndDestroy()
        return
      } else if ('end' in step) {
        if (!response.headersSent) write('')
        response.end()
        return
      } else if ('manual' in step) {
        if (!response.headersSent) {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.flushHeaders()
        }
        await new Promise<void>((proceed) => {
          manual.push({ response, proceed })
          changed()
        })
      } else {
        response.writeHead(step.status, { 'content-type': step.contentType ?? 'application/json' })
        response.end(step.body)
        return
      }
    }
    if (response.destroyed) return
    write(protocol.ending)
    response.end()
  }

  const server = createServer((incoming, response) => {
    const pieces: Uint8Array[] = []
    incoming.on('data', (piece: Uint8Array) => pieces.push(piece))
    incoming.on('end', () => {
      const request = readRequest(
        incoming.method ?? '',
        incoming.url ?? '',
        incoming.headers,
        Buffer.concat(pieces).toString(),
      )
      if (protocol.lacks(request.path)) {
        response.writeHead(404, { 'content-type': 'application/json' })
        response.end('{"detail":"Not Found"}')
        return
      }
      if (!protocol.isGeneration(request.method, request.path)) {
        lookups.push(request)
        const { status = 200, body } = options.lookup?.(request) ?? { body: protocol.lookup }
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
        return
      }
      requests.push(request)
      open.add(response)
      response.on('close', () => {
        open.delete(response)
        dropManual(response)
        changed()
      })
      changed()
      void play(options.respond?.(request) ?? DEFAULT_SCRIPT, response)
    })
  })
  server.on('connection', () => {
    connections += 1
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  const oldestManual = async (): Promise<ManualAnswer> => {
    await until(() => manual.length > 0)
    const [answer] = manual
    return answer ?? oldestManual()
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    lookups,
    get openStreams() {
      return open.size
    },
    get connections() {
      return connections
    },
    requested: (count) => until(() => requests.length >= count),
    idle: () => until(() => open.size === 0),
    async send(token) {
      const { response } = await oldestManual()
      response.write(protocol.token(token))
    },
    async finish() {
      const { response, proceed } = await oldestManual()
      dropManual(response)
      proceed()
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function readRequest(
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  text: string,
): FakeRequest {
  const body = asRecord(text === '' ? {} : JSON.parse(text))
  const listed = Array.isArray(body.messages) ? body.messages : []
  const messages = listed.map((entry: unknown) => {
    const { role, content } = asRecord(entry)
    return { role: String(role), content }
  })
  return { method, path, headers, body, messages }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
