import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { WidgetConfig } from '../api/decode-body.ts'
import type { ChatClient } from '../api/client.ts'

/** What the server says of itself; asked for again after a failure, as soon as anything happens. */
export class ServerConfig implements ReactiveController {
  value: WidgetConfig | undefined
  readonly #host: ReactiveControllerHost
  readonly #clientNow: () => ChatClient | undefined
  readonly #activity: () => unknown
  #lastActivity: unknown
  #client: ChatClient | undefined
  #asking = new AbortController()
  #hasFailed = false

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
      void this.#ask()
    } else if (activity !== this.#lastActivity) this.again()
    this.#lastActivity = activity
  }

  /** Asks again, if it is not known yet. */
  again(): void {
    if (this.#hasFailed) void this.#ask()
  }

  async #ask(): Promise<void> {
    this.#asking.abort()
    this.#hasFailed = false
    this.#asking = new AbortController()
    const { signal } = this.#asking
    try {
      const value = await this.#client?.widgetConfig({ signal })
      if (signal.aborted) return
      this.value = value
      this.#host.requestUpdate()
    } catch {
      // The chat says what is wrong when it is used.
      this.#hasFailed = !signal.aborted
    }
  }
}
