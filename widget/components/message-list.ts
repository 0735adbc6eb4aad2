import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { property, query } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { en } from '../locales/en.ts'
import type { Strings } from '../locales/strings.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import { Announcer } from './announcer.ts'
import { baseStyles } from './base.styles.ts'
import { define } from './define.ts'
import { endNote } from './end-note.ts'
import { downIcon } from './icons.ts'
import { messageListStyles } from './message-list.styles.ts'
import './message.ts'
import type { FeedbackHandler } from './message.ts'
import { StickToEnd } from './stick-to-end.ts'

/** Messages further from the end than this are drawn only while they are on the screen. */
const NEAR = 8

/** The conversation, scrolling. What is slotted stands below the last message. */
export class SamosaMessageList extends LitElement {
  static override styles = [baseStyles, messageListStyles]

  @property({ attribute: false }) messages: readonly ChatMessage[] = []
  @property({ attribute: false }) strings: Strings = en
  @property({ attribute: false }) step = ''
  @property({ attribute: false }) canRegenerate = false
  @property({ attribute: false }) onRegenerate = () => {}
  @property({ attribute: false }) canEdit = false
  @property({ attribute: false }) maxLength = 8000
  @property({ attribute: false }) onEdit = (_message: ChatMessage, _text: string) => false
  @property({ attribute: false }) toolTitles: ReadonlyMap<string, string> = new Map()
  @property({ attribute: false }) onFeedback: FeedbackHandler | undefined

  @query('.scroller') private readonly scroller!: HTMLElement
  @query('.content') private readonly content!: HTMLElement
  @query('.announcements') private readonly announcements!: HTMLElement
  readonly #stick = new StickToEnd(this)
  readonly #announcer = new Announcer()
  #lastSent: ChatMessage | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#announcer.stop()
  }

  /** Goes to the newest message and stays with it. */
  toEnd(): void {
    this.#stick.toEnd()
  }

  override render() {
    const { messages, strings } = this
    const isEmpty = messages.length === 0
    return html`<div
        class="scroller"
        role="log"
        aria-live="off"
        aria-label=${strings.messages}
        tabindex="0"
      >
        <div class=${isEmpty ? 'content empty' : 'content'}>
          ${repeat(messages, ({ key }) => key, this.#renderMessage)}
          <slot></slot>
        </div>
      </div>
      <div class="announcements visually-hidden" aria-live="polite" aria-atomic="false"></div>
      ${
        this.#stick.atEnd || isEmpty
          ? nothing
          : html`<button class="jump" type="button" @click=${this.#jump}>
              ${downIcon}${strings.jump}
            </button>`
      }`
  }

  protected override firstUpdated(): void {
    this.#stick.watch(this.scroller, this.content)
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('messages')) return
    const { messages, strings } = this
    const before = changed.get('messages') ?? []
    // Another conversation, or another visitor: what was said of the last one is not for them.
    if (!before.some((message) => messages.includes(message))) this.announcements.replaceChildren()
    this.#announcer.follow(this.announcements, messages.at(-1), (reason) =>
      reason === 'stop' ? strings.status.answerDone : (endNote(strings, reason) ?? ''),
    )
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

  #renderMessage = (message: ChatMessage, index: number) => {
    const fromEnd = this.messages.length - 1 - index
    return html`<samosa-message
      part="message"
      class=${fromEnd > NEAR ? 'far' : ''}
      .message=${message}
      .strings=${this.strings}
      .step=${this.step}
      .last=${fromEnd === 0}
      .canRegenerate=${fromEnd === 0 && this.canRegenerate}
      .onRegenerate=${this.onRegenerate}
      .canEdit=${this.canEdit}
      .maxLength=${this.maxLength}
      .onEdit=${this.onEdit}
      .toolTitles=${this.toolTitles}
      .onFeedback=${this.onFeedback}
    ></samosa-message>`
  }
}

define('samosa-message-list', SamosaMessageList)
