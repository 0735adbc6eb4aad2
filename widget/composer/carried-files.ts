/** The files that a drag carries over the page; nothing when it is none of files. */
export function draggedFiles(event: Event): readonly File[] | undefined {
  if (!(event instanceof DragEvent)) return undefined
  const { dataTransfer } = event
  return dataTransfer?.types.includes('Files') ? [...dataTransfer.files] : undefined
}

/** The files of a paste. */
export function pastedFiles({ clipboardData }: ClipboardEvent): readonly File[] {
  // Tables and formatted text come with a picture of themselves.
  const isText = clipboardData?.types.includes('text/plain')
  return isText ? [] : [...(clipboardData?.files ?? [])]
}
