import { isAscii } from 'node:buffer'
import { createParser, type EventSourceParser } from 'eventsource-parser'
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

const DATA = 'data: '
const END = '\n\n'

/** What nearly every chunk is: one line of data, the whole event. Looking is cheaper than parsing. */
function isOneEvent(text: string): boolean {
  const end = text.length - END.length
  return (
    text.startsWith(DATA) &&
    text.indexOf('\n') === end &&
    text.endsWith(END) &&
    !text.includes('\r')
  )
}

export function createSseReader(): SseReader {
  const hold = createErrorLineHolder()
  let events: string[] = []
  let tooLong = false
  /** Whether nothing is left over of what came before, neither bytes nor lines. */
  let isClean = true
  // Most answers need neither of these two, which are large.
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let parser: EventSourceParser | undefined

  const decode = (chunk: Uint8Array): string => {
    if (isClean && isAscii(chunk)) return asText(chunk)
    decoder ??= new TextDecoder()
    return decoder.decode(chunk, { stream: true })
  }

  const feed = (text: string): readonly string[] => {
    if (isClean && isOneEvent(text)) return [text.slice(DATA.length, -END.length)]
    parser ??= createParser({
      maxBufferSize: LONGEST_EVENT,
      onEvent: ({ event, data }) => events.push(event === 'error' ? failureData(data) : data),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') tooLong = true
        else if (error.field === 'error') events.push(failureData(error.value ?? ''))
      },
    })
    parser.feed(hold(text))
    isClean = text.endsWith(END)
    if (tooLong) {
      throw new ChatError('inference_error', 'The model server sent an event that is too long.')
    }
    if (events.length === 0) return []
    const complete = events
    events = []
    return complete
  }

  return {
    read: (chunk) => feed(decode(chunk)),
    end: () => feed(`${decoder?.decode() ?? ''}\n\n`),
  }
}

/** Of ASCII alone. */
const asText = (chunk: Uint8Array): string =>
  (chunk instanceof Buffer ? chunk : Buffer.from(chunk)).toString('latin1')
