/** Answers what no route ever sees, in the form of every other problem. */
import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { ChatError } from '../core/errors.ts'
import { problemOf } from './problem.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

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

/** Bytes that are no HTTP request, or never become one. */
export function refuseBytes(cause: Error, socket: Duplex): void {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  // An answer may be on its way already: what came after its request is no reason to write into it.
  const hasAnswered = 'bytesWritten' in socket && Number(socket.bytesWritten) > 0
  if (!socket.writable || code === 'ECONNRESET' || hasAnswered) socket.destroy()
  else refuseSocket(KNOWN[code] ?? notHttp(), socket)
}

/** A request for a tunnel. */
export function refuseConnect(socket: Duplex): void {
  refuseSocket(new ChatError('method_not_allowed', 'This server is no proxy.'), socket, {
    allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  })
}

/** A problem as a response of its own. */
export function problem(error: ChatError): Response {
  const { status, headers, text } = written(error)
  return new Response(text, { status, headers })
}

/** A request whose body nobody reads: the connection ends with the answer. */
export function refuse(error: ChatError, response: ServerResponse): void {
  const { status, headers, text } = written(error)
  response.writeHead(status, { ...headers, connection: 'close' })
  response.end(text)
}

/** Writes a problem to the socket itself, and hangs up. */
function refuseSocket(
  error: ChatError,
  socket: Duplex,
  more: Readonly<Record<string, string>> = {},
): void {
  const { status, headers, text } = written(error)
  const lines = Object.entries({ ...headers, ...more, connection: 'close' })
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

function written(error: ChatError) {
  const { status, body, headers } = problemOf(error)
  const text = JSON.stringify(body)
  return {
    status,
    text,
    headers: {
      ...SECURITY_HEADERS,
      ...headers,
      'x-trace-id': crypto.randomUUID(),
      'content-length': String(Buffer.byteLength(text)),
    },
  }
}
