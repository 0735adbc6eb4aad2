import { nothing, type ReactiveControllerHost } from 'lit'
import { late } from '../ui/late.ts'
import type { Strings } from '../words/strings.ts'
import type { Memory } from '../conversation/memory.ts'

type RoomHost = ReactiveControllerHost & { readonly mode: string }

/** What the switch depends on. */
interface RoomView {
  readonly isBubble: boolean
  /** The bubble covers the window. */
  readonly modal: boolean
  readonly strings: Strings
}

/** Only a bubble on a large window can grow, and most pages ask for no sound. */
export const headerSwitches = late(() => import('./header-switches.ts'))

/**
 * Whether the chat takes more room than at first: the bubble is large, or no list stands beside the page's.
 * What the visitor chooses is remembered.
 */
export class PanelRoom {
  readonly #host: RoomHost
  readonly #memory: () => Memory | undefined

  constructor(host: RoomHost, memory: () => Memory | undefined) {
    this.#host = host
    this.#memory = memory
  }

  get isWide(): boolean {
    return this.#memory()?.isWide(this.#host.mode) ?? false
  }

  readonly toggle = (): void => {
    this.#memory()?.keepWide(this.#host.mode, !this.isWide)
    this.#host.requestUpdate()
  }

  /** What makes the bubble larger and smaller, unless it covers the window anyway. */
  renderSwitch({ isBubble, modal, strings }: RoomView): unknown {
    if (!isBubble || modal) return nothing
    return headerSwitches.drawn(this.#host)?.renderSizeSwitch(this, strings)
  }
}
