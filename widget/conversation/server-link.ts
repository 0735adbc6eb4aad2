import type { ReactiveControllerHost, ReactiveController } from 'lit'
import type { Account } from '../accounts/account.ts'
import type { ChatClient } from '../api/client.ts'
import type { Language } from '../words/language.ts'
import type { Strings } from '../words/strings.ts'
import type { PageWords } from '../owner/owner.ts'
import { connect, type Connection, type Credentials, type Page } from './connection.ts'
import type { ConversationController } from './conversation-controller.ts'
import {
  type Memory,
  offered,
  type Settings,
  chooseThink,
  type Think,
  type ThinkChoice,
} from './memory.ts'

import { emit } from '../api/chat-events.ts'
import type { WidgetConfig } from '../api/decode-body.ts'
import { late } from '../ui/late.ts'

/** Most pages and servers say nothing of it. */
const ownerModule = late(() => import('../owner/owner.ts'))

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

/** Loads the conversation that the browser remembers or that the page names, once it is wanted. */
class History implements ReactiveController {
  readonly #controller: ConversationController
  readonly #named: () => string | null
  #hasBegun = false
  /** What the page named last. */
  #lastNamed: string | null = null
  /** What was asked for or entered last; naming another one shows that. */
  #shownId: string | null = null

  constructor(
    host: ReactiveControllerHost,
    controller: ConversationController,
    conversationId: () => string | null,
  ) {
    this.#controller = controller
    this.#named = conversationId
    host.addController(this)
  }

  hostUpdate(): void {
    const id = this.#named()
    if (id === this.#lastNamed) return
    this.#lastNamed = id
    if (this.#hasBegun && id !== this.#shownId) void this.#show(id)
  }

  /** Another server: nothing of it is loaded yet. */
  reset(): void {
    this.#hasBegun = false
  }

  /** Loads, unless it has. */
  begin(id: string | null): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    this.#shownId = id
    void this.#controller.load(id ?? undefined)
  }

  /** The page names what is shown, and has not asked for another one. */
  isShown(id: string | null): id is string {
    return id !== null && id === this.#shownId
  }

  /** The conversation changed here. */
  entered(id: string | null): void {
    this.#shownId = id
  }

  async #show(id: string | null): Promise<void> {
    this.#shownId = id
    if (id === null) this.#controller.newConversation()
    else await this.#controller.open(id)
  }
}

/** What the server says of itself: what it said last, until it says it again. Asked for again after a failure, as soon as anything happens. */
class ServerConfig implements ReactiveController {
  value: WidgetConfig | undefined
  /** It could not be had. */
  hasFailed = false
  readonly #host: ReactiveControllerHost
  readonly #clientNow: () => ChatClient | undefined
  readonly #activity: () => unknown
  #lastActivity: unknown
  #client: ChatClient | undefined

  constructor(
    host: ReactiveControllerHost,
    client: () => ChatClient | undefined,
    activity: () => unknown,
  ) {
    this.#host = host
    this.#clientNow = client
    this.#activity = activity
    host.addController(this)
  }

  hostUpdate(): void {
    const activity = this.#activity()
    const client = this.#clientNow()
    if (client !== this.#client) {
      this.#client = client
      // It is hardly ever another one now.
      this.value = client?.lastConfig?.() ?? this.value
      void this.#ask()
    } else if (activity !== this.#lastActivity) this.again()
    this.#lastActivity = activity
  }

  /** Asks again, if it is not known yet. */
  again(): void {
    if (this.hasFailed) void this.#ask()
  }

  async #ask(): Promise<void> {
    const client = this.#client
    this.hasFailed = false
    try {
      const value = await client?.widgetConfig()
      if (client !== this.#client) return
      this.value = value
    } catch {
      // The chat says what is wrong when it is used.
      this.hasFailed = client === this.#client
    }
    this.#host.requestUpdate()
  }
}

type TokenHost = HTMLElement & { token: string | undefined }

/** The token that the page gave to the element, and a new one from the page when it has expired. */
class PageToken {
  readonly #host: TokenHost
  #renewed: string | undefined

