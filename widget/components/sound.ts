import type { ReactiveControllerHost } from 'lit'
import type { Strings } from '../locales/strings.ts'
import { late } from '../markdown/late.ts'
import type { Memory } from '../state/memory.ts'

/** The element that a page may ask for a sound. */
export type SoundHost = ReactiveControllerHost & { readonly sound: boolean }

/** Most pages ask for none. */
const code = late(() => import('./sound-switch.ts'))

/** The sound of an answer that comes while nobody looks: the page offers it, the visitor may mute it. */
export class Sound {
  readonly #host: SoundHost
  readonly #memory: () => Memory | undefined

  constructor(host: SoundHost, memory: () => Memory | undefined) {
    this.#host = host
    this.#memory = memory
  }

  /** What turns it off and on, where the page offers it. */
  renderSwitch(strings: Strings): unknown {
    if (!this.#host.sound) return undefined
    return code.drawn(this.#host)?.renderSwitch(this.#host, this.#memory(), strings)
  }

  /** Plays it, unless the chat is looked at, or the visitor wants none. */
  play(isSeen: boolean): void {
    if (!this.#host.sound || this.#memory()?.muted) return
    // Without a network the badge says it.
    void code.load().then(() => code.loaded()?.play(isSeen))
  }
}
