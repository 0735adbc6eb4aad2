/** Node's HTTP server, made to stand in the open: nobody holds a connection for nothing. */
import { getRequestListener, RequestError } from '@hono/node-server'
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { toChatError, ChatError } from '../core/errors.ts'
import type { Logger, RequestObserver } from '../core/ports/index.ts'
import { originHeaders } from './cors.ts'
import { loggedPath, readTrace } from './exchange.ts'
import { problemOf, SECURITY_HEADERS } from './responses.ts'

/** Bytes of a request's line and headers. */
const MAX_HEADER_BYTES = 16 * 1024
/** Milliseconds between two lines in the log about connections that were turned away. */
const TELL_AGAIN = 60_000

/**
 * Milliseconds, but for `pace`. None of them limits an answer, which may stream for as long as it likes, nor a
 * body whose bytes keep coming.
 */
export interface Patience {
  /** For the headers of a request, from the connection's first moment: see `limitWaits`. */
  readonly headers: number
  /** For a body of which too little comes: see `limitWaits`. */
  readonly request: number
  /** Bytes a second at which a body may come for as long as it takes: a slow phone's pace. */
  readonly pace: number
  /** Between two requests; longer than proxies keep idle connections, so that they close them first. */
  readonly idle: number
  /** Without a byte either way: a client that takes nothing of its answer. Streams have their pings. */
  readonly stall: number
  /** How often the time of requests is checked. */
  readonly check: number
}

const PATIENCE: Patience = {
  headers: 10_000,
  request: 30_000,
  pace: 4 * 1024,
  idle: 75_000,
  stall: 120_000,
  check: 2_000,
}

export interface HttpServerOptions extends RefusalDependencies {
  readonly fetch: Parameters<typeof getRequestListener>[0]
  /** More are turned away. */
  readonly maxConnections: number
  /** Tests set it. */
  readonly patience?: Patience
}

export function createHttpServer(options: HttpServerOptions): Server {
  const { fetch, maxConnections, logger, patience = PATIENCE } = options
  const refusals = createRefusals(options)
  /** The request that the listener looks at; known only until it has called `fetch`. */
  let begun: IncomingMessage | undefined
  const listener = getRequestListener(fetch, {
    // An HTTP/1.0 client may name no host.
    hostname: 'localhost',
    errorHandler(thrown) {
      const error = thrown instanceof RequestError ? notHttp(thrown) : toChatError(thrown)
      return refusals.response(error, begun)
    },
  })
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node would go by the clock.
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: patience.idle,
      insecureHTTPParser: false,
      // Asked in headersProblem, whose words are ours.
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      const error = headersProblem(incoming)
      if (error) {
        refusals.request(error, incoming, outgoing)
        return
      }
      // About the server as a whole; nothing here differs from one path to the other.
      if (incoming.url === '*' && incoming.method === 'OPTIONS') incoming.url = '/'
      begun = incoming
      void listener(incoming, outgoing)
      begun = undefined
    },
  )
  // Node would drop what is over its own limit and say nothing; headersProblem speaks.
  server.maxHeadersCount = 0
  server.maxConnections = maxConnections
  server.timeout = patience.stall
  limitWaits(server, patience)
  server.on('clientError', refusals.bytes)
  server.on('connect', refusals.tunnel)
  server.on('checkExpectation', (incoming, outgoing) => {
    refusals.request(expectationFailed(), incoming, outgoing)
  })
  let toldAt = -Infinity
  server.on('drop', () => {
    if (performance.now() - toldAt < TELL_AGAIN) return
    toldAt = performance.now()
    logger.warn({ maxConnections }, 'connections are turned away: there are too many')
  })
  return server
}

/** A connection that the server waits for. */
interface Waiting {
  readonly socket: Socket
  /** The request that it is at or was at; none before the first headers are complete. */
  exchange: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse } | undefined
  /** Bytes that had come when that was over; more of them are the next request. */
  bytes: number | undefined
  /** Bytes that had come at the last check of a body. */
  seen: number
  /** Milliseconds since the request began, less those that its body's bytes have paid for. */
  waited: number
}

/**
 * Ends requests that take too long to arrive: headers in all, a body when it comes slower than the pace. Each
 * byte pays for its time, and never for more than has been waited: a large piece at once buys no silence after
 * it. What counts is time in which this server came to read: each
 * check counts for one, however late it comes. By the clock a client would be called late whose bytes have
 * been there all along, when the server could not run for a while.
 */
