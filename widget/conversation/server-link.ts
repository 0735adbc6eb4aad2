import type { ReactiveControllerHost, ReactiveController } from 'lit'
import type { Account } from '../accounts/account.ts'
import type { ChatClient } from '../api/client.ts'
import type { Language } from '../words/language.ts'
import type { Strings } from '../words/strings.ts'
import type { PageWords } from '../owner/owner.ts'
import { emit } from '../api/chat-events.ts'
import type { WidgetConfig } from '../api/decode-body.ts'
import { lazy } from '../ui/lazy.ts'
import { connect, type Connection, type Credentials, type Page } from './connection.ts'
import type { ConversationController } from './conversation-controller.ts'
import {
  chooseThink,
  offered,
  type Memory,
  type Settings,
  type Think,
  type ThinkChoice,
} from './memory.ts'

/** Most servers have no accounts. */
const accountCode = lazy(() => import('../accounts/account.ts'))
/** Most pages and servers say nothing of it. */
const ownerModule = lazy(() => import('../owner/owner.ts'))

/**
 * What makes of the chat what the page and the server say in place of its own words, and switch off.
 * Undefined where nothing is said, or the code cannot be had; `null` while that is on its way.
 */
export function ownerCode(page: ReactiveControllerHost & PageWords, config?: WidgetConfig) {
  const { greeting, starters, notice, privacyUrl, features, strings } = page
  const isNeeded =
    config?.more || greeting || starters || notice || privacyUrl || features || strings
  if (!isNeeded) return undefined
  const loaded = ownerModule.loaded()
  if (!loaded) void ownerModule.arrival().then(() => page.requestUpdate())
  return loaded ?? (ownerModule.hasFailed() ? undefined : null)
}

/** What a page says of the server and of the visitor. */
export interface LinkHost extends ReactiveControllerHost, HTMLElement, Page, PageWords {
  token: string | undefined
  conversationId: string | null
  think: Think
}

