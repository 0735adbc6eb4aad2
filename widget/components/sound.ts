import type { ReactiveControllerHost } from 'lit'
import type { Memory } from '../state/memory.ts'

type Host = ReactiveControllerHost & { readonly sound: boolean }

/** The sound of an answer that comes while nobody looks: the page offers it, the visitor may mute it. */
export class Sound {
  readonly #host: Host
  readonly #memory: () => Memory | undefined

  constructor(host: Host, memory: () => Memory | undefined) {
    this.#host = host
    this.#memory = memory
  }

  /** `undefined` where the page does not offer it. */
  get isOn(): boolean | undefined {
    return this.#host.sound ? !this.#memory()?.muted : undefined
  }

  /** What the visitor chooses is remembered. */
  readonly toggle = (): void => {
    const memory = this.#memory()
    if (memory) memory.muted = !memory.muted
    this.#host.requestUpdate()
  }

  /** Plays it, unless the chat is looked at, or the browser lets no sound out before a gesture. */
  play(isSeen: boolean): void {
    if (!this.isOn || (isSeen && !document.hidden)) return
    if (!navigator.userActivation?.hasBeenActive) return
    const load = async () => (await import('./chime.ts')).chime()
    // No network, or no loudspeaker: the badge says it too.
    load().catch(() => undefined)
  }
}
