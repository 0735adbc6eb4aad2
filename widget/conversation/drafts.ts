import type { DraftFile } from './attachments.ts'
import type { Memory } from './memory.ts'

const NONE: readonly DraftFile[] = []

/**
 * What the visitor is writing: each conversation has its own, and so has the one that does not exist
 * yet. Texts outlive a reload, files do not.
 */
export class Drafts {
  #memory: Memory | undefined
  #id: string | undefined
  #text = ''
  readonly #files = new Map<string | undefined, readonly DraftFile[]>()

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    this.#memory?.keepDraft(this.#id, text)
  }

  get files(): readonly DraftFile[] {
    return this.#files.get(this.#id) ?? NONE
  }

  set files(files: readonly DraftFile[]) {
    this.#files.set(this.#id, files)
  }

  /** Takes a file away, whichever conversation it is in. */
  drop(file: DraftFile): void {
    for (const [id, files] of this.#files)
      this.#files.set(
        id,
        files.filter((one) => one !== file),
      )
  }

  /** Begins with what the memory kept. */
  remember(memory: Memory): void {
    this.#memory = memory
    this.#id = memory.conversationId
    this.#text = memory.draft(this.#id)
    this.#files.clear()
  }

  /** Another conversation comes on the screen. A new one takes along what was begun, if it has nothing. */
  show(id: string | undefined): void {
    if (id === this.#id) return
    const hasDraft = this.#keptText(id) !== '' || (this.#files.get(id) ?? NONE).length > 0
    if (id === undefined && !hasDraft) this.moveTo(id)
    else this.#enter(id)
  }

  /** What was begun goes along: the conversation was just made, or is gone. */
  moveTo(id: string | undefined): void {
    const { text, files } = this
    this.text = ''
    this.files = NONE
    this.#enter(id)
    this.text = [this.#text, text].filter((part) => part !== '').join('\n')
    this.files = [...this.files, ...files]
  }

  #enter(id: string | undefined): void {
    this.#id = id
    this.#text = this.#keptText(id)
  }

  #keptText(id: string | undefined): string {
    return this.#memory?.draft(id) ?? ''
  }
}
