/** An answer that nobody reads may go on this long, in bytes and ms, to keep its connection for the next. */
const DRAIN_BYTES = 65_536
const DRAIN_MS = 250
/** More than this is not read from the socket before there is a receiver. */
const PAUSE_AT_BYTES = 1_048_576

/** No byte came for as long as one may wait. */
export class SilenceError extends Error {}

export interface ExchangeLimits {
  readonly signal: AbortSignal
  /** How long to wait for the first byte, connecting included, and between two bytes; may be for ever. */
  readonly silenceMs: number
  /** What a failure that comes after the headers is for the receiver, unless the signal has aborted. */
  readonly bodyFailure?: (failure: Error) => Error
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
  /** Before anything is sent. The controller is good only until the answer ends: it may serve another then. */
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
  /** Always the last call. The failure is the transport's error, as it is mapped, or the signal's reason. */
  end(failure: Error | undefined): void
}

/** One request and its answer, handed over as it comes. */
export interface Exchange {
  /** The answer's, as soon as its headers are there. Rejects with the transport's error, or the signal's reason. */
  readonly status: Promise<number>
  /** Milliseconds that it waits between two bytes; may be for ever. */
  readonly silenceMs: number
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
  limits: ExchangeLimits,
): Exchange {
  const exchange = new RunningExchange(limits)
  exchange.start(transport, request)
  return exchange
}

/** A timer that is late by more than this part of the silence tells of a process that could not run. */
const LATE = 0.1

const ignore = () => {}

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class RunningExchange implements Exchange, TransportHandler {
  #receiver: Receiver | undefined
  #lastByteAt = now()
  #isDraining = false
  #isOver = false
  #failure: Error | undefined
  /** Only until it is over: afterwards it may be another request's. */
  #controller: TransportController | undefined
  /** What came before there was a receiver. */
  #early: Uint8Array[] | undefined
  #earlyBytes = 0
  #drained = 0
  #drainTimer: NodeJS.Timeout | undefined
  #silenceTimer: NodeJS.Timeout | undefined
  readonly #limits: ExchangeLimits
  readonly #status = Promise.withResolvers<number>()
  readonly #onAbort = () => this.#destroy(abortError(this.#limits.signal))

  constructor(limits: ExchangeLimits) {
    this.#limits = limits
    // Who aborts before asking for the status is not interested in how it failed.
    this.#status.promise.catch(ignore)
  }

  get status(): Promise<number> {
    return this.#status.promise
  }

  get silenceMs(): number {
    return this.#limits.silenceMs
  }

  start(transport: Transport, request: TransportRequest): void {
    const { signal, silenceMs } = this.#limits
    if (signal.aborted) {
      this.#settle(abortError(signal))
      return
    }
    signal.addEventListener('abort', this.#onAbort, { once: true })
    if (silenceMs !== Number.POSITIVE_INFINITY) this.#watchSilence(silenceMs)
    transport.dispatch(request, this)
  }

  receive(receiver: Receiver): void {
    this.#receiver = receiver
    const chunks = this.#early ?? []
    this.#early = undefined
    for (const chunk of chunks) if (!this.#isDraining) receiver.chunk(chunk)
    if (this.#isOver) this.#endOf(receiver)
    else this.resume()
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#lastByteAt = now()
    if (this.#controller?.paused) this.#controller.resume()
  }

  abort(): void {
    if (!this.#isOver) this.#destroy(new Error('The answer is no longer wanted.'))
  }

  finish(): void {
    if (this.#isOver || this.#isDraining) return
    this.#isDraining = true
    this.resume()
    this.#drainTimer = setTimeout(
      () => this.#destroy(new Error('The rest of the answer did not come.')),
      DRAIN_MS,
    ).unref()
  }

  onRequestStart(controller: TransportController): void {
    if (this.#isOver) {
      controller.abort(this.#failure ?? new Error('The request is no longer wanted.'))
    } else this.#controller = controller
  }

  onResponseStart(_: unknown, status: number): void {
    this.#lastByteAt = now()
    if (status >= 200) this.#status.resolve(status)
  }

  onResponseData(_: unknown, chunk: Uint8Array): void {
    this.#lastByteAt = now()
    if (this.#isDraining) this.#drain(chunk.length)
    else if (this.#receiver) this.#receiver.chunk(chunk)
    else this.#keep(chunk)
  }

  onResponseEnd(): void {
    this.#settle(undefined)
  }

  onResponseError(_: unknown, error: Error): void {
    this.#settle(error)
  }

  #settle(failure: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    this.#controller = undefined
    this.#limits.signal.removeEventListener('abort', this.#onAbort)
    clearTimeout(this.#drainTimer)
    clearTimeout(this.#silenceTimer)
    if (failure) this.#status.reject(failure)
    if (!this.#isDraining && this.#receiver) this.#endOf(this.#receiver)
  }

  #endOf(receiver: Receiver): void {
    const { signal, bodyFailure } = this.#limits
    const failure = this.#failure
    receiver.end(failure && bodyFailure && !signal.aborted ? bodyFailure(failure) : failure)
  }

  #destroy(reason: Error): void {
    const controller = this.#controller
    this.#settle(reason)
    controller?.abort(reason)
  }

  /** One timer for the whole answer; undici's own are coarse, and a chunk should not cost a timer. */
  #watchSilence(wait: number): void {
    const { silenceMs } = this.#limits
    const due = now() + wait
    this.#silenceTimer = setTimeout(() => {
      // A process that could not run could not read what came: it listens once more.
      if (now() - due > silenceMs * LATE) this.#lastByteAt = now()
      // A server that is not being read is not silent.
      if (this.#controller?.paused) this.#lastByteAt = now()
      const left = this.#lastByteAt + silenceMs - now()
      if (left > 0) this.#watchSilence(left)
      else this.#destroy(new SilenceError(`Nothing came for ${silenceMs} ms.`))
    }, Math.ceil(wait))
  }

  #drain(bytes: number): void {
    this.#drained += bytes
    if (this.#drained > DRAIN_BYTES) {
      this.#destroy(new Error('The rest of the answer is too long to wait for.'))
    }
  }

  #keep(chunk: Uint8Array): void {
    this.#early ??= []
    this.#early.push(Buffer.from(chunk))
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes > PAUSE_AT_BYTES) this.#controller?.pause()
  }
}

/** Whole milliseconds: small integers are stored in place, and this is stored for every chunk. */
const now = () => Math.trunc(performance.now())

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new DOMException('The request was aborted.', { name: 'AbortError', cause: signal.reason })
}
