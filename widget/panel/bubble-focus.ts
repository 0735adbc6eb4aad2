import type { LitElement, ReactiveController } from 'lit'
import { createTabStore } from '../api/key-value-store.ts'
import { emit } from '../api/chat-events.ts'
import { PENDING } from '../visit/pending-key.ts'
import type { WindowKeeper } from './cover-window.ts'
import { panelExtras } from './panel-room.ts'

type Bubble = LitElement & { open: boolean; readonly mode: string }

/** Where an open bubble covers the window; `samosa-chat.styles.ts` says the same. */
const COVERS = '(max-width: 480px), (max-height: 520px)'

/**
 * Says that a bubble has opened or closed, and moves the focus with it. While it covers the window it is
 * modal: the page behind it is out of reach. In every mode the chat stays in sight above a keyboard on the screen.
 */
export class BubbleFocus implements ReactiveController {
  readonly #host: Bubble
  readonly #opened: () => LitElement | null
  readonly #covers = globalThis.matchMedia?.(COVERS)
  /** Where that needs more than style sheets, or a keyboard may come up on the screen. */
  readonly #tight = globalThis.matchMedia?.(`${COVERS}, (any-pointer: coarse)`)
  #hadFocus = false
  #keeper: WindowKeeper | undefined

  /** `opened`: what takes the focus while the bubble is open. */
  constructor(host: Bubble, opened: () => LitElement | null) {
    this.#host = host
    this.#opened = opened
    host.addController(this)
  }

  /** Whether an open panel covers the window. */
  get covers(): boolean {
    return this.#covers?.matches ?? false
  }

  get isModal(): boolean {
    const { mode, open, isConnected } = this.#host
    return mode === 'bubble' && open && isConnected && this.covers
  }

  hostConnected(): void {
    this.#covers?.addEventListener('change', this.#onWindow)
    // As the tab's page before left it; visit/visit.ts keeps that.
    const wasOpen = createTabStore('').get(PENDING) === 'open'
    if (wasOpen && this.#host.mode === 'bubble' && !this.covers) this.#host.open = true
  }

  hostDisconnected(): void {
    this.#covers?.removeEventListener('change', this.#onWindow)
    this.#keeper?.stop()
  }

  hostUpdate(): void {
    this.#hadFocus = this.#host.matches(':focus-within')
  }

  hostUpdated(): void {
    // Without it the panel covers the page all the same.
    if (!this.#keeper && this.#tight?.matches)
      this.#keeper = panelExtras.drawn(this.#host)?.createWindowKeeper(this.#host)
    if (this.#host.isConnected) this.#keeper?.update(this.isModal)
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

  readonly #onWindow = () => this.#host.requestUpdate()

  async #move(open: boolean): Promise<void> {
    await (open ? this.#opened()?.updateComplete : this.#host.updateComplete)
    // Closed or opened again meanwhile.
    if (open === this.#host.open) this.#host.focus({ preventScroll: true })
  }
}
