/** Answers what no route ever sees, in the form of every other problem. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { ChatError } from '../core/errors.ts'
import type { Logger, RequestObserver } from '../core/ports/index.ts'
import { originHeaders } from './cors.ts'
import { loggedPath } from './logged-path.ts'
import { problemOf } from './problem.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { readTrace } from './trace.ts'

/** Milliseconds in which a client that is refused can read why. */
const LINGER = 1_000

const KNOWN: Readonly<Record<string, ChatError>> = {
  HPE_HEADER_OVERFLOW: new ChatError('too_large', 'The headers of the request are too large.', {
    status: 431,
  }),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new ChatError(
    'too_large',
    'The extensions of a chunk are too large.',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new ChatError(
    'invalid_request',
    'The request took too long to arrive.',
    { status: 408 },
  ),
}

/** For what is no HTTP request. */
export const notHttp = (cause?: unknown): ChatError =>
  new ChatError('invalid_request', 'This is not a valid HTTP request.', { status: 400, cause })

export interface RefusalDependencies {
  /** Origins whose pages may read why; `*` for all. */
  readonly allowedOrigins: readonly string[]
  readonly observer: RequestObserver
  readonly logger: Logger
}

/** Says no to requests before they reach a route; each is counted and logged as any other is. */
export interface Refusals {
  /** Nobody reads the request's body: the connection ends with the answer. */
  request(error: ChatError, incoming: IncomingMessage, outgoing: ServerResponse): void
  /** The refusal of a request as a response. */
  response(error: ChatError, incoming: IncomingMessage | undefined): Response
  /** Bytes that are no HTTP request, or never become one. */
  bytes(cause: Error, socket: Duplex): void
  /** A request for a tunnel. */
  tunnel(incoming: IncomingMessage, socket: Duplex): void
}

export function createRefusals(dependencies: RefusalDependencies): Refusals {
  const { allowedOrigins, observer, logger } = dependencies

  /** The answer, and the marks that it leaves. */
  const written = (error: ChatError, incoming?: IncomingMessage) => {
    const { traceId } = readTrace((name) => headerOf(incoming, name))
    const { status, body, headers } = problemOf(error)
    const { method = 'other', url = '' } = incoming ?? {}
    const path = loggedPath(url.split('?', 1)[0] ?? '')
    observer.requestEnded({ method, route: 'other', status, ms: 0 })
    const asked = incoming && { method, path }
    if (status >= 500) logger.error({ traceId, err: error.cause ?? error }, 'a request broke')
    logger.info({ traceId, ...asked, status, ms: 0 }, 'request')
    const text = JSON.stringify(body)
    return {
      status,
      text,
      headers: {
        ...SECURITY_HEADERS,
        ...headers,
        ...originHeaders(allowedOrigins, headerOf(incoming, 'origin')),
        'x-trace-id': traceId,
        'content-length': String(Buffer.byteLength(text)),
      },
    }
  }

  return {
    request(error, incoming, outgoing) {
      const { status, headers, text } = written(error, incoming)
      outgoing.writeHead(status, { ...headers, connection: 'close' })
      outgoing.end(text)
    },
    response(error, incoming) {
      const { status, headers, text } = written(error, incoming)
      return new Response(text, { status, headers })
    },
    bytes(cause, socket) {
      const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
      // An answer may be on its way already: what came after its request is no reason to write into it.
      const hasAnswered = 'bytesWritten' in socket && Number(socket.bytesWritten) > 0
      if (!socket.writable || code === 'ECONNRESET' || hasAnswered) socket.destroy()
      else writeTo(socket, written(KNOWN[code] ?? notHttp()))
    },
    tunnel(incoming, socket) {
      const error = new ChatError('method_not_allowed', 'This server is no proxy.')
      const { headers, ...rest } = written(error, incoming)
      const allow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
      writeTo(socket, { ...rest, headers: { ...headers, allow } })
    },
  }
}

function headerOf(incoming: IncomingMessage | undefined, name: string): string | undefined {
  const value = incoming?.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

interface Written {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Writes an answer to the socket itself, and hangs up. */
function writeTo(socket: Duplex, { status, headers, text }: Written): void {
  const lines = Object.entries({ ...headers, connection: 'close' })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ]
  // Whoever sends nonsense may hang up first, or never: neither is an event for anybody. What still
  // comes is thrown away, because closing on unread bytes would take the answer along.
  socket.on('error', () => {})
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LINGER).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.end([...head, '', text].join('\r\n'))
}
