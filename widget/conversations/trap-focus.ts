/** Keeps Tab within an element, since what is around it cannot be used while it is open. */

const USABLE = 'button, input, [tabindex]'

const isUsable = (element: Element): element is HTMLElement =>
  element instanceof HTMLElement && element.tabIndex >= 0 && element.checkVisibility()

/** To be called for Tab; goes on at the other end when there is nothing further in its direction. */
export function trapFocus(event: KeyboardEvent, root: ShadowRoot): void {
  if (event.key !== 'Tab') return
  const usable = [...root.querySelectorAll(USABLE)].filter(isUsable)
  const end = event.shiftKey ? usable[0] : usable.at(-1)
  if (root.activeElement !== end && root.activeElement !== null) return
  const other = event.shiftKey ? usable.at(-1) : usable[0]
  event.preventDefault()
  other?.focus()
}
