/**
 * One HTTP connection of a load generator, on a bare socket: it looks for tokens in the bytes and for the
 * end of the answer, and understands nothing else.
 */
import { connect, type Socket } from 'node:net'

/** Enough for the last event of an answer and what follows it, and for two tokens of a user. */
const TAIL_BYTES = 1_600
const END = '\r\n0\r\n\r\n'

/** Reused by all connections: what is in it is looked at before the next read. */
const buffer = Buffer.allocUnsafe(128 * 1024)

export interface Ask {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Gets the bytes as they come; they are good only until it returns. */
  readonly onBytes?: (bytes: Buffer) => void
}

export interface Answer {
  readonly status: number
  /** The last bytes of the answer. */
  readonly tail: string
}

export interface Connection {
  /** One at a time. Rejects when the connection ends before the answer does. */
  ask(request: Ask): Promise<Answer>
  close(): void
}

interface Pending {
  readonly request: Ask
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
  status: number
  /** Of a body whose length was announced: what is still to come. */
  left: number | undefined
  tail: Buffer
}

export function openConnection(url: string): Connection {
  const { hostname, port, host } = new URL(url)
  let pending: Pending | undefined

  const finish = () => {
    const answered = pending
    pending = undefined
    answered?.resolve({ status: answered.status, tail: answered.tail.toString('latin1') })
  }

  const take = (bytes: Buffer) => {
    if (!pending) return
    let body = bytes
    if (pending.status === 0) {
      // The head comes in one piece: it is small, and both ends are on this machine.
      const head = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n') + 4)
      pending.status = Number(head.slice(9, 12))
      const length = /^content-length: *(\d+)/im.exec(head)?.[1]
      if (length !== undefined) pending.left = Number(length)
      else if (pending.status === 204) pending.left = 0
      // The line end before the last chunk may be the head's own.
      body = bytes.subarray(head.length - 2)
      if (pending.left !== undefined) pending.left += 2
    }
    pending.request.onBytes?.(body)
    pending.tail = tailOf(pending.tail, body)
    if (pending.left !== undefined) {
      pending.left -= body.length
      if (pending.left <= 0) finish()
    } else if (endsAnswer(pending.tail)) finish()
  }

  const socket: Socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer,
      callback(size) {
        take(buffer.subarray(0, size))
        return true
      },
    },
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => pending?.reject(new Error('The connection was closed.')))

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('The connection is closed.'))
        pending = { request, resolve, reject, status: 0, left: undefined, tail: Buffer.alloc(0) }
        socket.write(requestText(request, host))
        return undefined
      }),
    close: () => socket.destroy(),
  }
}

function requestText({ method, path, headers = {}, body }: Ask, host: string): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const lines = Object.entries({
    host,
    ...headers,
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    }),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`
}

function tailOf(before: Buffer, bytes: Buffer): Buffer {
  if (bytes.length >= TAIL_BYTES) return Buffer.from(bytes.subarray(-TAIL_BYTES))
  return Buffer.concat([before, bytes]).subarray(-TAIL_BYTES)
}

function endsAnswer(tail: Buffer): boolean {
  // Most bytes end otherwise, and to see that costs nothing.
  return tail.at(-5) === 0x30 && tail.toString('latin1', tail.length - END.length) === END
}

/** Calls back with the position behind each token's mark in these bytes. */
export function eachToken(bytes: Buffer, mark: string, call: (at: number) => void): void {
  for (let at = bytes.indexOf(mark, 0, 'latin1'); at >= 0; at = bytes.indexOf(mark, at, 'latin1')) {
    at += mark.length
    call(at)
  }
}
