import { ChatError } from '../core/errors.ts'
import type { InferenceEvent } from '../core/ports.ts'
import { parseJson } from './json.ts'
import { createSseReader, LONGEST_EVENT, type SseReader } from './sse.ts'
import { interrupted } from './upstream.ts'

/** How an answer ended, as far as it is known yet. */
export type Outcome = 'running' | 'complete' | ChatError

/** Reads the events of one answer in one protocol. Pure; what it makes of them goes to `emit`. */
export interface EventReader {
  /** The data of one event. Not called again once the outcome is known. */
  read(data: string): void
  /** A JSON body that came instead of a stream. */
  readWhole(body: unknown): void
  /** Nothing more comes. Leaves `running` what is not complete. */
  end(): void
  readonly outcome: Outcome
  /** Whether the answer has said that it is over, although its last event may still come. */
  readonly saidItsEnd: boolean
}

/**
 * What the reader of an answer, or its decoder, is made as: with fields, and no getters. Objects that are
 * written down with getters are slow dictionaries to V8, and these are asked for every token.
 */
export type Made<Interface> = { -readonly [Key in keyof Interface]: Interface[Key] }

export type CreateEventReader = (emit: (event: InferenceEvent) => void) => EventReader

/** Turns the bytes of one answer into events, wherever they are cut. */
export interface AnswerDecoder {
  push(chunk: Uint8Array): InferenceEvent[]
  /** The bytes have ended, or broken off. */
  end(): InferenceEvent[]
  readonly outcome: Outcome
  /** Whether nothing but the formal end, or what was counted, is still to come. */
  readonly saidItsEnd: boolean
  /** What it means when the bytes end in good order while the outcome is `running`. */
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
  let batch: InferenceEvent[] = []
  const reader = createReader((event) => batch.push(event))
  const sse: SseReader = createSseReader()
  let kind: BodyKind | undefined
  let failure: ChatError | undefined
  const whole: Uint8Array[] = []
  let wholeLength = 0

  const take = () => {
    decoder.outcome = failure ?? reader.outcome
    decoder.saidItsEnd = reader.saidItsEnd
    const taken = batch
    batch = []
    return taken
  }

  const readEvents = (next: () => readonly string[]) => {
    try {
      for (const data of next()) {
        if (reader.outcome !== 'running') return
        reader.read(data)
      }
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      failure = error
    }
  }

  const keepWhole = (chunk: Uint8Array) => {
    whole.push(Buffer.from(chunk))
    wholeLength += chunk.length
    if (wholeLength > LONGEST_EVENT) failure = notAStream()
  }

  const readWhole = () => {
    const body = parseJson(new TextDecoder().decode(Buffer.concat(whole)))
    if (body !== undefined) reader.readWhole(body)
  }

  const decoder: Made<AnswerDecoder> = {
    outcome: 'running',
    saidItsEnd: false,
    push(chunk) {
      if (decoder.outcome !== 'running') return []
      if (kind === undefined) {
        const first = chunk.find((byte) => !LEADING.has(byte))
        if (first !== undefined) kind = kindOf(first)
        else whole.push(Buffer.from(chunk))
      }
      if (kind === 'page') failure = notAStream()
      else if (kind === 'json') keepWhole(chunk)
      else readEvents(() => sse.read(chunk))
      return take()
    },
    end() {
      if (decoder.outcome !== 'running') return []
      if (kind === 'json') readWhole()
      else readEvents(() => sse.end())
      if (!failure && reader.outcome === 'running') reader.end()
      return take()
    },
    incomplete: () => (kind === 'json' ? notAStream() : interrupted()),
  }
  return decoder
}
