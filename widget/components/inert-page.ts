/** Elements that are out of reach by themselves until they are shown, above everything else. */
const SHOWN_ABOVE = 'dialog, [popover]'

/**
 * Puts everything around an element out of reach, of the keyboard and of screen readers too: what stands
 * beside it and beside each of its ancestors. Returns how to undo it.
 */
export function inertPage(element: Element): () => void {
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
