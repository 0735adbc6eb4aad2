import { html, nothing, type LitElement } from 'lit'

export interface DropZoneOptions {
  /** Whether files are taken now. */
  readonly isOpen: () => boolean
  readonly onFiles: (files: readonly File[]) => void
}

/** Takes files that are dropped anywhere on the panel around its host. */
export class DropZone {
  readonly #host: LitElement
  readonly #options: DropZoneOptions
  #panel: Element | null = null
  #isOver = false

  constructor(host: LitElement, options: DropZoneOptions) {
    this.#host = host
    this.#options = options
  }

  connect(): void {
    this.#panel = this.#host.closest('.panel')
    for (const type of ['dragover', 'dragleave', 'drop'])
      this.#panel?.addEventListener(type, this.#follow)
  }

  disconnect(): void {
    for (const type of ['dragover', 'dragleave', 'drop'])
      this.#panel?.removeEventListener(type, this.#follow)
  }

  /** Says over the whole panel that files may be let go. */
  render(text: string) {
    return this.#isOver ? html`<div class="drop"><p>${text}</p></div>` : nothing
  }

  readonly #follow = (event: Event) => {
    if (!(event instanceof DragEvent) || !this.#options.isOpen()) return
    const { dataTransfer, relatedTarget, type } = event
    if (!dataTransfer?.types.includes('Files')) return
    // Else the browser would leave the page for the file.
    event.preventDefault()
    if (type === 'dragleave') {
      const isInside = relatedTarget instanceof Node && this.#panel?.contains(relatedTarget)
      if (!isInside) this.#show(false)
      return
    }
    this.#show(type === 'dragover')
    if (type === 'drop') this.#options.onFiles([...dataTransfer.files])
    else dataTransfer.dropEffect = 'copy'
  }

  #show(isOver: boolean): void {
    if (this.#isOver === isOver) return
    this.#isOver = isOver
    this.#host.requestUpdate()
  }
}
