/**
 * composer: where the visitor writes. Here: the field, its buttons, and what is sent; commands, files and voice are
 * loaded when they are wanted (extras.ts).
 */
import { html, LitElement, nothing } from 'lit'
import type { WidgetConfig } from '../api/decode-body.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { Choices } from '../conversation/memory.ts'
import { besideCode } from '../answer/answer.ts'
import { canListen } from './speech.ts'
import type { Extras } from './extras.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { lazy } from '../ui/lazy.ts'
import { countCodePoints, isSendKey, growToText } from '../ui/text-field.ts'
import { composerStyles } from './composer.styles.ts'
import { define, drawnIn, mayType } from '../ui/element.ts'
import {
  attachIcon,
  microphoneIcon,
  searchIcon,
  sendIcon,
  stopIcon,
  thinkIcon,
} from '../ui/icons.ts'

/** Commands, settings, files, voice. */
const extrasCode = lazy(() => import('./extras.ts'))

/** A switch below the text. */
const renderPill = (icon: unknown, label: string, hint: string, on: boolean, onPress: () => void) =>
  html`<button
    class="pill"
    part="pill"
    type="button"
    title=${hint}
    aria-pressed=${on}
    @click=${onPress}
  >
    ${icon}<span>${label}</span>
  </button>`

/** Code points left from which on the counter shows. */
const NEARLY_FULL = 0.9

/** Of a message, in code points. */
export const maxLengthOf = (config: WidgetConfig | undefined): number =>
  config?.max_message_length ?? 8000

/** Where the visitor writes. What goes beyond text and Think comes a moment later, see extras.ts. */
export class SamosaComposer extends LitElement {
  static override properties = {
    context: { attribute: false },
    choices: { attribute: false },
    placeholder: { attribute: false },
    description: { attribute: false },
    extras: { state: true },
    isStuck: { state: true },
    isAdding: { state: true },
  }
  static override styles = [baseStyles, composerStyles]

  context!: ChatContext
  choices!: Choices
  /** What stands in the empty field, if the page says so. */
  placeholder = ''
  /** What is to be known before the first message. */
  description: string | undefined

  extras: Extras | undefined
  /** A command was typed, and what runs commands is out of reach. */
  private isStuck = false
  /** Files came before what takes them. */
  private isAdding = false
  /** What is set or typed needed more than text when it was drawn last. */
  #needed = false
  get input(): HTMLTextAreaElement {
    return drawnIn(this, 'textarea', HTMLTextAreaElement)
  }

  /**
   * Puts the cursor into the text. On a touch screen the focus goes to the panel instead, unless the
   * keyboard is up already.
   */
  override focus(options?: FocusOptions): void {
    const isUp = this.shadowRoot?.activeElement === this.input
    const target = isUp || mayType() ? this.input : this.closest<HTMLElement>('.panel')
    target?.focus(options)
  }

  override render() {
    const { extras } = this
    const { strings, controller, config, settled } = this.context
    const { state: now, busy } = controller
    const words = strings.composer
    const { draft } = now
    const maxLength = maxLengthOf(config)
    const left = maxLength - countCodePoints(draft.trim())
    const counts = left < maxLength * (1 - NEARLY_FULL)
    const isStopping = now.phase.kind === 'answering' && now.phase.stopping
    const tooLong = left < 0 && words.tooLong(-left, maxLength)
    const unready = this.isAdding ? words.unread : extras?.reason
    const why = tooLong || unready || (draft.trim() === '' ? words.empty : '')
    const said = this.isStuck ? strings.errors.unreachable : tooLong || (counts && words.left(left))
    return html`<form
      class="pod"
      @submit=${this.#submit}
      @click=${this.#focusInput}
      @mousedown=${this.#keepKeyboard}
    >
      ${extras?.renderAbove()}
      <textarea
        part="input"
        rows="1"
        dir=${draft === '' ? nothing : 'auto'}
        aria-label=${words.label}
        aria-describedby=${said ? 'count' : nothing}
        aria-description=${this.description ?? nothing}
        aria-invalid=${left < 0 ? 'true' : nothing}
        placeholder=${this.placeholder || (settled ? words.placeholder : '')}
        enterkeyhint="send"
        @input=${this.#take}
        @keydown=${this.#press}
      ></textarea>
      ${
        said
          ? html`<p id="count" class=${left < 0 ? 'count over' : 'count'} role="status">${said}</p>`
          : nothing
      }
      <div class="bar">
        ${settled ? this.#renderSwitches() : nothing}
        ${this.#renderGo(busy ? words.stop : words.send, busy, isStopping, why)}
      </div>
    </form>`
  }

  protected override firstUpdated(): void {
    void besideCode.arrival().then((code) => code.catchFiles(this))
  }

  protected override updated(): void {
    this.#showDraft()
    const needs = this.#needsExtras
    if (needs && !this.#needed) void this.load()
    this.#needed = needs
  }

  /** Only what differs from what is typed: the cursor would go to the end. */
  #showDraft(): void {
    const { input } = this
    const { draft } = this.context.controller.state
    if (input.value !== draft) input.value = draft
    growToText(input)
  }

