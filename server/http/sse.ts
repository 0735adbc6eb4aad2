/**
 * Writes server-sent events to Node's own response: web streams on this path cost several times the CPU
 * per token.
 */
import type { ServerResponse } from 'node:http'

/** Milliseconds of silence after which a comment line keeps the connection open; 15 s is promised. */
const PING_AFTER = 10_000
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
  readonly events: (signal: AbortSignal) => AsyncIterable<string>
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds; tests set it. */
  readonly pingAfter?: number
}

/** Resolves when the stream has ended or its reader has left. */
export async function writeEventStream(
  response: ServerResponse,
  options: EventStreamOptions,
): Promise<void> {
  // The reader left while the turn was being started: its `close` has been and will not come again.
  if (response.destroyed) return
  const gone = new AbortController()
  const onClose = () => gone.abort()
  response.once('close', onClose)
  response.writeHead(200, { ...options.headers, ...EVENT_STREAM })
  response.flushHeaders()
  response.socket?.setNoDelay(true)

  const pingAfter = options.pingAfter ?? PING_AFTER
  const ping = setTimeout(function beat() {
    if (!response.writableNeedDrain) response.write(': ping\n\n')
    ping.refresh()
  }, pingAfter)

  try {
    for await (const text of options.events(gone.signal)) {
      ping.refresh()
      if (!response.write(text) && response.writableLength > MAX_WAITING) {
        await drained(response, gone.signal)
        // Let go of what it does not take, or ending would wait for it.
        if (response.writableNeedDrain) response.destroy()
      }
      if (gone.signal.aborted) break
    }
  } finally {
    clearTimeout(ping)
    response.end()
    response.off('close', onClose)
  }
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(stall)
      response.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stall = setTimeout(done, MAX_STALL)
    response.once('drain', done)
    signal.addEventListener('abort', done, { once: true })
  })
}
