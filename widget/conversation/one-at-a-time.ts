import { toApiError, type ApiError } from '../api/api-error.ts'

export interface WorkEvents {
  /** Dealing with a failure failed too. */
  readonly onFail: (error: ApiError) => void
  /** The work is over, and was not ended by other work. */
  readonly onEnd: () => void
}

/** Runs one piece of work at a time: a new one ends the one before, silently. */
export class OneAtATime {
  readonly #events: WorkEvents
  #running = new AbortController()

  constructor(events: WorkEvents) {
    this.#events = events
  }

  /** Aborts when what runs is ended. */
  get signal(): AbortSignal {
    return this.#running.signal
  }

  /** Ends what runs. */
  halt(): void {
    this.#running.abort()
  }

  /** Runs the work; a failure of what has been ended since is nobody's business. */
  async run(
    work: (signal: AbortSignal) => Promise<void>,
    onFail: (error: ApiError, signal: AbortSignal) => Promise<void> | void,
  ): Promise<void> {
    this.halt()
    this.#running = new AbortController()
    const { signal } = this.#running
    try {
      await work(signal)
    } catch (error) {
      try {
        if (!signal.aborted) await onFail(toApiError(error), signal)
      } catch (failure) {
        if (!signal.aborted) this.#events.onFail(toApiError(failure))
      }
    }
    if (!signal.aborted) this.#events.onEnd()
  }
}
