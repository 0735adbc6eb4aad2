/** Errors that cross layers, in words for whoever reads them: a visitor, the operator, the log. */
import type { ErrorCode } from '../protocol/events.ts'

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 422,
  malformed_json: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  unreadable_file: 422,
  rate_limited: 429,
  budget_exhausted: 429,
  inference_error: 502,
  inference_interrupted: 502,
  inference_misconfigured: 502,
  inference_length: 502,
  inference_filtered: 502,
  inference_unreachable: 503,
  inference_timeout: 504,
  auth_unreachable: 503,
  storage_unreachable: 503,
  interrupted: 503,
  internal: 500,
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'rate_limited',
  'inference_error',
  'inference_interrupted',
  'inference_unreachable',
  'inference_timeout',
  'auth_unreachable',
  'storage_unreachable',
  'interrupted',
  'internal',
])

/** What a caller may take in a window of time, and how much of it is left. */
export interface AllowanceState {
  /** Of what. */
  readonly name: string
  readonly limit: number
  readonly windowSeconds: number
  readonly remaining: number
  /** Whole seconds until the window begins anew. */
  readonly resetSeconds: number
}

export interface ChatErrorOptions {
  /** What went wrong underneath; goes to the log, never to a client. */
  readonly cause?: unknown
  /** HTTP status where it differs from the code's own (400 instead of 422, say). */
  readonly status?: number
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  /** The turn that is in the way, for `conflict`. */
  readonly turnId?: string
  /** Whether asking again may help, where that is not what the code says. */
  readonly retryable?: boolean
  /** Seconds after which asking again makes sense. */
  readonly retryAfter?: number
  /** What is used up, for `rate_limited` and `budget_exhausted`. */
  readonly allowance?: AllowanceState
}

/** The only error that crosses layers. `message` is one sentence that a person may read. */
export class ChatError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly errors: readonly { readonly path: string; readonly message: string }[] | undefined
  readonly turnId: string | undefined
  readonly retryable: boolean
  readonly retryAfter: number | undefined
  readonly allowance: AllowanceState | undefined

  constructor(code: ErrorCode, message: string, options: ChatErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'ChatError'
    this.code = code
    this.status = options.status ?? STATUS[code]
    this.errors = options.errors
    this.turnId = options.turnId
    this.retryable = options.retryable ?? RETRYABLE.has(code)
    this.retryAfter = options.retryAfter
    this.allowance = options.allowance
  }
}

/** Any thrown value as a ChatError; what is not one already becomes `internal`, its text kept from clients. */
export function toChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  return new ChatError('internal', 'Something went wrong on our side. Please try again.', {
    cause: error,
  })
}

/** A field of a request that cannot be taken; `message` goes on behind its name. */
export const invalidField = (path: string, message: string, options: ChatErrorOptions = {}) =>
  new ChatError('invalid_request', `${path} ${message}.`, {
    ...options,
    errors: [{ path, message }],
  })

/** What the operator has switched off, and no repeat will change. */
export const modelsAreOff = () =>
  new ChatError(
    'inference_unreachable',
    'Answers are switched off on this server at present, so no model is asked.',
    { retryable: false },
  )

/** What an operator should know of a failure, as its cause: these words go to the log whole, and to no client. */
export class OperatorNotice extends Error {}

/**
 * A failure that only the operator can mend: a key, an address, a model, a bill. Visitors are told that it is not
 * theirs; the log says what it is.
 */
export const notSetUp = (why: string) =>
  new ChatError(
    'inference_misconfigured',
    'The assistant is not set up right yet. Please try again later.',
    { retryable: false, cause: new OperatorNotice(why) },
  )

/** Why the server does not start, in words for the operator. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
  }
}

// What a model server repeats of a conversation in its errors, and how that is taken out.

/** Characters of a conversation's end that are looked at. */
const LONGEST_REPEATED = 100_000
const REPEATED_WORDS = 5
const REPEATED_BEHIND_A_QUOTE = 3
const REPEATED_IN_QUOTES = 2
const WORD = /[\p{L}\p{N}_]+(?:['’.-][\p{L}\p{N}_]+)*/gu
const QUOTE = /["'`“”‘’«»]/

/** The words of a conversation in a row, lower case, with a space around each. */
type OwnWords = string

export function ownWordsOf(texts: readonly string[]): OwnWords {
  const end = texts.join('\n').slice(-LONGEST_REPEATED)
  return ` ${Array.from(end.matchAll(WORD), ([word]) => word.toLowerCase()).join(' ')} `
}

/**
 * A sentence of a server without what it repeats of a conversation: what a person has asked is no reason of
 * the server's, and no business of the log's. `fewest` words in a row are a repetition; in quotes, two are.
 */
export function withoutOwnWords(sentence: string, own: OwnWords, fewest = REPEATED_WORDS): string {
  const words = [...sentence.matchAll(WORD)]
  const kept: string[] = []
  let end = 0
  for (let from = 0; from < words.length; from += 1) {
    const first = words[from]
    if (!first) break
    let to = from
    let run = ` ${first[0].toLowerCase()}`
    while (to < words.length && own.includes(`${run} `)) {
      to += 1
      run += ` ${words[to]?.[0].toLowerCase()}`
    }
    const length = to - from
    const last = words[to - 1]
    if (!last || length === 0) continue
    const lastEnd = last.index + last[0].length
    const opened = QUOTE.test(sentence.slice(Math.max(0, first.index - 1), first.index))
    const closed = /^[^\p{L}\p{N}\s]{0,3}/u.exec(sentence.slice(lastEnd))?.[0].match(QUOTE)
    const least = opened ? (closed ? REPEATED_IN_QUOTES : REPEATED_BEHIND_A_QUOTE) : fewest
    if (length < least) continue
    kept.push(sentence.slice(end, first.index))
    end = lastEnd
    from = to - 1
  }
  return kept.join('…') + sentence.slice(end)
}