/** The server behind an element, for one user: what it offers, and what this browser remembers of both. */
export class ServerLink implements ReactiveController {
  /** The chat has been opened or written to: until then the server is asked for nothing. */
  isUsed = false
  readonly #host: LinkHost
  readonly #controller: ConversationController
  readonly #strings: () => Strings
  readonly #onOtherUser: () => void
  readonly #language: Language
  #connection: Connection | undefined
  #account: Account | undefined
  /** What the page gave when it was asked for another token. */
  #renewedToken: string | undefined
  /** What the server says of itself: what it said last, until it says it again. */
  #config: WidgetConfig | undefined
  #hasConfigFailed = false
  /** Who was asked for it. */
  #asked: ChatClient | undefined
  #lastPhase: unknown
  /** The conversation that the browser remembers, or that the page names, was asked for. */
  #hasBegun = false
  /** What the page named last. */
  #lastNamed: string | null = null
  /** What was asked for or entered last; naming another one shows that. */
  #shownId: string | null = null
  readonly #credentials: Credentials = {
    fresh: (token) => this.#account?.fresh(token) ?? token,
    renew: async (refused) =>
      this.#host.token === undefined
        ? (await this.loadAccount()).renew(refused)
        : this.#renewToken(refused),
  }

  /** `onOtherUser`: another one than before, or about something else; nothing that was there is theirs. */
  constructor(
    host: LinkHost,
    controller: ConversationController,
    strings: () => Strings,
    onOtherUser: () => void,
    language: Language,
  ) {
    this.#host = host
    this.#controller = controller
    this.#strings = strings
    this.#onOtherUser = onOtherUser
    this.#language = language
    host.addController(this)
  }

  hostUpdate(): void {
    const { phase } = this.#controller.state
    const client = this.isUsed ? this.client : undefined
    if (client !== this.#asked) {
      this.#asked = client
      // It is hardly ever another one now.
      this.#config = client?.lastConfig?.() ?? this.#config
      void this.#askForConfig()
    } else if (phase !== this.#lastPhase) this.reconnect()
    this.#lastPhase = phase

    const id = this.#host.conversationId
    if (id === this.#lastNamed) return
    this.#lastNamed = id
    if (!this.#hasBegun || id === this.#shownId) return
    this.#shownId = id
    if (id === null) this.#controller.newConversation()
    else void this.#controller.open(id)
  }

  get client(): ChatClient | undefined {
    return this.#connection?.client
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  get memory(): Memory | undefined {
    return this.#connection?.memory
  }

  /** What the server says of itself, with what the page says of it. */
  get config(): WidgetConfig | undefined {
    const config = this.#config
    return ownerCode(this.#host, config)?.configOf(this.#host, config, this.#language) ?? config
  }

  /** All that is said of the chat is known, or cannot be had. */
  get isSettled(): boolean {
    const isKnown = this.#config !== undefined || this.#hasConfigFailed
    return isKnown && ownerCode(this.#host, this.#config) !== null
  }

  /** What signs in and out where the server has accounts, and neither a token nor a client is the page's own. */
  get account(): Account | undefined {
    const { token, client } = this.#host
    if (token !== undefined || client || !this.config?.hasAccounts) return undefined
    // Without a network the next change tries again.
    if (!this.#account) this.loadAccount().catch(() => undefined)
    return this.#account
  }

  /**
   * What signs in and out, whatever is known of the server.
   * @throws Error with a sentence for the visitor when its code cannot be had now
   */
  async loadAccount(): Promise<Account> {
    const words = this.#strings
    const code = await accountCode.need().catch((cause: unknown) => {
      throw new Error(words().errors.unreachable, { cause })
    })
    const { reauthorize } = this.#controller
    this.#account ??= new code.Account(this.#host, words, reauthorize, () => this.#connection)
    this.#host.requestUpdate()
    return this.#account
  }

  get think(): ThinkChoice {
    const isOffered = this.config?.features.think ?? false
    return chooseThink(this.#host.think, isOffered, this.memory?.think)
  }

  get settings(): Settings {
    return offered(this.memory?.settings, this.config)
  }

  /** The visitor's choice: kept here where the page leaves it to them. */
  chooseThink(on: boolean): void {
    if (this.#host.think === 'auto' && this.memory) this.memory.think = on
    else this.#host.think = on ? 'on' : 'off'
    this.#host.requestUpdate()
  }

  settle(settings: Settings): void {
    if (this.memory) this.memory.settings = settings
    this.#host.requestUpdate()
  }

  /** Asks again what could not be had: something happens, or there is a network again. */
  readonly reconnect = (): void => {
    if (this.#hasConfigFailed) void this.#askForConfig()
  }

  /** Kept by hand: `@lit/task` would add 427 bytes to the first answer's file. */
  async #askForConfig(): Promise<void> {
    const client = this.#asked
    this.#hasConfigFailed = false
    try {
      const config = await client?.widgetConfig()
      if (client !== this.#asked) return
      this.#config = config
    } catch {
      // The chat says what is wrong when it is used.
      this.#hasConfigFailed = client === this.#asked
    }
    this.#host.requestUpdate()
  }

  /** Loads the visitor's conversation when the chat is first used. */
  use(): void {
    this.isUsed = true
    this.#connect()
    if (this.#hasBegun) return
    this.#hasBegun = true
    this.#shownId = this.#host.conversationId
    void this.#controller.load(this.#shownId ?? undefined)
  }

  /** The page names what is shown, and has not asked for another one. */
  isShown(id: string | null): boolean {
    return id !== null && id === this.#shownId
  }

  /** The conversation changed here. */
  entered(id: string | null): void {
    this.#shownId = id
  }

  /** Goes along with what the page has set; `isAnotherToken`: that too. */
  follow(isAnotherToken: boolean): void {
    const before = this.#connection
    if (this.isUsed) this.use()
    else this.#connect()
    // What waits for a token that was asked for goes on by itself.
    const { token } = this.#host
    const isRenewed = token !== undefined && token === this.#renewedToken
    if (isAnotherToken && !isRenewed && before === this.#connection) this.#controller.reauthorize()
  }

  #connect(): void {
    const earlier = this.#connection
    const now = connect(this.#host, this.#credentials, earlier)
    if (now === earlier) return
    this.#connection = now
    this.#hasBegun = false
    this.#controller.connect(now.client, now.memory)
    if (!earlier) return
    // Who had no name and no conversation was nobody: what the page has named is for whom it has now.
    const wasSomebody = earlier.user !== '' || earlier.memory.conversationId !== undefined
    const isAnother = wasSomebody && earlier.user !== now.user
    if (isAnother || earlier.about !== now.about) this.#onOtherUser()
  }

  /** Asks the page for another token; false when it has none, or fails to get one. */
  async #renewToken(refused: string): Promise<boolean> {
    const host = this.#host
    let answer: string | Promise<string> = ''
    const respondWith = (token: string | Promise<string>) => {
      answer = token
    }
    emit(host, 'samosa-token', { refused, respondWith })
    const token = await Promise.resolve(answer).catch(() => '')
    if (token !== '') host.token = token
    // A listener may have set the property itself.
    if (host.token === refused) return false
    this.#renewedToken = host.token
    return host.token !== undefined
  }
}
