import { ERROR_CODES, type ErrorCode } from '../../server/protocol/events.ts'
import { isObject, oneOf, parseJson, textIn, type JsonObject } from './check.ts'

/**
 * `offline`: the browser has no network; `unreachable`: the server did not answer, or broke off;
 * `misconfigured`: what answered is no chat server.
 */
export type ApiErrorCode = ErrorCode | 'offline' | 'unreachable' | 'misconfigured'

export interface ApiErrorDetails {
  readonly status?: number
  /** Seconds until asking again makes sense. */
  readonly retryAfter?: number
  /** The turn that is in the way, for `conflict`. */
  readonly turnId?: string
  /** What the server says is wrong; of a request that failed, only with the input. */
  readonly detail?: string
  readonly retryable?: boolean
  /** All that the server says. */
  readonly problem?: JsonObject
}

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

/** A request or a turn that failed. Its words for a person are in the locales. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  readonly status: number | undefined
  readonly retryAfter: number | undefined
  /** When asking again makes sense, in milliseconds since 1970; 0: now. */
  readonly retryAt: number
  readonly turnId: string | undefined
  readonly detail: string | undefined
  /** Whether the same again may work. */
  readonly retryable: boolean
  readonly problem: JsonObject | undefined

  constructor(code: ApiErrorCode, details: ApiErrorDetails = {}, options?: ErrorOptions) {
    super(code, options)
    this.name = 'ApiError'
    this.code = code
    this.status = details.status
    this.retryAfter = details.retryAfter
    this.retryAt = this.retryAfter ? Date.now() + this.retryAfter * 1000 : 0
    this.turnId = details.turnId
    this.detail = details.detail
    this.problem = details.problem
    this.retryable = details.retryable ?? !PERMANENT.has(code)
  }

  /** The way to the server failed, not the request. */
  get isConnection(): boolean {
    return this.code === 'offline' || this.code === 'unreachable' || (this.status ?? 0) >= 500
  }
}

/** A thrown value as an ApiError: what `fetch` and broken bodies throw means no connection. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  // Node's navigator does not know.
  const isOnline = globalThis.navigator?.onLine ?? true
  return new ApiError(isOnline ? 'unreachable' : 'offline', {}, { cause: error })
}

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
export async function errorOfResponse(response: Response): Promise<ApiError> {
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
    ...readRetryAfter(response.headers),
    ...(turnId !== undefined && { turnId }),
    ...(detail !== undefined && { detail }),
  })
}
