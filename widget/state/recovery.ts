import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ConversationController } from './conversation-controller.ts'

/** Goes on by itself when what was missing is there: the network, or a token. */
export class Recovery implements ReactiveController {
  readonly #controller: ConversationController
  readonly #onOnline: () => void

  constructor(
    host: ReactiveControllerHost,
    controller: ConversationController,
    onOnline: () => void,
  ) {
    this.#controller = controller
    this.#onOnline = onOnline
    host.addController(this)
  }

  hostConnected(): void {
    addEventListener('online', this.#reconnect)
  }

  hostDisconnected(): void {
    removeEventListener('online', this.#reconnect)
  }

  /** Another token: what was refused may be allowed now, and what is shown may be another visitor's. */
  reauthorize(): void {
    const { phase, loadingId, conversationId } = this.#controller.state
    const isRefused = phase.kind === 'failed' && phase.error.code === 'unauthorized'
    if (isRefused) this.#controller.retry()
    else if (phase.kind === 'loading') void this.#controller.load(loadingId)
    else if (conversationId !== undefined && phase.kind !== 'sending')
      void this.#controller.load(conversationId)
  }

  readonly #reconnect = () => {
    this.#onOnline()
    const { phase } = this.#controller.state
    if (phase.kind !== 'failed') return
    const { code } = phase.error
    if (code === 'offline' || code === 'unreachable') this.#controller.retry()
  }
}
