import type { LitElement, ReactiveController } from 'lit'
import { emit } from '../chat-events.ts'

type Bubble = LitElement & { readonly open: boolean }

/** Says that a bubble has opened or closed, and moves the focus with it. */
export class BubbleFocus implements ReactiveController {
  readonly #host: Bubble
  readonly #opened: () => LitElement | null
  #hadFocus = false

  /** `opened`: what takes the focus while the bubble is open. */
  constructor(host: Bubble, opened: () => LitElement | null) {
    this.#host = host
    this.#opened = opened
    host.addController(this)
  }

  hostUpdate(): void {
    this.#hadFocus = this.#host.matches(':focus-within')
  }

  /** The bubble was drawn open or closed, after it had been so `before`. */
  follow(before: boolean | undefined): void {
    const { open } = this.#host
    const isFirst = before === undefined
    if (isFirst && !open) return
    emit(this.#host, open ? 'samosa-open' : 'samosa-close', undefined)
    // A page that loads with an open panel, or closes it itself, keeps its focus.
    if (open ? !isFirst : this.#hadFocus) void this.#move(open)
  }

  async #move(open: boolean): Promise<void> {
    await (open ? this.#opened()?.updateComplete : this.#host.updateComplete)
    // Closed or opened again meanwhile.
    if (open === this.#host.open) this.#host.focus({ preventScroll: true })
  }
}
