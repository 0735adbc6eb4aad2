import { ERROR_CODES, type ErrorCode } from '../../server/protocol/events.ts'
import { isObject, oneOf, parseJson, textIn } from './check.ts'

/** `offline`: the browser has no network; `unreachable`: the server did not answer, or broke off. */
export type ApiErrorCode = ErrorCode | 'offline' | 'unreachable'

export interface ApiErrorDetails {
  readonly status?: number
  /** Seconds until asking again makes sense. */
  readonly retryAfter?: number
  /** The turn that is in the way, for `conflict`. */
  readonly turnId?: string
  /** What the server says is wrong with the input; for validation errors only. */
  readonly detail?: string
  readonly retryable?: boolean
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

  constructor(code: ApiErrorCode, details: ApiErrorDetails = {}, options?: ErrorOptions) {
    super(code, options)
    this.name = 'ApiError'
    this.code = code
    this.status = details.status
    this.retryAfter = details.retryAfter
    this.retryAt = this.retryAfter ? Date.now() + this.retryAfter * 1000 : 0
    this.turnId = details.turnId
    this.detail = details.detail
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

function readRetryAfter(header: string | null): { readonly retryAfter?: number } {
  if (header === null) return {}
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? { retryAfter: Math.max(0, Math.ceil(seconds)) } : {}
}

/** The error that an answer with a status of 400 or more stands for. */
export async function errorOfResponse(response: Response): Promise<ApiError> {
  const { status } = response
  const parsed = parseJson(await response.text().catch(() => ''))
  const problem = isObject(parsed) ? parsed : {}
  const code = oneOf(ERROR_CODES, problem['code']) ?? BY_STATUS[status] ?? 'internal'
  const turnId = textIn(problem, 'turn_id')
  const detail = status === 422 || status === 400 ? textIn(problem, 'detail') : undefined
  return new ApiError(code, {
    status,
    ...readRetryAfter(response.headers.get('retry-after')),
    ...(turnId !== undefined && { turnId }),
    ...(detail !== undefined && { detail }),
  })
}
