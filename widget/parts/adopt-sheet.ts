/** Gives the shadow tree around an element a style sheet, once. */
export function adoptSheet(element: Element, sheet: CSSStyleSheet | undefined): void {
  const root = element.getRootNode()
  if (!sheet || !(root instanceof ShadowRoot)) return
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}
