/** Node's HTTP server, made to stand in the open: nobody holds a connection for nothing. */
import { getRequestListener, RequestError } from '@hono/node-server'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { toChatError } from '../core/errors.ts'
import { createRefusals, notHttp, type RefusalDependencies } from './broken-request.ts'
import { expectationFailed, headersProblem } from './headers-problem.ts'

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
