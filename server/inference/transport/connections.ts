import { validateHeaderValue } from 'node:http'
import { asError, Connection, type ConnectionOwner } from './connection.ts'
import type { Transport, TransportHandler, TransportRequest } from './exchange.ts'

/**
 * A transport to an `http://` origin, with a connection for every running request; free ones are used again.
 * `connectTimeout` in milliseconds.
 */
export function createConnections(origin: URL, connectTimeout: number): Transport {
  return new Connections(origin, connectTimeout)
}

class Connections implements Transport, ConnectionOwner {
  readonly #origin: URL
  readonly #connectTimeout: number
  /** The headers that every request has. */
  readonly #lines: string
  /** The one that was used last is taken first, so that the others may age. */
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()

  constructor(origin: URL, connectTimeout: number) {
    this.#origin = origin
    this.#connectTimeout = connectTimeout
    this.#lines = `host: ${origin.host}\r\nconnection: keep-alive\r\n`
  }

  dispatch(request: TransportRequest, handler: TransportHandler): void {
    let text: string
    try {
      text = requestText(request, this.#lines)
    } catch (error) {
      handler.onResponseError(undefined, asError(error))
      return
    }
    const connection = this.#idle.pop() ?? this.#open()
    connection.send(text, handler)
  }

  async destroy(): Promise<void> {
    for (const connection of this.#all) connection.destroy()
  }

  free(connection: Connection): void {
    this.#idle.push(connection)
  }

  gone(connection: Connection): void {
    this.#all.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
  }

  #open(): Connection {
    const connection = new Connection(this.#origin, this, this.#connectTimeout)
    this.#all.add(connection)
    return connection
  }
}

/** @throws TypeError for a header that HTTP does not allow */
function requestText(
  { method, path, headers, body }: TransportRequest,
  fixedLines: string,
): string {
  let head = `${method} ${path} HTTP/1.1\r\n${fixedLines}`
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? ''
    validateHeaderValue(name, value)
    head += `${name}: ${value}\r\n`
  }
  if (body === null) return `${head}\r\n`
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
