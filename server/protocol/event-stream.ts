/** How an answer stands on the wire of dialect A: the head of the response, and the frame of an event. */

/**
 * `no-store` is for the reader: Chromium hands over an answer that it may not store in as few pieces as
 * have gathered, and any other one piece by piece. `no-cache` and `no-transform` are for proxies.
 */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store, no-transform',
  'x-accel-buffering': 'no',
} as const

/** One event, `data` being its JSON; `seq` counts the events of the turn from 1. */
export const writeEvent = (turnId: string, seq: number, data: string) =>
  `id: ${turnId}.${seq}\ndata: ${data}\n\n`
