import type { ReactiveControllerHost } from 'lit'
import type { ChatClient } from '../api/client.ts'
import { connect, type Connection, type Page } from './connection.ts'
import type { ConversationController } from './conversation-controller.ts'
import { History } from './history.ts'
import type { Memory } from './memory.ts'
import { PageToken } from './page-token.ts'
import { ServerConfig } from './server-config.ts'
import { offered, type Settings } from './settings.ts'
import { chooseThink, type Think, type ThinkChoice } from './think-choice.ts'

/** What a page says of the server and of the visitor. */
export interface LinkHost extends ReactiveControllerHost, HTMLElement, Page {
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
  readonly #onOtherUser: () => void
  readonly #token: PageToken
  readonly #config: ServerConfig
  #connection: Connection | undefined

  /** `onOtherUser`: another one than before, or about something else; nothing that was there is theirs. */
  constructor(host: LinkHost, controller: ConversationController, onOtherUser: () => void) {
    this.#host = host
    this.#controller = controller
    this.#onOtherUser = onOtherUser
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

  get memory(): Memory | undefined {
    return this.#connection?.memory
  }

  get config(): ServerConfig['value'] {
    return this.#config.value
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
    const now = connect(this.#host, this.#token, earlier)
    if (now === earlier) return
    this.#connection = now
    this.history.reset()
    this.#controller.connect(now.client, now.memory)
    const isAnother = earlier && (earlier.user !== now.user || earlier.about !== now.about)
    if (isAnother) this.#onOtherUser()
  }
}
