/** An answer that nobody reads may go on this long, in bytes and ms, to keep its connection for the next. */
const DRAIN_BYTES = 65_536
const DRAIN_MS = 250
/** More than this is not read from the socket before there is a receiver. */
const PAUSE_AT_BYTES = 1_048_576

/** No byte came for as long as one may wait. */
export class SilenceError extends Error {}

export interface ExchangeLimits {
  readonly signal: AbortSignal
  /** How long to wait for the first byte, connecting included, and between two bytes. */
  readonly silenceMs: number
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export interface TransportController {
  readonly paused: boolean
  pause(): void
  resume(): void
  abort(reason: Error): void
}

/** What becomes of a request; each is called as soon as it is known. */
export interface TransportHandler {
  /** Before anything is sent. */
  onRequestStart(controller: TransportController): void
  onResponseStart(controller: unknown, status: number): void
  /** The bytes are good only until it returns. */
  onResponseData(controller: unknown, chunk: Uint8Array): void
  onResponseEnd(): void
  onResponseError(controller: unknown, error: Error): void
}

/** Sends requests to one origin. In undici's words, since its pools are transports. */
export interface Transport {
  dispatch(request: TransportRequest, handler: TransportHandler): unknown
  destroy(): Promise<void>
}

/** Takes the body of an answer. */
export interface Receiver {
  /** The bytes are good only until it returns. */
  chunk(bytes: Uint8Array): void
  /** Always the last call. The failure is the transport's error, or the signal's reason. */
  end(failure: Error | undefined): void
}

/** One request and its answer, handed over as it comes. */
export interface Exchange {
  /** The answer's, as soon as its headers are there. Rejects with the transport's error, or the signal's reason. */
  readonly status: Promise<number>
  /** To be called once: gives what has come already, and from then on every chunk at once. */
  receive(receiver: Receiver): void
  /** Stops reading from the socket, until `resume`. */
  pause(): void
  resume(): void
  /** Destroys the request at once, if it is still under way. */
  abort(): void
  /** Nothing more is wanted; a rest that comes soon is dropped and the connection kept. */
  finish(): void
}

/**
 * Sends a request without a stream or a promise in between: a chunk costs one call.
 */
export function startExchange(
  transport: Transport,
  request: TransportRequest,
  { signal, silenceMs }: ExchangeLimits,
): Exchange {
  const statusKnown = Promise.withResolvers<number>()
  // Who aborts before asking for the status is not interested in how it failed.
  statusKnown.promise.catch(() => {})
  let controller: TransportController | undefined
  let receiver: Receiver | undefined
  /** What came before there was a receiver. */
  let early: Uint8Array[] = []
  let earlyBytes = 0
  let ended: { readonly failure: Error | undefined } | undefined
  let draining = false
  let drained = 0
  let drainTimer: NodeJS.Timeout | undefined
  let lastByteAt = now()
  let silenceTimer: NodeJS.Timeout | undefined

  const settle = (failure: Error | undefined) => {
    if (ended) return
    ended = { failure }
    signal.removeEventListener('abort', onAbort)
    clearTimeout(drainTimer)
    clearTimeout(silenceTimer)
    if (failure) statusKnown.reject(failure)
    if (!draining) receiver?.end(failure)
  }

  const destroy = (reason: Error) => {
    settle(reason)
    controller?.abort(reason)
  }

  /** One timer for the whole answer; undici's own are coarse, and a chunk should not cost a timer. */
  const watchSilence = (wait: number) => {
    silenceTimer = setTimeout(() => {
      // A server that is not being read is not silent.
      if (controller?.paused) lastByteAt = now()
      const left = lastByteAt + silenceMs - now()
      if (left > 0) watchSilence(left)
      else destroy(new SilenceError(`Nothing came for ${silenceMs} ms.`))
    }, Math.ceil(wait))
  }

  const onAbort = () => destroy(abortError(signal))

  const drain = (bytes: number) => {
    drained += bytes
    if (drained > DRAIN_BYTES) destroy(new Error('The rest of the answer is too long to wait for.'))
  }

  const keep = (chunk: Uint8Array) => {
    early.push(Buffer.from(chunk))
    earlyBytes += chunk.length
    if (earlyBytes > PAUSE_AT_BYTES) controller?.pause()
  }

  const handler: TransportHandler = {
    onRequestStart(started) {
      controller = started
      if (ended) started.abort(ended.failure ?? new Error('The request is no longer wanted.'))
    },
    onResponseStart(_, status) {
      lastByteAt = now()
      if (status >= 200) statusKnown.resolve(status)
    },
    onResponseData(_, chunk) {
      lastByteAt = now()
      if (draining) drain(chunk.length)
      else if (receiver) receiver.chunk(chunk)
      else keep(chunk)
    },
    onResponseEnd: () => settle(undefined),
    onResponseError: (_, error) => settle(error),
  }

  if (signal.aborted) {
    settle(abortError(signal))
  } else {
    signal.addEventListener('abort', onAbort, { once: true })
    watchSilence(silenceMs)
    transport.dispatch(request, handler)
  }

  const resume = () => {
    lastByteAt = now()
    if (!ended && controller?.paused) controller.resume()
  }

  return {
    status: statusKnown.promise,
    receive(given) {
      receiver = given
      const chunks = early
      early = []
      for (const chunk of chunks) if (!draining) given.chunk(chunk)
      if (ended) given.end(ended.failure)
      else resume()
    },
    pause() {
      if (!ended) controller?.pause()
    },
    resume,
    abort() {
      if (!ended) destroy(new Error('The answer is no longer wanted.'))
    },
    finish() {
      if (ended || draining) return
      draining = true
      resume()
      drainTimer = setTimeout(
        () => destroy(new Error('The rest of the answer did not come.')),
        DRAIN_MS,
      ).unref()
    },
  }
}

/** Whole milliseconds: small integers are stored in place, and this is stored for every chunk. */
const now = () => Math.trunc(performance.now())

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new DOMException('The request was aborted.', { name: 'AbortError', cause: signal.reason })
}
