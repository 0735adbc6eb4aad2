/** How dialect A writes the events of a turn to one reader. */
import type { TurnFollower } from '../../core/ports/index.ts'
import { writeEvent } from '../../protocol/event-stream.ts'
import type { ChunkEvent, TokenEvent, TurnEvent } from '../../protocol/events.ts'
import type { EventSink } from '../route.ts'

/**
 * Writes server-sent events of one turn. The same event always gives the same bytes, whoever reads it:
 * resuming depends on it. A class, so that what every token touches lies together in memory, and not in a
 * closure each.
 */
export class TurnStream implements TurnFollower {
  readonly #sink: EventSink
  readonly #turnId: string
  #extra: TokenEvent['extra']
  #extraText = '}'

  constructor(turnId: string, sink: EventSink) {
    this.#turnId = turnId
    this.#sink = sink
  }

  events(batch: readonly TurnEvent[], firstSeq: number): boolean {
    let text = ''
    let seq = firstSeq
    for (const event of batch) {
      if (event.type === 'token') {
        text += writeEvent(this.#turnId, seq, this.#tokenText(event))
      } else if (event.type !== 'chunk' && !isEmpty(event)) {
        text += writeEvent(this.#turnId, seq, JSON.stringify(dataOf(event)))
      }
      seq += 1
    }
    return text === '' || this.#sink.write(text)
  }

  end(): void {
    this.#sink.end()
  }

  /** Most of what is ever written. Further keys are mostly those of the token before. */
  #tokenText(event: TokenEvent): string {
    if (event.extra !== this.#extra) {
      this.#extra = event.extra
      const text = JSON.stringify(event.extra ?? {})
      this.#extraText = text === '{}' ? '}' : `,${text.slice(1)}`
    }
    return `{"token":${JSON.stringify(event.text)}${this.#extraText}`
  }
}

/** In this dialect an answer that rests on no document has no event of its sources. */
const isEmpty = (event: TurnEvent) => event.type === 'sources' && event.sources.length === 0

function dataOf(event: Exclude<TurnEvent, TokenEvent | ChunkEvent>): Record<string, unknown> {
  switch (event.type) {
    case 'start': {
      const { turn_id, user_message_id, message_id } = event
      return { turn_id, user_message_id, message_id }
    }
    case 'sources':
      return { sources: event.sources }
    case 'citations':
      return { citations: event.citations }
    case 'title':
      return { title: event.title }
    case 'tool_request': {
      const { type: _, ...request } = event
      return { tool_request: request }
    }
    case 'tool_progress': {
      const { type: _, ...progress } = event
      return { tool_progress: progress }
    }
    case 'progress': {
      const { type: _, ...progress } = event
      return { progress }
    }
    case 'suggestions':
      return { suggestions: event.suggestions }
    case 'error': {
      const { type: _, message, ...rest } = event
      return { error: message, ...rest }
    }
    case 'done': {
      const { type: _, ...rest } = event
      return { done: true, ...rest }
    }
  }
}
