/** For an element that covers the window: loaded when one does. */

/** Elements that are out of reach by themselves until they are shown, above everything else. */
const SHOWN_ABOVE = 'dialog, [popover]'

/**
 * Puts everything around an element out of reach, and fits it into what an on-screen keyboard leaves free.
 * Returns how to undo it.
 */
export function coverWindow(element: HTMLElement): () => void {
  const release = inertPage(element)
  const stop = fitView(element)
  return () => {
    release()
    stop()
  }
}

/** Also of screen readers: what stands beside the element and beside each of its ancestors. */
function inertPage(element: Element): () => void {
  const changed: HTMLElement[] = []
  let node = element
  while (node !== document.body) {
    const parent = node.parentNode
    if (!(parent instanceof Element || parent instanceof ShadowRoot)) break
    for (const sibling of parent.children) {
      const isOther = sibling !== node && sibling instanceof HTMLElement && !sibling.inert
      if (!isOther || sibling.matches(SHOWN_ABOVE)) continue
      sibling.inert = true
      changed.push(sibling)
    }
    node = parent instanceof ShadowRoot ? parent.host : parent
  }
  return () => {
    for (const sibling of changed) sibling.inert = false
  }
}

/** Tells style sheets, as `--_view-height` and `--_view-top`, what they cannot know. */
function fitView({ style }: HTMLElement): () => void {
  const view = globalThis.visualViewport
  const measure = () => {
    // Zoomed in by the reader: the panel stays as it is, so that it can be panned over.
    if (!view || view.scale > 1.05) return
    style.setProperty('--_view-height', `${view.height}px`)
    style.setProperty('--_view-top', `${view.offsetTop}px`)
  }
  measure()
  view?.addEventListener('resize', measure)
  view?.addEventListener('scroll', measure)
  return () => {
    view?.removeEventListener('resize', measure)
    view?.removeEventListener('scroll', measure)
  }
}
