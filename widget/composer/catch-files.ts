/** Files that are pasted, or dropped on the chat, before what takes them is loaded. */
import type { SamosaComposer } from './composer.ts'

/** The files that a drag carries over the page; nothing when it is none of files. */
function draggedFiles(event: Event): readonly File[] | undefined {
  if (!(event instanceof DragEvent)) return undefined
  const { dataTransfer } = event
  return dataTransfer?.types.includes('Files') ? [...dataTransfer.files] : undefined
}

/** The files of a paste. */
function pastedFiles({ clipboardData }: ClipboardEvent): readonly File[] {
  // Tables and formatted text come with a picture of themselves.
  const isText = clipboardData?.types.includes('text/plain')
  return isText ? [] : [...(clipboardData?.files ?? [])]
}

export function catchFiles(composer: SamosaComposer): void {
  const takesFiles = () => Boolean(composer.context.config?.attachments)

  composer.renderRoot.querySelector('form')?.addEventListener('paste', (event) => {
    const files = pastedFiles(event)
    if (files.length === 0 || !takesFiles()) return
    event.preventDefault()
    void composer.addFiles(files)
  })

  /** Files over the panel, until there is more to take them: see extras.ts. */
  const drag = (event: Event) => {
    const files = draggedFiles(event)
    if (!files || !takesFiles() || composer.extras) return
    // Else the browser would leave the page for the file.
    event.preventDefault()
    if (event.type === 'dragenter') void composer.load()
    if (event.type === 'drop') void composer.addFiles(files)
  }
  const panel = composer.closest('.panel')
  for (const type of ['dragenter', 'dragover', 'drop']) panel?.addEventListener(type, drag)
}
