import type { TurnEvent } from '../../protocol/events.ts'
import type { TurnWriter } from '../ports/index.ts'

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
  /** Nothing is held back, and the first token is out: nothing is left to do here. */
  #isFlowing = false
  #counts = false
  /** In order; pieces that are not there yet are `undefined` until they are. */
  #held: { events: readonly TurnEvent[] | undefined }[] = []
  #firstTokenMs: number | undefined

  constructor({ writer, acknowledged, elapsed }: TurnOutputOptions) {
    this.#writer = writer
    this.#elapsed = elapsed
    void acknowledged.then((counts) => {
      this.#counts = counts
      this.#release()
    })
  }

  /** `undefined`: there was none. */
  get firstTokenMs(): number | undefined {
    return this.#firstTokenMs
  }

  /** Tells again what an earlier turn has said, before this one's own first token. */
  repeat(events: readonly TurnEvent[]): void {
    this.#held.push({ events })
    this.#release()
  }

  append(events: readonly TurnEvent[]): void {
    if (this.#isFlowing) this.#writer.append(events)
    else this.#appendLater(events)
  }

  /** What is appended from now on comes after these events. The promise is never to reject. */
  async appendWhenThere(coming: Promise<readonly TurnEvent[]>): Promise<void> {
    const piece: { events: readonly TurnEvent[] | undefined } = { events: undefined }
    this.#isFlowing = false
    this.#held.push(piece)
    piece.events = await coming
    this.#release()
  }

  #appendLater(events: readonly TurnEvent[]): void {
    if (this.#firstTokenMs === undefined && events.some(({ type }) => type === 'token')) {
      this.#firstTokenMs = this.#elapsed()
    }
    this.#held.push({ events })
    this.#release()
  }

  #release(): void {
    if (!this.#counts) return
    const awaited = this.#held.findIndex(({ events }) => events === undefined)
    const ready = this.#held.splice(0, awaited < 0 ? this.#held.length : awaited)
    this.#writer.append(ready.flatMap(({ events = [] }) => events))
    this.#isFlowing = this.#held.length === 0 && this.#firstTokenMs !== undefined
  }
}
