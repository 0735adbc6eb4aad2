import { html, LitElement, nothing, type PropertyValues, css } from 'lit'
import { lazy } from '../ui/lazy.ts'
import { adoptSheet, define, differs, drawnIn, MESSAGE_PARTS } from '../ui/element.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import type { ConversationState } from '../conversation/conversation-state.ts'
import type { Announcer } from '../answer/announcer.ts'
import { baseStyles } from '../ui/base.styles.ts'
import type { NewsWatch } from './jump.ts'
import { besideCode } from '../answer/answer.ts'
import { SamosaMessage, type MessageView, type SharedView } from '../answer/message.ts'
import { panelExtras } from './panel-room.ts'
import { ReadingPlace } from './reading-place.ts'

// Why, here and not in the text that every page loads:
// `.asked`: Room to scroll until the question stands at the top, whatever the height of the area: in the flow
// it would part the answer from what follows it. The second one is for a question of more than half of the area.

const messageListStyles = css`
  :host {
    position: relative;
    display: block;
    min-block-size: 0;
  }
  .scroller {
    position: relative;
    block-size: 100%;
    overflow: hidden auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_edge) transparent;
  }
  .scroller:focus-visible {
    outline-offset: -2px;
  }
  .content {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--samosa-space);
    max-inline-size: var(--_column);
    margin-inline: auto;
    padding: calc(4 * var(--samosa-space)) calc(4 * var(--samosa-space))
      calc(2 * var(--samosa-space));
  }
  .content.empty {
    max-inline-size: none;
    grid-template-rows: 1fr auto;
    min-block-size: 100%;
    padding: 0;
  }
  .held {
    overflow-anchor: none;
  }
  .asked::before,
  .asked::after {
    content: '';
    position: absolute;
    inline-size: 1px;
    block-size: 100%;
    margin-block-start: -16px;
    visibility: hidden;
  }
  .asked::after {
    block-size: 50%;
    margin: 0;
  }
  samosa-history:not(:defined) {
    display: none;
  }
  .jump {
    position: absolute;
    inset-block-end: 10px;
    inset-inline: 0;
    background: var(--samosa-surface);
  }
`

/** So many of the newest messages are drawn at once, fewer where they are long: about a window, and the last question. */
const FIRST = 12
/** Pixels that a letter takes in it, and the widest that lines become. */
const LETTER_AREA = 150
const WIDEST = 600
/** Of a window that is not shown yet. */
const USUAL_AREA = 250_000
/** More than these are history, when nobody looks. */
const MOST = 48

const historyCode = lazy(() => import('./history.ts'))

const sizeOf = (message: ChatMessage | undefined) =>
  message?.chunks.reduce((sum, { length }) => sum + length, 0) ?? 0

function createMessage(): SamosaMessage {
  const element = new SamosaMessage()
  element.setAttribute('part', 'message')
  element.setAttribute('exportparts', MESSAGE_PARTS)
  return element
}

/** What the list shows. */
export interface MessageListView extends SharedView {
  readonly messages: readonly ChatMessage[]
  /** Whether there are messages from before these, and what becomes of them. */
  readonly earlier: ConversationState['earlier']
  readonly onEarlier: () => Promise<void>
}

/** The conversation, scrolling. What is slotted stands below the last message. */
export class SamosaMessageList extends LitElement {
  static override properties = { view: { attribute: false, hasChanged: differs } }
  static override styles = [baseStyles, messageListStyles]

  view!: MessageListView

