import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { ChatError, toChatError } from '../core/errors.ts'
import type { Authenticator } from '../core/identity.ts'
import type { Logger } from '../core/ports.ts'
import type { AnyRoute, Reply } from '../dialects/route.ts'
import type { Assets } from './assets.ts'
import { refuseLargeBody } from './body.ts'
import { allowOrigins } from './cors.ts'
import { createExchange, identify, type AppContext, type AppEnvironment } from './exchange.ts'
import type { Manual } from './manual.ts'
import { problemResponse } from './problem.ts'
import { EVENT_STREAM, writeEventStream } from './sse.ts'
import { readTrace } from './trace.ts'

export interface AppDependencies {
  readonly routes: readonly AnyRoute[]
  readonly authenticator: Authenticator
  /** Origins whose pages may call the API; `*` for all. */
  readonly allowedOrigins: readonly string[]
  readonly assets: Assets
  readonly manual: Manual
  readonly logger: Logger
}

/** Nobody: open routes see it, and none of them looks. */
const NOBODY = { userId: '', roles: [] }

/** The HTTP server's whole behaviour; tests and main.ts make it the same way. */
export function createApp(dependencies: AppDependencies): Hono<AppEnvironment> {
  const { routes, authenticator, assets, manual, logger } = dependencies
  const app = new Hono<AppEnvironment>()

  app.use(async (context, next) => {
    const started = performance.now()
    const trace = readTrace((name) => context.req.header(name))
    context.set('trace', trace)
    context.set('headers', {
      'x-trace-id': trace.traceId,
      ...(trace.sessionTraceId !== undefined && { 'x-session-trace-id': trace.sessionTraceId }),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    await next()
    const status = context.env.outgoing.headersSent
      ? context.env.outgoing.statusCode
      : context.res.status
    const ms = Math.round((performance.now() - started) * 10) / 10
    const { method, path } = context.req
    logger.info({ traceId: trace.traceId, method, path, status, ms }, 'request')
  })
  app.use(allowOrigins(dependencies.allowedOrigins))

  for (const route of routes) {
    app.on(route.method, route.path, async (context) => {
      await refuseLargeBody(context.env.incoming)
      const identity = route.open ? NOBODY : await identify(context, authenticator)
      return await send(context, await route.handle(createExchange(context, identity)))
    })
  }
  for (const [path, methods] of methodsByPath(routes)) {
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    app.options(path, (context) =>
      withHeaders(context, new Response(null, { status: 204, headers: { allow } })),
    )
    app.all(path, (context) => {
      const error = new ChatError(
        'method_not_allowed',
        `${context.req.method} is not possible here; possible: ${allow}.`,
      )
      return withHeaders(context, problemResponse(error, { allow }))
    })
  }

  app.get('*', async (context, next) => {
    const { path } = context.req
    const asset =
      (await assets.find(path, context.req.header('if-none-match'))) ?? (await manual.find(path))
    if (!asset) return await next()
    return withHeaders(context, asset)
  })

  app.notFound((context) =>
    withHeaders(context, problemResponse(new ChatError('not_found', 'There is nothing here.'))),
  )
  app.onError((thrown, context) => {
    const error = toChatError(thrown)
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

async function send(context: AppContext, reply: Reply): Promise<Response> {
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
    case 'events':
      if (context.req.method === 'HEAD') {
        return new Response(null, { headers: { ...context.get('headers'), ...EVENT_STREAM } })
      }
      await writeEventStream(context.env.outgoing, {
        events: reply.events,
        headers: context.get('headers'),
      })
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
