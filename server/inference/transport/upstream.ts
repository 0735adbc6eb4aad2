import { errors, Pool } from 'undici'
import { ChatError, notSetUp } from '../../core/errors.ts'
import type { Cancellable } from '../../core/ports.ts'
import { errorMessageOf, isOperatorsTrouble } from '../error-message.ts'
import { createConnections } from './connections.ts'
import {
  SilenceError,
  startExchange,
  type Exchange,
  type Receiver,
  type Transport,
} from './exchange.ts'
import { NotHttpError } from './http-response.ts'
import { parseJson } from '../json.ts'

/** Of an answer that is no stream (an error, a list of models), at most this much is read. */
const LONGEST_BODY_BYTES = 4_194_304
/** The words to an error are waited for no longer than this many ms. */
const LONGEST_ERROR_MS = 1_000
/** Refusals of a request that may be accepted another time. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425, 429])

const ASKING = { accept: 'text/event-stream, application/json' } as const
const SENDING = { ...ASKING, 'content-type': 'application/json' } as const

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Milliseconds to wait for a byte, where that is not what it is for all other requests; may be for ever. */
  readonly silenceMs?: number
}

/** An answer with a good status, handed over as it comes. */
export interface UpstreamAnswer extends Omit<Exchange, 'status' | 'receive'> {
  /**
   * To be called once: gives what has come already, and from then on every chunk at once. The end says
   * what failed: `inference_interrupted` or `inference_timeout`, or the signal's reason when it aborts.
   */
  receive(receiver: Receiver): void
}

export interface AskedAnswer {
  readonly status: number
  /** `undefined` when it is not JSON, too long, or cut off; of a bad status, plain text as it is. */
  readonly body: unknown
}

/** An answer with a bad status, and the error that it is when nothing can be done about it. */
export interface RefusedAnswer {
  readonly refused: AskedAnswer
  readonly error: ChatError
}

/** A model server's HTTP side. */
export interface Upstream {
  /** @throws ChatError `inference_unreachable`, `inference_timeout`, `inference_error`. */
  open(request: UpstreamRequest, options: Cancellable): Promise<UpstreamAnswer>
  /** As open, but gives back a bad status instead of throwing it. */
  tryOpen(request: UpstreamRequest, options: Cancellable): Promise<UpstreamAnswer | RefusedAnswer>
  /** The answer's JSON. @throws ChatError as open does; `inference_error` when it is not JSON. */
  json(request: UpstreamRequest, options: Cancellable): Promise<unknown>
  /** The answer, whatever its status. @throws ChatError `inference_unreachable`, `inference_timeout`. */
  ask(request: UpstreamRequest, options: Cancellable): Promise<AskedAnswer>
  /** Whether it answers, with anything but a failure of its own. */
  isUp(request: UpstreamRequest, options: Cancellable): Promise<boolean>
  close(): Promise<void>
}

/**
 * Connects to one origin. Every stream has a connection of its own (answers last long, so nothing is
 * pipelined or multiplexed), and free ones are used again.
 */
