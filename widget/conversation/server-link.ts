import type { ReactiveControllerHost } from 'lit'
import type { Account } from '../accounts/account.ts'
import type { ChatClient } from '../api/client.ts'
import type { Language } from '../words/language.ts'
import type { Strings } from '../words/strings.ts'
import type { PageWords } from '../owner/owner.ts'
import { connect, type Connection, type Credentials, type Page } from './connection.ts'
import type { ConversationController } from './conversation-controller.ts'
import { History } from './history.ts'
import type { Memory } from './memory.ts'
import { ownerCode } from './owner-code.ts'
import { PageToken } from './page-token.ts'
import { ServerConfig } from './server-config.ts'
import { offered, type Settings } from './settings.ts'
import { chooseThink, type Think, type ThinkChoice } from './think-choice.ts'

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
