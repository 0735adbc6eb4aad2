import { html } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { AttachmentLimitsBody } from '../../server/protocol/api.ts'
import type { DraftFile } from '../conversation/chat-message.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { ExtrasStrings } from '../words/strings.ts'
import { renderFile, isText, kindOf, PDF_TYPE, textTypeOf } from './file-card.ts'

import { removeIcon } from '../ui/action-icons.ts'

/**
 * A file's bytes in Base64; tells how much of them is read, 0 to 1.
 * @throws DOMException when it cannot be read
 */
function readFile(file: Blob, onProgress: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) onProgress(loaded / total)
    })
    reader.addEventListener('error', () => reject(reader.error ?? new Error('Nothing was read.')))
    reader.addEventListener('load', () => {
      const { result } = reader
      // `data:text/csv;base64,…`
      if (typeof result === 'string') resolve(result.slice(result.indexOf(',') + 1))
    })
    reader.readAsDataURL(file)
  })
}

/** Enough of a file to tell whether it is a text. */
const HEAD_BYTES = 65_536
/** A whole folder that is dropped must not fill the panel with sentences. */
const MOST_REASONS = 4

/** The composer, as far as files go. */
interface TrayHost {
  readonly host: HTMLElement & { readonly context: ChatContext }
  readonly words: ExtrasStrings
  readonly files: readonly DraftFile[]
  say(what: unknown): void
}

/** The files that go with the next message. */
export class FileTray {
  readonly #extras: TrayHost
  /** Why files of the last choice were not added. */
  #reasons: readonly string[] = []

  constructor(extras: TrayHost) {
    this.#extras = extras
  }

  /** Adds files, or says why one is not added; nothing is read of what breaks a limit. */
  add(files: readonly File[]): void {
    const limits = this.#extras.host.context.config?.attachments
    if (!limits) return
    this.#reasons = []
    this.#extras.say(undefined)
    for (const file of files) {
      const problem = this.#problemOf(file, limits)
      if (problem === undefined) void this.#take(file, limits)
      else this.#refuse(problem)
    }
  }

  #refuse(reason: string): void {
    this.#reasons = [...new Set([...this.#reasons, reason])].slice(0, MOST_REASONS)
    this.#extras.say(this.#reasons.join(' '))
  }

  render() {
    const { files: words } = this.#extras.words
    return html`<ul class="files" aria-label=${words.list}>
      ${repeat(
        this.#extras.files,
        (file) => file,
        (file) =>
          renderFile(file, {
            words: this.#extras.words,
            progress: file.data === undefined ? file.read : undefined,
            label: words.reading(file.name),
            action: html`<button
              class="tool"
              type="button"
              aria-label=${words.remove(file.name)}
              title=${words.remove(file.name)}
              @click=${() => this.#remove(file)}
            >
              ${removeIcon}
            </button>`,
          }),
      )}
    </ul>`
  }

  #problemOf(file: File, limits: AttachmentLimitsBody): string | undefined {
    const { files, words } = this.#extras
    const { refused, size } = words
    if (files.length >= limits.max_files) return refused.tooMany(limits.max_files)
    const kind = kindOf(file)
    const takes = { image: limits.images, text: limits.text, pdf: limits.pdf }
    const isTaken = kind !== undefined && takes[kind]
    if (!isTaken) return refused.kind(file.name, limits)
    if (file.size === 0) return refused.empty(file.name)
    const bytes = files.reduce((sum, one) => sum + one.size, file.size)
    return bytes > limits.max_bytes ? refused.tooLarge(size(limits.max_bytes)) : undefined
  }

  async #take(file: File, limits: AttachmentLimitsBody): Promise<void> {
    const { state } = this.#extras.host.context.controller
    const kind = kindOf(file)
    const ownType = kind === 'image' ? file.type : textTypeOf(file.type)
    const type = kind === 'pdf' ? PDF_TYPE : ownType
    const { name, size } = file
    const draft: DraftFile = { name, type, size, file, read: 0, data: undefined }
    state.files = [...state.files, draft]
    const { refused } = this.#extras.words
    const giveUp = (why: string) => {
      state.drafts.drop(draft)
      this.#refuse(why)
    }
    try {
      const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
      if (kind === 'text' && !isText(head)) return giveUp(refused.kind(name, limits))
      draft.data = await readFile(file, (share) => {
        draft.read = share
        state.show({})
      })
      state.show({})
    } catch {
      // Moved or locked since it was chosen, or a folder.
      giveUp(refused.unreadable(name))
    }
  }

  #remove(file: DraftFile): void {
    const { state } = this.#extras.host.context.controller
    state.files = state.files.filter((one) => one !== file)
    this.#extras.say(undefined)
    this.#extras.host.focus()
  }
}
