/**
 * inference/transport: HTTP to model servers. Here: one request and its answer, by undici. What a server's
 * status means is told in upstream.ts, what its body says as events in sse.ts and answer-stream.ts.
 */
import {
  type BodyDecoder,
  CodingError,
  bodyDecoderFor,
  type ResponseHeaders,
} from './content-coding.ts'
import { Pool, ProxyAgent, type Dispatcher } from 'undici'

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
  /** On a connection that nobody has used, and nobody will. */
  readonly isAlone?: boolean
}

export interface ResponseHead {
  readonly status: number
  readonly headers: ResponseHeaders
}

export type TransportController = Pick<
  Dispatcher.DispatchController,
  'paused' | 'pause' | 'resume' | 'abort'
>

/** What becomes of a request; each is called as soon as it is known. */
export interface TransportHandler {
  /** Before anything is sent. The controller is good only until the answer ends: it may serve another then. */
  onRequestStart(controller: TransportController): void
  /** The first byte of an answer is there. */
  onResponseStarted(): void
  /** Answers that only announce the real one come here too. */
  onResponseStart(controller: unknown, status: number, headers: ResponseHeaders): void
  /** The bytes are good only until it returns. */
  onResponseData(controller: unknown, chunk: Uint8Array): void
  onResponseEnd(): void
  onResponseError(controller: unknown, error: Error): void
}

/** Sends requests to one origin. In undici's words, since its pools are transports. */
export interface Transport {
  dispatch(request: TransportRequest, handler: TransportHandler): unknown
  /** Whether a request that starts at this moment does so on a connection that was made for it. */
  readonly isConnecting: boolean
  destroy(): Promise<void>
}

/** Takes the body of an answer. */
export interface Receiver {
  /** The bytes are good only until it returns. */
  chunk(bytes: Uint8Array): void
  /** Always the last call. The failure is the transport's error, as it is mapped, or the signal's reason. */
  end(failure: Error | undefined): void
}

/** A timer that is late by more than this part of the silence tells of a process that could not run. */
const LATE = 0.1

/**
 * One request and its answer, handed over as it comes, without a stream or a promise in between: a chunk costs one
 * call. A class, so that what every token touches lies together in memory, and not in a closure each.
 */
export class Exchange implements TransportHandler {
  /** Whether it failed because its connection, which had served others before, was dead already. */
  wasStale = false
  #receiver: Receiver | undefined
  #lastByteAt = now()
  #isDraining = false
  #isOver = false
  #failure: Error | undefined
  /** Only until the answer ends: afterwards it may be another request's. */
  #controller: TransportController | undefined
  /** For the few bodies that need one. */
  #decoder: BodyDecoder | undefined
  /** What came before there was a receiver. */
  #early: Uint8Array[] | undefined
  #earlyBytes = 0
  #drained = 0
  #drainTimer: NodeJS.Timeout | undefined
  #silenceTimer: NodeJS.Timeout | undefined
  #isOnKeptConnection = false
  #hasBegun = false
  /** How the transport ended while its last bytes are being decoded. */
  #cutBy: Error | undefined
  readonly #transport: Transport
  readonly #limits: ExchangeLimits
  readonly #head = Promise.withResolvers<ResponseHead>()
  readonly #onAbort = () => this.#destroy(abortError(this.#limits.signal))

