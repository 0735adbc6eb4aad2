import { html, LitElement, nothing, type PropertyValues } from 'lit'
import type { ApiError } from './api/api-error.ts'
import { type ChatClient, dialects, type Dialect } from './api/client.ts'
import { createKeyValueStore } from './api/key-value-store.ts'
import { besideCode } from './answer/answer.ts'
import { emit } from './api/chat-events.ts'
import { countCodePoints } from './ui/text-field.ts'
import { define } from './ui/element.ts'
import { maxLengthOf } from './composer/composer.ts'
import './panel/launcher.ts'
import type { LauncherView, SamosaLauncher } from './panel/launcher.ts'
import { BubbleFocus } from './panel/bubble-focus.ts'
import { type PanelView, renderPanel } from './panel/panel.ts'
import { panelExtras, PanelRoom } from './panel/panel-room.ts'
import { themeStyles } from './ui/theme.styles.ts'
import { PageWatch } from './panel/page-watch.ts'
import { Language } from './words/language.ts'
import { lateWords } from './words/late-words.ts'
import { errorSentence } from './words/localize.ts'
import type { Strings } from './words/strings.ts'
import type { ReplacedStrings } from './owner/replace-strings.ts'
import { samosaChatStyles } from './samosa-chat.styles.ts'
import type { ChatActions, ChatContext } from './conversation/chat-context.ts'
import type { ChatMessage } from './conversation/chat-message.ts'
import type { PageTool } from './conversation/page-tool.ts'
import { ownerCode, ServerLink } from './conversation/server-link.ts'

import type { Think } from './conversation/memory.ts'
import { ConversationController } from './conversation/conversation-controller.ts'
import { PENDING } from './visit/pending-key.ts'
import type { Visit } from './visit/visit.ts'

export type Mode = 'bubble' | 'inline' | 'page'
export type Theme = 'auto' | 'light' | 'dark'
/** What a text takes the place of. */
interface Edit {
  /** The id of the message. */
  readonly replaces?: string
  /** Of its files, those that stay; all, where nothing is said. */
  readonly keep?: readonly string[] | undefined
}

/** A corner of the window; `start` and `end` are those at the bottom. */
export type Position = 'bottom-end' | 'bottom-start' | 'top-end' | 'top-start' | 'end' | 'start'

