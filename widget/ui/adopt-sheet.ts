/** Gives the shadow tree that a node is in a style sheet, once. */
export function adoptSheet(node: Node, sheet: CSSStyleSheet | undefined): void {
  const root = node.getRootNode()
  if (!sheet || !(root instanceof ShadowRoot)) return
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}
