/** What a page can tell of itself. */

/** Resolves in the next frame. */
export const nextFrame = () =>
  new Promise<void>((resolve) => requestAnimationFrame(() => resolve()))

/** Resolves when what was drawn last is on the screen. */
export async function painted(): Promise<void> {
  await nextFrame()
  await nextFrame()
}

/** Resolves when the page has had nothing to do, twice. */
export async function whenIdle(): Promise<void> {
  const idle = () => new Promise<void>((resolve) => requestIdleCallback(() => resolve()))
  await idle()
  await painted()
  await idle()
}

/** Keeps the durations of tasks over 50 ms, in milliseconds, until it is asked for them. */
export function watchTasks(): () => readonly number[] {
  const seen: number[] = []
  const keep = (entries: readonly PerformanceEntry[]) =>
    seen.push(...entries.map(({ duration }) => duration))
  const observer = new PerformanceObserver((list) => keep(list.getEntries()))
  observer.observe({ type: 'longtask' })
  return () => {
    keep(observer.takeRecords())
    return seen.splice(0)
  }
}

/** Everything below a node, shadow trees included, last first. */
export function* everything(root: ParentNode): Generator<Element> {
  for (const element of [...root.children].toReversed()) {
    if (element.shadowRoot) yield* everything(element.shadowRoot)
    yield* everything(element)
    yield element
  }
}

/** Whether a text stands in one element of the page. */
export function shows(text: string): boolean {
  for (const element of everything(document)) {
    if (element.children.length === 0 && element.textContent.includes(text)) return true
  }
  return false
}

/** The element that scrolls the conversation. */
export function findScroller(): Element | undefined {
  for (const element of everything(document.body)) {
    const isLonger = element.scrollHeight > element.clientHeight + 100
    if (isLonger && /auto|scroll/.test(getComputedStyle(element).overflowY)) return element
  }
  return undefined
}
