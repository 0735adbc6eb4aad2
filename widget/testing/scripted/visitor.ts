import type { AxeResults, RunOptions } from 'axe-core'

/** The element that has the focus, through the shadow trees. */
export function focused(): Element | null {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}

/** Presses a key; true when the browser may do with it what it does. */
export const press = (target: Element, key: string, init: KeyboardEventInit = {}): boolean =>
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...init }),
  )

/** Puts another text into a field. */
export function retype(field: HTMLTextAreaElement, text: string): void {
  field.value = text
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
}

declare global {
  interface Window {
    readonly axe: { run(context: Element, options?: RunOptions): Promise<AxeResults> }
  }
}

/** Brings what moves to its end, in shadow trees too; what goes on for ever stays. */
function finishMotion(root: ParentNode): void {
  for (const element of root.querySelectorAll('*')) {
    for (const animation of element.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish()
    }
    if (element.shadowRoot) finishMotion(element.shadowRoot)
  }
}

/** Throws what axe has to say of what is there when nothing moves; the test must have loaded it. */
export async function assertAccessible(element: Element, options: RunOptions = {}): Promise<void> {
  finishMotion(document)
  const { violations } = await window.axe.run(element, options)
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
  if (said.length > 0) throw new Error(said.join('\n'))
}
