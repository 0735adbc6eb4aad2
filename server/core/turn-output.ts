import type { TurnEvent } from '../protocol/events.ts'
import type { TurnWriter } from './ports.ts'

export interface TurnOutputOptions {
  readonly writer: TurnWriter
  /** What the model says before the turn counts is held back; for good when it does not (false). */
  readonly acknowledged: Promise<boolean>
  /** Milliseconds since the turn was asked for. */
  readonly elapsed: () => number
}

/** Where an answer goes on its way to the log. After its first token that costs one look at a field. */
export class TurnOutput implements TurnWriter {
  readonly #writer: TurnWriter
  readonly #elapsed: () => number
  /** The turn counts, and its first token is out: nothing is left to do here. */
  #isFlowing = false
  #held: TurnEvent[] | undefined = []
  #firstTokenMs: number | undefined

  constructor({ writer, acknowledged, elapsed }: TurnOutputOptions) {
    this.#writer = writer
    this.#elapsed = elapsed
    void acknowledged.then((counts) => {
      if (counts) this.#release()
    })
  }

  /** `undefined`: there was none. */
  get firstTokenMs(): number | undefined {
    return this.#firstTokenMs
  }

  append(events: readonly TurnEvent[]): void {
    if (this.#isFlowing) this.#writer.append(events)
    else this.#appendEarly(events)
  }

  #appendEarly(events: readonly TurnEvent[]): void {
    if (this.#held) for (const event of events) this.#held.push(event)
    else this.#writer.append(events)
    if (this.#firstTokenMs === undefined && events.some(({ type }) => type === 'token')) {
      this.#firstTokenMs = this.#elapsed()
    }
    this.#isFlowing = !this.#held && this.#firstTokenMs !== undefined
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#writer.append(held)
    this.#isFlowing = this.#firstTokenMs !== undefined
  }
}
