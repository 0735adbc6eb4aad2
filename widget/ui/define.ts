/** Registers an element, unless there is no browser, or another copy of the script has done it. */
export function define(name: string, element: CustomElementConstructor): void {
  const registry = globalThis.customElements
  if (registry && !registry.get(name)) registry.define(name, element)
}
