import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { property, query } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import { warmUpMarkdown } from '../markdown/warm-up.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import type { ConversationState } from '../state/conversation-state.ts'
import { Announcer } from './announcer.ts'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { MESSAGE_PARTS } from './exported-parts.ts'
import { endNote } from './end-note.ts'
import { downIcon } from './icons.ts'
import { messageListStyles } from './message-list.styles.ts'
import './message.ts'
import type { FeedbackHandler } from './message.ts'
import { newsInWords, NewsWatch } from './news.ts'
import { spokenStep } from './step-in-words.ts'
import { StickToEnd } from './stick-to-end.ts'

/** So many of the newest messages are drawn at once, fewer where they are long: about a window. */
const FIRST = 12
/** Pixels that a letter takes in it, and the widest that lines become. */
const LETTER_AREA = 150
const WIDEST = 600
/** Of a window that is not shown yet. */
const USUAL_AREA = 250_000
/** More than these are history, when nobody looks. */
const MOST = 48

const sizeOf = (message: ChatMessage | undefined) =>
  message?.chunks.reduce((sum, { length }) => sum + length, 0) ?? 0

/** The conversation, scrolling. What is slotted stands below the last message. */
export class SamosaMessageList extends LitElement {
  static override styles = [baseStyles, messageListStyles]

  @property({ attribute: false }) messages: readonly ChatMessage[] = []
  @property({ attribute: false }) strings: Strings = en
  /** Whether there are messages from before these, and what becomes of them. */
  @property({ attribute: false }) earlier: ConversationState['earlier'] = 'none'
  @property({ attribute: false }) onEarlier = () => {}
  @property({ attribute: false }) canRegenerate = false
  @property({ attribute: false }) onRegenerate = () => {}
  @property({ attribute: false }) canEdit = false
  @property({ attribute: false }) maxLength = 8000
  @property({ attribute: false }) onEdit = (_message: ChatMessage, _text: string) => false
  @property({ attribute: false }) toolTitles: ReadonlyMap<string, string> = new Map()
  @property({ attribute: false }) imageOrigins = ''
  @property({ attribute: false }) onFeedback: FeedbackHandler | undefined

  @query('.scroller') private readonly scroller!: HTMLElement
  @query('.content') private readonly content!: HTMLElement
  @query('.announcements') private readonly announcements!: HTMLElement
  readonly #stick = new StickToEnd(this)
  readonly #announcer = new Announcer()
  readonly #news = new NewsWatch(() => this.requestUpdate())
  #lastSent: ChatMessage | undefined
  /** The oldest message that is not history. */
  #firstKey: string | undefined
  #loadsHistory = false

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#announcer.stop()
    this.#news.stop()
  }

  /** Goes to the newest message and stays with it. */
  toEnd(): void {
    this.#stick.toEnd()
  }

  override render() {
    const { messages, strings } = this
    const isEmpty = messages.length === 0
    const newest = this.#newest()
    return html`<div
        class=${this.#stick.atEnd ? 'scroller at-end' : 'scroller'}
        role="log"
        aria-live="off"
        aria-label=${strings.messages}
        tabindex="0"
      >
        <div class=${isEmpty ? 'content empty' : 'content'}>
          ${this.#renderHistory(messages.slice(0, newest))}
          ${repeat(messages.slice(newest), ({ key }) => key, this.#renderMessage)}
          <slot></slot>
        </div>
      </div>
      <div class="announcements visually-hidden" aria-live="polite" aria-atomic="false"></div>
      ${isEmpty ? nothing : this.#renderJump()}`
  }

  /** The way to the end, and what is new there. */
  #renderJump() {
    const { strings } = this
    const { atEnd } = this.#stick
    const news = this.#news.since(this.messages, atEnd)
    if (atEnd) return nothing
    return html`<button
      class=${news.kind === 'none' ? 'jump' : 'jump news'}
      type="button"
      @click=${this.#jump}
    >
      ${downIcon}${newsInWords(strings, news)}
    </button>`
  }

  protected override firstUpdated(): void {
    this.#stick.watch(this.scroller, this.content)
    void warmUpMarkdown({ strings: this.strings.answer.markdown })
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.renderRoot.querySelector('samosa-history:not(:defined)')) void this.#loadHistory()
    if (!changed.has('messages')) return
    const { messages } = this
    const before = changed.get('messages') ?? []
    // Another conversation, or another visitor: what was said of the last one is not for them.
    const shown = new Set(messages)
    if (!before.some((message) => shown.has(message))) this.announcements.replaceChildren()
    this.#announcer.follow(this.announcements, messages.at(-1), {
      step: (message, kind) => spokenStep(this.strings, message, kind),
      end: (reason) =>
        reason === 'stop' ? this.strings.status.answerDone : (endNote(this.strings, reason) ?? ''),
    })
    this.#stick.isOn = messages.length > 0
    const sent = messages.findLast((message) => message.state === 'sending')
    if (sent && sent !== this.#lastSent) this.toEnd()
    if (messages.length === 0) this.#stick.toEnd()
    this.#lastSent = sent
  }

  /** The button goes with this; the focus stays where reading goes on. */
  #jump = () => {
    this.scroller.focus({ preventScroll: true })
    this.toEnd()
  }

  /** Where history ends: what is newer is drawn with the list itself. */
  #newest(): number {
    const { messages } = this
    const { length } = messages
    let from = messages.findIndex(({ key }) => key === this.#firstKey)
    if (from < 0) {
      const area = this.offsetHeight * Math.min(this.offsetWidth, WIDEST)
      let room = (area || USUAL_AREA) / LETTER_AREA
      from = length
      while (from > 0 && length - from < FIRST && (room > 0 || from === length)) {
        from -= 1
        room -= sizeOf(messages[from])
      }
    } else if (length - from > MOST && this.#stick.atEnd) from = length - MOST / 2
    this.#firstKey = messages[from]?.key
    return from
  }

  #renderHistory(messages: readonly ChatMessage[]) {
    if (messages.length === 0 && this.earlier === 'none') return nothing
    return html`<samosa-history
      .messages=${messages}
      .strings=${this.strings}
      .earlier=${this.earlier}
      .onEarlier=${this.onEarlier}
      .renderMessage=${(message: ChatMessage) => this.#renderMessage(message)}
    ></samosa-history>`
  }

  /** Without a network the next change of the list tries again. */
  async #loadHistory(): Promise<void> {
    if (this.#loadsHistory) return
    this.#loadsHistory = true
    await import('../history/history.ts').catch(() => undefined)
    this.#loadsHistory = false
  }

  readonly #renderMessage = (message: ChatMessage) => {
    const isLast = message === this.messages.at(-1)
    return html`<samosa-message
      part="message"
      exportparts=${MESSAGE_PARTS}
      .message=${message}
      .strings=${this.strings}
      .sending=${isLast && this.messages.at(-2)?.state === 'sending'}
      .last=${isLast}
      .canRegenerate=${isLast && this.canRegenerate}
      .onRegenerate=${this.onRegenerate}
      .canEdit=${this.canEdit}
      .hasAnswer=${!isLast}
      .maxLength=${this.maxLength}
      .onEdit=${this.onEdit}
      .toolTitles=${this.toolTitles}
      .imageOrigins=${this.imageOrigins}
      .onFeedback=${this.onFeedback}
    ></samosa-message>`
  }
}

define('samosa-message-list', SamosaMessageList)
