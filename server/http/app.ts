/**
 * http: from a socket to a route of a dialect and back: who asks, from where, how much, and what is answered when it goes
 * wrong. Begin at `createApp`; bodies and identities are read in exchange.ts, streams are written in sse.ts.
 */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { ChatError, toChatError } from '../core/errors.ts'
import type { Authenticator, Identity } from '../core/ports/people.ts'
import type { Logger, RequestObserver } from '../core/ports/index.ts'
import type { AnyRoute, Reply } from '../dialects/route.ts'
import { EVENT_STREAM_HEADERS } from '../protocol/events.ts'
import { networkOf, type AddressReader } from './address.ts'
import type { Allowances } from './allowances.ts'
import type { Assets } from './assets.ts'
import { refuseLargeBody, createLargeBodies } from './body.ts'
import { allowOrigins } from './cors.ts'
import { createDescriptionRoutes } from './docs/index.ts'
import {
  createExchange,
  headerOf,
  identify,
  identifyIfTold,
  type AppContext,
  type AppEnvironment,
  readTrace,
  loggedPath,
} from './exchange.ts'
import type { Manual } from './manual.ts'
import { fileResponse, problemResponse, textResponse, HSTS, SECURITY_HEADERS } from './responses.ts'

import { withoutTimeout, writeEventStream } from './sse.ts'

export interface AppDependencies {
  readonly routes: readonly AnyRoute[]
  readonly authenticator: Authenticator
  /** Origins whose pages may call the API; `*` for all. */
  readonly allowedOrigins: readonly string[]
  readonly assets: Assets
  readonly manual: Manual
  readonly addresses: AddressReader
  /** `/chat`: everything is below it; empty for the root. */
  readonly basePath: string
  readonly allowances: Allowances
  readonly observer: RequestObserver
  readonly logger: Logger
  /** Of the product, for the API's description. */
  readonly version: string
}

/** Bytes of bodies with files that are read at once: each is in memory until it is whole. */
const MOST_LARGE_BODIES = 128 * 1024 * 1024

/** Probes and Prometheus ask this server itself, and not the site that it is a part of. */
const ALSO_AT_THE_ROOT: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

/** Nobody: open routes see it, and none of them looks. */
const NOBODY = { userId: '', roles: [] }

