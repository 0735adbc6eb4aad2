/**
 * answer: one message on the screen. Begin here: what of it is the visitor's, and what stands around an answer. The
 * answer itself is answer.ts, which gives its segments to the parts of part-registry.ts.
 */
import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { directionOf } from '../markdown/render/direction.ts'
import { lazy } from '../ui/lazy.ts'
import type { ChatMessage, MessageState } from '../conversation/chat-message.ts'
import './answer.ts'
import type { SamosaAnswer } from './answer.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, differs, ANSWER_PARTS } from '../ui/element.ts'
import { endNote, isInText, stepInWords } from './waiting.ts'
import type { SamosaFeedback } from './feedback.ts'
import type { ActionsView } from './message-actions.ts'
import { messageStyles, renderSentFiles } from './message.styles.ts'

/** Longer than models pause between words. */
const STALL_MS = 4_000

/** Notices that something which goes on has stood still for a while. */
class StallWatch {
  readonly #onStall: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #last = 0

  constructor(onStall: () => void) {
    this.#onStall = onStall
  }

  /** It has just moved. */
  touch(): void {
    this.#last = performance.now()
    this.#timer ??= setTimeout(this.#look, STALL_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** One timer for many moves. */
  readonly #look = () => {
    const left = STALL_MS - (performance.now() - this.#last)
    this.#timer = left > 0 ? setTimeout(this.#look, left) : undefined
    if (left <= 0) this.#onStall()
  }
}

/** What can be done with messages is of use behind the first answer. */
export const messageActions = lazy(() => import('./message-actions.ts'))
/** The form is needed by who changes a question. */
const editor = lazy(() => import('./message-editor.ts'))

/** Space, and thinking without a word. */
const NO_WORD = /^\s*(?:<\/?think>\s*)*$/

/** Nothing that could be seen, or not yet. */
const isBlank = ({ chunks, sources }: ChatMessage) =>
  sources.length === 0 && chunks.every((chunk) => NO_WORD.test(chunk))

/** What all messages of a conversation are shown with. */
export interface SharedView extends ActionsView {
  /** Of what is said, where the words are in another one. */
  readonly language: string | undefined
  /** Of an edited message, in code points. */
  readonly maxLength: number
  /** False when the text was not taken. */
  readonly onEdit: (message: ChatMessage, text: string, keep?: readonly string[]) => boolean
  /** The page's titles of its tools, by name. */
  readonly toolTitles: ReadonlyMap<string, string>
  readonly imageOrigins: string
}

/** What a message is shown with. */
export interface MessageView extends SharedView {
  readonly message: ChatMessage
  /** Nothing follows it. */
  readonly last: boolean
  /** What it answers is on its way to the server. */
  readonly sending: boolean
  /** A question that another one follows, and no answer. */
  readonly unanswered: boolean
}

/** One message: the visitor's in a bubble, an answer over the full width. */
export class SamosaMessage extends LitElement {
  static override properties = {
    view: { attribute: false, hasChanged: differs },
    copied: { state: true },
    editing: { state: true },
    stalled: { state: true },
  }
  static override styles = [baseStyles, messageStyles]

  view!: MessageView

