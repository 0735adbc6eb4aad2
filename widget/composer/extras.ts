import { html, nothing, type LitElement, type ReactiveController, css } from 'lit'
import { isComposing } from '../ui/text-field.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { DraftFile } from '../conversation/chat-message.ts'
import type { Choices } from '../conversation/memory.ts'
import { Dictation } from './dictation.ts'
import { acceptOf, fileStyles } from './file-card.ts'
import { FileTray } from './file-tray.ts'
import './sent-files.ts'
import { SlashMenu } from './slash-menu.ts'
import { removeIcon } from '../ui/action-icons.ts'
import { extrasStrings } from '../words/en/composer.ts'
import type { ExtrasStrings } from '../words/strings.ts'

// Why, here and not in the text that every page loads:
// `.drop`: Its containing block is the panel; nothing in between may be positioned.
// `.menu-place`: Nothing but a place; the margin takes the grid's gap back.
// `.said:empty`: Out of the grid, so that it makes no gap, and still there for screen readers.

const extrasStyles = css`
  ${fileStyles}
  .icon-button[aria-disabled='true'] {
    opacity: 0.5;
    cursor: default;
  }
  .icon-button[aria-pressed='true'] {
    background: var(--samosa-danger);
    color: var(--samosa-surface);
  }
  .said {
    padding: 6px 10px 2px;
    font-size: 13px;
    line-height: 1.45;
    overflow-wrap: anywhere;
  }
  .said:empty {
    position: absolute;
  }
  .help {
    display: grid;
    gap: 4px;
    margin: 0 0 6px;
  }
  .help div {
    display: flex;
    gap: 10px;
  }
  .help dt {
    flex: none;
    min-inline-size: 100px;
    text-align: match-parent;
    font-weight: 600;
  }
  .help dd {
    margin: 0;
    color: var(--samosa-text-muted);
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 0;
    padding: 4px;
    list-style: none;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 28px;
    padding-inline: 10px 7px;
    border-radius: 22px;
    background: var(--samosa-surface-3);
    font-size: 12.5px;
    font-variant-numeric: tabular-nums;
  }
  .chip:hover {
    background: var(--_tint);
  }
  .menu-place {
    position: relative;
    margin-block-end: -4px;
  }
  .menu {
    position: absolute;
    inset-block-end: 14px;
    inset-inline: -6px;
    z-index: 2;
    max-block-size: 50cqh;
    margin: 0;
    padding: 6px;
    overflow: hidden auto;
    border: 1px solid var(--_edge);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface);
    box-shadow: 0 4px 18px rgb(40 20 0 / 0.14);
    font-size: 14px;
    list-style: none;
  }
  .menu li {
    display: grid;
    grid-template-columns: minmax(108px, auto) 1fr;
    align-items: baseline;
    gap: 0 10px;
    padding: 7px 10px;
    border-radius: var(--samosa-radius-code);
    cursor: pointer;
  }
  .menu b {
    font-weight: 600;
    text-align: match-parent;
  }
  .menu span {
    color: var(--samosa-text-muted);
    font-size: 13px;
  }
  .menu li:hover {
    background: var(--_hover);
  }
  .menu [aria-selected='true'] {
    background: var(--_tint);
  }
  .drop {
    position: absolute;
    inset: 0;
    z-index: 3;
    display: grid;
    place-items: center;
    padding: 24px;
    border: 2px dashed var(--_accent);
    border-radius: inherit;
    background: color-mix(in srgb, var(--samosa-surface) 95%, transparent);
    font-size: 17px;
    font-weight: 600;
    text-align: center;
    pointer-events: none;
  }
  @media (pointer: coarse) {
    .menu li {
      align-items: center;
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .menu [aria-selected='true'],
    .icon-button[aria-pressed='true'] {
      outline: 2px solid Highlight;
    }
    .chip {
      border: 1px solid ButtonText;
    }
  }
`

interface DropZoneOptions {
  /** Whether files are taken now. */
  readonly isOpen: () => boolean
  readonly onFiles: (files: readonly File[]) => void
}

/** Takes files that are dropped anywhere on the panel around its host. */
class DropZone {
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

const SETTINGS = ['temperature', 'top_k'] as const

/** The composer, as far as it is needed for that. */
type ExtrasHost = LitElement & {
  readonly context: ChatContext
  readonly choices: Choices
  readonly input: HTMLTextAreaElement
  isCommand(text: string): boolean
  send(text: string): void
}

/** What the composer can do beyond text: commands, settings, search, files, voice. */
export class Extras implements ReactiveController {
  readonly host: ExtrasHost
  readonly #slash = new SlashMenu(this)
  readonly #tray = new FileTray(this)
  readonly #voice = new Dictation(this)
  readonly #drops: DropZone
  #said: unknown
  #wasBusy = false

