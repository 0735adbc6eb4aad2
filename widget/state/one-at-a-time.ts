/** Runs one piece of work at a time: a new one ends the one before, silently. */
export class OneAtATime {
  #running = new AbortController()

  get isHalted(): boolean {
    return this.#running.signal.aborted
  }

  /** Ends what runs. */
  halt(): void {
    this.#running.abort()
  }

  /** Runs the work; a failure of what has been ended since is nobody's business. */
  async run(
    work: (signal: AbortSignal) => Promise<void>,
    onFail: (error: unknown, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    this.halt()
    this.#running = new AbortController()
    const { signal } = this.#running
    try {
      await work(signal)
    } catch (error) {
      if (!signal.aborted) await onFail(error, signal)
    }
  }
}
