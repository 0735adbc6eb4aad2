/** Conversations on their way out: gone from sight at once, from the server when nobody wants them back. */

export interface Deletable {
  readonly id: string
  readonly title: string
}

export interface PendingDeletionsOptions {
  /** Milliseconds in which they can be brought back. */
  readonly delay: number
  readonly remove: (id: string, isLeaving: boolean) => Promise<void>
  /** They are gone for good. */
  readonly onRemoved: (ids: ReadonlySet<string>) => void
  /** It is back, since it could not be deleted. */
  readonly onFailed: (conversation: Deletable, error: unknown) => void
  readonly onChange: () => void
}

export class PendingDeletions {
  /** What can still be brought back, the last one last. */
  waiting: readonly Deletable[] = []
  readonly #options: PendingDeletionsOptions
  /** What the server is being asked to delete. */
  readonly #leaving = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isHeld = false

  constructor(options: PendingDeletionsOptions) {
    this.#options = options
  }

  /** Whether it is not to be seen. */
  has(id: string): boolean {
    return this.#leaving.has(id) || this.waiting.some((one) => one.id === id)
  }

  /** The time to bring them back begins anew, for all that wait. */
  add(conversation: Deletable): void {
    this.waiting = [...this.waiting.filter(({ id }) => id !== conversation.id), conversation]
    this.#start()
    this.#options.onChange()
  }

  /** Brings back what waits; returns it. */
  undo(): readonly Deletable[] {
    clearTimeout(this.#timer)
    const { waiting } = this
    this.waiting = []
    this.#options.onChange()
    return waiting
  }

  /** Time stands still while somebody is about to decide. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (isHeld) clearTimeout(this.#timer)
    else if (this.waiting.length > 0) this.#start()
  }

  /** Deletes now, and resolves when that is done. `isLeaving`: the page is being left, and nobody is there to be told. */
  async flush(isLeaving = false): Promise<void> {
    clearTimeout(this.#timer)
    const { waiting } = this
    this.waiting = []
    this.#isHeld = false
    const removals = waiting.map((conversation) => this.#remove(conversation, isLeaving))
    if (waiting.length > 0) this.#options.onChange()
    await Promise.all(removals)
  }

  #start(): void {
    clearTimeout(this.#timer)
    if (!this.#isHeld) this.#timer = setTimeout(() => void this.flush(), this.#options.delay)
  }

  async #remove(conversation: Deletable, isLeaving: boolean): Promise<void> {
    const { id } = conversation
    const { remove, onRemoved, onFailed, onChange } = this.#options
    this.#leaving.add(id)
    try {
      await remove(id, isLeaving)
      onRemoved(new Set([id]))
    } catch (error) {
      onFailed(conversation, error)
    } finally {
      this.#leaving.delete(id)
      onChange()
    }
  }
}