  constructor(host: ExtrasHost) {
    this.host = host
    const { styleSheet } = extrasStyles
    if (styleSheet) host.shadowRoot?.adoptedStyleSheets.push(styleSheet)
    this.#drops = new DropZone(host, {
      isOpen: () => Boolean(host.context.config?.attachments),
      onFiles: (files) => this.addFiles(files),
    })
    host.addController(this)
    host.requestUpdate()
  }

  get words(): ExtrasStrings {
    return this.host.context.strings.extras ?? extrasStrings
  }

  get draft(): string {
    return this.host.context.controller.state.draft
  }

  set draft(text: string) {
    this.host.context.controller.state.draft = text
  }

  get files(): readonly DraftFile[] {
    return this.host.context.controller.state.files
  }

  /** Why nothing can be sent, if there is a reason that has to do with files. */
  get reason(): string {
    const { files, draft, words } = this
    const isReading = files.some(({ data }) => data === undefined)
    if (isReading) return this.host.context.strings.composer.unread
    return files.length > 0 && draft.trim() === '' ? words.files.needText : ''
  }

  /** Says something above the text, until more is typed. */
  say(what: unknown): void {
    this.#said = what
    this.host.requestUpdate()
  }

  addFiles(files: readonly File[]): void {
    this.#tray.add(files)
  }

  /** Does what a text says that begins with a slash. */
  run(text: string): void {
    this.#slash.run(text)
  }

  /** The visitor changed the text. */
  typed(): void {
    this.#said = undefined
    this.#slash.typed()
    this.#voice.stop()
  }

  /** Takes a key, or leaves it to the text. */
  press(event: KeyboardEvent): boolean {
    if (this.#slash.press(event)) return true
    const closes =
      event.key === 'Escape' && !isComposing(event) && (this.#said || this.#voice.isListening)
    if (!closes) return false
    // The panel has its own use for it.
    event.stopPropagation()
    this.#voice.stop()
    this.say(undefined)
    return true
  }

  hostUpdate(): void {
    const { busy } = this.host.context.controller
    if (busy && !this.#wasBusy) {
      this.#said = undefined
      this.#voice.stop()
    }
    this.#wasBusy = busy
  }

  hostUpdated(): void {
    this.#slash.mark(this.host.input)
  }

  hostConnected(): void {
    this.#drops.connect()
  }

  hostDisconnected(): void {
    this.#drops.disconnect()
    this.#voice.stop()
  }

  /** What stands above the text. */
  renderAbove() {
    return html`${this.#slash.render()} ${this.#drops.render(this.words.files.drop)}
      ${this.files.length > 0 ? this.#tray.render() : nothing} ${this.#renderSettings()}
      <div class="said" role="status">${this.#said || nothing}</div>`
  }

  /** What there is to know about adding files. */
  get attaching() {
    const limits = this.host.context.config?.attachments
    if (!limits) return {}
    const { files, refused, size } = this.words
    const isFull = this.files.length >= limits.max_files
    const hint = isFull
      ? refused.tooMany(limits.max_files)
      : files.hint(limits, limits.max_files, size(limits.max_bytes))
    return { hint, isFull, accept: acceptOf(limits) }
  }

  /** What there is to know about speaking. */
  get listening() {
    const { stop, heardBy } = this.words.voice
    const isOn = this.#voice.isListening
    const does = isOn ? stop : this.host.context.strings.composer.dictate
    return { isOn, hint: heardBy, title: `${does}. ${heardBy}` }
  }

  #renderSettings() {
    const { settings } = this.host.choices
    const { onSettings } = this.host.context.actions
    const words = this.words.settings
    const chips = SETTINGS.flatMap((name) => {
      const value = settings[name]
      if (value === undefined) return []
      const label = words[name](value)
      const drop = () => {
        onSettings({ ...settings, [name]: undefined })
        this.host.focus()
      }
      return html`<li>
        <button
          class="chip"
          type="button"
          aria-label=${words.remove(label)}
          title=${words.remove(label)}
          @click=${drop}
        >
          ${label}${removeIcon}
        </button>
      </li>`
    })
    return chips.length > 0
      ? html`<ul class="chips" aria-label=${words.list}>
          ${chips}
        </ul>`
      : nothing
  }

  /** Begins to listen, or ends it. */
  listen(): void {
    this.#voice.toggle()
  }
}
