/** Server-sent events out of bytes, and what the readers of all protocols have in common. */
import { isAscii } from 'node:buffer'
import { createParser } from 'eventsource-parser'
import { ChatError } from '../../core/errors.ts'
import { failureData } from '../failure.ts'
import type { EventBatch, InferenceEvent } from '../../core/ports/index.ts'

/**
 * Some servers report a failure in a line `error: …`, which is no field of server-sent events. The parser
 * passes over a line of an unknown field as soon as it sees its beginning, so that it has to get such
 * lines whole.
 */
const START = 'error:'
/** Characters of such a line; of a longer one it is known already what it is. */
const LONGEST_LINE = 65_536

const LF = 0x0a
const CR = 0x0d

/** Holds back the beginning of an error line. */
class ErrorLineHolder {
  #held = ''
  #atLineStart = true

  /** What the parser is to get, now that this text has come. */
  pass(text: string): string {
    const end = text.charCodeAt(text.length - 1)
    // Nearly always: servers send whole lines.
    if (this.#held === '' && (end === LF || end === CR)) {
      this.#atLineStart = true
      return text
    }
    if (text === '') return text
    const whole = this.#held + text
    this.#held = ''
    const lineStart = Math.max(whole.lastIndexOf('\n'), whole.lastIndexOf('\r')) + 1
    const begins = lineStart > 0 || this.#atLineStart
    if (begins && lineStart < whole.length && startsErrorLine(whole, lineStart)) {
      if (whole.length - lineStart > LONGEST_LINE) return `${whole}\n`
      this.#held = whole.slice(lineStart)
      this.#atLineStart = true
      return whole.slice(0, lineStart)
    }
    this.#atLineStart = lineStart === whole.length
    return whole
  }
}

function startsErrorLine(text: string, at: number): boolean {
  return START.startsWith(text.slice(at, at + START.length))
}

/** Characters of one event. */
export const LONGEST_EVENT = 16_777_216

/** The `data` of events; of the usual one alone without a list around it. */
type EventData = string | readonly string[]

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

/**
 * Reads server-sent events out of bytes that are cut anywhere. A class, so that what every token touches lies
 * together in memory, and not in a closure each.
 */
export class SseReader {
  /** Whether nothing is left over of what came before, neither bytes nor lines. */
  #isClean = true
  // Most answers need neither of these two, which are large.
  #decoder: InstanceType<typeof TextDecoder> | undefined
  #parser: Parser | undefined

  /**
   * The `data` of every event that this chunk completes; of one that is called an error, data that says so
   * itself. @throws ChatError when an event is too long.
   */
  read(chunk: Uint8Array): EventData {
    return this.#feed(this.#decode(chunk))
  }

  /**
   * The bytes have ended. Gives the last event even when its blank line is missing, which a browser would
   * drop: model servers do end like that, and what is cut short is no JSON anyway.
   */
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

/** How an answer ended, as far as it is known yet. */
export type Outcome = 'running' | 'complete' | ChatError

/** How the body of an answer ends: in good order, by a failure of the connection, or in silence. */
export type BodyEnd = 'closed' | 'broken' | 'silent'

/**
 * Whether an answer that has not come to its formal end is over all the same. `likely`: it gave its reason to
 * end, in a way in which servers also give it in mid-answer. `certain`: nothing is to come but what was counted.
 */
export type Ending = 'open' | 'likely' | 'certain'

const NOTHING: EventBatch = []

/**
 * Reads the events of one answer in one protocol; what it makes of them is there to be taken. A class with plain
 * fields, so that what every token touches lies together in memory, and not in a closure each.
 */
export abstract class EventReader {
  outcome: Outcome = 'running'
  ending: Ending = 'open'
  #batch: InferenceEvent[] | undefined

  /** The data of one event. Not called again once the outcome is known. */
  abstract read(data: string): void
  /** A JSON body that came instead of a stream. */
  abstract readWhole(body: unknown): void
  /** Nothing more comes. Leaves `running` what is not complete. */
  abstract end(how: BodyEnd): void

  /** What was made of it since the last time. */
  take(): EventBatch {
    const taken = this.#batch
    if (!taken) return NOTHING
    this.#batch = undefined
    return taken
  }

  protected emit(event: InferenceEvent): void {
    // Mostly it stays alone, and a list that is made for one is a tenth as large as one that grows.
    if (this.#batch) this.#batch.push(event)
    else this.#batch = [event]
  }
}
