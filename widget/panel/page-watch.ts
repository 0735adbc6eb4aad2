import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ConversationController } from '../conversation/conversation-controller.ts'

/** What the page around an element does: its network, whether anybody looks, and its coming and going. */
export class PageWatch implements ReactiveController {
  online = globalThis.navigator?.onLine ?? true
  readonly #host: ReactiveControllerHost
  readonly #controller: ConversationController
  readonly #onOnline: () => void
  #watching: AbortController | undefined

  constructor(
    host: ReactiveControllerHost,
    controller: ConversationController,
    onOnline: () => void,
  ) {
    this.#host = host
    this.#controller = controller
    this.#onOnline = onOnline
    host.addController(this)
  }

  hostConnected(): void {
    const { tools } = this.#controller
    this.#watching = new AbortController()
    const { signal } = this.#watching
    // Also a page that the browser kept aside, and shows again.
    tools.enterPage()
    addEventListener('pageshow', () => tools.enterPage(), { signal })
    addEventListener('pagehide', () => tools.leavePage(), { signal })
    addEventListener('online', this.#onNetwork, { signal })
    addEventListener('offline', this.#onNetwork, { signal })
    document.addEventListener('visibilitychange', this.#onVisibility, { signal })
  }

  hostDisconnected(): void {
    this.#watching?.abort()
  }

  #onNetwork = () => {
    this.online = navigator.onLine
    this.#host.requestUpdate()
    if (!this.online) return
    this.#onOnline()
    this.#controller.reconnect()
  }

  #onVisibility = () => {
    if (document.visibilityState !== 'visible') return
    if (!this.#controller.reconnect()) void this.#controller.refresh()
  }
}
