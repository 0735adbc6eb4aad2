import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** What the page around an element does: its network, and whether anybody looks. */
export class PageWatch implements ReactiveController {
  online = globalThis.navigator?.onLine ?? true
  readonly #host: ReactiveControllerHost
  readonly #onVisible: () => void

  constructor(host: ReactiveControllerHost, onVisible: () => void) {
    this.#host = host
    this.#onVisible = onVisible
    host.addController(this)
  }

  hostConnected(): void {
    addEventListener('online', this.#onNetwork)
    addEventListener('offline', this.#onNetwork)
    document.addEventListener('visibilitychange', this.#onVisibility)
  }

  hostDisconnected(): void {
    removeEventListener('online', this.#onNetwork)
    removeEventListener('offline', this.#onNetwork)
    document.removeEventListener('visibilitychange', this.#onVisibility)
  }

  #onNetwork = () => {
    this.online = navigator.onLine
    this.#host.requestUpdate()
  }

  #onVisibility = () => {
    if (document.visibilityState === 'visible') this.#onVisible()
  }
}
