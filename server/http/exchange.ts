/** A request to this server as routes read it: who asks, its ids, path, query and body. */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { ChatError } from '../core/errors.ts'
import type { Authenticator, Identity } from '../core/ports/people.ts'
import type { Exchange } from '../dialects/route.ts'
import { check, readJson, type BodyLimit } from './body.ts'

export interface AppEnvironment {
  readonly Bindings: HttpBindings
  readonly Variables: {
    trace: TraceIds
    /** The pattern of the path, once it is known. */
    route?: string
    /**
     * What every response gets. Kept beside Hono's own response: touching that before a handler returns
     * "already sent" would make Hono send another one.
     */
    headers: Record<string, string>
    /** What a route wants on the request's line in the log. */
    noted?: Readonly<Record<string, string | number>>
  }
}

export type AppContext = Context<AppEnvironment>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Asked of Node's request: Hono's own would first make a web `Headers` of all that there are. */
export function headerOf({ env }: AppContext, name: string): string | undefined {
  const value = env.incoming.headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}

/** The token of `Authorization: Bearer …`; `undefined` when there is none. */
function bearerToken(context: AppContext): string | undefined {
  return /^Bearer +([\x21-\x7e]+)$/i.exec(headerOf(context, 'authorization') ?? '')?.[1]
}

/** @throws ChatError `unauthorized` */
export async function identify(
  context: AppContext,
  authenticator: Authenticator,
): Promise<Identity> {
  const token = bearerToken(context)
  if (token === undefined) {
    throw new ChatError('unauthorized', 'This needs a session: send Authorization: Bearer <token>.')
  }
  return await authenticator.authenticate(token, context.get('trace'))
}

/**
 * Who a caller with a token is; `undefined` for one without, also when the proxy before a site has put its
 * own kind of sign-in there. @throws ChatError `unauthorized` for a token that is not good
 */
export async function identifyIfTold(
  context: AppContext,
  authenticator: Authenticator,
): Promise<Identity | undefined> {
  const isTold = /^Bearer\b/i.test(headerOf(context, 'authorization') ?? '')
  return isTold ? await identify(context, authenticator) : undefined
}

/** What a path names, for the sentence that says there is none. */
const NAMED: Readonly<Record<string, string>> = {
  id: 'conversation',
  mid: 'message',
  fileId: 'file',
}

/** Aborts when the caller closes the connection before there is an answer. */
function signalOf({ env: { outgoing } }: AppContext): AbortSignal {
  const left = new AbortController()
  if (outgoing.destroyed) left.abort()
  else outgoing.once('close', () => left.abort())
  return left.signal
}

export function createExchange<Caller extends Identity | undefined>(
  context: AppContext,
  identity: Caller,
  options: {
    readonly place: () => string
    readonly admit: (payer?: string) => Promise<void>
    readonly bodyLimit?: BodyLimit | undefined
    readonly origin: string | undefined
    readonly basePath: string
  },
): Omit<Exchange, 'identity'> & { readonly identity: Caller } {
  return {
    identity,
    trace: { ...context.get('trace'), userId: identity?.userId ?? 'anonymous' },
    note: (fields) => context.set('noted', { ...context.get('noted'), ...fields }),
    id(name) {
      const value = context.req.param(name) ?? ''
      if (!UUID.test(value)) {
        throw new ChatError('not_found', `There is no such ${NAMED[name] ?? 'thing'}.`)
      }
      return value.toLowerCase()
    },
    place: options.place,
    admit: options.admit,
    get signal() {
      return signalOf(context)
    },
    header: (name) => headerOf(context, name),
    origin: options.origin,
    basePath: options.basePath,
    query: (schema) => check(schema, context.req.query()),
    async json(schema, { isDeep = false } = {}) {
      const limit = options.bodyLimit
      const body = await readJson(context.env.incoming, { isDeep, limit })
      return check(schema, body)
    },
  }
}

/** Ids that tie a request to its log lines and to what other services log of it. */
const SANE = /^[A-Za-z0-9._-]{1,128}$/

const sane = (value: string | undefined) =>
  value !== undefined && SANE.test(value) ? value : undefined

interface TraceIds {
  readonly traceId: string
  /** The browser session's own id, passed on when a client sends one. */
  readonly sessionTraceId: string | undefined
}

export function readTrace(header: (name: string) => string | undefined): TraceIds {
  return {
    traceId: sane(header('x-trace-id')) ?? sane(header('x-request-id')) ?? crypto.randomUUID(),
    sessionTraceId: sane(header('x-session-trace-id')),
  }
}

/** Longer than any id, and than the name of any file served. */
const LONGEST_SEGMENT = 64
const MOST_SEGMENTS = 12

const isTelling = (segment: string) => segment.length > LONGEST_SEGMENT || /@|%40/.test(segment)

/** A path as the log may have it: anybody may ask for any, with a token or an e-mail address in it. */
export function loggedPath(path: string): string {
  return path
    .split('/', MOST_SEGMENTS)
    .map((segment) => (isTelling(segment) ? '…' : segment))
    .join('/')
}
