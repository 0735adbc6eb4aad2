/**
 * HTTP/1.1 on a bare socket: reading goes into one buffer for all, past Node's streams, which are a third
 * of what a token costs.
 */
import { connect, type Socket } from 'node:net'
import { SilenceError, type TransportController, type TransportHandler } from './exchange.ts'
import { createResponseReader, type ResponseHandler, type ResponseReader } from './http-response.ts'

/** One for all connections: what is in it is used up before the next read. */
const buffer = Buffer.allocUnsafe(65_536)

/** Who keeps the connections. */
export interface ConnectionOwner {
  /** The connection may be asked again. */
  free(connection: Connection): void
  /** It is closed. */
  gone(connection: Connection): void
}

/**
 * A connection to an origin, for one request after the other; what controls each of them is the connection
 * itself. A class, so that what every token touches lies together in memory, and not in a closure each.
 */
export class Connection implements ResponseHandler, TransportController {
  /** As whoever reads the answer wants it. */
  paused = false
  #handler: TransportHandler | undefined
  #reader: ResponseReader | undefined
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  #idleTimer: NodeJS.Timeout | undefined

  /** `connectTimeout` in milliseconds. */
  constructor(origin: URL, owner: ConnectionOwner, connectTimeout: number) {
    this.#owner = owner
    this.#socket = connect({
      host: origin.hostname.replaceAll(/[[\]]/g, ''),
      port: Number(origin.port || 80),
      noDelay: true,
      onread: {
        buffer,
        callback: (size) => {
          this.#read(size)
          return true
        },
      },
    })
    // Answers that may be silent for ever have no other limit.
    const late = setTimeout(() => {
      this.#fail(new SilenceError(`No connection for ${connectTimeout} ms.`))
    }, connectTimeout)
    this.#socket.once('connect', () => clearTimeout(late))
    this.#socket.once('close', () => clearTimeout(late))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('end', () => this.destroy())
    this.#socket.on('close', () => this.#close())
  }

  send(text: string, handler: TransportHandler): void {
    clearTimeout(this.#idleTimer)
    this.#socket.ref()
    this.#handler = handler
    this.paused = false
    handler.onRequestStart(this)
    if (this.#handler !== handler) return
    this.#reader = createResponseReader(this)
    this.#socket.write(text)
  }

  destroy(): void {
    clearTimeout(this.#idleTimer)
    this.#owner.gone(this)
    this.#socket.destroy()
  }

  pause(): void {
    this.paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.paused = false
    this.#socket.resume()
  }

  abort(reason: Error): void {
    if (this.#handler) this.#fail(reason)
  }

  head(status: number): void {
    this.#handler?.onResponseStart(undefined, status)
  }

  body(bytes: Uint8Array): void {
    // Who has aborted in the middle of what was read gets no more of it.
    this.#handler?.onResponseData(undefined, bytes)
  }

  end(idleMs: number): void {
    const ended = this.#handler
    this.#handler = undefined
    if (idleMs > 0 && !this.#socket.destroyed) {
      // It may be paused by whoever read the answer, and has to see its end.
      this.#socket.resume()
      this.#socket.unref()
      this.#idleTimer = setTimeout(() => this.destroy(), idleMs).unref()
      this.#owner.free(this)
    } else this.destroy()
    ended?.onResponseEnd()
  }

  #read(size: number): void {
    // Nobody has asked anything.
    if (!this.#handler) {
      this.destroy()
      return
    }
    try {
      this.#reader?.read(buffer, size)
    } catch (error) {
      this.#fail(asError(error))
    }
  }

  #close(): void {
    this.destroy()
    if (!this.#handler || this.#reader?.close()) return
    this.#fail(new Error('The connection was closed in mid-answer.'))
  }

  #fail(error: Error): void {
    const failed = this.#handler
    this.#handler = undefined
    this.destroy()
    failed?.onResponseError(undefined, error)
  }
}

/** What was thrown, or an error that says so. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error('The answer broke.', { cause: thrown })
