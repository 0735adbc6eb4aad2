/** Distance from the end at which more is asked for, in pixels. */
const AHEAD = 800

/** Says when the end of a list that scrolls is near. */
export class EndWatch {
  readonly #onNear: () => void
  #observer: IntersectionObserver | undefined

  constructor(onNear: () => void) {
    this.#onNear = onNear
  }

  /** Looks anew, so that a page which does not fill the room is followed by the next. */
  watch(scroller: Element | null, end: Element | null): void {
    this.stop()
    if (!scroller || !end) return
    const options = { root: scroller, rootMargin: `${AHEAD}px` }
    this.#observer = new IntersectionObserver((entries) => {
      // Several looks may be told together: the last one counts.
      if (entries.at(-1)?.isIntersecting) this.#onNear()
    }, options)
    this.#observer.observe(end)
  }

  stop(): void {
    this.#observer?.disconnect()
  }
}
