import { PACE_MS } from '../api/read-stream.ts'

/** How many times longer than a drawing took the page is left to others. */
const REST = 2
/** At most, in milliseconds: the page may have been hidden meanwhile. */
const LONGEST_REST_MS = 200

interface Awaited {
  readonly drawn: Promise<void>
  readonly done: () => void
}

/**
 * Draws what has come: in the next frame when there has been none for a while, no more often than is seen,
 * and on a slow device less often, so that it can still be scrolled and typed on.
 */
export class DrawPace {
  readonly #draw: () => void
  #awaited: Awaited | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  /** When the next drawing may be asked for. */
  #next = 0

  constructor(draw: () => void) {
    this.#draw = draw
  }

  /** Resolves after the drawing that is on its way; undefined when there is none. */
  get drawn(): Promise<void> | undefined {
    return this.#awaited?.drawn
  }

  /** There is something new to draw. */
  request(): void {
    if (this.#awaited) return
    let done = () => {}
    const drawn = new Promise<void>((resolve) => {
      done = resolve
    })
    this.#awaited = { drawn, done }
    const rest = this.#next - performance.now()
    if (rest <= 0) this.#await()
    else this.#timer = setTimeout(this.#await, rest)
  }

  /** Nothing more is drawn until it is requested again. */
  cancel(): void {
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
    this.#end()
  }

  readonly #await = (): void => {
    this.#frame = requestAnimationFrame((time) => {
      const began = performance.now()
      this.#next = time + PACE_MS
      // Who waits goes on after this callback.
      this.#end()
      this.#draw()
      this.#rest(began)
      // Then the browser lays out and paints.
      setTimeout(() => this.#rest(began))
    })
  }

  #rest(began: number): void {
    const ended = performance.now()
    this.#next = Math.max(this.#next, ended + Math.min(LONGEST_REST_MS, REST * (ended - began)))
  }

  #end(): void {
    this.#awaited?.done()
    this.#awaited = undefined
  }
}
