/**
 * HTTP/1.1 to one `http://` origin, on bare sockets: reading goes into one buffer for all, past Node's
 * streams, which are a third of what a token costs.
 */
import { validateHeaderValue } from 'node:http'
import { connect } from 'node:net'
import type { Transport, TransportHandler, TransportRequest } from './exchange.ts'
import { createResponseReader, type ResponseHandler, type ResponseReader } from './http-response.ts'

/** One for all connections: what is in it is used up before the next read. */
const buffer = Buffer.allocUnsafe(65_536)

interface Connection {
  send(text: string, handler: TransportHandler): void
  destroy(): void
}

/** A transport with a connection for every running request; free ones are used again. */
export function createConnections(origin: URL): Transport {
  /** The one that was used last is taken first, so that the others may age. */
  const idle: Connection[] = []
  const all = new Set<Connection>()

  const take = (): Connection => {
    const free = idle.pop()
    if (free) return free
    const made: Connection = openConnection(origin, {
      free: () => idle.push(made),
      gone() {
        all.delete(made)
        const at = idle.indexOf(made)
        if (at >= 0) idle.splice(at, 1)
      },
    })
    all.add(made)
    return made
  }

  return {
    dispatch(request, handler) {
      let text: string
      try {
        text = requestText(request, origin)
      } catch (error) {
        handler.onResponseError(undefined, asError(error))
        return
      }
      take().send(text, handler)
    },
    async destroy() {
      for (const connection of all) connection.destroy()
    },
  }
}

/** @throws TypeError for a header that HTTP does not allow */
function requestText({ method, path, headers, body }: TransportRequest, origin: URL): string {
  const lines = Object.entries({
    host: origin.host,
    connection: 'keep-alive',
    ...headers,
    ...(body !== null && { 'content-length': String(Buffer.byteLength(body)) }),
  }).map(([name, value]) => {
    validateHeaderValue(name, value)
    return `${name}: ${value}\r\n`
  })
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

interface Pool {
  /** The connection may be asked again. */
  free(): void
  /** It is closed. */
  gone(): void
}

function openConnection(origin: URL, pool: Pool): Connection {
  let handler: TransportHandler | undefined
  let reader: ResponseReader | undefined
  let idleTimer: NodeJS.Timeout | undefined

  const drop = () => {
    clearTimeout(idleTimer)
    pool.gone()
    socket.destroy()
  }

  const fail = (error: Error) => {
    const failed = handler
    handler = undefined
    drop()
    failed?.onResponseError(undefined, error)
  }

  const end = (idleMs: number) => {
    const ended = handler
    handler = undefined
    if (idleMs > 0 && !socket.destroyed) {
      // It may be paused by whoever read the answer, and has to see its end.
      socket.resume()
      socket.unref()
      idleTimer = setTimeout(drop, idleMs).unref()
      pool.free()
    } else drop()
    ended?.onResponseEnd()
  }

  /** For every request of the connection, so that a token has no more to look up than it must. */
  const response: ResponseHandler = {
    head: (status) => handler?.onResponseStart(undefined, status),
    // Who has aborted in the middle of what was read gets no more of it.
    body: (bytes) => handler?.onResponseData(undefined, bytes),
    end,
  }

  const read = (size: number) => {
    // Nobody has asked anything.
    if (!handler) return drop()
    try {
      reader?.read(buffer, size)
    } catch (error) {
      fail(asError(error))
    }
    return undefined
  }

  const close = () => {
    drop()
    if (!handler || reader?.close()) return
    fail(new Error('The connection was closed in mid-answer.'))
  }

  const socket = connect({
    host: origin.hostname.replaceAll(/[[\]]/g, ''),
    port: Number(origin.port || 80),
    noDelay: true,
    onread: {
      buffer,
      callback(size) {
        read(size)
        return true
      },
    },
  })
  socket.on('error', fail)
  socket.on('end', drop)
  socket.on('close', close)

  return {
    send(text, given) {
      clearTimeout(idleTimer)
      socket.ref()
      handler = given
      let paused = false
      const isCurrent = () => handler === given
      given.onRequestStart({
        get paused() {
          return paused
        },
        pause() {
          if (!isCurrent()) return
          paused = true
          socket.pause()
        },
        resume() {
          if (!isCurrent()) return
          paused = false
          socket.resume()
        },
        abort(reason) {
          if (isCurrent()) fail(reason)
        },
      })
      if (!isCurrent()) return
      reader = createResponseReader(response)
      socket.write(text)
    },
    destroy: drop,
  }
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error('The answer broke.', { cause: thrown })
