/** How long a browser may take to begin with what it saves. */
const BEGIN_MS = 60_000

/** Gives bytes to the visitor as a file, whatever they are: nothing of it is shown or run here. */
export function saveFile(bytes: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), BEGIN_MS)
}