/**
 * A chat with a Samosa Chat server: as a bubble over the page, inline, or as a page of its own.
 *
 * ```html
 * <script type="module" src="https://chat.example.com/samosa-chat.js"></script>
 * <samosa-chat endpoint="https://chat.example.com" heading="Ask us"></samosa-chat>
 * ```
 *
 * The conversation outlives a reload, and so does an answer that is being written. Keys that are typed in
 * its fields are not heard by the page's shortcuts; combinations with Ctrl, Alt and Meta are. What the page
 * can do, the assistant can be given to use:
 *
 * ```js
 * chat.registerTool({ name, title, description, parameters, execute: ({ plant }) => bag.add(plant) })
 * ```
 *
 * @tagname samosa-chat
 *
 * @slot launcher - In place of the mark on the launcher: a picture or an SVG of 34px.
 * @slot logo - In place of the mark in the header: a picture or an SVG of 34px.
 * @slot header - Beside the heading.
 * @slot empty - In place of the greeting and the starters, before the first message.
 * @slot footer - Below the composer; a line on privacy, say.
 * @slot sign-in - In place of the form for user name and password, where the server has accounts; its own is to call `signIn`.
 *
 * Every property may be set on the element or on anything around it (`:root`, say).
 *
 * @csspart launcher - The round button of the bubble.
 * @csspart badge - The number of new messages on it.
 * @csspart panel - The chat itself.
 * @csspart header - The top of the panel.
 * @csspart heading - Its title.
 * @csspart messages - The scrolling conversation.
 * @csspart message - One message.
 * @csspart bubble - What the visitor said.
 * @csspart answer - What the assistant says.
 * @csspart code - A block of code in an answer.
 * @csspart table - A table in an answer.
 * @csspart think - The reasoning before an answer.
 * @csspart tool - The card of a tool.
 * @csspart sources - The list of sources.
 * @csspart notice - A sentence on what failed, or what to know.
 * @csspart starter - A question to start with.
 * @csspart disclosure - The line on what answers, and on privacy.
 * @csspart sign-in - The form for user name and password.
 * @csspart composer - Where the visitor writes.
 * @csspart input - The text field.
 * @csspart pill - A switch below it: Think, say.
 * @csspart send - The button that sends or stops.
 * @csspart suggestion - A question that may follow an answer.
 * @csspart contact - What is offered to reach a person.
 * @csspart drawer - The list of conversations.
 *
 * @cssprop --samosa-accent - The one colour; text and icons on the surface take a shade of it that can be read.
 * @cssprop --samosa-on-accent - What stands on the accent.
 * @cssprop --samosa-surface - The panel.
 * @cssprop --samosa-surface-2 - Cards.
 * @cssprop --samosa-surface-3 - Code and what is switched off.
 * @cssprop --samosa-text - Text.
 * @cssprop --samosa-text-muted - Text of second rank.
 * @cssprop --samosa-hairline - Thin lines.
 * @cssprop --samosa-success - What went well.
 * @cssprop --samosa-danger - What failed.
 * @cssprop --samosa-focus - The focus ring.
 * @cssprop --samosa-font - Font family.
 * @cssprop --samosa-font-mono - Font family of code.
 * @cssprop [--samosa-font-size=15px] - Size of answers; all other text keeps its proportion to it. In px or rem; what is typed is never below 16px.
 * @cssprop [--samosa-line-height=1.55] - Line height of answers.
 * @cssprop [--samosa-measure=68ch] - The longest line of an answer.
 * @cssprop [--samosa-space=4px] - The grid: distances are multiples of it.
 * @cssprop [--samosa-motion=0.14s] - How long a change takes; none for who has asked for less motion.
 * @cssprop [--samosa-width=404px] - Width of the bubble's panel.
 * @cssprop [--samosa-height=680px] - Height of the bubble's panel.
 * @cssprop [--samosa-radius=20px] - Corners of panel and composer.
 * @cssprop [--samosa-radius-card=12px] - Corners of cards.
 * @cssprop [--samosa-radius-code=8px] - Corners of code.
 * @cssprop [--samosa-radius-bubble=16px] - Corners of the visitor's messages.
 * @cssprop --samosa-code-keyword - Colour of keywords in code.
 * @cssprop --samosa-code-string - Colour of texts in code.
 * @cssprop --samosa-code-number - Colour of numbers in code.
 * @cssprop --samosa-code-comment - Colour of comments in code.
 * @cssprop --samosa-code-title - Colour of the names of functions in code.
 * @cssprop --samosa-code-type - Colour of types in code.
 * @cssprop --samosa-code-attribute - Colour of attributes in code.
 * @cssprop --samosa-code-deletion - Colour of what is taken away in a diff.
 * @cssprop --samosa-shadow - Shadow of the floating panel.
 * @cssprop [--samosa-inset-block-end=20px] - The bubble's distance from the bottom; where `position` is at the top, that is `auto`.
 * @cssprop [--samosa-inset-block-start=auto] - The bubble's distance from the top; where `position` is at the top, that is 20px.
 * @cssprop [--samosa-inset-inline-end=20px] - The bubble's distance from the end side; at the start, that is `auto`.
 * @cssprop [--samosa-inset-inline-start=auto] - The bubble's distance from the start side; at the start, that is 20px.
 * @cssprop --samosa-z-index - The bubble's layer among the page's own; without it, the bubble is above all of them.
 *
 * @fires {CustomEvent<void>} samosa-open - The bubble's panel opened.
 * @fires {CustomEvent<void>} samosa-close - The bubble's panel closed.
 * @fires {CustomEvent<{ text: string, replaces?: string }>} samosa-send - The visitor sends a message, or an edited one in place of the message `replaces`; once, also where it waits for an answer or the network. Cancelable.
 * @fires {CustomEvent<{ message: MessageDetail }>} samosa-message - The server has a message, or an answer is complete.
 * @fires {CustomEvent<{ code: string, message: string }>} samosa-error - Something failed; the visitor sees the same sentence.
 * @fires {CustomEvent<{ refused: string, respondWith: (token: string | Promise<string>) => void }>} samosa-token - The server refused the page's token: answer with a new one, and what was asked goes on.
 * @fires {CustomEvent<{ user: AccountUser }>} samosa-sign-in - Somebody has signed in with an account, here or in another tab.
 * @fires {CustomEvent<{ user: AccountUser }>} samosa-sign-out - They have signed out, or another one has signed in, and nothing of theirs is left in this browser.
 * @fires {CustomEvent<{ id: string | null }>} samosa-conversation - Another conversation is shown; `null` for a new one.
 * @fires {CustomEvent<FeedbackDetail>} samosa-feedback - The server has what the visitor thinks of the answer `message_id`: `rating` (`null` when it was taken back) and `comment`.
 * @fires {CustomEvent<ContactDetail>} samosa-contact - The visitor sends a message to the people behind the site: `message`, `email`, `conversation_id`, `message_id`. Cancelable, by a page that sees to it itself; the server is then not told.
 * @fires {CustomEvent<LinkDetail>} samosa-link - The visitor follows a link: `href`, `text` and `kind` (`answer`, `source` or `contact`). Cancelable, unless they asked for another tab or window, so that a page can go there by itself.
 */
