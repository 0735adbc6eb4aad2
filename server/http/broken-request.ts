import type { Duplex } from 'node:stream'
import { ChatError } from '../core/errors.ts'
import { problemOf } from './problem.ts'

/** Answers what is no HTTP request, which no route ever sees, in the form of every other problem. */
export function refuseBrokenRequest(cause: Error, socket: Duplex): void {
  if (!socket.writable || ('code' in cause && cause.code === 'ECONNRESET')) {
    socket.destroy()
    return
  }
  const tooLarge = 'code' in cause && cause.code === 'HPE_HEADER_OVERFLOW'
  const { status, body, headers } = problemOf(
    tooLarge
      ? new ChatError('too_large', 'The headers of the request are too large.', { status: 431 })
      : new ChatError('invalid_request', 'This is not a valid HTTP request.', { status: 400 }),
  )
  const text = JSON.stringify(body)
  const lines = Object.entries({
    ...headers,
    'x-trace-id': crypto.randomUUID(),
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${body.title}`, ...lines, '', text].join('\r\n'))
}