function limitWaits(server: Server, { headers, request, pace, check }: Patience): void {
  const connections = new Map<Duplex, Waiting>()
  server.on('connection', (socket) => {
    connections.set(socket, { socket, exchange: undefined, bytes: undefined, seen: 0, waited: 0 })
    socket.once('close', () => connections.delete(socket))
  })
  const begin = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const connection = connections.get(incoming.socket)
    if (!connection) return
    // Nobody has waited for headers that came all at once behind another request.
    if (connection.exchange) connection.waited = 0
    connection.exchange = { incoming, outgoing }
    connection.bytes = undefined
    connection.seen = connection.socket.bytesRead
  }
  server.on('request', begin)
  server.on('checkExpectation', begin)
  const forget = (socket: Duplex) => connections.delete(socket)
  server.on('connect', ({ socket }) => forget(socket))
  server.on('clientError', (_error, socket) => forget(socket))

  /** Counts one check; true when the connection has been waited for long enough. */
  const isLate = (connection: Waiting): boolean => {
    const { socket, exchange } = connection
    if (exchange) {
      const { incoming, outgoing } = exchange
      if (!incoming.complete) {
        // Bytes that nobody has taken yet are waited for by the client.
        if (incoming.readableLength === 0) connection.waited += check
        const paid = ((socket.bytesRead - connection.seen) / pace) * 1_000
        connection.seen = socket.bytesRead
        connection.waited = Math.max(0, connection.waited - paid)
        return connection.waited >= request
      }
      if (!outgoing.writableFinished) return false
      connection.bytes ??= socket.bytesRead
      if (socket.bytesRead === connection.bytes) return false
      connection.exchange = undefined
      connection.waited = 0
    }
    connection.waited += check
    return connection.waited >= headers
  }
  const timer = setInterval(() => {
    for (const connection of connections.values()) {
      if (isLate(connection)) server.emit('clientError', new RequestTimeout(), connection.socket)
    }
  }, check)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}

/** Called as Node calls it. */
class RequestTimeout extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT'
}

const MAX_HEADERS = 100

/** Of these the first counts for us and perhaps the last for a proxy in front of us: a way past both. */
const SINGLE: ReadonlySet<string> = new Set(['authorization', 'content-type', 'host'])
const SINGLE_LENGTHS: ReadonlySet<number> = new Set([...SINGLE].map((name) => name.length))

/** What is wrong with a request's headers as a whole, if anything is. */
function headersProblem(request: IncomingMessage): ChatError | undefined {
  const { rawHeaders, httpVersion } = request
  if (rawHeaders.length > MAX_HEADERS * 2) {
    return new ChatError('too_large', 'The request has too many headers.', { status: 431 })
  }
  const seen: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at] ?? ''
    if (!SINGLE_LENGTHS.has(raw.length)) continue
    const name = raw.toLowerCase()
    if (!SINGLE.has(name)) continue
    if (seen.includes(name)) {
      const message = `The header ${name} must come once only.`
      return name === 'authorization' ? new ChatError('unauthorized', message) : broken(message)
    }
    seen.push(name)
  }
  const coding = request.headers['transfer-encoding']
  // Any other coding is one that nobody here undoes, and perhaps a proxy does.
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return broken('The header transfer-encoding can be chunked only.')
  }
  // Proxies differ in where such a body ends; what stands behind it must not be read as a request.
  if (coding !== undefined && httpVersion === '1.0') {
    return broken('The header transfer-encoding is not part of HTTP/1.0.')
  }
  const needsHost = httpVersion !== '1.0' && !seen.includes('host')
  return needsHost ? broken('The header host is missing.') : undefined
}

/** For `Expect` with anything but `100-continue`. */
const expectationFailed = () =>
  new ChatError('invalid_request', 'The header expect can be 100-continue only.', { status: 417 })

const broken = (message: string) => new ChatError('invalid_request', message, { status: 400 })

/* Answers what no route ever sees, in the form of every other problem. */

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
const notHttp = (cause?: unknown): ChatError =>
  new ChatError('invalid_request', 'This is not a valid HTTP request.', { status: 400, cause })

interface RefusalDependencies {
  /** Origins whose pages may read why; `*` for all. */
  readonly allowedOrigins: readonly string[]
  readonly observer: RequestObserver
  readonly logger: Logger
}

/** Says no to requests before they reach a route; each is counted and logged as any other is. */
interface Refusals {
  /** Nobody reads the request's body: the connection ends with the answer. */
  request(error: ChatError, incoming: IncomingMessage, outgoing: ServerResponse): void
  /** The refusal of a request as a response. */
  response(error: ChatError, incoming: IncomingMessage | undefined): Response
  /** Bytes that are no HTTP request, or never become one. */
  bytes(cause: Error, socket: Duplex): void
  /** A request for a tunnel. */
  tunnel(incoming: IncomingMessage, socket: Duplex): void
}

function createRefusals(dependencies: RefusalDependencies): Refusals {
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
