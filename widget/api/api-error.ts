import { lazy } from '../ui/lazy.ts'
import type { ApiErrorCode } from '../words/strings.ts'
import type { JsonObject } from './check.ts'

export interface ApiErrorDetails {
  readonly status?: number
  /** Seconds until asking again makes sense. */
  readonly retryAfter?: number | undefined
  /** The turn that is in the way, for `conflict`. */
  readonly turnId?: string
  /** What the server says is wrong; of a request that failed, only with the input. */
  readonly detail?: string
  /** False where the same again cannot work. */
  readonly retryable?: boolean
  /** All that the server says. */
  readonly problem?: JsonObject
}

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
    this.retryable = details.retryable ?? true
  }

  /** The way to the server failed, not the request. */
  get isConnection(): boolean {
    return this.code === 'offline' || this.code === 'unreachable' || (this.status ?? 0) >= 500
  }
}

/** What says in words what a server refuses or fails at. */
export const refusalCode = lazy(() => import('./refusal.ts'))

/** A thrown value as an ApiError: what `fetch` and broken bodies throw means no connection. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  // Node's navigator does not know.
  const isOnline = globalThis.navigator?.onLine ?? true
  return new ApiError(isOnline ? 'unreachable' : 'offline', {}, { cause: error })
}

/**
 * The error that an answer with a status of 400 or more stands for; what reads it comes with the first one. Where
 * that cannot be had, the way to the server is no better than without an answer.
 */
export async function errorOfResponse(response: Response): Promise<ApiError> {
  const code = await refusalCode.need().catch(() => undefined)
  return code ? code.readRefusal(response) : new ApiError('unreachable')
}
