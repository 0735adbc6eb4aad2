import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { WidgetConfig } from '../api/decode-body.ts'
import type { ChatClient } from '../api/client.ts'

/** What the server says of itself: what it said last, until it says it again. Asked for again after a failure, as soon as anything happens. */
export class ServerConfig implements ReactiveController {
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