export class SamosaChat extends LitElement {
  static override properties = {
    endpoint: { reflect: true, useDefault: true },
    dialect: { reflect: true, useDefault: true },
    creator: { reflect: true, useDefault: true },
    personalityWeight: {
      type: Number,
      attribute: 'personality-weight',
      reflect: true,
      useDefault: true,
    },
    mode: { reflect: true },
    open: { type: Boolean, reflect: true },
    position: { reflect: true, useDefault: true },
    launcher: { reflect: true, useDefault: true },
    launcherLabel: { attribute: 'launcher-label', reflect: true, useDefault: true },
    logo: { reflect: true, useDefault: true },
    conversationKey: { attribute: 'conversation-key', reflect: true, useDefault: true },
    heading: { reflect: true, useDefault: true },
    greeting: {},
    starters: {},
    notice: {},
    privacyUrl: { attribute: 'privacy-url' },
    features: {},
    strings: {},
    placeholder: { reflect: true, useDefault: true },
    theme: { reflect: true, useDefault: true },
    lang: { reflect: true, useDefault: true },
    conversationId: { attribute: 'conversation-id', reflect: true },
    think: { reflect: true, useDefault: true },
    imageOrigins: { attribute: 'image-origins', reflect: true, useDefault: true },
    sound: { type: Boolean, reflect: true },
    token: { attribute: false },
    client: { attribute: false },
    unread: { state: true },
    questions: { state: true },
  }
  static override styles = [themeStyles, samosaChatStyles]

