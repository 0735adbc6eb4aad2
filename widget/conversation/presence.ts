import type { ReactiveController } from 'lit'

/** Tells an element that leaves the page from one that is only moved in it. */
export class Presence implements ReactiveController {
  readonly #onLeave: () => void
  readonly #onReturn: () => void
  #inPage = false
  #hasLeft = false

  constructor(onLeave: () => void, onReturn: () => void) {
    this.#onLeave = onLeave
    this.#onReturn = onReturn
  }

  hostConnected(): void {
    this.#inPage = true
    if (this.#hasLeft) this.#onReturn()
    this.#hasLeft = false
  }

  hostDisconnected(): void {
    this.#inPage = false
    // A host that only moves is back before this runs.
    queueMicrotask(() => {
      if (this.#inPage) return
      this.#hasLeft = true
      this.#onLeave()
    })
  }
}
