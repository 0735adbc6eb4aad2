/**
 * The way on to a person, where the owner has set one: offered below what did not help, and to who asks
 * for it. Which ways there are stands in ways.ts, the letter and its form in form.ts.
 */
import { html, LitElement, nothing, ReactiveElement, svg } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { followLink, type FeedbackDetail } from '../api/chat-events.ts'
import type { ConversationState } from '../conversation/conversation-state.ts'
import type { Memory } from '../conversation/memory.ts'
import type { SamosaMessageList } from '../panel/message-list.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import { checkIcon } from '../ui/action-icons.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, mayType } from '../ui/element.ts'
import { icon } from '../ui/icons.ts'
import { contactWords } from '../words/en/contact.ts'
import { contactStyles } from './contact.styles.ts'
import { Letter, type SamosaContactForm, type Subject } from './form.ts'
import { decodeWays, letterTo, privacyPage, waysBeside, type ContactWays } from './ways.ts'

const mailIcon = icon(
  svg`<rect x="3" y="5" width="14" height="10.5" rx="2"></rect><path d="m3.8 6.3 6.2 4.9 6.2-4.9"></path>`,
  18,
)
const phoneIcon = icon(
  svg`<path d="M6.6 3.5 8.2 7 6.6 8.6a9 9 0 0 0 4.8 4.8L13 11.8l3.5 1.6v2.1a1.5 1.5 0 0 1-1.6 1.5A12.3 12.3 0 0 1 3 5.1a1.5 1.5 0 0 1 1.5-1.6z"></path>`,
  18,
)
const pageIcon = icon(
  svg`<path d="M8.5 4.5h-3A1.5 1.5 0 0 0 4 6v8.5A1.5 1.5 0 0 0 5.5 16H14a1.5 1.5 0 0 0 1.5-1.5v-3M11.5 4H16v4.5M16 4l-7 7"></path>`,
  18,
)
const writeIcon = icon(
  svg`<path d="M4 5.5A1.5 1.5 0 0 1 5.5 4h9A1.5 1.5 0 0 1 16 5.5v6a1.5 1.5 0 0 1-1.5 1.5H9l-4 3v-3.2a1.5 1.5 0 0 1-1-1.3z"></path>`,
  18,
)

/** A letter that is being written, and what it is about. */
interface Writing {
  readonly letter: Letter
  readonly question: string
  readonly conversationId: string | undefined
  /** The question's key: the conversation may get its id meanwhile. */
  readonly questionKey: string | undefined
  /** The answer that it was begun below. */
  readonly messageId: string | null
}

interface Sent {
  readonly conversationId: string | undefined
  /** The key of the newest message then. */
  readonly at: string | undefined
  readonly email: string
}

/** Between the card and the edges of the list, where it is brought into sight. */
const EDGE_PX = 8

type Need = 'person' | 'help'

/** Offers a person to who has asked for one, in the chat that an element is part of. */
export async function offerPerson(within: Element): Promise<void> {
  const root = within.getRootNode()
  if (!(root instanceof ShadowRoot)) return
  if (root.host instanceof ReactiveElement) await root.host.updateComplete
  root.querySelector('samosa-contact')?.ask()
}

/** What the end of a conversation leaves to be wished; `person`: just that was asked for. */
function needOf({ lastAnswer, phase }: ConversationState): Need | undefined {
  if (lastAnswer?.outcome === 'wants_person') return 'person'
  // Who is offline or has to sign in is not helped by a person.
  const hasFailed = phase.kind === 'failed' && !/^(offline|unauthorized)$/.test(phase.error.code)
  const isPoor = lastAnswer?.brokeOff || lastAnswer?.outcome === 'unanswered'
  return hasFailed || isPoor || lastAnswer?.feedback?.rating === 'down' ? 'help' : undefined
}

/** The card below the conversation. */
export class SamosaContact extends LitElement {
  static override properties = {
    context: { attribute: false },
    writing: { state: true },
    askedAt: { state: true },
    ratedAt: { state: true },
    sent: { state: true },
    said: { state: true },
  }
  static override styles = [baseStyles, contactStyles]

  context!: ChatContext