  /** Origin of the server; by default the one the script came from. */
  endpoint = ''
  /** How questions are asked: `cited` tells the sources before the answer; it takes no files or tools, and nothing is edited. */
  dialect: Dialect = 'conversations'
  /** Whose documents are looked into first; those of others follow. */
  creator = ''
  /** How much answers of `cited` sound like the creator, 0 to 1. */
  personalityWeight = 0
  /** How the chat stands on the page: `bubble` (the default), `inline` or `page`. */
  mode: Mode = 'bubble'
  /** Whether the bubble's panel is open. */
  open = false
  /** The corner that the bubble stands in: `bottom-end` (the default), `bottom-start`, `top-end` or `top-start`; `end` and `start` mean those at the bottom. */
  position: Position = 'bottom-end'
  /** `hidden`: the page opens the bubble by a control of its own, with `show()` or the attribute `data-samosa-open`. */
  launcher: 'visible' | 'hidden' = 'visible'
  /** A word or two on the launcher, beside the mark; it is then called so. */
  launcherLabel = ''
  /** Address of a picture in place of our mark, also beside answers; of the page's origin, the server's or one of `image-origins`. */
  logo = ''
  /** Names the conversation that this browser remembers here, where a site has several chats. */
  conversationKey = ''
  /** Title of the panel; by default the server's, else the chat's own in the visitor's language. So with the next four. */
  heading = ''
  /** The first words of an empty chat. */
  greeting: string | null = ''
  /** Questions to start with: one on each line or a JSON array; as a property, also an array. */
  starters: string | readonly string[] | null = ''
  /** What visitors are told before they write, and later below the field: `ai` says in their language that a machine answers. */
  notice: string | null = ''
  /** Address of the site's page on privacy, for a link beside the notice. */
  privacyUrl: string | null = ''
  /** What the chat offers: names with a minus are off (`-microphone -list`), others on; see the manual for all. */
  features: string | null = ''
  /** Words in place of the chat's own, a part of its catalogue, also under a language's code; as an attribute JSON. */
  strings: ReplacedStrings | string | null | undefined
  /** What stands in the empty text field. */
  placeholder = ''
  /** `light`, `dark`, or `auto` (the default), which follows the `color-scheme` that the page declares, and is light where it declares none. */
  theme: Theme = 'auto'
  /** Language of the element's own words (BCP 47); by default the nearest one around, the browser's, the server's. */
  override lang = ''
  /** The conversation that is shown; set it to show another one. */
  conversationId: string | null = null
  /** Think toggle: `on` and `off` set it, `auto` remembers the visitor's choice, `hidden` takes it away. */
  think: Think = 'auto'
  /** Origins (`https://cdn.example.org`, `self`) that images in answers may come from; others are links. */
  imageOrigins = ''
  /** A short sound for an answer that comes while nobody looks; the visitor can mute it. */
  sound = false
  /** Bearer token of a signed-in visitor; without one the server gives out anonymous sessions. */
  token: string | undefined
  /** Takes the place of the client that the element makes for its endpoint and dialect. */
  client: ChatClient | undefined

  /**
   * Answers that nobody has seen.
   * @internal
   */
  unread = 0
  private questions = 0
  private visit: Visit | undefined
  #isVisiting = false
  private get composer(): LitElement | null {
    return this.renderRoot.querySelector('samosa-composer, samosa-sign-in')
  }
  private get button(): SamosaLauncher | null {
    return this.renderRoot.querySelector('samosa-launcher')
  }

