import type { ChatError } from '../../core/errors.ts'
import type { EventBatch, InferenceEvent } from '../../core/ports/index.ts'

/** How an answer ended, as far as it is known yet. */
export type Outcome = 'running' | 'complete' | ChatError

/** How the body of an answer ends: in good order, by a failure of the connection, or in silence. */
export type BodyEnd = 'closed' | 'broken' | 'silent'

/**
 * Whether an answer that has not come to its formal end is over all the same. `likely`: it gave its reason to
 * end, in a way in which servers also give it in mid-answer. `certain`: nothing is to come but what was counted.
 */
export type Ending = 'open' | 'likely' | 'certain'

/** Reads the events of one answer in one protocol. Pure; what it makes of them is there to be taken. */
export interface EventReader {
  /** The data of one event. Not called again once the outcome is known. */
  read(data: string): void
  /** A JSON body that came instead of a stream. */
  readWhole(body: unknown): void
  /** Nothing more comes. Leaves `running` what is not complete. */
  end(how: BodyEnd): void
  /** What was made of it since the last time. */
  take(): EventBatch
  readonly outcome: Outcome
  readonly ending: Ending
}

export type CreateEventReader = () => EventReader

const NOTHING: EventBatch = []

/**
 * What the readers of all protocols have. They are classes with plain fields, so that what every token
 * touches lies together in memory, and not in a closure each.
 */
export abstract class BatchReader implements EventReader {
  outcome: Outcome = 'running'
  ending: Ending = 'open'
  #batch: InferenceEvent[] | undefined

  abstract read(data: string): void
  abstract readWhole(body: unknown): void
  abstract end(how: BodyEnd): void

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
