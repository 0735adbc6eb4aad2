import { html, LitElement, nothing, css } from 'lit'
import { toApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { en } from '../words/en/index.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import type { Attachment } from '../api/decode-conversation.ts'
import { renderFile, fileStyles } from './file-card.ts'
import { downloadIcon, removeIcon, saveFile } from '../ui/action-icons.ts'

import { extrasStrings } from '../words/en/composer.ts'

const sentFilesStyles = css`
  :host {
    display: grid;
    justify-items: end;
    min-inline-size: 0;
    max-inline-size: min(85%, 544px);
    padding-block-end: 4px;
  }
  .files {
    justify-content: end;
    padding: 0;
  }
  p {
    margin: 0;
    color: var(--samosa-danger);
    font-size: 12.5px;
  }
  @media print {
    .tool {
      display: none;
    }
  }
`

/** Asks the panel around for the client; it calls back at once. */
const askClient = (callback: (client: ChatClient | undefined) => void) =>
  new CustomEvent('samosa-client', { bubbles: true, composed: true, detail: callback })

/** The files of a message that was sent, to look at and to save again. */
export class SamosaSentFiles extends LitElement {
  static override properties = {
    message: { attribute: false },
    strings: { attribute: false },
    onRemove: { attribute: false },
    gone: { attribute: false },
    problem: { state: true },
  }
  static override styles = [baseStyles, fileStyles, sentFilesStyles]

  message: ChatMessage | undefined
  strings: Strings = en
  /** While the message is edited: takes a file away. */
  onRemove: ((file: Attachment) => void) | undefined
  /** Those that were taken away. */
  gone: ReadonlySet<Attachment> = new Set()

  private problem = ''
  #followed: ChatMessage | undefined
  #unsubscribe = () => {}

  override connectedCallback(): void {
    super.connectedCallback()
    this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe()
    this.#followed = undefined
  }

  override render() {
    const { message } = this
    if (!message) return nothing
    const words = this.strings.extras ?? extrasStrings
    const { uploaded, attachments } = message
    return html`<ul class="files">
        ${attachments
          .filter((file) => !this.gone.has(file))
          .map((file) =>
            renderFile(file, {
              words,
              progress: undefined,
              label: '',
              action: this.#renderAction(file),
            }),
          )}
      </ul>
      ${
        message.state === 'sending' && uploaded !== undefined
          ? html`<progress max="1" value=${uploaded} aria-label=${words.files.sending}></progress>`
          : nothing
      }
      <p role="status">${this.problem}</p>`
  }

  protected override willUpdate(): void {
    this.#follow()
  }

  #renderAction(file: Attachment) {
    if (this.onRemove) return this.#renderRemove(file, this.onRemove)
    return file.file || file.id !== undefined ? this.#renderSave(file) : nothing
  }

  #renderRemove(file: Attachment, onRemove: (file: Attachment) => void) {
    const { files } = this.strings.extras ?? extrasStrings
    const label = files.remove(file.name)
    return html`<button
      class="tool"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => onRemove(file)}
    >
      ${removeIcon}
    </button>`
  }

  #renderSave(file: Attachment) {
    const { files } = this.strings.extras ?? extrasStrings
    const label = files.download(file.name)
    return html`<button
      class="tool"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => this.#save(file)}
    >
      ${downloadIcon}
    </button>`
  }

  async #save({ file, id, name }: Attachment): Promise<void> {
    this.problem = ''
    if (file) return saveFile(file, name)
    let client: ChatClient | undefined
    this.dispatchEvent(
      askClient((given) => {
        client = given
      }),
    )
    try {
      if (id === undefined || !client) return
      const response = await client.request(`/api/attachments/${encodeURIComponent(id)}`)
      saveFile(await response.blob(), name)
    } catch (error) {
      const { files } = this.strings.extras ?? extrasStrings
      const { code } = toApiError(error)
      // The sentence for what is gone speaks of conversations.
      const why = code === 'not_found' ? '' : errorSentence(this.strings, toApiError(error))
      this.problem = files.notDownloaded(name, why).trim()
    }
  }

  #follow(): void {
    if (this.#followed === this.message) return
    this.#unsubscribe()
    this.#followed = this.message
    this.#unsubscribe = this.message?.subscribe(() => this.requestUpdate()) ?? (() => {})
  }
}

define('samosa-sent-files', SamosaSentFiles)