  readonly #controller = new ConversationController(this, {
    onMessage: (message) => this.#onMessage(message),
    onError: (error) => this.#onError(error),
    onConversation: (id) => this.#onConversation(id ?? null),
    onAsk: (open) => void (this.questions = open),
    onFeedback: (detail) => emit(this, 'samosa-feedback', detail),
  })
  readonly #language = new Language(
    this,
    () => this.lang,
    () => this.#link.config?.locale,
  )
  readonly #link = new ServerLink(
    this,
    this.#controller,
    () => this.#strings,
    () => this.#onOtherUser(),
    this.#language,
  )
  readonly #page = new PageWatch(this, this.#controller, this.#link.reconnect)
  readonly #focus = new BubbleFocus(this, () => this.composer)
  readonly #actions: ChatActions = {
    focusComposer: () => this.composer?.focus({ preventScroll: true }),
    onClose: () => this.hide(),
    onNew: () => {
      this.newConversation()
      this.#actions.focusComposer()
    },
    onSend: (text) => this.#sendAndFocus(text),
    onEdit: ({ id }, text, keep) => id !== null && this.#sendAndFocus(text, { replaces: id, keep }),
    onThink: (on) => this.#link.chooseThink(on),
    onSettings: (settings) => this.#link.settle(settings),
  }
  readonly #room = new PanelRoom(this, () => this.#link.memory)
  /** Nothing that is shown will be replaced by what comes later. */
  #isSettled = false

  /** Opens the bubble's panel. */
  show(): void {
    this.open = true
  }

  /** Closes the bubble's panel; an answer goes on. */
  hide(): void {
    this.open = false
  }

  /** Opens or closes the bubble's panel. */
  toggle(): void {
    this.open = !this.open
  }

  /**
   * Sends a message for the visitor, opening the bubble; while an answer is written it waits, and is sent when that
   * is done. False when it was not taken: empty, too long, or cancelled.
   */
  send(text: string): boolean {
    return this.#send(text)
  }

  /**
   * Offers something on the page to the assistant, from the next message on. The visitor is asked before
   * each use, unless the tool is `readOnly`. Returns how to take it away again.
   * @throws Error when it is no tool, its name is taken, or there are too many
   */
  registerTool(tool: PageTool): () => void {
    return this.#controller.tools.register(tool)
  }

  #send(text: string, { replaces, keep }: Edit = {}): boolean {
    const words = text.trim()
    if (words === '' || countCodePoints(words) > maxLengthOf(this.#link.config)) return false
    if (replaces !== undefined && this.#controller.busy) return false
    if (!emit(this, 'samosa-send', { text: words, replaces }, true)) return false
    if (this.mode === 'bubble') this.show()
    this.#link.use()
    return this.#controller.send(words, { think: this.#link.think.thinking, replaces, keep })
  }

  #sendAndFocus(text: string, edit?: Edit): boolean {
    const isTaken = this.#send(text, edit)
    if (isTaken) this.#actions.focusComposer()
    return isTaken
  }

  /** Stops the running answer; what came so far stays. */
  stop(): void {
    this.#controller.stop()
  }

  /**
   * Signs in with an account of the server, as the form does.
   * @throws Error whose message is a sentence for the visitor
   */
  async signIn(username: string, password: string): Promise<void> {
    await (await this.#link.loadAccount()).signIn(username, password)
  }

  /**
   * Signs out, in all tabs; what this browser keeps of the user is erased, also when the server cannot be reached.
   * @throws Error whose message is a sentence for the visitor
   */
  async signOut(): Promise<void> {
    await (await this.#link.loadAccount()).signOut()
  }

  /** Starts over. What was said is kept by the server. */
  newConversation(): void {
    this.#controller.newConversation()
  }

  /**
   * Puts the cursor into the text field, or on the launcher while the panel is closed. On a touch screen
   * the panel has the focus instead of the field, so that no keyboard comes up unasked.
   */
  override focus(options?: FocusOptions): void {
    const target = this.#isVisible ? this.composer : this.button
    target?.focus(options)
  }

  protected override firstUpdated(): void {
    void besideCode.arrival().then((code) => {
      code.keepTypedKeys(this)
      code.addRareStyles(this.renderRoot)
    })
    if (createKeyValueStore('').get(PENDING)) this.#loadVisit()
    // Another tab has done something, or this one is left or comes back.
    addEventListener('storage', this.#loadVisit, { once: true })
    document.addEventListener('visibilitychange', this.#loadVisit, { once: true })
  }

  /** In the flow of a page, a first answer has no use for what goes on beyond it. */
  get #needsVisit(): boolean {
    const { isOpen, isDocked } = this.#room
    const isGoingOn = this.#controller.busy && this.#controller.state.messages.length > 2
    const logo = this.logo || this.#link.config?.logo || this.querySelector(':scope > [slot=logo]')
    return this.mode === 'bubble' || isOpen || isDocked || isGoingOn || Boolean(logo)
  }

  readonly #loadVisit = (): void => {
    if (this.#isVisiting) return
    this.#isVisiting = true
    // Without it the chat is what it is on one page.
    void panelExtras.arrival().then((code) => {
      this.visit = new code.Visit(this, this.#controller, this.#link, this.#focus)
    })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Also for what is no mode, and when the attribute is taken away.
    if (this.mode !== 'inline' && this.mode !== 'page') this.mode = 'bubble'
    if (!Object.hasOwn(dialects, this.dialect)) this.dialect = 'conversations'
    this.#link.isUsed ||= this.#isVisible
    this.#link.follow(changed.has('token'))
    if (changed.has('open') && this.open) this.unread = 0
    this.#controller.think = this.#link.think.thinking
    this.#controller.settings = this.#link.settings
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.#needsVisit) this.#loadVisit()
    if (this.mode === 'bubble' && changed.has('open')) this.#focus.follow(changed.get('open'))
  }

  override render() {
    const { mode, open } = this
    const isBubble = mode === 'bubble'
    const { direction, unsaid } = this.#language
    const strings = this.#strings
    this.#isSettled ||= this.#language.isSettled && this.#link.isSettled
    const unread = open ? 0 : this.unread + this.questions
    const status =
      !open && this.#controller.busy
        ? strings.waiting.writing
        : unread > 0
          ? strings.unread(unread)
          : ''
    const launcher: LauncherView = { strings, open, unread, label: this.launcherLabel, status }
    return html`<div
      class="root ${mode} ${isBubble && open ? 'open' : ''} ${this.#room.isWide ? 'wide' : ''}"
      dir=${direction ?? nothing}
      lang=${unsaid ?? nothing}
    >
      ${this.#link.isUsed ? this.#renderPanel() : nothing}
      ${
        isBubble && this.launcher !== 'hidden'
          ? html`<samosa-launcher
              part="launcher"
              exportparts="badge"
              .view=${launcher}
              @click=${this.toggle}
              >${this.visit?.renderOnLauncher()}</samosa-launcher
            >`
          : nothing
      }
      ${this.visit?.renderStatus(strings)}
    </div>`
  }

  get #strings(): Strings {
    const { own } = this.#language
    return ownerCode(this)?.stringsOf(this, own, lateWords) ?? own
  }

  #renderPanel() {
    const { account, config, memory, settings, client } = this.#link
    const strings = this.#strings
    const conversation = this.#controller.state
    const signIn = account?.renderSignIn(conversation)
    const settled = this.#isSettled
    const context: ChatContext = {
      strings,
      language: this.#language.around,
      heading: this.heading || (settled ? config?.title || strings.heading : ''),
      config,
      settled,
      controller: this.#controller,
      client,
      actions: this.#actions,
    }
    const view: PanelView = {
      isBubble: this.mode === 'bubble',
      open: this.open,
      modal: this.#focus.isModal,
      visit: this.visit,
      online: this.#page.online,
      account,
      signIn,
      disclosure: ownerCode(this, config)?.disclosureOf(this, {
        config,
        strings,
        conversation,
        signIn,
      }),
      soundSwitch: this.sound && panelExtras.drawn(this)?.renderSoundSwitch(this, memory, strings),
      room: this.#room,
      placeholder: this.placeholder,
      choices: { ...this.#link.think, settings },
      imageOrigins: this.imageOrigins,
    }
    return renderPanel(context, view)
  }

  get #isVisible(): boolean {
    return this.mode !== 'bubble' || this.open
  }

  #onOtherUser(): void {
    this.unread = 0
    // They have a conversation of their own, unless the page has named one in the same breath.
    if (this.#link.isShown(this.conversationId)) this.#onConversation(null)
  }

  #onMessage(message: ChatMessage): void {
    const { id, role, text: content } = message
    if (role === 'assistant' && !this.#isVisible) this.unread += 1
    // Without a network the badge says it.
    if (role === 'assistant' && this.sound)
      void panelExtras.load().then((code) => code?.play(this.#link.memory, this.#isVisible))
    emit(this, 'samosa-message', { message: { id, role, content } })
  }

  #onError(error: ApiError): void {
    const message = errorSentence(this.#strings, error)
    emit(this, 'samosa-error', { code: error.code, message })
  }

  #onConversation(id: string | null): void {
    this.#link.entered(id)
    this.conversationId = id
    emit(this, 'samosa-conversation', { id })
  }
}

define('samosa-chat', SamosaChat)
