import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ConversationController } from './conversation-controller.ts'

/** Loads the conversation that the browser remembers or that the page names, once it is wanted. */
export class History implements ReactiveController {
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
