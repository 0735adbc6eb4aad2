import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Counts the seconds down to when something may be done again; the element is drawn anew with each. */
export class Countdown implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #end: () => number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `end`: milliseconds since 1970; nothing where nobody has to wait. */
  constructor(host: ReactiveControllerHost, end: () => number | undefined) {
    this.#host = host
    this.#end = end
    host.addController(this)
  }

  /** Whole ones that are left; 0 when it may be done. */
  get seconds(): number {
    return Math.max(0, Math.ceil(((this.#end() ?? 0) - Date.now()) / 1_000))
  }

  hostConnected(): void {
    this.#host.requestUpdate()
  }

  hostUpdated(): void {
    clearTimeout(this.#timer)
    if (this.seconds > 0) this.#timer = setTimeout(() => this.#host.requestUpdate(), 1_000)
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
  }
}
