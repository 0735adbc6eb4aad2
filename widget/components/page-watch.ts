import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ConversationController } from '../state/conversation-controller.ts'

/** What the page around an element does: its network, whether anybody looks, and its coming and going. */
export class PageWatch implements ReactiveController {
  online = globalThis.navigator?.onLine ?? true
  readonly #host: ReactiveControllerHost
  readonly #controller: ConversationController

  constructor(host: ReactiveControllerHost, controller: ConversationController) {
    this.#host = host
    this.#controller = controller
    host.addController(this)
  }

  hostConnected(): void {
    this.#onEnter()
    addEventListener('pageshow', this.#onEnter)
    addEventListener('pagehide', this.#onLeave)
    addEventListener('online', this.#onNetwork)
    addEventListener('offline', this.#onNetwork)
    document.addEventListener('visibilitychange', this.#onVisibility)
  }

  hostDisconnected(): void {
    removeEventListener('pageshow', this.#onEnter)
    removeEventListener('pagehide', this.#onLeave)
    removeEventListener('online', this.#onNetwork)
    removeEventListener('offline', this.#onNetwork)
    document.removeEventListener('visibilitychange', this.#onVisibility)
  }

  /** Also a page that the browser kept aside, and shows again. */
  #onEnter = () => this.#controller.tools.enterPage()

  #onLeave = () => this.#controller.tools.leavePage()

  #onNetwork = () => {
    this.online = navigator.onLine
    this.#host.requestUpdate()
  }

  #onVisibility = () => {
    if (document.visibilityState !== 'visible') return
    const { phase } = this.#controller.state
    const isCutOff = phase.kind === 'failed' && phase.error.isConnection
    if (isCutOff) this.#controller.retry()
    else void this.#controller.refresh()
  }
}
