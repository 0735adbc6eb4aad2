/** Node's HTTP server, made to stand in the open: nobody holds a connection for nothing. */
import { getRequestListener, RequestError } from '@hono/node-server'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { toChatError } from '../core/errors.ts'
import type { Logger } from '../core/ports.ts'
import * as broken from './broken-request.ts'
import { headersProblem } from './headers-problem.ts'

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

export interface HttpServerOptions {
  readonly fetch: Parameters<typeof getRequestListener>[0]
  /** More are turned away. */
  readonly maxConnections: number
  readonly logger: Logger
  /** Tests set it. */
  readonly patience?: Patience
}

export function createHttpServer(options: HttpServerOptions): Server {
  const { fetch, maxConnections, logger, patience = PATIENCE } = options
  const listener = getRequestListener(fetch, {
    // An HTTP/1.0 client may name no host.
    hostname: 'localhost',
    errorHandler(thrown) {
      if (thrown instanceof RequestError) return broken.problem(broken.notHttp(thrown))
      logger.error({ err: thrown }, 'a request broke')
      return broken.problem(toChatError(thrown))
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
        broken.refuse(error, outgoing)
        return
      }
      // About the server as a whole; nothing here differs from one path to the other.
      if (incoming.url === '*' && incoming.method === 'OPTIONS') incoming.url = '/'
      void listener(incoming, outgoing)
    },
  )
  // Node would drop what is over its own limit and say nothing; headersProblem speaks.
  server.maxHeadersCount = 0
  server.maxConnections = maxConnections
  server.timeout = patience.stall
  server.on('clientError', broken.refuseBytes)
  server.on('connect', (_request: IncomingMessage, socket) => broken.refuseConnect(socket))
  let toldAt = -Infinity
  server.on('drop', () => {
    if (performance.now() - toldAt < TELL_AGAIN) return
    toldAt = performance.now()
    logger.warn({ maxConnections }, 'connections are turned away: there are too many')
  })
  return server
}
