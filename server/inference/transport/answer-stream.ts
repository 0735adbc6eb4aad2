/** An answer from its request to its last event, with the patience that each part of it has. */
import { ChatError } from '../../core/errors.ts'
import type { EventBatch, PushedAnswer, TakeBatch } from '../../core/ports/index.ts'
import {
  type BodyEnd,
  type Ending,
  type EventReader,
  type Outcome,
  SseReader,
  LONGEST_EVENT,
} from './sse.ts'
import type { Receiver } from './exchange.ts'
import { type UpstreamAnswer, interrupted } from './upstream.ts'
import { parseJson } from '../../text/json.ts'

/**
 * Some servers send no formal end and keep the connection open, with heartbeats even. An answer that has given
 * its finish reason is complete when nothing more of it comes for this many ms; for as long as any silence may
 * last where the server may have given the reason in mid-answer. What was counted comes seconds later at times.
 */
export const SILENCE_AT_THE_END = 5_000
/** The same of a reason that may have been given in mid-answer, where any silence may last for ever. */
const SILENCE_AFTER_A_REASON = 60_000

/** A connection that is given up for its silence may belong to an answer that is over. */
function bodyEnd(failure: Error | undefined): BodyEnd {
  if (!failure) return 'closed'
  return failure instanceof ChatError && failure.code === 'inference_timeout' ? 'silent' : 'broken'
}

/**
 * The events of an answer as they come, all that arrived together in one batch. Asks when it is first read, and tells
 * the model server to stop when its reader wants no more.
 */
export const streamAnswer = (
  open: () => Promise<UpstreamAnswer>,
  createReader: () => EventReader,
): PushedAnswer => ({
  async push(take) {
    const reading = new AnswerReading(new AnswerDecoder(createReader()), take)
    await reading.read(await open())
  },
})

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class AnswerReading implements Receiver {
  #isOver = false
  readonly #decoder: AnswerDecoder
  readonly #take: TakeBatch
  #ending: Ending = 'open'
  #endTimer: NodeJS.Timeout | undefined
  #answer: UpstreamAnswer | undefined
  readonly #over = Promise.withResolvers<void>()

  constructor(decoder: AnswerDecoder, take: TakeBatch) {
    this.#decoder = decoder
    this.#take = take
  }

  async read(answer: UpstreamAnswer): Promise<void> {
    this.#answer = answer
    answer.receive(this)
    await this.#over.promise
  }

  chunk(bytes: Uint8Array): void {
    if (this.#isOver) return
    const decoder = this.#decoder
    const events = decoder.push(bytes)
    this.#accept(events)
    const { ending } = decoder
    // Nothing at all for nearly every chunk: there is no end in sight.
    if (ending !== this.#ending || (ending !== 'open' && events.length > 0)) this.#await(ending)
  }

  end(failure: Error | undefined): void {
    if (!this.#isOver) this.#endBody(failure)
  }

  #accept(events: EventBatch): void {
    if (events.length > 0) this.#give(events)
    const { outcome } = this.#decoder
    if (outcome !== 'running') this.#end(outcome === 'complete' ? undefined : outcome)
  }

  #give(events: EventBatch): void {
    try {
      if (!this.#take(events)) this.#end(undefined)
    } catch (failure) {
      this.#end(failure)
    }
  }

  #await(ending: Ending): void {
    clearTimeout(this.#endTimer)
    this.#ending = ending
    const silenceMs = this.#answer?.silenceMs
    if (ending === 'open' || silenceMs === undefined || this.#isOver) return
    const most = ending === 'certain' ? SILENCE_AT_THE_END : SILENCE_AFTER_A_REASON
    const longest =
      ending === 'certain' || silenceMs === Number.POSITIVE_INFINITY ? most : silenceMs
    this.#endTimer = setTimeout(
      () => this.#endBody(undefined, 'silent'),
      Math.min(longest, silenceMs),
    )
  }

  #endBody(failure: Error | undefined, how = bodyEnd(failure)): void {
    this.#accept(this.#decoder.end(how))
    this.#end(failure ?? this.#decoder.incomplete())
  }

  #end(failure: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#endTimer)
    if (this.#decoder.outcome === 'complete') this.#answer?.finish()
    else this.#answer?.abort()
    if (failure === undefined) this.#over.resolve()
    else this.#over.reject(failure)
  }
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

const NOTHING: EventBatch = []

/**
 * Turns the bytes of one answer into events, wherever they are cut. A class, so that what every token touches lies
 * together in memory, and not in a closure each.
 */
export class AnswerDecoder {
  outcome: Outcome = 'running'
  ending: Ending = 'open'
  #kind: BodyKind | undefined
  readonly #reader: EventReader
  readonly #sse = new SseReader()
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

  /** No more bytes come. */
  end(how: BodyEnd): EventBatch {
    if (this.outcome !== 'running') return NOTHING
    if (this.#kind === 'json') this.#readWhole()
    else this.#readEvents(undefined)
    if (!this.#failure && this.#reader.outcome === 'running') this.#reader.end(how)
    return this.#take()
  }

  /** What it means when the bytes end without a failure of their own while the outcome is `running`. */
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
