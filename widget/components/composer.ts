import { html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import type { WidgetConfigBody } from '../../server/protocol/api.ts'
import type { Extras } from '../composer/extras.ts'
import { baseStyles } from './base.styles.ts'
import { countCodePoints } from './code-points.ts'
import { composerStyles } from './composer.styles.ts'
import { define } from './define.ts'
import { isSendKey } from './enter-key.ts'
import { growToText } from './grow.ts'
import { sendIcon, stopIcon, thinkIcon } from './icons.ts'
import type { PanelView } from './panel-view.ts'

/** Code points left from which on the counter shows. */
const NEARLY_FULL = 0.9

/** Of a message, in code points. */
export const maxLengthOf = (config: WidgetConfigBody | undefined): number =>
  config?.max_message_length ?? 8000

/** Where the visitor writes. What goes beyond text and Think comes a moment later, see extras.ts. */
export class SamosaComposer extends LitElement {
  static override styles = [baseStyles, composerStyles]

  @property({ attribute: false }) view: PanelView | undefined

  @state() private extras: Extras | undefined
  /** A command was typed, and what runs commands is out of reach. */
  @state() private isStuck = false
  @query('textarea') readonly input!: HTMLTextAreaElement

  override focus(options?: FocusOptions): void {
    this.input?.focus(options)
  }

  override render() {
    const { view, extras } = this
    if (!view) return nothing
    const { strings, controller, thinking } = view
    const { state: now, busy } = controller
    const words = strings.composer
    const { draft } = now
    const maxLength = maxLengthOf(view.config)
    const left = maxLength - countCodePoints(draft.trim())
    const counts = left < maxLength * (1 - NEARLY_FULL)
    const isStopping = now.phase.kind === 'answering' && now.phase.stopping
    const tooLong = left < 0 && words.tooLong(-left, maxLength)
    const why = tooLong || extras?.reason || (draft.trim() === '' ? words.empty : '')
    const said = this.isStuck ? strings.errors.unreachable : tooLong || (counts && words.left(left))
    return html`<form class="pod" @submit=${this.#submit} @click=${this.#focusInput}>
      ${extras?.renderAbove()}
      <textarea
        part="input"
        rows="1"
        dir=${draft === '' ? nothing : 'auto'}
        aria-label=${words.label}
        aria-describedby=${said ? 'count' : nothing}
        aria-invalid=${left < 0 ? 'true' : nothing}
        placeholder=${view.placeholder || words.placeholder}
        enterkeyhint="send"
        .value=${live(draft)}
        @focus=${this.#load}
        @input=${this.#take}
        @keydown=${this.#press}
      ></textarea>
      ${
        said
          ? html`<p id="count" class=${left < 0 ? 'count over' : 'count'} role="status">${said}</p>`
          : nothing
      }
      <div class="bar">
        ${
          view.canThink
            ? this.renderPill(thinkIcon, words.think, words.thinkHint, thinking, () =>
                view.actions.onThink(!thinking),
              )
            : nothing
        }
        ${extras?.renderBar()}
        ${this.#renderGo(busy ? words.stop : words.send, busy, isStopping, why)}
      </div>
    </form>`
  }

  /** A switch below the text. */
  renderPill(icon: unknown, label: string, hint: string, on: boolean, onPress: () => void) {
    return html`<button
      class="pill"
      part="pill"
      type="button"
      title=${hint}
      aria-pressed=${on}
      @click=${onPress}
    >
      ${icon}<span>${label}</span>
    </button>`
  }

  protected override firstUpdated(): void {
    const whenIdle = globalThis.requestIdleCallback ?? setTimeout
    whenIdle(() => void this.#load())
  }

  protected override updated(): void {
    if (this.input) growToText(this.input)
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
    if (!this.view) return
    this.isStuck = false
    this.view.controller.state.draft = this.input.value
    this.extras?.typed()
    if (this.input.value.startsWith('/')) void this.#load()
  }

  #press = (event: KeyboardEvent) => {
    const isTaken = this.extras?.press(event) ?? false
    if (!isTaken && !isSendKey(event)) return
    event.preventDefault()
    if (!isTaken) void this.#trySend()
  }

  #stopIfBusy = (event: MouseEvent) => {
    if (!this.view?.controller.busy) return
    // Else what is in the field would be sent, were the answer over by then.
    event.preventDefault()
    // The second click of a double one was meant to send, too.
    if (event.detail < 2) this.view.controller.stop()
  }

  #submit = (event: Event) => {
    event.preventDefault()
    void this.#trySend()
  }

  async #trySend(): Promise<void> {
    const { view } = this
    const text = view?.controller.state.draft.trim() ?? ''
    if (!view || text === '') return
    if (text.startsWith('/')) {
      const extras = await this.#load()
      this.isStuck = !(await extras?.run(text))
    } else this.send(text)
  }

  /** Sends a text, unless there is a reason not to. */
  send(text: string): void {
    const { view } = this
    if (!view || view.controller.busy || this.extras?.reason) return
    if (countCodePoints(text) <= maxLengthOf(view.config)) view.actions.onSend(text)
  }

  #load = async (): Promise<Extras | undefined> => {
    try {
      const { Extras } = await import('../composer/extras.ts')
      this.extras ??= new Extras(this)
    } catch {
      // No network: text can be written all the same, and what needs more asks again.
    }
    return this.extras
  }

  /** The pod's free area belongs to the text. */
  #focusInput = (event: Event) => {
    if (event.target instanceof Element && !event.target.closest('button')) this.input.focus()
  }
}

define('samosa-composer', SamosaComposer)
