import { html, nothing, type ReactiveControllerHost } from 'lit'
import { defaultEndpoint } from '../conversation/connection.ts'
import { loadLogo } from '../embed/logo.ts'
import type { ServerLink } from '../conversation/server-link.ts'

/** The element, as far as its looks go. */
interface BrandHost extends ReactiveControllerHost, HTMLElement {
  readonly logo: string
  readonly imageOrigins: string
  readonly renderRoot: HTMLElement | DocumentFragment
}

/** What stands in the place of our mark: the page's own elements in slots, or a picture by its address. */
export class Brand {
  readonly #host: BrandHost
  readonly #link: ServerLink
  /** What the picture was asked for with last. */
  #wish = ''

  constructor(host: BrandHost, link: ServerLink) {
    this.#host = host
    this.#link = link
    const watch = new MutationObserver(() => host.requestUpdate())
    watch.observe(host, { childList: true, subtree: true, attributeFilter: ['slot'] })
  }

  /** Passes what the page has put into a slot on to a part's own slot; an empty one would hide our mark. */
  renderSlot(name: 'launcher' | 'logo', slot: 'mark' | 'logo') {
    const isFilled = this.#host.querySelector(`:scope > [slot="${name}"]`) !== null
    return isFilled ? html`<slot name=${name} slot=${slot}></slot>` : nothing
  }

  /** Goes along with what the page and the server say. */
  follow(): void {
    const { logo, imageOrigins } = this.#host
    const endpoint = this.#link.connection?.origin ?? defaultEndpoint()
    const ofServer = this.#link.config?.logo ?? ''
    const address = logo || ofServer
    const base = logo ? document.baseURI : `${endpoint}/`
    const wish = JSON.stringify([address, base, endpoint, imageOrigins])
    if (wish === this.#wish) return
    this.#wish = wish
    if (address === '') this.#draw(undefined)
    else {
      void loadLogo({ address, base, endpoint, imageOrigins }).then((picture) => {
        if (wish === this.#wish) this.#draw(picture)
      })
    }
  }

  /** For the style sheets of all parts, which know our mark by itself. */
  #draw(picture: HTMLImageElement | undefined): void {
    const root = this.#host.renderRoot.querySelector<HTMLElement>('.root')
    const values = {
      '--_logo': `url("${picture?.src}") center / contain no-repeat`,
      '--_mark': 'hidden',
      '--_avatar': 'block',
      '--_inset': '0',
    }
    for (const [name, value] of Object.entries(values)) {
      if (picture) root?.style.setProperty(name, value)
      else root?.style.removeProperty(name)
    }
  }
}
