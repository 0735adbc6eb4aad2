/**
 * Which pages may call the API.
 *
 * This is our own and not hono's `cors`, which answers every OPTIONS itself, tells a page that is not allowed which
 * methods and headers are, repeats any text that a page asks for as a name of a header (`*` would be all of them),
 * and sets what streams could not take: they are written to Node's response past hono. With its
 * `secure-headers`, a request of JSON costs 105 µs of processor time in place of 52 (median of runs, the client’s included).
 */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Logger } from '../core/ports/index.ts'
import { headerOf, type AppEnvironment } from './exchange.ts'

const EXPOSED_HEADERS = [
  'content-disposition',
  'x-trace-id',
  'x-session-trace-id',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
].join(', ')
const PREFLIGHT_SECONDS = '600'
/** Origins that the log has a line on: anybody can name as many as they like. */
const MOST_TOLD = 20
/** A name as HTTP writes it; `*` would be all of them to a browser. */
const HEADER_NAME = /^(?!\*$)[\w!#$%&'*+.^`|~-]+$/

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

/** The names that a page asks for, as it writes them; what is no name is left out. */
function headerNames(asked: string | undefined): string {
  const names = (asked ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => HEADER_NAME.test(name)).join(', ')
}

/** The host that a page is from; `undefined` for one without any, from a file or a sandbox. */
const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)

/** Tells the operator of each page whose chat cannot work here, once, and what to set. */
function createRefusalLog(origins: readonly string[], logger: Logger) {
  const told = new Set<string>()
  return (context: Context<AppEnvironment>, origin: string) => {
    const site = headerOf(context, 'sec-fetch-site')
    const isOwn = site === 'same-origin' || hostOf(origin) === headerOf(context, 'host')
    if (isOwn || !context.req.path.startsWith('/api/')) return
    if (told.has(origin) || told.size >= MOST_TOLD) return
    told.add(origin)
    const set =
      hostOf(origin) === undefined
        ? 'open the page from a web server, not from a file or in a sandbox'
        : `ALLOWED_ORIGINS=${[...origins, origin].join(',')}`
    logger.warn({ origin, set }, 'a page that may not use the chat has asked for it')
  }
}

/**
 * Lets pages of the named origins call the API, with whatever headers they have: a client that was written for
 * another server sends some that mean nothing here. Bearer tokens carry the identity, so credentials mode is
 * never needed and never allowed.
 */
export function allowOrigins(origins: readonly string[], logger: Logger) {
  const tellRefused = createRefusalLog(origins, logger)
  const any = origins.includes('*')
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const headers = context.get('headers')
    if (!any) headers['vary'] = 'Origin'
    const origin = headerOf(context, 'origin')
    const allowed = originHeaders(origins, origin)
    if (origin !== undefined && !allowed) tellRefused(context, origin)
    Object.assign(headers, allowed)
    const preflight =
      context.req.method === 'OPTIONS' && headerOf(context, 'access-control-request-method')
    if (!preflight) return await next()
    const asked = headerOf(context, 'access-control-request-headers')
    headers['vary'] = [headers['vary'], 'Access-Control-Request-Headers'].filter(Boolean).join(', ')
    if (allowed) {
      headers['access-control-allow-methods'] = 'GET, POST, PUT, PATCH, DELETE'
      const names = headerNames(asked)
      if (names !== '') headers['access-control-allow-headers'] = names
      headers['access-control-max-age'] = PREFLIGHT_SECONDS
    }
    return new Response(null, { status: 204, headers })
  })
}
