/**
 * Browsers keep what is read in its place when something above it changes, but not at the very top,
 * and one of them not at all. What is noted before such a change can be put right after it.
 */
export interface Place {
  /** Brings what was at the top of the area back there. */
  readonly restore: () => void
}

const scrollsByItself = (scroller: HTMLElement) =>
  CSS.supports('overflow-anchor', 'auto') && scroller.scrollTop > 0

/** Notes the first of `elements` that is in sight, where the browser does not. */
export function notePlace(
  scroller: HTMLElement,
  elements: Iterable<HTMLElement>,
): Place | undefined {
  if (scrollsByItself(scroller)) return undefined
  const { top } = scroller.getBoundingClientRect()
  const distance = (element: HTMLElement) =>
    element.getBoundingClientRect().top + scroller.scrollTop
  for (const element of elements) {
    if (element.getBoundingClientRect().bottom <= top) continue
    const before = distance(element)
    return {
      restore() {
        if (element.isConnected) scroller.scrollTop += distance(element) - before
      },
    }
  }
  return undefined
}
