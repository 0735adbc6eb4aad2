import type { LitElement } from 'lit'

/** What a site may style of an answer. */
export const ANSWER_PARTS = 'code, table, think, tool, sources'
/** What a site may style of a message. */
export const MESSAGE_PARTS = `bubble, answer, ${ANSWER_PARTS}`

/** Whether a text field may be given the focus unasked: not where a keyboard on the screen would come up with it. */
export const mayType = () => !matchMedia('(pointer: coarse)').matches

/** Gives the shadow tree that a node is in a style sheet, once. */
export function adoptSheet(node: Node, sheet: CSSStyleSheet | undefined): void {
  const root = node.getRootNode()
  if (!sheet || !(root instanceof ShadowRoot)) return
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}

/** Whether a view says something else than the one before it; for `hasChanged`. */
export const differs = (now: object, before: object | undefined): boolean =>
  before === undefined ||
  Object.entries(now).some(([name, value]) => Reflect.get(before, name) !== value)

/** Registers an element, unless there is no browser, or another copy of the script has done it. */
export function define(name: string, element: CustomElementConstructor): void {
  const registry = globalThis.customElements
  if (registry && !registry.get(name)) registry.define(name, element)
}

/**
 * An element that a view's template always has.
 * @throws TypeError when it has not been drawn yet, or is of another kind
 */
export function drawnIn<Kind extends Element>(
  view: LitElement,
  selector: string,
  kind: new () => Kind,
): Kind {
  const found = view.renderRoot.querySelector(selector)
  if (!(found instanceof kind)) throw new TypeError(`Nothing was drawn as ${selector}`)
  return found
}