export function createUpstream(origin: string, timeoutSeconds: number): Upstream {
  const silenceMs = timeoutSeconds * 1_000
  const transport = createTransport(new URL(origin), silenceMs)

  const start = (request: UpstreamRequest, signal: AbortSignal) =>
    startExchange(
      transport,
      {
        method: request.method,
        path: request.url.pathname + request.url.search,
        headers: { ...(request.body === undefined ? ASKING : SENDING), ...request.headers },
        body: request.body === undefined ? null : JSON.stringify(request.body),
      },
      { signal, silenceMs: request.silenceMs ?? silenceMs, bodyFailure: failureInBody },
    )

  const statusOf = async (exchange: Exchange, signal: AbortSignal) => {
    try {
      return await exchange.status
    } catch (error) {
      throw signal.aborted ? error : failureBeforeHeaders(error)
    }
  }

  const ask = async (request: UpstreamRequest, { signal }: Cancellable): Promise<AskedAnswer> => {
    const exchange = start(request, signal)
    const status = await statusOf(exchange, signal)
    const body = isGood(status) ? await bodyOf(exchange, undefined) : await errorOf(exchange)
    signal.throwIfAborted()
    return { status, body }
  }

  const tryOpen: Upstream['tryOpen'] = async (request, { signal }) => {
    const exchange = start(request, signal)
    const status = await statusOf(exchange, signal)
    if (!isGood(status)) {
      const body = await errorOf(exchange)
      return { refused: { status, body }, error: failureOfStatus(status, body) }
    }
    return exchange
  }

  return {
    async open(request, options) {
      const opened = await tryOpen(request, options)
      if ('refused' in opened) throw opened.error
      return opened
    },
    tryOpen,
    ask,
    async isUp(request, options) {
      try {
        const { status } = await ask(request, options)
        return status < 500
      } catch {
        // Whatever the reason, the answer is no.
        return false
      }
    },
    async json(request, options) {
      return jsonOf(await ask(request, options))
    },
    close: () => transport.destroy(),
  }
}

/** Bare sockets where that is safe: Windows may fill the one buffer for several of them at once. */
function createTransport(origin: URL, connectTimeout: number): Transport {
  if (origin.protocol === 'http:' && process.platform !== 'win32') {
    return createConnections(origin, connectTimeout)
  }
  return new Pool(origin, {
    connections: null,
    pipelining: 1,
    allowH2: false,
    connectTimeout,
    // The exchange keeps its own, exact to the millisecond.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

export const isGood = (status: number) => status >= 200 && status < 300

/** The JSON of an answer. @throws ChatError for a bad status, and for what is not JSON */
export function jsonOf({ status, body }: AskedAnswer): unknown {
  if (!isGood(status)) throw failureOfStatus(status, body)
  if (body !== undefined) return body
  throw new ChatError('inference_error', 'The model server sent an answer that is not JSON.')
}

/** The JSON of a short body; `undefined` when it is anything else, cut off, or late. */
async function bodyOf(exchange: Exchange, longestMs: number | undefined): Promise<unknown> {
  const text = await textOf(exchange, longestMs)
  return text === undefined ? undefined : parseJson(text)
}

/** What an error says, as JSON or in plain text. */
async function errorOf(exchange: Exchange): Promise<unknown> {
  const text = await textOf(exchange, LONGEST_ERROR_MS)
  return text === undefined ? undefined : (parseJson(text) ?? text)
}

async function textOf(exchange: Exchange, longestMs: number | undefined) {
  const timer = longestMs === undefined ? undefined : setTimeout(() => exchange.abort(), longestMs)
  const text = await new Promise<string | undefined>((resolve) => {
    const pieces: Uint8Array[] = []
    let length = 0
    exchange.receive({
      chunk(bytes) {
        pieces.push(Buffer.from(bytes))
        length += bytes.length
        if (length > LONGEST_BODY_BYTES) exchange.abort()
      },
      end(failure) {
        resolve(failure ? undefined : new TextDecoder().decode(Buffer.concat(pieces)))
      },
    })
  })
  clearTimeout(timer)
  return text
}

function failureOfStatus(status: number, body: unknown): ChatError {
  const said = errorMessageOf(body)
  if (isOperatorsTrouble(body, status)) {
    const detail = said === undefined ? '' : `: ${said}`
    return notSetUp(new Error(`inference answered HTTP ${status}${detail}`))
  }
  return new ChatError(
    'inference_error',
    said ?? `inference answered HTTP ${status}`,
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

function failureBeforeHeaders(cause: unknown): ChatError {
  if (isTimeout(cause)) return timedOut(cause)
  if (cause instanceof NotHttpError || cause instanceof errors.HTTPParserError) {
    return new ChatError('inference_error', 'The model server sent an answer that is not HTTP.', {
      cause,
    })
  }
  return new ChatError('inference_unreachable', 'The model server cannot be reached.', { cause })
}

function failureInBody(cause: unknown): ChatError {
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
