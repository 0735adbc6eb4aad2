/** What a server refuses, and the English sentences for it: loaded with the first refusal. */
import { refusalStrings } from '../words/en/refusals.ts'
import { ERROR_CODES, type ErrorCode } from '../../server/protocol/events.ts'
import { lateErrors } from '../words/late-words.ts'
import { ApiError } from './api-error.ts'
import type { ApiErrorCode } from '../words/strings.ts'
import { isObject, oneOf, parseJson, textIn } from './check.ts'

Object.assign(lateErrors, refusalStrings)

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_json',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  422: 'invalid_request',
  429: 'rate_limited',
  502: 'inference_error',
  503: 'inference_unreachable',
  504: 'inference_timeout',
}

/** Refusals that the same again will meet, too. */
const PERMANENT: ReadonlySet<ApiErrorCode> = new Set<ApiErrorCode>([
  'invalid_request',
  'malformed_json',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'too_large',
  'unsupported_media_type',
  'unreadable_file',
  // Tomorrow is another day.
  'budget_exhausted',
])

/** The longest wait for a moment that only the visitor's own clock can tell, in seconds. */
const MOST_BY_OWN_CLOCK = 60

/** A date is measured by the server's clock; by ours, which may be days off, only for a while. */
function secondsUntil(date: string, now: string | null): number {
  if (now !== null) return (Date.parse(date) - Date.parse(now)) / 1000
  return Math.min((Date.parse(date) - Date.now()) / 1000, MOST_BY_OWN_CLOCK)
}

function readRetryAfter(headers: Headers): { readonly retryAfter?: number } {
  const after = headers.get('retry-after')
  if (after === null) return {}
  const seconds = /^\d+$/.test(after) ? Number(after) : secondsUntil(after, headers.get('date'))
  return Number.isFinite(seconds) ? { retryAfter: Math.max(0, Math.ceil(seconds)) } : {}
}

/** What hosts of plain files and of other things say to our requests. */
const NO_CHAT_HERE: ReadonlySet<number> = new Set([404, 405, 410, 501])

/** The code of an answer that is not one of ours: of a proxy on the way, or of another server. */
function codeOfStranger(status: number): ApiErrorCode | undefined {
  if (NO_CHAT_HERE.has(status)) return 'misconfigured'
  return status >= 500 ? 'unreachable' : undefined
}

/** The error that an answer with a status of 400 or more stands for. */
export async function readRefusal(response: Response): Promise<ApiError> {
  const { status } = response
  const parsed = parseJson(await response.text().catch(() => ''))
  const problem = isObject(parsed) ? parsed : {}
  const stranger = isObject(parsed) ? undefined : codeOfStranger(status)
  const code = oneOf(ERROR_CODES, problem['code']) ?? stranger ?? BY_STATUS[status] ?? 'internal'
  const turnId = textIn(problem, 'turn_id')
  const detail = status === 422 || status === 400 ? textIn(problem, 'detail') : undefined
  return new ApiError(code, {
    status,
    problem,
    retryable: !PERMANENT.has(code),
    ...readRetryAfter(response.headers),
    ...(turnId !== undefined && { turnId }),
    ...(detail !== undefined && { detail }),
  })
}

/* For the page's developer: why a server that is there cannot be used from this page. The visitor reads other words. */

const explained = new Set<string>()

/** Writes one line into the console, once for each endpoint, if the server answers but not to this page. */
export async function explainRefusal(endpoint: string): Promise<void> {
  // Where there is no page, as in a test, there is nobody to be told.
  const origin = globalThis.location?.origin
  if (!origin || explained.has(endpoint) || new URL(endpoint).origin === origin) return
  explained.add(endpoint)
  try {
    // Pages of all sites may load the element, whoever may use the API.
    if (!(await fetch(`${endpoint}/embed.js`, { method: 'HEAD' })).ok) return
  } catch {
    // Nobody is there: the browser has said so in the console, and may say it again when somebody asks again.
    explained.delete(endpoint)
    return
  }
  console.error(
    `Samosa Chat: the server at ${endpoint} answers, but not to pages of ${origin}. Start it with ALLOWED_ORIGINS=${origin} to put the chat on this page.`,
  )
}
