import type { ReactiveController, ReactiveControllerHost } from 'lit'

/**
 * Tells the panel what of the window an on-screen keyboard leaves free, as `--_view-height` and
 * `--_view-top`; style sheets cannot know it.
 */
export class ViewportFit implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    globalThis.visualViewport?.addEventListener('resize', this.#measure)
    globalThis.visualViewport?.addEventListener('scroll', this.#measure)
    this.#measure()
  }

  hostDisconnected(): void {
    globalThis.visualViewport?.removeEventListener('resize', this.#measure)
    globalThis.visualViewport?.removeEventListener('scroll', this.#measure)
  }

  #measure = () => {
    const view = globalThis.visualViewport
    // Zoomed in by the reader: the panel stays as it is, so that it can be panned over.
    if (!view || view.scale > 1.05) return
    this.#host.style.setProperty('--_view-height', `${view.height}px`)
    this.#host.style.setProperty('--_view-top', `${view.offsetTop}px`)
  }
}
