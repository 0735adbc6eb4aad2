/**
 * Writes server-sent events to Node's own response: web streams on this path cost several times the CPU
 * per token.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Follow } from '../dialects/route.ts'

/**
 * Milliseconds between two looks whether a stream is silent; then a comment line keeps the connection
 * open. Silence lasts at most twice as long, and 15 s is promised.
 */
const PING_AFTER = 7_000
/** Bytes that may wait for a slow reader before its stream pauses. The turn itself never waits. */
const MAX_WAITING = 256 * 1024
/** Milliseconds after which a reader that takes nothing is given up; it may come back and resume. */
const MAX_STALL = 120_000

export const EVENT_STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const

export interface EventStreamOptions {
  readonly follow: Follow
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds; tests set them. */
  readonly pingAfter?: number
  readonly maxStall?: number
}

/** Resolves when the stream has ended or its reader has left. */
export async function writeEventStream(
  response: ServerResponse,
  options: EventStreamOptions,
): Promise<void> {
  // The reader left while the turn was being started: its `close` has been and will not come again.
  if (response.destroyed) return
  const { socket } = response
  // Headers go with what there is to read already: one call to the system, and one packet.
  socket?.cork()
  response.writeHead(200, { ...options.headers, ...EVENT_STREAM })
  response.flushHeaders()
  socket?.setNoDelay(true)
  const over = Promise.withResolvers<void>()
  const out = chunkOutput(response)
  const restoreTimeout = withoutTimeout(response.socket)
  const { pingAfter = PING_AFTER, maxStall = MAX_STALL } = options
  let isQuiet = true
  let isOver = false
  let stall: NodeJS.Timeout | undefined

  const end = () => {
    if (isOver) return
    isOver = true
    clearInterval(ping)
    clearTimeout(stall)
    restoreTimeout()
    response.end()
    over.resolve()
  }
  /** Looks now and then whether something was written: a token should not cost a timer. */
  const ping = setInterval(() => {
    if (isQuiet && !out.stream.writableNeedDrain) out.write(': ping\n\n')
    isQuiet = true
  }, pingAfter)

  const feed = options.follow({
    write(text) {
      // The connection may serve another request by now.
      if (isOver) return false
      isQuiet = false
      if (out.write(text) || response.writableLength <= MAX_WAITING) return true
      // What it does not take is let go of, or ending would wait for it.
      stall ??= setTimeout(() => response.destroy(), maxStall)
      return false
    },
    end,
  })
  const onDrain = () => {
    if (stall === undefined) return
    clearTimeout(stall)
    stall = undefined
    feed.resume()
  }
  socket?.uncork()
  if (!isOver) out.stream.on('drain', onDrain)
  response.once('close', () => {
    feed.stop()
    end()
  })
  await over.promise
  out.stream.off('drain', onDrain)
}

/** A stream has its pings and its stall: the socket's own timeout would be put off again for every token. */
function withoutTimeout(socket: Socket | null): () => void {
  const timeout = socket?.timeout ?? 0
  if (!socket || timeout === 0) return () => {}
  socket.setTimeout(0)
  return () => socket.setTimeout(timeout)
}

/**
 * Where chunks of an answer are written. They are framed here and go to the socket in one piece: Node's
 * response makes four of each, which costs a tenth of the CPU of a token.
 */
function chunkOutput(response: ServerResponse) {
  const { socket } = response
  // HTTP/1.0 has no chunks, and an answer that waits for an earlier one has no socket yet.
  if (!response.chunkedEncoding || !socket) {
    return { stream: response, write: (text: string) => response.write(text) }
  }
  return {
    stream: socket,
    write(text: string) {
      const bytes = Buffer.byteLength(text)
      const chunk = `${bytes.toString(16)}\r\n${text}\r\n`
      // ASCII needs no encoding, only copying.
      return bytes === text.length ? socket.write(chunk, 'latin1') : socket.write(chunk)
    },
  }
}
