import { isAscii } from 'node:buffer'
import { createParser } from 'eventsource-parser'
import { ChatError } from '../../core/errors.ts'
import { ErrorLineHolder } from './error-lines.ts'
import { failureData } from '../failure.ts'

/** Characters of one event. */
export const LONGEST_EVENT = 16_777_216

/** The `data` of events; of the usual one alone without a list around it. */
export type EventData = string | readonly string[]

/** Reads server-sent events out of bytes that are cut anywhere. */
export interface SseReader {
  /**
   * The `data` of every event that this chunk completes; of one that is called an error, data that says so
   * itself. @throws ChatError when an event is too long.
   */
  read(chunk: Uint8Array): EventData
  /**
   * The bytes have ended. Gives the last event even when its blank line is missing, which a browser would
   * drop: model servers do end like that, and what is cut short is no JSON anyway.
   */
  end(): EventData
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
  return new EventStreamReader()
}

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class EventStreamReader implements SseReader {
  /** Whether nothing is left over of what came before, neither bytes nor lines. */
  #isClean = true
  // Most answers need neither of these two, which are large.
  #decoder: InstanceType<typeof TextDecoder> | undefined
  #parser: Parser | undefined

  read(chunk: Uint8Array): EventData {
    return this.#feed(this.#decode(chunk))
  }

  end(): EventData {
    return this.#feed(`${this.#decoder?.decode() ?? ''}\n\n`)
  }

  #decode(chunk: Uint8Array): string {
    if (this.#isClean && isAscii(chunk)) return asText(chunk)
    this.#decoder ??= new TextDecoder()
    return this.#decoder.decode(chunk, { stream: true })
  }

  #feed(text: string): EventData {
    if (this.#isClean && isOneEvent(text)) return text.slice(DATA.length, -END.length)
    this.#parser ??= new Parser()
    const events = this.#parser.parse(text)
    this.#isClean = text.endsWith(END)
    return events
  }
}

/** For whatever is not one whole event. */
class Parser {
  #events: string[] = []
  #tooLong = false
  readonly #lines = new ErrorLineHolder()
  readonly #parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onEvent: ({ event, data }) => this.#events.push(event === 'error' ? failureData(data) : data),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') this.#tooLong = true
      else if (error.field === 'error') this.#events.push(failureData(error.value ?? ''))
    },
  })

  /** @throws ChatError when an event is too long */
  parse(text: string): readonly string[] {
    this.#parser.feed(this.#lines.pass(text))
    if (this.#tooLong) {
      throw new ChatError('inference_error', 'The model server sent an event that is too long.')
    }
    if (this.#events.length === 0) return []
    const complete = this.#events
    this.#events = []
    return complete
  }
}

/** Of ASCII alone. */
const asText = (chunk: Uint8Array): string =>
  (chunk instanceof Buffer ? chunk : Buffer.from(chunk)).toString('latin1')
