import { createMiddleware } from 'hono/factory'
import { headerOf, type AppEnvironment } from './exchange.ts'

const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'x-request-id',
  'x-session-trace-id',
  'x-trace-id',
].join(', ')
const EXPOSED_HEADERS = 'x-trace-id, x-session-trace-id, retry-after, ratelimit, ratelimit-policy'
const PREFLIGHT_SECONDS = '600'

/** What lets a page of an allowed origin read an answer; `undefined` for every other page. */
export function originHeaders(
  origins: readonly string[],
  origin: string | undefined,
): Readonly<Record<string, string>> | undefined {
  const any = origins.includes('*')
  if (origin === undefined || !(any || origins.includes(origin))) return undefined
  return {
    'access-control-allow-origin': any ? '*' : origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
  }
}

/**
 * Lets pages of the named origins call the API. Bearer tokens carry the identity, so credentials mode
 * is never needed and never allowed.
 */
export function allowOrigins(origins: readonly string[]) {
  const any = origins.includes('*')
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const headers = context.get('headers')
    if (!any) headers['vary'] = 'Origin'
    const allowed = originHeaders(origins, headerOf(context, 'origin'))
    Object.assign(headers, allowed)
    const preflight =
      context.req.method === 'OPTIONS' && headerOf(context, 'access-control-request-method')
    if (!preflight) return await next()
    if (allowed) {
      headers['access-control-allow-methods'] = 'GET, POST, PUT, PATCH, DELETE'
      headers['access-control-allow-headers'] = ALLOWED_HEADERS
      headers['access-control-max-age'] = PREFLIGHT_SECONDS
    }
    return new Response(null, { status: 204, headers })
  })
}
