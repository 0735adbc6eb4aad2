/**
 * What can be kept of the conversation that is open: files that the server makes, and a page to print. The
 * button comes with what can be done with a message; the menu when it is asked for.
 */
import { css, html, LitElement, nothing } from 'lit'
import { ApiError, toApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import type { FileFormat } from '../conversations/download-menu.ts'
import { downloadIcon } from '../ui/action-icons.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { iconButton } from '../ui/icons.ts'
import { lazy } from '../ui/lazy.ts'
import { drawerWords } from '../words/en/conversations.ts'
import { en } from '../words/en/index.ts'
import { transcriptWords } from '../words/en/transcript.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'

const downloadCode = lazy(() => import('../conversations/download-menu.ts'))
const printCode = lazy(() => import('./print.ts'))

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
  static override properties = {
    strings: { attribute: false },
    textOf: { attribute: false },
    opener: { state: true },
    problem: { state: true },
    said: { state: true },
  }
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

  strings: Strings = en
  /** What of an answer's tagged text is for reading. */
  textOf: (tagged: string) => string = String

  /** The button, while its menu is open. */
  private opener: HTMLElement | undefined
  private problem: ApiError | undefined

  /** Read out. */
  private said = ''
  /** What was chosen last is made; what was asked for before is no longer wanted. */
  #wanted = new AbortController()

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#wanted.abort()
    this.opener = undefined
  }

  override render() {
    const { strings, problem, said } = this
    const { download, print } = transcriptWords(strings)
    const { tooLong } = drawerWords(strings)
    const sentence =
      problem?.code === 'too_large' ? tooLong : problem && errorSentence(strings, problem)
    return html`${iconButton({ label: download, icon: downloadIcon, onClick: this.#open })}
      <samosa-download-menu
        .button=${this.opener}
        .label=${download}
        .last=${{ name: print, choose: () => this.#keep('print') }}
        .onFormat=${(format: FileFormat) => this.#keep(format)}
        .onClose=${() => void (this.opener = undefined)}
      ></samosa-download-menu>
      <span class="visually-hidden" role="status">${said}</span>
      ${sentence ? html`<span class="problem" role="alert">${sentence}</span>` : nothing}`
  }

  protected override updated(): void {
    this.renderRoot.querySelector('button')?.setAttribute('aria-haspopup', 'menu')
  }

  readonly #open = async (): Promise<void> => {
    this.problem = undefined
    try {
      await downloadCode.need()
    } catch {
      this.problem = new ApiError('unreachable')
      return
    }
    const button = this.renderRoot.querySelector('button')
    this.opener = this.opener || !button ? undefined : button
  }

  /** Kept by hand: with `@lit/task`, 0.8 kB more would be loaded beside every first answer. */
  async #keep(choice: FileFormat | 'print'): Promise<void> {
    this.#wanted.abort()
    this.#wanted = new AbortController()
    const { signal } = this.#wanted
    this.problem = undefined
    this.said = drawerWords(this.strings).preparing
    try {
      const said = await this.#make(choice, signal)
      if (!signal.aborted) this.said = said
    } catch (error) {
      if (signal.aborted) return
      this.said = ''
      this.problem = toApiError(error)
    }
  }

  /** Makes a file or the page to print; what is to be said of it then. */
  async #make(choice: FileFormat | 'print', signal: AbortSignal): Promise<string> {
    const id = conversationAround(this)
    let client: ChatClient | undefined
    // The panel around calls back at once.
    const detail = (found: ChatClient | undefined) => void (client = found)
    this.dispatchEvent(new CustomEvent('samosa-client', { bubbles: true, composed: true, detail }))
    if (id === undefined || !client) return ''
    const { strings, textOf } = this
    if (choice === 'print') {
      const { printConversation } = await printCode.need()
      await printConversation(client, id, { strings, textOf, signal })
      return ''
    }
    const { downloadConversation } = await downloadCode.need()
    await downloadConversation(client, id, { format: choice, signal })
    return drawerWords(strings).downloaded
  }
}

define('samosa-transcript', SamosaTranscript)
