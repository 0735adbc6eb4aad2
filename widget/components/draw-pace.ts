/**
 * Milliseconds from one drawing to the request of the next. It ends before the second frame of a screen
 * with 60 a second: text that grows thirty times a second reads as flowing, and costs half.
 */
const PACE_MS = 25

interface Awaited {
  readonly drawn: Promise<void>
  readonly done: () => void
}

/** Draws what has come, in the next frame when there has been none for a while, and never more often than is seen. */
export class DrawPace {
  readonly #draw: () => void
  #awaited: Awaited | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  #last = -PACE_MS

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
    const rest = this.#last + PACE_MS - performance.now()
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
      this.#last = time
      // Who waits goes on after this callback.
      this.#end()
      this.#draw()
    })
  }

  #end(): void {
    this.#awaited?.done()
    this.#awaited = undefined
  }
}
