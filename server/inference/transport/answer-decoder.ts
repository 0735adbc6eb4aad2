import { ChatError } from '../../core/errors.ts'
import type { EventBatch } from '../../core/ports/index.ts'
import type { BodyEnd, CreateEventReader, Ending, EventReader, Outcome } from './event-reader.ts'
import { parseJson } from '../json.ts'
import { createSseReader, LONGEST_EVENT } from './sse.ts'
import { interrupted } from './upstream.ts'

/** Turns the bytes of one answer into events, wherever they are cut. */
export interface AnswerDecoder {
  push(chunk: Uint8Array): EventBatch
  /** No more bytes come. */
  end(how: BodyEnd): EventBatch
  readonly outcome: Outcome
  readonly ending: Ending
  /** What it means when the bytes end without a failure of their own while the outcome is `running`. */
  incomplete(): ChatError
}

const BRACE = 0x7b
const BRACKET = 0x5b
const LESS_THAN = 0x3c
/** Blanks, line ends and the byte order mark: what may stand before a body begins. */
const LEADING: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf])

type BodyKind = 'events' | 'json' | 'page'

/** By its first byte, since servers name their types wrongly: no line of a stream begins like these. */
function kindOf(firstByte: number): BodyKind {
  if (firstByte === LESS_THAN) return 'page'
  return firstByte === BRACE || firstByte === BRACKET ? 'json' : 'events'
}

const notAStream = () =>
  new ChatError('inference_error', 'The model server did not answer with a stream.')

export function createAnswerDecoder(createReader: CreateEventReader): AnswerDecoder {
  return new EventDecoder(createReader())
}

const NOTHING: EventBatch = []

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class EventDecoder implements AnswerDecoder {
  outcome: Outcome = 'running'
  ending: Ending = 'open'
  #kind: BodyKind | undefined
  readonly #reader: EventReader
  readonly #sse = createSseReader()
  #failure: ChatError | undefined
  #whole: Uint8Array[] | undefined
  #wholeLength = 0

  constructor(reader: EventReader) {
    this.#reader = reader
  }

  push(chunk: Uint8Array): EventBatch {
    if (this.outcome !== 'running') return NOTHING
    if (this.#kind === undefined) this.#recognize(chunk)
    if (this.#kind === 'page') this.#failure = notAStream()
    else if (this.#kind === 'json') this.#keepWhole(chunk)
    else this.#readEvents(chunk)
    return this.#take()
  }

  end(how: BodyEnd): EventBatch {
    if (this.outcome !== 'running') return NOTHING
    if (this.#kind === 'json') this.#readWhole()
    else this.#readEvents(undefined)
    if (!this.#failure && this.#reader.outcome === 'running') this.#reader.end(how)
    return this.#take()
  }

  incomplete(): ChatError {
    return this.#kind === 'json' ? notAStream() : interrupted()
  }

  #take(): EventBatch {
    this.outcome = this.#failure ?? this.#reader.outcome
    this.ending = this.#reader.ending
    return this.#reader.take()
  }

  /** `undefined` for the end of all chunks. */
  #readEvents(chunk: Uint8Array | undefined): void {
    try {
      const read = chunk ? this.#sse.read(chunk) : this.#sse.end()
      if (typeof read === 'string') this.#reader.read(read)
      else this.#readAll(read)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      this.#failure = error
    }
  }

  #readAll(events: readonly string[]): void {
    for (const data of events) {
      if (this.#reader.outcome !== 'running') return
      this.#reader.read(data)
    }
  }

  #recognize(chunk: Uint8Array): void {
    const first = chunk.find((byte) => !LEADING.has(byte))
    if (first !== undefined) this.#kind = kindOf(first)
    else this.#keepWhole(chunk)
  }

  #keepWhole(chunk: Uint8Array): void {
    this.#whole ??= []
    this.#whole.push(Buffer.from(chunk))
    this.#wholeLength += chunk.length
    if (this.#wholeLength > LONGEST_EVENT) this.#failure = notAStream()
  }

  #readWhole(): void {
    const body = parseJson(new TextDecoder().decode(Buffer.concat(this.#whole ?? [])))
    if (body !== undefined) this.#reader.readWhole(body)
  }
}
