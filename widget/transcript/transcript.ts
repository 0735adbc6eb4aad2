/**
 * What can be kept of the conversation that is open: files that the server makes, and a page to print. The
 * button comes with what can be done with a message; the menu and the page when they are asked for.
 */
import { css, html, LitElement, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import { ApiError, toApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { iconButton } from '../ui/icons.ts'
import { downloadIcon } from '../ui/action-icons.ts'
import type { DownloadTarget, FileFormat } from '../conversations/download-menu.ts'
import { drawerWords } from '../words/en/conversations.ts'
import { en } from '../words/en/index.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import { transcriptWords } from '../words/en/transcript.ts'

/** Asks the panel around for the client; it calls back at once. */
const askClient = (callback: (client: ChatClient | undefined) => void) =>
  new CustomEvent('samosa-client', { bubbles: true, composed: true, detail: callback })

/** The conversation that the chat around an element shows. */
function conversationAround(element: Element): string | undefined {
  let root = element.getRootNode()
  while (root instanceof ShadowRoot) {
    const { host } = root
    if ('conversationId' in host && typeof host.conversationId === 'string')
      return host.conversationId
    root = host.getRootNode()
  }
  return undefined
}

/** The button below the last answer, its menu, and what is to be said of it. */
export class SamosaTranscript extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
      }
      .icon-button {
        inline-size: 30px;
        block-size: 30px;
        border-radius: 8px;
      }
      .problem {
        padding: 4px 7px;
        color: var(--samosa-danger);
      }
      @media (hover: none) {
        .icon-button {
          inline-size: 44px;
          block-size: 44px;
        }
      }
    `,
  ]

  @property({ attribute: false }) strings: Strings = en
  /** What of an answer's tagged text is for reading. */
  @property({ attribute: false }) textOf: (tagged: string) => string = String

  @state() private target: DownloadTarget | undefined
  /** Read out, or seen where it did not work. */
  @state() private status = ''
  @state() private problem = ''
  #running: AbortController | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#running?.abort()
    this.target = undefined
  }

  override render() {
    const { strings, target } = this
    const { download, print } = transcriptWords(strings)
    return html`${iconButton({ label: download, icon: downloadIcon, onClick: this.#open })}
      <samosa-download-menu
        .strings=${strings}
        .target=${target}
        .label=${download}
        .last=${{ name: print, choose: () => this.#keep('print') }}
        .onFormat=${(_: unknown, format: FileFormat) => this.#keep(format)}
        .onClose=${() => void (this.target = undefined)}
      ></samosa-download-menu>
      <span class="visually-hidden" role="status">${this.status}</span>
      ${this.problem === '' ? nothing : html`<span class="problem" role="alert">${this.problem}</span>`}`
  }

  protected override updated(): void {
    this.renderRoot.querySelector('button')?.setAttribute('aria-haspopup', 'menu')
  }

  readonly #open = async (): Promise<void> => {
    if (this.target) {
      this.target = undefined
      return
    }
    this.problem = ''
    const id = conversationAround(this)
    const button = this.renderRoot.querySelector('button')
    try {
      await import('../conversations/download-menu.ts')
    } catch {
      return this.#fail(new ApiError('unreachable'))
    }
    if (id === undefined || !button) return
    this.target = { conversation: { id, title: '', updatedAt: '', snippet: null }, button }
  }

  async #keep(format: FileFormat | 'print'): Promise<void> {
    this.#running?.abort()
    this.#running = new AbortController()
    const { signal } = this.#running
    const id = conversationAround(this)
    let client: ChatClient | undefined
    this.dispatchEvent(askClient((found) => void (client = found)))
    if (id === undefined || !client) return
    this.problem = ''
    this.status = drawerWords(this.strings).preparing
    try {
      if (format === 'print') {
        const { printConversation } = await import('./print.ts')
        await printConversation(client, id, { strings: this.strings, textOf: this.textOf, signal })
        this.status = ''
      } else {
        const { downloadConversation } = await import('../conversations/download-menu.ts')
        await downloadConversation(client, { id }, { format, signal })
        this.status = drawerWords(this.strings).downloaded
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(toApiError(error))
    }
  }

  #fail(error: ApiError): void {
    this.status = ''
    const isTooLong = error.code === 'too_large'
    this.problem = isTooLong
      ? drawerWords(this.strings).tooLong
      : errorSentence(this.strings, error)
  }
}

define('samosa-transcript', SamosaTranscript)
