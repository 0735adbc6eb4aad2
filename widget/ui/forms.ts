/** What forms that are sent have in common: fields, buttons, and waiting until a server takes another. */
import { css, type ReactiveController, type ReactiveControllerHost } from 'lit'

// Why, here and not in the text that is loaded:
// `font-size` of a field: Smaller text makes a telephone zoom in.

/** A line or a text to be filled in. */
export const fieldStyles = css`
  .field {
    inline-size: 100%;
    margin: 0;
    border: 1px solid var(--_edge);
    background: var(--samosa-surface);
    color: inherit;
    font: inherit;
    font-size: max(16px, var(--samosa-font-size));
    appearance: none;
  }
  .field:focus-visible {
    border-color: var(--samosa-focus);
    outline-offset: -1px;
  }
  [aria-invalid='true'] {
    border-color: var(--samosa-danger);
  }
`

/** What sends a form, and what leaves it. */
export const formButtonStyles = css`
  .quiet:hover {
    background: var(--_hover);
  }
  .strong {
    background: var(--samosa-accent);
    color: var(--samosa-on-accent);
  }
  .strong[aria-disabled='true'] {
    background: color-mix(in oklab, var(--samosa-text) 9%, transparent);
    color: var(--samosa-text-muted);
    cursor: default;
  }
`

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
