import { STATUS_CODES } from 'node:http'
import type { ChatError, AllowanceState } from '../core/errors.ts'
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { TextReply, FileReply } from '../dialects/route.ts'
import type { problemSchema } from './openapi.ts'
import { setImmediate } from 'node:timers/promises'

/*
 * What keeps a browser from doing more with our answers than they are for. It is a record and not hono's
 * `secure-headers`, because streams and refusals of broken requests are written past hono and need the same ones:
 * with the middleware each value would stand here twice. What that costs, cors.ts says.
 */

/** On every answer; a file that other pages load, or a page, says otherwise where it has to. */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // Requests by the rules of CORS do not ask for it: pages of allowed origins read the API all the same.
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** Only where the connection is https already: a server in a house network has no certificate. */
export const HSTS = { 'strict-transport-security': 'max-age=31536000' } as const

/** For the pages that we serve: everything from here, nothing inline, no text as a script. */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  // The chat on them can be spoken to.
  'permissions-policy': 'camera=(), geolocation=(), microphone=(self), payment=(), usb=()',
  'x-frame-options': 'SAMEORIGIN',
} as const

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
export function rateLimitHeaders(state: AllowanceState): Readonly<Record<string, string>> {
  const { name, limit, windowSeconds, remaining, resetSeconds } = state
  return {
    'ratelimit-policy': `"${name}";q=${limit};w=${windowSeconds}`,
    ratelimit: `"${name}";r=${remaining};t=${resetSeconds}`,
  }
}

/** What a problem response is made of (RFC 9457). */
export interface Problem {
  readonly status: number
  readonly body: z.infer<typeof problemSchema>
  readonly headers: Readonly<Record<string, string>>
}

/** A ChatError as clients see it: our sentence, never the cause. */
export function problemOf(error: ChatError): Problem {
  return {
    status: error.status,
    body: {
      type: 'about:blank',
      title: STATUS_CODES[error.status] ?? 'Error',
      status: error.status,
      detail: error.message,
      code: error.code,
      ...(error.errors && { errors: error.errors }),
      ...(error.turnId !== undefined && { turn_id: error.turnId }),
    },
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(error.retryAfter !== undefined && { 'retry-after': String(error.retryAfter) }),
      ...(error.allowance && rateLimitHeaders(error.allowance)),
    },
  }
}

export function problemResponse(
  error: ChatError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const problem = problemOf(error)
  return new Response(JSON.stringify(problem.body), {
    status: problem.status,
    headers: { ...problem.headers, ...headers },
  })
}

/*
 * Entity tags: what a client that has something already says it has. Not by hono's `etag`: of a 304 it drops every
 * header that is not on its list, so that a page which a browser has would get the policy of all other answers,
 * `default-src 'none'`, and stand there without its style. It also copies and hashes each answer that has no tag,
 * some 100 µs for a small one, and files here are hashed once.
 */

/** The tag of some content; the same content always has the same. */
export function etagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
}

/** Whether a request's `If-None-Match` names the tag. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = ifNoneMatch?.split(',') ?? []
  return tags.some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

/** A text as a response; `304` when the client has it. */
export function textResponse(reply: TextReply, ifNoneMatch: string | undefined): Response {
  const { contentType, text, etag } = reply
  const headers = {
    'content-type': contentType,
    'cache-control': etag === undefined ? 'no-store' : 'no-cache',
    ...(etag !== undefined && { etag }),
    ...reply.headers,
  }
  return etag !== undefined && namesTag(ifNoneMatch, etag)
    ? new Response(null, { status: 304, headers })
    : new Response(text, { headers })
}

/** UTF-16 units of a text that are sent at a time. */
const PIECE = 64_000

/** A file as a response that a browser saves: whatever is in it, nothing of it is run or shown as ours. */
export function fileResponse({ filename, contentType, content }: FileReply): Response {
  const body =
    content instanceof Uint8Array ? new Uint8Array(content) : ReadableStream.from(inPieces(content))
  return new Response(body, {
    headers: {
      'content-type': contentType,
      'content-disposition': attachmentNamed(filename),
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cache-control': 'private, no-store',
    },
  })
}

/** A text as it is made; whatever else waits has its turn between two pieces. */
async function* inPieces(texts: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < PIECE) continue
    yield encoder.encode(piece)
    piece = ''
    await setImmediate()
  }
  yield encoder.encode(piece)
}

/** RFC 6266: a name that every client reads, and the real one in the form of RFC 5987. */
function attachmentNamed(filename: string): string {
  const plain = filename.replaceAll(/[^\w .()+,=@-]/g, '_')
  const exact = encodeURIComponent(filename.toWellFormed()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}