  /** Sends the request. */
  constructor(transport: Transport, request: TransportRequest, limits: ExchangeLimits) {
    this.#transport = transport
    this.#limits = limits
    // Who aborts before asking for the head is not interested in how it failed.
    this.#head.promise.catch(() => {})
    const { signal, silenceMs } = limits
    if (signal.aborted) {
      this.#settle(abortError(signal))
      return
    }
    signal.addEventListener('abort', this.#onAbort, { once: true })
    if (silenceMs !== Number.POSITIVE_INFINITY) this.#watchSilence(silenceMs)
    transport.dispatch(request, this)
  }

  /** The answer's, as soon as it is there. Rejects with the transport's error, or the signal's reason. */
  get head(): Promise<ResponseHead> {
    return this.#head.promise
  }

  /** Milliseconds that it waits between two bytes; may be for ever. */
  get silenceMs(): number {
    return this.#limits.silenceMs
  }

  /** To be called once, for the body, decoded: gives what has come already, and from then on every chunk at once. */
  receive(receiver: Receiver): void {
    this.#receiver = receiver
    const chunks = this.#early ?? []
    this.#early = undefined
    for (const chunk of chunks) if (!this.#isDraining) receiver.chunk(chunk)
    if (this.#isOver) this.#endOf(receiver)
    else this.resume()
  }

  /** Stops reading from the socket, until `resume`. */
  pause(): void {
    if (this.#decoder) this.#decoder.pause()
    else this.#controller?.pause()
  }

  resume(): void {
    this.#lastByteAt = now()
    if (this.#decoder) this.#decoder.resume()
    else if (this.#controller?.paused) this.#controller.resume()
  }

  /** Destroys the request at once, if it is still under way. */
  abort(): void {
    if (!this.#isOver) this.#destroy(new Error('The answer is no longer wanted.'))
  }

  /** Nothing more is wanted; a rest that comes soon is dropped and the connection kept. */
  finish(): void {
    if (this.#isOver || this.#isDraining) return
    this.#isDraining = true
    this.#decoder?.destroy()
    this.#decoder = undefined
    this.resume()
    this.#drainTimer = setTimeout(
      () => this.#destroy(new Error('The rest of the answer did not come.')),
      DRAIN_MS,
    ).unref()
  }

  onRequestStart(controller: TransportController): void {
    this.#isOnKeptConnection = !this.#transport.isConnecting
    if (this.#isOver) {
      controller.abort(this.#failure ?? new Error('The request is no longer wanted.'))
    } else this.#controller = controller
  }

  onResponseStarted(): void {
    this.#hasBegun = true
  }

  onResponseStart(_: unknown, status: number, headers: ResponseHeaders): void {
    this.#lastByteAt = now()
    if (status < 200 || this.#isOver) return
    this.#head.resolve({ status, headers })
    try {
      this.#decoder = bodyDecoderFor(headers, {
        chunk: (bytes) => this.#give(bytes),
        end: (failure) => this.#endDecoded(failure),
        drain: () => this.#controller?.resume(),
      })
    } catch (error) {
      if (!(error instanceof CodingError)) throw error
      this.#destroy(error)
    }
  }

  onResponseData(_: unknown, chunk: Uint8Array): void {
    if (this.#isOver) return
    this.#lastByteAt = now()
    if (this.#isDraining) this.#drain(chunk.length)
    else if (!this.#decoder) this.#give(chunk)
    else if (!this.#decoder.write(chunk)) this.#controller?.pause()
  }

  onResponseEnd(): void {
    this.#endOfTransport(undefined)
  }

  onResponseError(_: unknown, error: Error): void {
    this.wasStale = this.#isOnKeptConnection && !this.#hasBegun && isConnectionLoss(error)
    this.#endOfTransport(error)
  }

  #endOfTransport(failure: Error | undefined): void {
    this.#controller = undefined
    if (this.#decoder && !this.#isOver) {
      clearTimeout(this.#silenceTimer)
      this.#cutBy = failure
      this.#decoder.end()
    } else this.#settle(failure)
  }

  #endDecoded(failure: Error | undefined): void {
    if (failure && this.#controller) this.#destroy(failure)
    else this.#settle(this.#cutBy ?? failure)
  }

  #settle(failure: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    this.#controller = undefined
    this.#decoder?.destroy()
    this.#limits.signal.removeEventListener('abort', this.#onAbort)
    clearTimeout(this.#drainTimer)
    clearTimeout(this.#silenceTimer)
    if (failure) this.#head.reject(failure)
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

  #give(chunk: Uint8Array): void {
    if (this.#receiver) this.#receiver.chunk(chunk)
    else this.#keep(chunk)
  }

  #keep(chunk: Uint8Array): void {
    this.#early ??= []
    this.#early.push(Buffer.from(chunk))
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes > PAUSE_AT_BYTES) this.pause()
  }
}

/** What it means that nobody is at the other end any more. */
const isConnectionLoss = (error: Error) =>
  'code' in error && /^(?:UND_ERR_SOCKET|ECONNRESET|ECONNABORTED|EPIPE)$/.test(String(error.code))

/** Whole milliseconds: small integers are stored in place, and this is stored for every chunk. */
const now = () => Math.trunc(performance.now())

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new DOMException('The request was aborted.', { name: 'AbortError', cause: signal.reason })
}

// Connections to one origin, made, kept and read by undici.

interface ConnectionOptions {
  /** Milliseconds that connecting may take. */
  readonly connectTimeout: number
  /** URL of the proxy that leads to the origin, if one does. */
  readonly proxy?: string | undefined
}

/**
 * A transport to one origin. Every running request has a connection of its own (answers last long, so
 * nothing is pipelined or multiplexed), and free ones are used again.
 */
export class Connections implements Transport {
  isConnecting = false
  readonly #origin: string
  readonly #options: ConnectionOptions
  readonly #kept: Dispatcher
  /** For requests that want a connection which nobody has used; only few do. */
  #fresh: Dispatcher | undefined

  constructor(origin: URL, options: ConnectionOptions) {
    this.#origin = origin.origin
    this.#options = options
    this.#kept = this.#open()
  }

  dispatch: Transport['dispatch'] = ({ isAlone = false, ...request }, handler) => {
    const dispatcher = isAlone ? (this.#fresh ??= this.#open()) : this.#kept
    dispatcher.dispatch(
      {
        ...request,
        origin: this.#origin,
        ...(isAlone && { reset: true }),
        // The exchange keeps its own, exact to the millisecond.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      handler,
    )
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#kept.destroy(), this.#fresh?.destroy()])
  }

  #open(): Dispatcher {
    const { connectTimeout, proxy } = this.#options
    const common = { connectTimeout, allowH2: false }
    if (proxy === undefined) return this.#watch(new Pool(this.#origin, common))
    return new ProxyAgent({
      ...common,
      uri: proxy,
      requestTls: { allowH2: false },
      proxyTls: { allowH2: false },
      factory: (target, options) => this.#watch(new Pool(target, options)),
    })
  }

  /** undici writes the request that a connection was made for before it returns to the event loop. */
  #watch(pool: Pool): Pool {
    return pool.on('connect', () => {
      this.isConnecting = true
      queueMicrotask(() => {
        this.isConnecting = false
      })
    })
  }
}
