/** Node's HTTP server, made to stand in the open: nobody holds a connection for nothing. */
import { getRequestListener, RequestError } from '@hono/node-server'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { toChatError } from '../core/errors.ts'
import { createRefusals, notHttp, type RefusalDependencies } from './broken-request.ts'
import { expectationFailed, headersProblem } from './headers-problem.ts'

/** Bytes of a request's line and headers. */
const MAX_HEADER_BYTES = 16 * 1024
/** Milliseconds between two lines in the log about connections that were turned away. */
const TELL_AGAIN = 60_000

/** Milliseconds. None of them limits an answer, which may stream for as long as it likes. */
export interface Patience {
  /** For the headers of a request, from the connection's first moment. */
  readonly headers: number
  /** For the whole request. */
  readonly request: number
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
      headersTimeout: patience.headers,
      requestTimeout: patience.request,
      keepAliveTimeout: patience.idle,
      connectionsCheckingInterval: patience.check,
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
