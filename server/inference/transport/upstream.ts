/** A model server's HTTP side: where requests go, and what a bad status means. */
import { setTimeout as wait } from 'node:timers/promises'
import { errors } from 'undici'
import { ChatError, notSetUp, OperatorNotice } from '../../core/errors.ts'
import type { Cancellable } from '../../core/ports/index.ts'
import {
  errorMessageOf,
  isOperatorsTrouble,
  readRetryAfter,
  waitBeforeRetry,
} from '../error-body.ts'
import { parseJson } from '../../text/json.ts'
import { Connections, SilenceError, Exchange, type ResponseHead } from './exchange.ts'
import { CodingError } from './content-coding.ts'

/** Of an answer that is no stream (an error, a list of models), at most this much is read. */
const LONGEST_BODY_BYTES = 4_194_304
/** The words to an error are waited for no longer than this many ms. */
const LONGEST_ERROR_MS = 1_000
/** Refusals of a request that may be accepted another time. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425, 429])
/** Redirects of one request that are followed. */
const MOST_REDIRECTS = 5
/** Redirects that keep the method, and with it the body. */
const REPEATING: ReadonlySet<number> = new Set([307, 308])

export interface UpstreamOptions {
  /** To the first byte of an answer, and between two bytes. */
  readonly timeoutSeconds: number
  /** What the operator adds to every request, in place of ours with the same name; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** URL of the proxy that leads to the server, if one does. */
  readonly proxy?: string | undefined
  /** How this server names itself. */
  readonly userAgent?: string | undefined
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Milliseconds to wait for a byte, where that is not what it is for all other requests; may be for ever. */
  readonly silenceMs?: number
}

/**
 * An answer with a good status, handed over as it comes. The end of its body says what failed:
 * `inference_interrupted` or `inference_timeout`, or the signal's reason when it aborts.
 */
export type UpstreamAnswer = Pick<Exchange, 'receive' | 'silenceMs' | 'abort' | 'finish'>

export interface AskedAnswer {
  readonly status: number
  /** `undefined` when it is not JSON, too long, or cut off; of a bad status, plain text as it is. */
  readonly body: unknown
  /** Why it could not be read to its end. */
  readonly failure?: Error | undefined
  /** Milliseconds after which the server wants to be asked again, where it says so. */
  readonly retryAfterMs?: number | undefined
}

/** An answer with a bad status, and the error that it is when nothing can be done about it. */
export interface RefusedAnswer {
  readonly refused: AskedAnswer
  readonly error: ChatError
}

/** What has been answered, as far as its head. */
interface Answered {
  readonly exchange: Exchange
  readonly head: ResponseHead
}

export type Upstream = ReturnType<typeof createUpstream>

