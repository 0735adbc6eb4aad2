import { createParser } from 'eventsource-parser'
import { ChatError } from '../core/errors.ts'
import { createErrorLineHolder } from './error-lines.ts'
import { failureData } from './failure.ts'

/** Characters of one event. */
export const LONGEST_EVENT = 16_777_216

/** Reads server-sent events out of bytes that are cut anywhere. */
export interface SseReader {
  /**
   * The `data` of every event that this chunk completes; of one that is called an error, data that says so
   * itself. @throws ChatError when an event is too long.
   */
  read(chunk: Uint8Array): readonly string[]
  /**
   * The bytes have ended. Gives the last event even when its blank line is missing, which a browser would
   * drop: model servers do end like that, and what is cut short is no JSON anyway.
   */
  end(): readonly string[]
}

export function createSseReader(): SseReader {
  const decoder = new TextDecoder()
  const hold = createErrorLineHolder()
  let events: string[] = []
  let tooLong = false
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onEvent: ({ event, data }) => events.push(event === 'error' ? failureData(data) : data),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') tooLong = true
      else if (error.field === 'error') events.push(failureData(error.value ?? ''))
    },
  })

  const feed = (text: string): readonly string[] => {
    parser.feed(hold(text))
    if (tooLong) {
      throw new ChatError('inference_error', 'The model server sent an event that is too long.')
    }
    if (events.length === 0) return []
    const complete = events
    events = []
    return complete
  }

  return {
    read: (chunk) => feed(decoder.decode(chunk, { stream: true })),
    end: () => feed(`${decoder.decode()}\n\n`),
  }
}