  copied = false
  editing = false
  private get answer(): SamosaAnswer | null {
    return this.renderRoot.querySelector('samosa-answer')
  }
  get feedback(): SamosaFeedback | null {
    return this.renderRoot.querySelector('samosa-feedback')
  }
  /** No word has come for a while. */
  private stalled = false
  readonly #stall = new StallWatch(() => {
    const { message } = this.view
    this.stalled = message.state === 'streaming' && isInText(message.text)
  })
  #unsubscribe = () => {}
  #drawn = ''

  override connectedCallback(): void {
    super.connectedCallback()
    this.#listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe()
    this.#stall.stop()
  }

  /** What shows its text; before there is any, the message itself. */
  get words(): Element {
    return this.renderRoot.querySelector('samosa-answer, .bubble') ?? this
  }

  override render() {
    const { message } = this.view
    return message.role === 'user' ? this.#renderUser(message) : this.#renderAnswer(message)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { message, last } = this.view
    if (changed.has('view') && changed.get('view')?.message !== message) {
      this.#listen()
      this.editing = false
    }
    this.toggleAttribute('last', last)
    if (message.edit !== undefined) this.editing = true
    if (this.editing) editor.drawn(this)
    if (this.view.canEdit || (message.role === 'assistant' && message.state === 'settled'))
      messageActions.drawn(this)
    this.#drawn = this.#outline()
  }

  protected override updated(): void {
    const { answer } = this
    const { message } = this.view
    if (message.state === 'settled' && answer) {
      void answer.updateComplete.then(() => message.join())
    }
  }

  #renderUser(message: ChatMessage) {
    const { strings, language } = this.view
    const form = editor.loaded()
    return html`<article class="user ${message.state}" aria-label=${strings.you}>
      ${this.editing && form ? nothing : renderSentFiles(message, strings)}
      ${
        this.editing && form
          ? form.renderEditor(this, message)
          : html`<div class="said">
              <div
                class="bubble"
                part="bubble"
                dir=${directionOf(message.text) ?? 'auto'}
                lang=${language ?? nothing}
                .textContent=${message.text}
              ></div>
              <div class="actions">
                ${messageActions.loaded()?.renderUserActions(this, message)}
              </div>
            </div>`
      }
      ${this.#renderMark(message)}
    </article>`
  }

  /** What became of a question, where that is not its answer. */
  #renderMark(message: ChatMessage) {
    const { offline, unsent, editUnsent } = this.view.strings.notes
    if (this.view.unanswered) return messageActions.loaded()?.renderUnanswered(this, message)
    const failed = message.isEdit ? editUnsent : unsent
    const marks: { readonly [State in MessageState]?: string } = { failed, offline }
    const mark = marks[message.state]
    return mark ? html`<span class="note" role="status">${mark}</span>` : nothing
  }

  #renderAnswer(message: ChatMessage) {
    const { strings, language, toolTitles, imageOrigins } = this.view
    const streams = message.state === 'streaming'
    const blank = isBlank(message)
    const waits = message.state === 'waiting' || (blank && (streams || message.replacing))
    const foot =
      message.state === 'settled' && !message.replacing ? this.#renderFoot(message, blank) : nothing
    if (blank && !waits && foot === nothing) return nothing
    return html`<article
      class="assistant ${message.replacing ? 'replacing' : ''}"
      aria-label=${strings.assistant}
      aria-busy=${streams || waits}
    >
      ${
        waits
          ? this.#renderWaiting(message)
          : blank
            ? nothing
            : html`<samosa-answer
                part="answer"
                exportparts=${ANSWER_PARTS}
                lang=${language ?? nothing}
                .chunks=${message.chunks}
                .version=${message.version}
                .streaming=${streams}
                .sources=${message.sources}
                .citations=${message.citations}
                .requests=${message.calls}
                .toolTitles=${toolTitles}
                .imageOrigins=${imageOrigins}
                .strings=${strings.answer}
              ></samosa-answer>`
      }
      ${streams && !waits && (message.pauses || this.stalled) ? this.#renderWaiting(message) : nothing}
      <div class="foot">${foot}</div>
    </article>`
  }

  #renderWaiting(message: ChatMessage) {
    const { strings, sending } = this.view
    return html`<samosa-waiting
      .strings=${strings}
      .step=${stepInWords(strings, message, sending)}
      .progress=${message.progress}
    ></samosa-waiting>`
  }

  #renderFoot(message: ChatMessage, blank: boolean) {
    const note = endNote(this.view.strings, message.finishReason)
    // Without words, notes or a way on there is nothing to stand below.
    if (blank && note === undefined && !this.view.canRegenerate) return nothing
    // First: what can be done is not seen below earlier answers, and would leave a gap before it.
    return html`${note === undefined ? nothing : html`<span class="note">${note}</span>`}
    ${messageActions.loaded()?.renderAnswerActions(this, message, blank)}`
  }

  /** What the frame around the answer's text depends on. */
  #outline(): string {
    const { message } = this.view
    const { state: now, finishReason, replacing, id, sources, citations, feedback } = message
    const { step, name, done } = message.progress ?? {}
    const waits = `${message.pauses} ${step} ${name} ${done} ${message.edit}`
    const rated = feedback && `${feedback.rating} ${feedback.comment}`
    return `${now} ${isBlank(message)} ${finishReason} ${replacing} ${id} ${sources.length} ${citations.length} ${rated} ${waits}`
  }

  #listen(): void {
    this.#unsubscribe()
    this.#unsubscribe = this.view.message.subscribe(this.#onChange)
  }

  /** Tokens go straight to the answer; the frame is drawn again only when it changes. */
  #onChange = () => {
    const { message } = this.view
    this.stalled = false
    if (message.state === 'streaming') this.#stall.touch()
    else this.#stall.stop()
    if (this.#outline() !== this.#drawn) this.requestUpdate()
    else if (this.answer) {
      this.answer.version = message.version
      this.answer.requests = message.calls
    }
  }
}

define('samosa-message', SamosaMessage)
