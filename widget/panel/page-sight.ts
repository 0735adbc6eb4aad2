export interface PageSightOptions {
  /** The beginning of what is there comes near. */
  readonly onTop: () => void
  /** Pages have come near, or gone. */
  readonly onPages: () => void
}

const numberOf = (page: Element) => Number(page.getAttribute('data-page'))

/** Knows which pages of a scrolling area are near to what is in sight. */
export class PageSight {
  readonly #options: PageSightOptions
  #observer: IntersectionObserver | undefined
  readonly #watched = new Set<Element>()
  readonly #near = new Map<number, Element>()
  #scroller: Element | undefined

  constructor(options: PageSightOptions) {
    this.#options = options
  }

  /** Watches these, and nothing else, from now on. */
  watch(scroller: Element, top: Element | null, pages: Iterable<Element>): void {
    if (scroller !== this.#scroller) this.stop()
    this.#scroller = scroller
    this.#observer ??= new IntersectionObserver(this.#onSight, {
      root: scroller,
      // One and a half windows above and below.
      rootMargin: '150% 0px',
    })
    const wanted = new Set(pages)
    if (top) wanted.add(top)
    for (const element of this.#watched) {
      if (wanted.has(element)) continue
      this.#observer.unobserve(element)
      this.#watched.delete(element)
      if (this.#near.get(numberOf(element)) === element) this.#near.delete(numberOf(element))
    }
    for (const element of wanted) {
      if (this.#watched.has(element)) continue
      this.#watched.add(element)
      this.#observer.observe(element)
    }
  }

  /** Says again what is near. */
  lookAgain(): void {
    for (const element of this.#watched) this.#observer?.unobserve(element)
    this.#watched.clear()
  }

  stop(): void {
    this.#observer?.disconnect()
    this.#observer = undefined
    this.#watched.clear()
    this.#near.clear()
  }

  /** The near page, of those asked for, that is nearest to the middle of what is in sight. */
  nearest(isWanted: (number: number) => boolean): number | undefined {
    const middle = this.#middle
    let found: { readonly number: number; readonly distance: number } | undefined
    for (const [number, page] of this.#near) {
      if (!isWanted(number)) continue
      const { top, bottom } = page.getBoundingClientRect()
      const distance = Math.max(top - middle, middle - bottom)
      if (!found || distance < found.distance) found = { number, distance }
    }
    return found?.number
  }

  /** Those that are not near, the farthest ones first. */
  farthestFirst(numbers: Iterable<number>): readonly number[] {
    const near = [...this.#near.keys()]
    const distance = (number: number) =>
      near.length === 0 ? 0 : Math.min(...near.map((one) => Math.abs(one - number)))
    return [...numbers]
      .filter((number) => !this.#near.has(number))
      .toSorted((one, other) => distance(other) - distance(one))
  }

  get #middle(): number {
    const box = this.#scroller?.getBoundingClientRect()
    return box ? (box.top + box.bottom) / 2 : 0
  }

  readonly #onSight = (entries: readonly IntersectionObserverEntry[]) => {
    let isTop = false
    for (const { target, isIntersecting } of entries) {
      if (!target.hasAttribute('data-page')) isTop ||= isIntersecting
      else if (isIntersecting) this.#near.set(numberOf(target), target)
      else this.#near.delete(numberOf(target))
    }
    this.#options.onPages()
    if (isTop) this.#options.onTop()
  }
}
