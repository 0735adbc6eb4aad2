/** Finds and focuses what stands in the list. */

/** The row of a conversation. */
export function rowOf(root: ParentNode, id: string): HTMLElement | undefined {
  const rows = root.querySelectorAll<HTMLElement>('li')
  return [...rows].find(({ dataset }) => dataset['id'] === id)
}

/** Puts the cursor into the title that is being written, all of it selected. */
export function selectTitle(root: ParentNode): void {
  const field = root.querySelector<HTMLInputElement>('.title-field')
  field?.focus()
  field?.select()
}