  /** What can be switched on and added below the text. It stands there before what does it is loaded. */
  #renderSwitches() {
    const { strings, config, actions } = this.context
    const { settings, canThink, thinking } = this.choices
    const words = strings.composer
    const searches = settings.force_web_search ?? false
    return html`${
      canThink
        ? renderPill(thinkIcon, words.think, words.thinkHint, thinking, () =>
            actions.onThink(!thinking),
          )
        : nothing
    }
    ${
      config?.features.search
        ? renderPill(searchIcon, words.search, words.searchHint, searches, () =>
            actions.onSettings({ ...settings, force_web_search: !searches || undefined }),
          )
        : nothing
    }
    ${config?.attachments ? this.#renderAttach(words.addFiles) : nothing}
    ${canListen() && config?.features.microphone !== false ? this.#renderMicrophone(words.dictate) : nothing}`
  }

  #renderAttach(label: string) {
    const { hint, accept, isFull } = this.extras?.attaching ?? {}
    return html`<input
        type="file"
        multiple
        hidden
        aria-label=${label}
        accept=${accept ?? nothing}
        @change=${this.#pick}
      /><button
        class="icon-button"
        type="button"
        aria-label=${label}
        aria-description=${hint ?? nothing}
        title=${hint ?? label}
        aria-disabled=${isFull ?? false}
        @focus=${this.load}
        @pointerenter=${this.load}
        @click=${() => (isFull ? this.extras?.say(hint) : this.renderRoot.querySelector('input')?.click())}
      >
        ${attachIcon}
      </button>`
  }

  #renderMicrophone(label: string) {
    const { hint, title, isOn } = this.extras?.listening ?? {}
    return html`<button
      class="icon-button"
      type="button"
      aria-label=${label}
      aria-description=${hint ?? nothing}
      title=${title ?? label}
      aria-pressed=${isOn ?? false}
      @focus=${this.load}
      @pointerenter=${this.load}
      @click=${async () => (await this.need())?.listen()}
    >
      ${microphoneIcon}
    </button>`
  }

  /** One button for both, so that it keeps the focus when an answer begins or ends. */
  #renderGo(label: string, busy: boolean, isStopping: boolean, why: string) {
    return html`<button
      part="send"
      class=${busy ? 'go stop' : 'go'}
      type="submit"
      aria-label=${label}
      aria-description=${busy ? nothing : why || nothing}
      title=${(!busy && why) || label}
      aria-disabled=${busy ? isStopping : why !== ''}
      @click=${this.#stopIfBusy}
    >
      ${busy ? stopIcon : sendIcon}
    </button>`
  }

  #take = () => {
    this.isStuck = false
    this.context.controller.state.draft = this.input.value
    this.extras?.typed()
    if (this.#needsExtras) void this.load()
  }

  #press = (event: KeyboardEvent) => {
    const { controller } = this.context
    const last = controller.state.queued.at(-1)
    // As terminals have it: the last one comes back.
    if (event.key === 'ArrowUp' && this.input.value === '' && last) controller.queue?.takeBack(last)
    const isTaken = this.extras?.press(event) ?? false
    if (!isTaken && !isSendKey(event)) return
    event.preventDefault()
    if (!isTaken) void this.#trySend()
  }

  #stopIfBusy = (event: MouseEvent) => {
    const { controller } = this.context
    if (!controller.busy) return
    // Else what is in the field would be sent, were the answer over by then.
    event.preventDefault()
    // The second click of a double one was meant to send, too.
    if (event.detail < 2) controller.stop()
  }

  #submit = (event: Event) => {
    event.preventDefault()
    void this.#trySend()
  }

  async #trySend(): Promise<void> {
    const text = this.context.controller.state.draft.trim()
    if (text === '') return
    if (this.isCommand(text)) {
      const extras = await this.need()
      extras?.run(text)
    } else this.send(text)
  }

  /** Whether a text is for the chat itself. */
  isCommand(text: string): boolean {
    return text.startsWith('/') && this.context.config?.features.commands !== false
  }

  /** Sends a text, unless there is a reason not to. */
  send(text: string): void {
    if (this.isAdding || this.extras?.reason) return
    const { config, actions } = this.context
    if (countCodePoints(text) <= maxLengthOf(config)) actions.onSend(text)
  }

  /** Loads what goes beyond text; nothing when it cannot be had now. */
  readonly load = async (): Promise<Extras | undefined> => {
    // Without a network text can be written all the same, and what needs more asks again.
    const code = await extrasCode.need().catch(() => undefined)
    if (code) this.extras ??= new code.Extras(this)
    return this.extras
  }

  /** Loads what the visitor has asked for, and says so when it cannot be had. */
  async need(): Promise<Extras | undefined> {
    const extras = await this.load()
    this.isStuck = !extras
    return extras
  }

  /** Takes files into the message. */
  async addFiles(files: readonly File[]): Promise<void> {
    this.isAdding = true
    const extras = await this.need()
    this.isAdding = false
    extras?.addFiles(files)
  }

  readonly #pick = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return
    const files = [...(target.files ?? [])]
    // The same file may be chosen again.
    target.value = ''
    void this.addFiles(files)
    this.focus()
  }

  /** What stands in the field or is set needs more than text. */
  get #needsExtras(): boolean {
    const { temperature, top_k } = this.choices.settings
    const isSet = (temperature ?? top_k) !== undefined
    return isSet || this.isCommand(this.context.controller.state.draft)
  }

  /** A button that is tapped takes no keyboard away from who is writing, and brings none up. */
  #keepKeyboard = (event: Event) => {
    if (event.target !== this.input && !mayType()) event.preventDefault()
  }

  /** The pod's free area belongs to the text. */
  #focusInput = (event: Event) => {
    if (event.target instanceof Element && !event.target.closest('button')) this.input.focus()
  }
}

define('samosa-composer', SamosaComposer)
