import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Nearer than this to the end counts as being there. */
const NEAR_PX = 24

const NOWHERE = { scrollTop: 0, scrollHeight: 0, clientHeight: 0 }

/** Keeps a scrolling area at its end while its reader is there, and nowhere else. */
export class StickToEnd implements ReactiveController {
  atEnd = true
  /** Off while there is nothing whose end matters: then the area stays at its beginning. */
  isOn = false
  readonly #host: ReactiveControllerHost
  readonly #observer = new ResizeObserver(() => this.#onResize())
  #scroller: HTMLElement | undefined
  #content: Element | undefined
  #lastTop = 0
  #lastWidth = 0

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  /** Watches from now on; `content` is what grows inside `scroller`. */
  watch(scroller: HTMLElement, content: Element): void {
    this.#scroller = scroller
    this.#content = content
    this.hostConnected()
  }

  hostConnected(): void {
    if (!this.#scroller || !this.#content) return
    this.#scroller.addEventListener('scroll', this.#onScroll, { passive: true })
    this.#observer.observe(this.#scroller)
    this.#observer.observe(this.#content)
  }

  hostDisconnected(): void {
    this.#scroller?.removeEventListener('scroll', this.#onScroll)
    this.#observer.disconnect()
  }

  toEnd(): void {
    this.#set(true)
    // Together with the layout that the page needs anyway.
    requestAnimationFrame(() => this.#follow())
  }

  #onResize(): void {
    // The reader may have moved, and the event that tells of it be on its way.
    this.#onScroll()
    // What shrinks can bring the end to the reader. A hidden area has no end.
    if (this.#scroller?.clientHeight && this.#distance < 1) this.#set(true)
    this.#follow()
  }

  get #distance(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller ?? NOWHERE
    return scrollHeight - scrollTop - clientHeight
  }

  #follow(): void {
    if (!this.isOn || !this.atEnd || !this.#scroller) return
    this.#scroller.scrollTop = this.#scroller.scrollHeight
    this.#lastTop = this.#scroller.scrollTop
  }

  #onScroll = () => {
    const scroller = this.#scroller
    if (!scroller) return
    // Where lines break anew, as on a phone that is turned, the browser moves the area and not its reader.
    const movedUp = scroller.scrollTop < this.#lastTop && scroller.clientWidth === this.#lastWidth
    this.#lastTop = scroller.scrollTop
    this.#lastWidth = scroller.clientWidth
    if (movedUp) this.#set(this.#distance < 1)
    else if (this.#distance <= NEAR_PX) this.#set(true)
  }

  #set(atEnd: boolean): void {
    if (this.atEnd === atEnd) return
    this.atEnd = atEnd
    this.#host.requestUpdate()
  }
}
