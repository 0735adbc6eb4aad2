import { toApiError } from './api-error.ts'
import { decodeEvent } from './decode-event.ts'
import { createEventReader } from './read-events.ts'
import type { WidgetEvent } from './turn-event.ts'

export interface StreamedEvent {
  /** `<turn id>.<number>`, where the server gave one. */
  readonly id: string | undefined
  readonly event: WidgetEvent
}

/** A turn as it arrives; a batch holds what came in one piece from the network. */
export type TurnStream = AsyncIterable<readonly StreamedEvent[]>

/**
 * Reads server-sent events from a body. Ends when the body ends, whole or not: only a `done` event
 * says that the turn is complete.
 * @throws ApiError when the connection breaks
 */
export async function* readStream(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<readonly StreamedEvent[], void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let batch: StreamedEvent[] = []
  const feed = createEventReader((id, data) => {
    const event = decodeEvent(data)
    if (event) batch.push({ id, event })
  })
  try {
    for (;;) {
      const piece = await reader.read()
      if (piece.done) return
      feed(decoder.decode(piece.value, { stream: true }))
      if (batch.length === 0) continue
      const together = batch
      batch = []
      yield together
    }
  } catch (error) {
    throw toApiError(error)
  } finally {
    // A reader that leaves early (a new conversation, the element removed) lets the connection go.
    void reader.cancel().catch(() => undefined)
  }
}