/** A model server's HTTP side. Connects to one origin, through a proxy where one leads there, and to no other. */
export function createUpstream(origin: string, options: UpstreamOptions) {
  const silenceMs = options.timeoutSeconds * 1_000
  const { proxy, headers: added = {}, userAgent = 'samosa-chat' } = options
  const connections = new Connections(new URL(origin), { connectTimeout: silenceMs, proxy })
  const closing = new AbortController()
  const ours = {
    accept: 'text/event-stream, application/json',
    // Each token of a compressed answer would have to be unpacked.
    'accept-encoding': 'identity',
    'user-agent': userAgent,
  }

  const errorTo = (request: UpstreamRequest, exchange: Exchange) =>
    errorOf(exchange, secretsIn(request.headers, added))

  const start = (request: UpstreamRequest, signal: AbortSignal, isAlone: boolean) =>
    new Exchange(
      connections,
      {
        method: request.method,
        path: request.url.pathname + request.url.search,
        headers: {
          ...ours,
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...request.headers,
          ...added,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        isAlone,
      },
      { signal, silenceMs: request.silenceMs ?? silenceMs, bodyFailure: failureInBody },
    )

  const answerTo = async (exchange: Exchange, signal: AbortSignal): Promise<Answered> => {
    try {
      return { exchange, head: await exchange.head }
    } catch (error) {
      throw signal.aborted ? error : failureBeforeHeaders(error, proxy)
    }
  }

  /** Servers close connections just when they are used again: nobody has seen that request, so it is sent anew. */
  const sendOnce = async (request: UpstreamRequest, signal: AbortSignal): Promise<Answered> => {
    const exchange = start(request, signal, false)
    try {
      return await answerTo(exchange, signal)
    } catch (error) {
      if (!exchange.wasStale || signal.aborted) throw error
    }
    return await answerTo(start(request, signal, true), signal)
  }

  const send = async (request: UpstreamRequest, signal: AbortSignal): Promise<Answered> => {
    let { url } = request
    for (let redirects = 0; ; redirects += 1) {
      const answered = await sendOnce({ ...request, url }, signal)
      const { status } = answered.head
      if (status < 300 || status >= 400) return answered
      answered.exchange.finish()
      url = redirectTarget({ ...request, url }, answered.head, redirects)
    }
  }

  /** The answer, whatever its status. @throws ChatError `inference_unreachable`, `inference_timeout`. */
  const ask = async (request: UpstreamRequest, { signal }: Cancellable): Promise<AskedAnswer> => {
    const { exchange, head } = await send(request, signal)
    const read = isGood(head.status) ? await bodyOf(exchange) : await errorTo(request, exchange)
    signal.throwIfAborted()
    return { status: head.status, retryAfterMs: readRetryAfter(head.headers, Date.now()), ...read }
  }

  /**
   * Gives back a bad status instead of throwing it.
   * @throws ChatError `inference_unreachable`, `inference_timeout`, `inference_error`.
   */
  const tryOpen = async (
    request: UpstreamRequest,
    { signal }: Cancellable,
  ): Promise<UpstreamAnswer | RefusedAnswer> => {
    const startedAt = performance.now()
    for (let isLast = false; ; isLast = true) {
      const { exchange, head } = await send(request, signal)
      if (isGood(head.status)) return exchange
      const { body } = await errorTo(request, exchange)
      const refused = { status: head.status, body }
      const asked = readRetryAfter(head.headers, Date.now())
      const pause = waitBeforeRetry({ ...head, body }, asked, Math.random())
      const left = silenceMs - (performance.now() - startedAt)
      if (isLast || pause === undefined || pause > left) {
        return { refused, error: withRetryAfter(failureOfStatus(head.status, body), asked) }
      }
      await wait(pause, undefined, { signal: AbortSignal.any([signal, closing.signal]) }).catch(
        () => {
          // Who wants nothing more is told below, or by what is closed.
        },
      )
      signal.throwIfAborted()
    }
  }

  return {
    tryOpen,
    ask,
    async close(): Promise<void> {
      closing.abort()
      await connections.destroy()
    },
  }
}

/**
 * Where a request is to go instead: to the same origin alone, since it carries a key, and with its body or not at
 * all. @throws ChatError with the address in its cause
 */
function redirectTarget(request: UpstreamRequest, head: ResponseHead, followed: number): URL {
  const { status, headers } = head
  const location = [headers.location ?? ''].flat()[0] ?? ''
  const target = location === '' ? null : URL.parse(location, request.url.href)
  const keepsBody = request.method === 'GET' || REPEATING.has(status)
  if (target && target.origin === request.url.origin && keepsBody && followed < MOST_REDIRECTS) {
    return target
  }
  const address = target ? `${target.origin}${target.pathname}` : 'no address'
  const advice =
    followed < MOST_REDIRECTS
      ? 'which is not followed: set the address of the server to where it leads'
      : 'in a circle'
  throw notSetUp(
    `The server answered ${request.url.origin}${request.url.pathname} with HTTP ${status}, a redirect to ${address}, ${advice}.`,
  )
}

/** The same, with the time that the server asks for, in seconds. */
function withRetryAfter(error: ChatError, asked: number | undefined): ChatError {
  if (asked === undefined || !error.retryable) return error
  const { code, message, cause, retryable } = error
  return new ChatError(code, message, { cause, retryable, retryAfter: Math.ceil(asked / 1_000) })
}

export const isGood = (status: number) => status >= 200 && status < 300

/** The JSON of an answer. @throws ChatError for a bad status, and for what is not JSON */
export function jsonOf({ status, body, failure, retryAfterMs }: AskedAnswer): unknown {
  if (!isGood(status)) throw withRetryAfter(failureOfStatus(status, body), retryAfterMs)
  if (body !== undefined) return body
  throw (
    failure ?? new ChatError('inference_error', 'The model server sent an answer that is not JSON.')
  )
}

type Body = Pick<AskedAnswer, 'body' | 'failure'>

/** The JSON of a short body. */
async function bodyOf(exchange: Pick<Exchange, 'receive' | 'abort'>): Promise<Body> {
  const { text, failure } = await textOf(exchange, undefined)
  return { body: text === undefined ? undefined : parseJson(text), failure }
}

/** What an error says, as JSON or in plain text; keys that it repeats are taken out. */
async function errorOf(exchange: Exchange, secrets: readonly string[]): Promise<Body> {
  const { text } = await textOf(exchange, LONGEST_ERROR_MS)
  if (text === undefined) return { body: undefined }
  const said = secrets.reduce((left, secret) => left.replaceAll(secret, '[key]'), text)
  return { body: parseJson(said) ?? said }
}

/** Shorter ones are words that may stand in any sentence. */
const SHORTEST_SECRET = 6
const SECRET_HEADERS = ['authorization', 'x-internal-api-key'] as const

/** Keys among the headers of a request, longest first, as they may be repeated in JSON. */
function secretsIn(
  headers: UpstreamRequest['headers'],
  added: UpstreamRequest['headers'],
): readonly string[] {
  const values = [...SECRET_HEADERS.map((name) => headers[name] ?? ''), ...Object.values(added)]
  return values
    .flatMap((value) => [value, value.replace(/^\S+ +/, '')])
    .flatMap((value) => [JSON.stringify(value).slice(1, -1), value])
    .filter((value) => value.length >= SHORTEST_SECRET)
    .toSorted((one, other) => other.length - one.length)
}

interface ReadText {
  /** `undefined` when it is too long, cut off, or late. */
  readonly text: string | undefined
  readonly failure: Error | undefined
}

async function textOf(
  exchange: Pick<Exchange, 'receive' | 'abort'>,
  longestMs: number | undefined,
): Promise<ReadText> {
  const timer = longestMs === undefined ? undefined : setTimeout(() => exchange.abort(), longestMs)
  const read = await new Promise<ReadText>((resolve) => {
    const pieces: Uint8Array[] = []
    let length = 0
    exchange.receive({
      chunk(bytes) {
        pieces.push(Buffer.from(bytes))
        length += bytes.length
        if (length > LONGEST_BODY_BYTES) exchange.abort()
      },
      end(failure) {
        const text = failure ? undefined : new TextDecoder().decode(Buffer.concat(pieces))
        resolve({ text, failure })
      },
    })
  })
  clearTimeout(timer)
  return read
}

function failureOfStatus(status: number, body: unknown): ChatError {
  if (isOperatorsTrouble(body, status)) {
    const said = errorMessageOf(body)
    const detail = said === undefined ? '' : `: ${said}`
    return notSetUp(`inference answered HTTP ${status}${detail}`)
  }
  return failureInWords(status, body)
}

/** A bad status in the server's own words, whoever can mend it: for the operator. */
export function failureInWords(status: number, body: unknown): ChatError {
  return new ChatError(
    'inference_error',
    errorMessageOf(body) ?? `inference answered HTTP ${status}`,
    // What the server does not take of a request, it does not take the next time either.
    status >= 400 && status < 500 && !PASSING.has(status) ? { retryable: false } : {},
  )
}

const timedOut = (cause: unknown) =>
  new ChatError('inference_timeout', 'The model server did not answer in time.', { cause })

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

const isTimeout = (error: unknown) =>
  error instanceof SilenceError || /^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/.test(codeOf(error))

function failureBeforeHeaders(error: unknown, proxy: string | undefined): ChatError {
  const cause = proxy === undefined ? error : throughProxy(error, proxy)
  if (isTimeout(error)) return timedOut(cause)
  if (NOT_HTTP.some((kind) => error instanceof kind)) {
    return new ChatError('inference_error', 'The model server sent an answer that is not HTTP.', {
      cause,
    })
  }
  return new ChatError('inference_unreachable', 'The model server cannot be reached.', { cause })
}

const NOT_HTTP = [
  errors.HTTPParserError,
  errors.HeadersOverflowError,
  errors.ResponseContentLengthMismatchError,
]

/** An operator who looks for a failure should not look at the server alone. */
function throughProxy(cause: unknown, proxy: string): OperatorNotice {
  const { host } = new URL(proxy)
  const [, status] = /\((4\d\d|5\d\d)\)/.exec(cause instanceof Error ? cause.message : '') ?? []
  return new OperatorNotice(
    status === undefined
      ? `The way there goes through the proxy ${host}.`
      : `The proxy ${host} answered with HTTP ${status}.`,
    { cause },
  )
}

function failureInBody(cause: unknown): ChatError {
  if (cause instanceof CodingError) {
    return new ChatError(
      'inference_error',
      'The model server sent a compressed answer that cannot be read.',
      { cause, retryable: false },
    )
  }
  return isTimeout(cause) ? timedOut(cause) : interrupted(cause)
}

/** The answer ended before it was complete. */
export function interrupted(cause?: unknown): ChatError {
  return new ChatError('inference_interrupted', 'The answer was cut off before it was complete.', {
    cause,
  })
}

/** The server gave a reason to end its answer that is no good one. */
export function endedEarly(reason: unknown): ChatError {
  return new ChatError(
    'inference_interrupted',
    'The model server ended the answer before it was complete.',
    { cause: new Error(`finish reason ${JSON.stringify(String(reason).slice(0, 64))}`) },
  )
}