/** The HTTP server's whole behaviour; tests and main.ts make it the same way. */
export function createApp(dependencies: AppDependencies): Hono<AppEnvironment> {
  const described = createDescriptionRoutes(dependencies.routes, dependencies)
  const routes = [...dependencies.routes, ...described]
  const { authenticator, assets, manual, addresses, allowances, observer, logger } = dependencies
  const { basePath } = dependencies
  const isBelow = (path: string) => path.startsWith(`${basePath}/`)
  const app = new Hono<AppEnvironment>({
    getPath(request) {
      const path = getPath(request)
      return isBelow(path) ? path.slice(basePath.length) : path
    },
  })

  app.use(async (context, next) => {
    const started = performance.now()
    const trace = readTrace((name) => headerOf(context, name))
    context.set('trace', trace)
    context.set('headers', {
      'x-trace-id': trace.traceId,
      ...(trace.sessionTraceId !== undefined && { 'x-session-trace-id': trace.sessionTraceId }),
      ...SECURITY_HEADERS,
      ...(addresses.isSecure(context.env.incoming) && HSTS),
    })
    await next()
    const status = context.env.outgoing.headersSent
      ? context.env.outgoing.statusCode
      : context.res.status
    const ms = Math.round((performance.now() - started) * 10) / 10
    const { method } = context.req
    const path = loggedPath(context.req.path)
    observer.requestEnded({ method, route: context.get('route') ?? 'other', status, ms })
    const { traceId } = trace
    logger.info({ traceId, method, path, status, ms, ...context.get('noted') }, 'request')
  })
  app.use(allowOrigins(dependencies.allowedOrigins, logger))
  if (basePath !== '') {
    app.use(async (context, next) => {
      const path = getPath(context.req.raw)
      if (isBelow(path) || ALSO_AT_THE_ROOT.has(path)) return await next()
      if (path !== basePath) {
        throw new ChatError('not_found', `There is nothing here: see below ${basePath}/.`)
      }
      // Pages name what they load relative to where they are.
      const location = `${basePath}/${new URL(context.req.url).search}`
      return new Response(null, { status: 308, headers: { ...context.get('headers'), location } })
    })
  }

  const bodies = createLargeBodies(MOST_LARGE_BODIES)
  for (const route of routes) {
    const { largestBody: largest } = route
    const bodyLimit = largest === undefined ? undefined : { largest, bodies }
    app.on(route.method, route.path, async (context) => {
      context.set('route', route.path)
      await refuseLargeBody(context.env.incoming, bodyLimit)
      const exchangeOf = <Caller extends Identity | undefined>(identity: Caller) =>
        createExchange(context, identity, {
          bodyLimit,
          place: () =>
            networkOf(addresses.address(context.env.incoming, context.get('trace').traceId)),
          origin: addresses.origin(context.env.incoming),
          basePath: addresses.basePath(context.env.incoming),
          async admit(payer) {
            if (route.takes === undefined) return
            const { incoming } = context.env
            const { traceId } = context.get('trace')
            const caller = { userId: identity?.userId, payer }
            const request = { takes: route.takes, ...caller, traceId, incoming }
            await allowances.take(request, (told) => Object.assign(context.get('headers'), told))
          },
        })
      const handle = async (): Promise<Reply> => {
        if (route.open === true) return await route.handle(exchangeOf(NOBODY))
        if (route.open === 'guests') {
          return await route.handle(exchangeOf(await identifyIfTold(context, authenticator)))
        }
        const identity = await identify(context, authenticator)
        if (route.role !== undefined) checkRole(identity, route.role)
        return await route.handle(exchangeOf(identity))
      }
      const restoreTimeout = route.isSlow ? withoutTimeout(context.env.incoming.socket) : undefined
      try {
        return await send(context, await handle(), observer)
      } finally {
        restoreTimeout?.()
      }
    })
  }
  for (const [path, methods] of methodsByPath(routes)) {
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    app.all(path, (context) => {
      context.set('route', path)
      return refuseMethod(context, allow)
    })
  }

  app.all('*', async (context, next) => {
    const { method, path } = context.req
    const wishes = {
      ifNoneMatch: context.req.header('if-none-match'),
      acceptEncoding: context.req.header('accept-encoding'),
    }
    const asset = (await assets.find(path, wishes)) ?? (await manual.find(path))
    if (!asset) return await next()
    context.set('route', 'files')
    const isRead = method === 'GET' || method === 'HEAD'
    return isRead ? withHeaders(context, asset) : refuseMethod(context, 'GET, HEAD, OPTIONS')
  })

  app.notFound((context) =>
    withHeaders(context, problemResponse(new ChatError('not_found', 'There is nothing here.'))),
  )
  app.onError((thrown, context) => {
    const error = toChatError(thrown)
    observer.requestFailed(error.code)
    if (error.status >= 500) {
      logger.error(
        { traceId: context.get('trace').traceId, code: error.code, err: error.cause ?? error },
        'request failed',
      )
    }
    return withHeaders(context, problemResponse(error))
  })
  return app
}

/** The answer for a method that a path does not have: to OPTIONS, those it has. */
function refuseMethod(context: AppContext, allow: string): Response {
  const { method } = context.req
  if (method === 'OPTIONS') {
    return withHeaders(context, new Response(null, { status: 204, headers: { allow } }))
  }
  const error = new ChatError(
    'method_not_allowed',
    `${method} is not possible here; possible: ${allow}.`,
  )
  return withHeaders(context, problemResponse(error, { allow }))
}

/** @throws ChatError `forbidden` */
function checkRole(identity: Identity, role: string): void {
  if (!identity.roles.includes(role)) {
    throw new ChatError('forbidden', `This is for callers with the role "${role}" only.`)
  }
}

async function send(
  context: AppContext,
  reply: Reply,
  observer: RequestObserver,
): Promise<Response> {
  switch (reply.kind) {
    case 'json':
      return new Response(JSON.stringify(reply.body), {
        status: reply.status,
        headers: {
          ...context.get('headers'),
          'content-type': 'application/json',
          'cache-control': 'no-store',
        },
      })
    case 'empty':
      return new Response(null, { status: reply.status, headers: context.get('headers') })
    case 'text':
      return withHeaders(context, textResponse(reply, context.req.header('if-none-match')))
    case 'file':
      return withHeaders(context, fileResponse(reply))
    case 'events':
      if (context.req.method === 'HEAD') {
        return new Response(null, {
          headers: { ...context.get('headers'), ...EVENT_STREAM_HEADERS },
        })
      }
      observer.streamOpened()
      try {
        await writeEventStream(context.env.outgoing, {
          follow: reply.follow,
          headers: context.get('headers'),
        })
      } finally {
        observer.streamClosed()
      }
      return RESPONSE_ALREADY_SENT
  }
}

/** Adds what every response gets to one that was made elsewhere. */
function withHeaders(context: AppContext, response: Response): Response {
  for (const [name, value] of Object.entries(context.get('headers'))) {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  return response
}

function methodsByPath(routes: readonly AnyRoute[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>()
  for (const { method, path } of routes) {
    methods.set(path, [...(methods.get(path) ?? []), method])
  }
  return methods
}
