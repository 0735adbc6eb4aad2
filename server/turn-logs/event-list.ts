import type { TokenEvent, TurnEvent } from '../protocol/events.ts'

/** The events of a turn, in order. */
export interface EventList {
  length(): number
  push(event: TurnEvent): void
  /** All but the first so many. */
  after(count: number): readonly TurnEvent[]
}

/** Tokens from an index on have these further keys. */
interface ExtraFrom {
  readonly index: number
  readonly extra: TokenEvent['extra']
}

/**
 * Keeps tokens as bare strings: they are nearly all there is, there are many, and few are read again.
 * Their further keys hardly ever change from one token to the next.
 */
export function createEventList(): EventList {
  const kept: (string | TurnEvent)[] = []
  const extras: ExtraFrom[] = []
  let lastExtra: TokenEvent['extra']
  return {
    length: () => kept.length,
    push(event) {
      if (event.type !== 'token') {
        kept.push(event)
        return
      }
      if (event.extra !== lastExtra) {
        lastExtra = event.extra
        extras.push({ index: kept.length, extra: lastExtra })
      }
      kept.push(event.text)
    },
    after(count) {
      let next = 0
      let extra: TokenEvent['extra']
      return kept.slice(count).map((event, offset) => {
        for (let from = extras[next]; from && from.index <= count + offset; from = extras[next]) {
          extra = from.extra
          next += 1
        }
        if (typeof event !== 'string') return event
        return extra ? { type: 'token', text: event, extra } : { type: 'token', text: event }
      })
    },
  }
}