  private get scroller(): HTMLElement {
    return drawnIn(this, '.scroller', HTMLElement)
  }
  private get content(): HTMLElement {
    return drawnIn(this, '.content', HTMLElement)
  }
  private get announcements(): HTMLElement {
    return drawnIn(this, '.announcements', HTMLElement)
  }
  /** Where its reader is. */
  readonly place = new ReadingPlace(this)
  #announcer: Announcer | undefined
  /** What notices news since the reader has left the end. */
  #news: NewsWatch | undefined
  /** What was asked last, here or elsewhere, since the conversation was opened. */
  #asked: ChatMessage | undefined
  /** The answer that is being written. */
  #running: ChatMessage | undefined
  /** The oldest message that is not history. */
  #firstKey: string | undefined
  /** The messages that are not history, and what shows each. */
  #recent: readonly ChatMessage[] = []
  readonly #shown = new Map<ChatMessage, SamosaMessage>()

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#announcer?.stop()
    this.#news?.stop()
  }

  override render() {
    const { messages, strings } = this.view
    const isEmpty = messages.length === 0
    const history = messages.slice(0, messages.length - this.#recent.length)
    return html`<div
        class=${this.place.isHeld ? 'scroller held' : 'scroller'}
        role="log"
        aria-live="off"
        aria-label=${strings.messages}
        tabindex="0"
        @scroll=${this.place.look}
        @focusin=${this.place.look}
        @focusout=${this.place.look}
      >
        <div class=${isEmpty ? 'content empty' : 'content'}>
          ${this.#renderHistory(history)}
          <slot></slot>
        </div>
      </div>
      <div class="announcements visually-hidden" aria-live="polite" aria-atomic="false"></div>
      ${this.#renderJump()}`
  }

  /** The way to the end, and what is new there. */
  #renderJump() {
    const { strings, messages } = this.view
    const last = messages.at(-1)
    const code = panelExtras.loaded()
    if (this.place.seesEnd || !last) {
      this.#news?.stop()
      this.#news = undefined
      return nothing
    }
    if (code) adoptSheet(this.scroller, code.jumpStyles.styleSheet)
    // That the answer to the question at the top goes on below is no news.
    if (code && !this.place.isHeld)
      this.#news ??= new code.NewsWatch(
        { messages, version: last.version, isWhole: last.state === 'settled' },
        () => this.requestUpdate(),
      )
    const news = this.#news?.inWords(strings, messages)
    return html`<button class=${news ? 'jump news' : 'jump'} type="button" @click=${this.#jump}>
      ${code?.downIcon}${news ?? strings.jump}
    </button>`
  }

  protected override willUpdate(): void {
    this.#recent = this.view.messages.slice(this.#newest())
  }

  protected override update(changed: PropertyValues<this>): void {
    super.update(changed)
    this.#placeRecent()
  }

  protected override firstUpdated(): void {
    this.place.watch(this.scroller)
    // It only makes the first word come sooner.
    void besideCode
      .load()
      .then((code) => code?.warmUpMarkdown({ strings: this.view.strings.answer.markdown }))
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.renderRoot.querySelector('samosa-history:not(:defined)')) void historyCode.arrival()
    const shownBefore = changed.get('view')?.messages
    const { messages } = this.view
    if (!changed.has('view') || shownBefore === messages) return
    const before = shownBefore ?? []
    // Another conversation, or another visitor: what was said of the last one is not for them.
    const shown = new Set(messages)
    if (!before.some((message) => shown.has(message))) {
      this.announcements.replaceChildren()
      this.place.ask(undefined, false)
      this.place.toEnd()
    }
    this.#speak(messages.at(-1))
    this.place.isOn = messages.length > 0
    this.#followQuestion(before, messages)
  }

  #speak(last: ChatMessage | undefined): void {
    const isWritten = last?.role === 'assistant' && last.state !== 'settled'
    if (this.#announcer || !isWritten) return this.#announcer?.follow(last)
    void besideCode.arrival().then((code) => {
      if (this.#announcer || last !== this.view.messages.at(-1)) return
      this.#announcer = new code.Announcer(this.announcements, () => this.view)
      // It may be complete by now, and has not been said.
      if (this.isConnected) this.#announcer.follow(last, true)
    })
  }

  /** Brings a question to the top when it is sent, and lets its answer fill the room below. */
  #followQuestion(before: readonly ChatMessage[], messages: readonly ChatMessage[]): void {
    const [secondLast, last] = messages.slice(-2)
    const isRunning = last?.role === 'assistant' && last.state !== 'settled'
    // One that goes on, with what was there already, stays where it is read.
    if (!isRunning) this.#running = undefined
    else if (!before.includes(last)) {
      this.#running = last
      // What was there loses its buttons, and what waits comes: less, and then more.
      this.place.stay()
    }
    const sent = messages.findLast(({ state }) => state === 'sending')
    const answered = this.#running && secondLast?.role === 'user' ? secondLast : undefined
    const question = sent ?? answered
    if (!question || question === this.#asked) return
    this.#asked = question
    // Who reads elsewhere stays there when something is sent that has waited, or from another window.
    const isNew = question === sent && !before.includes(question)
    this.place.ask(this.#shown.get(question), isNew || this.place.place === 'end')
  }

  /** The button goes with this; the focus stays where reading goes on. */
  #jump = () => {
    this.scroller.focus({ preventScroll: true })
    this.place.toEnd()
  }

  /** Where history ends: what is newer is drawn with the list itself. */
  #newest(): number {
    const { messages } = this.view
    const { length } = messages
    let from = messages.findIndex(({ key }) => key === this.#firstKey)
    // So few are all shown, however long they are; to measure would cost a layout.
    if (length < 3) from = 0
    else if (from < 0) {
      const area = this.offsetHeight * Math.min(this.offsetWidth, WIDEST)
      let room = (area || USUAL_AREA) / LETTER_AREA
      from = length
      const asked = messages.findLastIndex(({ role }) => role === 'user')
      while (from > 0 && length - from < FIRST && (room > 0 || from > asked)) {
        from -= 1
        room -= sizeOf(messages[from])
      }
    } else if (length - from > MOST && this.place.isHeld) from = length - MOST / 2
    this.#firstKey = messages[from]?.key
    return from
  }

  #renderHistory(messages: readonly ChatMessage[]) {
    const { strings, earlier, onEarlier } = this.view
    if (messages.length === 0 && earlier === 'none') return nothing
    return html`<samosa-history
      .messages=${messages}
      .strings=${strings}
      .earlier=${earlier}
      .onEarlier=${onEarlier}
      .viewOf=${(message: ChatMessage) => this.#viewOf(message)}
    ></samosa-history>`
  }

  /** What a message is shown with. */
  readonly #viewOf = (message: ChatMessage): MessageView => {
    const { messages, earlier: _earlier, onEarlier: _onEarlier, ...shared } = this.view
    const last = message === messages.at(-1)
    const sending = last && messages.at(-2)?.state === 'sending'
    const next = messages[messages.indexOf(message) + 1]
    const unanswered = message.role === 'user' && message.id !== null && next?.role === 'user'
    return {
      ...shared,
      canRegenerate: last && shared.canRegenerate,
      message,
      last,
      sending,
      unanswered,
    }
  }

  /** Puts the recent messages before the slot. What stays is not moved: it keeps focus and selection. */
  #placeRecent(): void {
    const recent = new Set(this.#recent)
    for (const [message, element] of this.#shown) {
      if (recent.has(message)) continue
      element.remove()
      this.#shown.delete(message)
    }
    let before: Element | null = this.content.querySelector('slot')
    for (const message of this.#recent.toReversed()) {
      const element = this.#shown.get(message) ?? createMessage()
      this.#shown.set(message, element)
      element.view = this.#viewOf(message)
      if (element.nextElementSibling !== before) this.content.insertBefore(element, before)
      before = element
    }
  }
}

define('samosa-message-list', SamosaMessageList)

declare global {
  interface HTMLElementTagNameMap {
    'samosa-message-list': SamosaMessageList
  }
}
