/**
 * A conversation as a file: the menu of formats, and the download. Loaded when it is first asked for, by the list
 * and by what stands below an answer.
 */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { ApiError } from '../api/api-error.ts'
import type { Cancellable, ChatClient } from '../api/client.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { saveFile } from '../ui/action-icons.ts'

/** What a conversation can be downloaded as. */
export type FileFormat = 'markdown' | 'pdf' | 'docx' | 'json'

/** What can be done with a conversation and is no file. */
export interface DownloadChoice {
  readonly name: string
  readonly choose: () => void
}

/** Names of things, which are the same in every language. */
const FORMATS: readonly (readonly [format: FileFormat, name: string, ending: string])[] = [
  ['markdown', 'Markdown', 'md'],
  ['pdf', 'PDF', 'pdf'],
  ['docx', 'Word (DOCX)', 'docx'],
  ['json', 'JSON', 'json'],
]

/** Pixels between the menu and what opened it, and the edge of the window. */
const GAP = 4
const EDGE = 8

/** The formats, beside the button that asks for them; in the top layer, as the list cuts off what leaves it. */
export class SamosaDownloadMenu extends LitElement {
  static override properties = {
    button: { attribute: false },
    label: { attribute: false },
    onFormat: { attribute: false },
    onClose: { attribute: false },
    last: { attribute: false },
  }
  static override styles = [
    baseStyles,
    css`
      .menu {
        position: fixed;
        inset: auto;
        z-index: 6;
        margin: 0;
        padding: 6px;
        border: 1px solid var(--samosa-hairline);
        border-radius: 12px;
        background: var(--samosa-surface);
        color: var(--samosa-text);
        box-shadow: var(--samosa-shadow);
        pointer-events: auto;
        font-size: var(--samosa-font-size-card);
      }
      button {
        display: block;
        inline-size: 100%;
        min-inline-size: 148px;
        min-block-size: 36px;
        padding-inline: 12px;
        border-radius: 8px;
        text-align: start;
      }
      button:hover,
      button:focus-visible {
        background: var(--_hover);
      }
      button:focus-visible {
        outline-offset: -2px;
      }
    `,
  ]

  /** What asked for it, and opened the menu; it is open as long as there is something. */
  button: HTMLElement | undefined
  /** Its name. */
  label = ''
  onFormat: (format: FileFormat) => void = () => {}
  onClose: () => void = () => {}
  /** What can be chosen besides. */
  last: DownloadChoice | undefined
  #stopWatching = () => {}

  override render() {
    if (!this.button) return nothing
    return html`<div
      class="menu"
      popover="manual"
      role="menu"
      aria-label=${this.label}
      @keydown=${this.#press}
      @focusout=${this.#leave}
    >
      ${FORMATS.map(
        ([format, name]) =>
          html`<button
            type="button"
            role="menuitem"
            tabindex="-1"
            @click=${() => this.#choose(format)}
          >
            <bdi>${name}</bdi>
          </button>`,
      )}
      ${
        this.last
          ? html`<button type="button" role="menuitem" tabindex="-1" @click=${this.#chooseLast}>
              ${this.last.name}
            </button>`
          : nothing
      }
    </div>`
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopWatching()
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('button')) return
    changed.get('button')?.setAttribute('aria-expanded', 'false')
    this.#stopWatching()
    const menu = this.renderRoot.querySelector<HTMLElement>('.menu')
    if (!menu || !this.button) return
    this.button.setAttribute('aria-expanded', 'true')
    // Browsers before 2024 have no top layer for it: it stands in the list then.
    menu.showPopover?.()
    this.#place(menu, this.button)
    this.#watch()
    this.#items[0]?.focus()
  }

  get #items(): readonly HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('[role=menuitem]')]
  }

  /** Below the button, or above it where there is more room; never out of the window. */
  #place(menu: HTMLElement, button: HTMLElement): void {
    const at = button.getBoundingClientRect()
    const { width, height } = menu.getBoundingClientRect()
    const isRightToLeft = getComputedStyle(this).direction === 'rtl'
    const left = isRightToLeft ? at.left : at.right - width
    const below = at.bottom + GAP
    const top = below + height <= innerHeight - EDGE ? below : at.top - GAP - height
    menu.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`
    menu.style.top = `${Math.max(EDGE, top)}px`
  }

  /** What it stands beside moves away under it. */
  #watch(): void {
    const root = this.getRootNode()
    const close = () => this.onClose()
    root.addEventListener('scroll', close, { capture: true })
    globalThis.addEventListener('resize', close)
    this.#stopWatching = () => {
      root.removeEventListener('scroll', close, { capture: true })
      globalThis.removeEventListener('resize', close)
    }
  }

  readonly #press = (event: KeyboardEvent): void => {
    const { key } = event
    // The list has uses of its own for letters and arrows.
    event.stopPropagation()
    if (key === 'Escape' || key === 'Tab') {
      event.preventDefault()
      this.#closeToButton()
      return
    }
    const next = this.#itemAt(key)
    if (!next) return
    event.preventDefault()
    next.focus()
  }

  /** Where a key leads from the item that has the focus. */
  #itemAt(key: string): HTMLElement | undefined {
    const items = this.#items
    const at = items.findIndex((item) => item === this.shadowRoot?.activeElement)
    if (key === 'ArrowDown') return items[(at + 1) % items.length]
    if (key === 'ArrowUp') return items.at(at - 1)
    if (key === 'Home') return items[0]
    if (key === 'End') return items.at(-1)
    const letter = key.toLowerCase()
    return items.find((item) => item.textContent.trim().toLowerCase().startsWith(letter))
  }

  readonly #leave = ({ relatedTarget }: FocusEvent): void => {
    const isInside = relatedTarget instanceof Node && this.renderRoot.contains(relatedTarget)
    // Its button closes the menu itself, and would open it again.
    if (!isInside && relatedTarget !== this.button) this.onClose()
  }

  #closeToButton(): void {
    const { button } = this
    this.onClose()
    button?.focus()
  }

  readonly #chooseLast = (): void => {
    this.#closeToButton()
    this.last?.choose()
  }

  #choose(format: FileFormat): void {
    this.#closeToButton()
    this.onFormat(format)
  }
}

/** The name that the server gives a file; without one, `conversation` and the format's ending. */
function nameIn({ headers }: Response, format: FileFormat): string {
  const [, encoded = ''] =
    /filename\*=UTF-8''([^;]+)/i.exec(headers.get('content-disposition') ?? '') ?? []
  try {
    if (encoded !== '') return decodeURIComponent(encoded)
  } catch {
    // Not as a name is written.
  }
  const [, , ending = 'txt'] = FORMATS.find(([one]) => one === format) ?? []
  return `conversation.${ending}`
}

/** Fetches a conversation as a file and gives it to the visitor. @throws ApiError, or the abort's reason */
export async function downloadConversation(
  client: ChatClient,
  id: string,
  { format, signal }: Cancellable & { readonly format: FileFormat },
): Promise<void> {
  try {
    const path = `/api/threads/${encodeURIComponent(id)}/export?format=${format}`
    const response = await client.request(path, { signal })
    const bytes = await response.blob()
    signal?.throwIfAborted()
    saveFile(bytes, nameIn(response, format))
  } catch (error) {
    // It is a single conversation that is not there.
    const isGone = error instanceof ApiError && error.status === 404
    throw isGone ? new ApiError('not_found', { status: 404, retryable: false }) : error
  }
}

define('samosa-download-menu', SamosaDownloadMenu)