  private writing: Writing | undefined
  /** A person was asked for while this message was the newest; `null`: there was none. */
  private askedAt: string | null | undefined
  /** An answer was rated badly while this message was the newest. */
  private ratedAt: string | undefined
  private sent: readonly Sent[] = []
  /** What is read out. */
  private said = ''
  private get form(): SamosaContactForm | null {
    return this.renderRoot.querySelector('samosa-contact-form')
  }
  /** Whose letters these are. */
  #memory: Memory | undefined
  /** The conversation in which a letter was looked for that is not sent; `null`: none yet. */
  #looked: string | undefined | null = null
  /** The form opened by itself while this message was the newest. */
  #openedAt: string | undefined
  /** The card that stands out was brought into sight while this message was the newest; `null`: none yet. */
  #shownAt: string | undefined | null = null
  #chat: HTMLElement | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    const root = this.getRootNode()
    const host = root instanceof ShadowRoot && root.host
    this.#chat = host instanceof HTMLElement ? host : undefined
    this.#chat?.addEventListener('samosa-feedback', this.#rated)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#chat?.removeEventListener('samosa-feedback', this.#rated)
  }

  /** Offers all that there is, and puts the focus there. */
  ask(): void {
    this.askedAt = this.#newest ?? null
    this.sent = this.sent.filter(({ at }) => at !== this.#newest)
    void this.#focusFirst()
  }

  override render() {
    const { strings } = this.context
    const words = contactWords(strings)
    const [ways, need, sent] = [this.#ways, this.#need, this.#sentHere]
    const isAsked = need === 'person'
    return html`<p class="visually-hidden" role="status">${this.said}</p>
      ${
        sent
          ? html`<p class="sent" tabindex="-1">
              ${checkIcon}<span>${words.sent(isolated(sent.email))}</span>
            </p>`
          : nothing
      }
      ${
        ways && (need || this.writing)
          ? html`<section
              class=${isAsked ? 'card asked' : 'card'}
              aria-labelledby="title"
              @click=${this.#follow}
            >
              <p id="title">${isAsked ? words.title : words.lead}</p>
              ${this.#renderWays(ways)} ${ways.form ? this.#renderForm() : nothing}
            </section>`
          : nothing
      }`
  }

  protected override willUpdate(): void {
    const { memory } = this.context.controller.state
    if (memory !== this.#memory) {
      this.#memory = memory
      this.#looked = null
      this.writing = undefined
      this.sent = []
    }
    if (this.writing && !this.#isHere(this.writing)) this.writing = undefined
    if (this.#ways?.form) this.#open()
    const isDue = this.#ways && (this.#need || this.writing)
    this.hidden = !isDue && !this.#sentHere
  }

  /** What is read out must change, not come with its words. */
  protected override updated(): void {
    const words = contactWords(this.context.strings)
    const need = this.writing || !this.#ways ? undefined : this.#need
    const said = need ? (need === 'person' ? words.title : words.lead) : ''
    void this.updateComplete.then(() => (this.said = said))
    const isNew = this.#need === 'person' && this.#shownAt !== this.#newest
    if (!isNew || this.hidden) return
    this.#shownAt = this.#newest
    // Who reads elsewhere is not taken away from there.
    if (this.#list?.place.isHeld) void this.#reveal()
  }

  /** What the newest answer has not said already, unless the visitor has asked for all of it here. */
  get #ways(): ContactWays | undefined {
    const ways = decodeWays(this.context.config?.contact)
    const { lastAnswer } = this.context.controller.state
    const isNewest = lastAnswer !== undefined && lastAnswer.key === this.#newest
    if (!ways || !isNewest || this.askedAt === lastAnswer.key) return ways
    return waysBeside(ways, lastAnswer.text)
  }

  /** The key of the newest message. */
  get #newest(): string | undefined {
    return this.context.controller.state.messages.at(-1)?.key
  }

  /** What was asked last, and was no mere wish for a person; nothing where there is no such question. */
  get #question(): string {
    const { messages } = this.context.controller.state
    const asked = messages.findLast(
      ({ role }, index) => role === 'user' && messages[index + 1]?.outcome !== 'wants_person',
    )
    return asked?.text.trim() ?? ''
  }

  get #sentHere(): Sent | undefined {
    const id = this.context.controller.state.conversationId
    return this.sent.findLast(({ conversationId }) => conversationId === id)
  }

  get #need(): Need | undefined {
    const newest = this.#newest
    if (this.askedAt === (newest ?? null)) return 'person'
    if (this.#sentHere?.at === newest && newest !== undefined) return undefined
    if (newest !== undefined && this.ratedAt === newest) return 'help'
    return needOf(this.context.controller.state)
  }

  /** Whether a letter belongs to the conversation on the screen. */
  #isHere({ conversationId, questionKey }: Writing): boolean {
    const { conversationId: id, messages } = this.context.controller.state
    const hasQuestion = messages.some(({ key }) => key === questionKey)
    return conversationId === id || (conversationId === undefined && hasQuestion)
  }

  /** Goes on with a letter that was begun, and begins one where that is all that can be done. */
  #open(): void {
    const { conversationId, phase } = this.context.controller.state
    if (phase.kind === 'loading') return
    if (this.#looked !== conversationId) {
      this.#looked = conversationId
      const isBegun = this.#letter?.words !== undefined
      if (isBegun) this.writing ??= this.#begin()
    }
    const newest = this.#newest
    if (this.#need !== 'person' || this.#openedAt === newest) return
    this.#openedAt = newest
    const { email, url, phone } = decodeWays(this.context.config?.contact) ?? {}
    if (!email && !url && !phone) this.writing ??= this.#begin()
  }

  get #letter(): Letter | undefined {
    const { conversationId } = this.context.controller.state
    return this.#memory && new Letter(this.#memory.store, conversationId)
  }

  #begin(): Writing | undefined {
    const { conversationId, messages, lastAnswer } = this.context.controller.state
    const letter = this.#letter
    return (
      letter && {
        letter,
        conversationId,
        question: this.#question,
        questionKey: messages.findLast(({ role }) => role === 'user')?.key,
        messageId: lastAnswer?.id ?? null,
      }
    )
  }

  #renderWays({ email, phone, url, hours, form }: ContactWays) {
    const words = contactWords(this.context.strings)
    const mailto = email && letterTo(email, this.context.heading, this.#question)
    const describedBy = hours === undefined ? nothing : 'hours'
    return html`<ul>
        ${
          email &&
          html`<li class="mail">
            <a href=${mailto}>${mailIcon}${named(words.email, email)}</a>
          </li>`
        }
        ${
          phone &&
          html`<li class="phone">
            <a href=${phone.href} aria-describedby=${describedBy}
              >${phoneIcon}${named(words.phone, phone.number)}</a
            >
          </li>`
        }
        ${
          url &&
          html`<li class="page">
            <a href=${url.href} target="_blank" rel="noopener noreferrer"
              >${pageIcon}${named(words.page, url.hostname)}<span class="visually-hidden">
                (${words.newTab})</span
              ></a
            >
          </li>`
        }
        ${
          form
            ? html`<li class="write">
                <button
                  type="button"
                  aria-expanded=${this.writing !== undefined}
                  @click=${this.#toggle}
                >
                  ${writeIcon}<span class="kind">${words.write}</span>
                </button>
              </li>`
            : nothing
        }
      </ul>
      ${hours && html`<p id="hours"><bdi>${hours}</bdi></p>`}`
  }

  #renderForm() {
    const { writing, context } = this
    if (!writing) return nothing
    const { letter, question, messageId } = writing
    const subject: Subject = {
      conversation_id: context.controller.state.conversationId ?? null,
      message_id: messageId,
    }
    return keyed(
      letter,
      html`<samosa-contact-form
        .strings=${context.strings}
        .client=${context.client}
        .privacy=${privacyPage(context.config?.privacy_url)}
        .question=${question}
        .letter=${letter}
        .subject=${subject}
        .onSent=${this.#onSent}
        .onClose=${this.#close}
      ></samosa-contact-form>`,
    )
  }

  readonly #rated = ({ detail: { rating } }: CustomEvent<FeedbackDetail>) => {
    this.ratedAt = rating === 'down' ? this.#newest : undefined
  }

  readonly #follow = (event: MouseEvent) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
    if (link) followLink(event, link, 'contact')
  }

  readonly #toggle = () => {
    if (this.writing) return this.#close()
    this.writing = this.#begin()
    void this.#focusFirst()
  }

  /** What was written is kept, unless that is what stands there anyway. */
  readonly #close = () => {
    const { letter, question } = this.writing ?? {}
    const { message = '', email = '' } = letter?.words ?? {}
    if (message === question && email === '') letter?.forget()
    this.writing = undefined
    void this.updateComplete.then(() => {
      const button = this.renderRoot.querySelector('button')
      if (button) button.focus()
      else this.context.actions.focusComposer()
    })
  }

  readonly #onSent = (email: string) => {
    const { conversationId } = this.context.controller.state
    this.sent = [...this.sent, { conversationId, at: this.#newest, email }]
    this.writing = undefined
    this.askedAt = undefined
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('.sent')?.focus(),
    )
  }

  /** The list that it stands in. */
  get #list(): SamosaMessageList | null {
    return this.closest('samosa-message-list')
  }

  /** Scrolls the list until the card is in sight, its beginning first; the page stays where it is. */
  async #reveal(): Promise<void> {
    await this.updateComplete
    await this.form?.updateComplete
    const card = this.renderRoot.querySelector('.card')?.getBoundingClientRect()
    const scroller = this.assignedSlot?.closest('.scroller')
    if (!card || !scroller) return
    const area = scroller.getBoundingClientRect()
    const down = Math.min(
      card.top - area.top - EDGE_PX,
      Math.max(0, card.bottom - area.bottom + EDGE_PX),
    )
    if (down === 0) return
    if (this.#list) this.#list.place.place = 'own'
    scroller.scrollTop += down
  }

  /** The keyboard of a telephone does not come by itself: it would cover what is offered. */
  async #focusFirst(): Promise<void> {
    await this.#reveal()
    if (this.form && mayType()) this.form.focus()
    else this.renderRoot.querySelector<HTMLElement>('a, button')?.focus()
  }
}

/** A text whose direction is its own. */
const isolated = (text: string) => `\u2068${text}\u2069`

/** What it is, and in Latin letters or numbers, where. */
const named = (kind: string, value: string) =>
  html`<span class="kind">${kind}</span> <bdi class="value" dir="ltr">${value}</bdi>`

define('samosa-contact', SamosaContact)

declare global {
  interface HTMLElementTagNameMap {
    'samosa-contact': SamosaContact
  }
}