  constructor(host: TokenHost) {
    this.#host = host
  }

  /** The present token came in answer to a question: what waits for it goes on by itself. */
  get isRenewed(): boolean {
    return this.#renewed !== undefined && this.#renewed === this.#host.token
  }

  /** Asks the page for another token; false when it has none, or fails to get one. */
  readonly renew = async (refused: string): Promise<boolean> => {
    let answer: string | Promise<string> = ''
    const respondWith = (token: string | Promise<string>) => {
      answer = token
    }
    emit(this.#host, 'samosa-token', { refused, respondWith })
    const token = await Promise.resolve(answer).catch(() => '')
    if (token !== '') this.#host.token = token
    // A listener may have set the property itself.
    if (this.#host.token === refused) return false
    this.#renewed = this.#host.token
    return this.#renewed !== undefined
  }
}

/** What a page says of the server and of the visitor. */
export interface LinkHost extends ReactiveControllerHost, HTMLElement, Page, PageWords {
  token: string | undefined
  conversationId: string | null
  think: Think
}

/** The server behind an element, for one user: what it offers, and what this browser remembers of both. */
export class ServerLink {
  /** The chat has been opened or written to: until then the server is asked for nothing. */
  isUsed = false
  readonly history: History
  readonly #host: LinkHost
  readonly #controller: ConversationController
  readonly #strings: () => Strings
  readonly #onOtherUser: () => void
  readonly #language: Language
  readonly #token: PageToken
  readonly #config: ServerConfig
  #connection: Connection | undefined
  #account: Account | undefined
  readonly #credentials: Credentials = {
    fresh: (token) => this.#account?.fresh(token) ?? token,
    renew: async (refused) =>
      this.#host.token === undefined
        ? (await this.loadAccount()).renew(refused)
        : this.#token.renew(refused),
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
    this.#token = new PageToken(host)
    this.#config = new ServerConfig(
      host,
      () => (this.isUsed ? this.client : undefined),
      () => controller.state.phase,
    )
    this.history = new History(host, controller, () => host.conversationId)
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

  /** With what the page says of it. */
  get config(): ServerConfig['value'] {
    const { value } = this.#config
    return ownerCode(this.#host, value)?.configOf(this.#host, value, this.#language) ?? value
  }

  /** All that is said of the chat is known, or cannot be had. */
  get isSettled(): boolean {
    const { value, hasFailed } = this.#config
    return (value !== undefined || hasFailed) && ownerCode(this.#host, value) !== null
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
    const words = () => this.#strings()
    const code = await import('../accounts/account.ts').catch((cause: unknown) => {
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

  /** There is a network again. */
  readonly reconnect = (): void => this.#config.again()

  /** Loads the visitor's conversation when the chat is first used. */
  use(): void {
    this.isUsed = true
    this.#connect()
    this.history.begin(this.#host.conversationId)
  }

  /** Goes along with what the page has set; `isAnotherToken`: that too. */
  follow(isAnotherToken: boolean): void {
    const before = this.#connection
    if (this.isUsed) this.use()
    else this.#connect()
    const isUnasked = isAnotherToken && !this.#token.isRenewed
    if (isUnasked && before === this.#connection) this.#controller.reauthorize()
  }

  #connect(): void {
    const earlier = this.#connection
    const now = connect(this.#host, this.#credentials, earlier)
    if (now === earlier) return
    this.#connection = now
    this.history.reset()
    this.#controller.connect(now.client, now.memory)
    if (!earlier) return
    // Who had no name and no conversation was nobody: what the page has named is for whom it has now.
    const wasSomebody = earlier.user !== '' || earlier.memory.conversationId !== undefined
    const isAnother = wasSomebody && earlier.user !== now.user
    if (isAnother || earlier.about !== now.about) this.#onOtherUser()
  }
}
