/** Longer than models pause between words. */
const STALL_MS = 4_000

/** Notices that something which goes on has stood still for a while. */
export class StallWatch {
  readonly #onStall: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #last = 0

  constructor(onStall: () => void) {
    this.#onStall = onStall
  }

  /** It has just moved. */
  touch(): void {
    this.#last = performance.now()
    this.#timer ??= setTimeout(this.#look, STALL_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** One timer for many moves. */
  readonly #look = () => {
    const left = STALL_MS - (performance.now() - this.#last)
    this.#timer = left > 0 ? setTimeout(this.#look, left) : undefined
    if (left <= 0) this.#onStall()
  }
}
