import { STATUS_CODES } from 'node:http'
import type { ChatError } from '../core/errors.ts'
import type { ProblemBody } from '../protocol/api.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'

/** What a problem response is made of (RFC 9457). */
export interface Problem {
  readonly status: number
  readonly body: ProblemBody
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
