import { html, nothing, type LitElement, type ReactiveController } from 'lit'
import { isComposing } from '../ui/text-field.ts'
import { isCommand, type PanelView } from '../panel/panel-view.ts'
import type { DraftFile } from '../conversation/chat-message.ts'
import { DropZone } from './drop-zone.ts'
import { extrasStyles } from './extras.styles.ts'
import { acceptOf } from './file-kinds.ts'
import { removeIcon } from './icons.ts'
import { Late } from './late.ts'
import { extrasStrings, type ExtrasStrings } from './strings.ts'

const SETTINGS = ['temperature', 'top_k'] as const

/** The composer, as far as it is needed for that. */
type ExtrasHost = LitElement & {
  readonly view: PanelView | undefined
  readonly input: HTMLTextAreaElement
  send(text: string): void
}

/** What the composer can do beyond text: commands, settings, search, files, voice. */
export class Extras implements ReactiveController {
  readonly host: ExtrasHost
  readonly #slash = new Late(async () => new (await import('./slash-menu.ts')).SlashMenu(this))
  readonly #tray = new Late(async () => new (await import('./file-tray.ts')).FileTray(this))
  readonly #voice = new Late(async () => new (await import('./dictation.ts')).Dictation(this))
  readonly #drops: DropZone
  #said: unknown
  /** So many times files were chosen that are not in the tray yet. */
  #arriving = 0
  #wasBusy = false

  constructor(host: ExtrasHost) {
    this.host = host
    const { styleSheet } = extrasStyles
    if (styleSheet) host.shadowRoot?.adoptedStyleSheets.push(styleSheet)
    this.#drops = new DropZone(host, {
      isOpen: () => Boolean(host.view?.config?.attachments),
      onFiles: (files) => void this.addFiles(files),
    })
    host.addController(this)
    host.requestUpdate()
  }

  get words(): ExtrasStrings {
    return this.host.view?.strings.extras ?? extrasStrings
  }

  get draft(): string {
    return this.host.view?.controller.state.draft ?? ''
  }

  set draft(text: string) {
    const { view } = this.host
    if (view) view.controller.state.draft = text
  }

  get files(): readonly DraftFile[] {
    return this.host.view?.controller.state.files ?? []
  }

  /** Why nothing can be sent, if there is a reason that has to do with files. */
  get reason(): string {
    const { files, draft, words } = this
    const isReading = files.some(({ data }) => data === undefined)
    if (isReading || this.#arriving > 0) return this.host.view?.strings.composer.unread ?? ''
    return files.length > 0 && draft.trim() === '' ? words.files.needText : ''
  }

  /** Says something above the text, until more is typed. */
  say(what: unknown): void {
    this.#said = what
    this.host.requestUpdate()
  }

  async addFiles(files: readonly File[]): Promise<void> {
    this.#arriving += 1
    this.host.requestUpdate()
    const tray = await this.#tray.get()
    this.#arriving -= 1
    if (tray) tray.add(files)
    else this.#sayUnreachable()
  }

  /** Does what a text says that begins with a slash; false when what does it cannot be had. */
  async run(text: string): Promise<boolean> {
    const slash = await this.#slash.get()
    slash?.run(text)
    return slash !== undefined
  }

  /** The visitor changed the text. */
  typed(): void {
    this.#said = undefined
    this.#slash.part?.typed()
    this.#voice.part?.stop()
  }

  /** Takes a key, or leaves it to the text. */
  press(event: KeyboardEvent): boolean {
    if (this.#slash.part?.press(event)) return true
    const voice = this.#voice.part
    const closes =
      event.key === 'Escape' && !isComposing(event) && (this.#said || voice?.isListening)
    if (!closes) return false
    // The panel has its own use for it.
    event.stopPropagation()
    voice?.stop()
    this.say(undefined)
    return true
  }

  hostUpdate(): void {
    const { view } = this.host
    if (view && isCommand(view, this.draft) && !this.#slash.part) void this.#redrawWith(this.#slash)
    if (this.files.length > 0 && !this.#tray.part) void this.#redrawWith(this.#tray)
    const busy = this.host.view?.controller.busy ?? false
    if (busy && !this.#wasBusy) {
      this.#said = undefined
      this.#voice.part?.stop()
    }
    this.#wasBusy = busy
  }

  hostUpdated(): void {
    this.#slash.part?.mark(this.host.input)
  }

  hostConnected(): void {
    this.#drops.connect()
  }

  hostDisconnected(): void {
    this.#drops.disconnect()
    this.#voice.part?.stop()
  }

  /** What stands above the text. */
  renderAbove() {
    return html`${this.#slash.part?.render()} ${this.#drops.render(this.words.files.drop)}
      ${this.files.length > 0 ? this.#tray.part?.render() : nothing} ${this.#renderSettings()}
      <div class="said" role="status">${this.#said || nothing}</div>`
  }

  /** What there is to know about adding files. */
  get attaching() {
    const limits = this.host.view?.config?.attachments
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
    const isOn = this.#voice.part?.isListening ?? false
    const does = isOn ? stop : this.host.view?.strings.composer.dictate
    return { isOn, hint: heardBy, title: `${does}. ${heardBy}` }
  }

  #renderSettings() {
    const { view } = this.host
    if (!view) return nothing
    const { settings, actions } = view
    const words = this.words.settings
    const chips = SETTINGS.flatMap((name) => {
      const value = settings[name]
      if (value === undefined) return []
      const label = words[name](value)
      const drop = () => {
        actions.onSettings({ ...settings, [name]: undefined })
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
  async listen(): Promise<void> {
    const voice = await this.#voice.get()
    if (voice) voice.toggle()
    else this.#sayUnreachable()
  }

  #sayUnreachable(): void {
    this.say(this.host.view?.strings.errors.unreachable)
  }

  async #redrawWith(part: Late<unknown>): Promise<void> {
    if (await part.get()) this.host.requestUpdate()
  }
}
