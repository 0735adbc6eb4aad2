import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { en } from './en/index.ts'
import { catalogueOf } from './localize.ts'
import type { Strings } from './strings.ts'

/** An element and those that it stands in, out of every shadow tree. */
function* around(start: Element): Generator<Element> {
  let element: Element | null = start
  while (element) {
    yield element
    const root: Node = element.getRootNode()
    element = element.parentElement ?? (root instanceof ShadowRoot ? root.host : null)
  }
}

/**
 * The words of the host's language: its own, else that of the nearest element around it that says one,
 * else the browser's, else the server's. While a catalogue is on its way, the words stay what they are.
 */
export class Language implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #own: () => string
  readonly #server: () => string | undefined
  readonly #watch: MutationObserver
  #strings: Strings = en
  #said = ''
  #isTurned = false
  /** Which languages are wanted, the best first. */
  asked: readonly string[] = []
  /** The words are in the language that is wanted, or those cannot be had. */
  isSettled = false

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    own: () => string,
    server: () => string | undefined,
  ) {
    this.#host = host
    this.#own = own
    this.#server = server
    this.#watch = new MutationObserver(() => host.requestUpdate())
    host.addController(this)
  }

  get own(): Strings {
    return this.#strings
  }

  /** The direction of the words, unless it is said around, no farther away than the language. */
  get direction(): Strings['direction'] | undefined {
    return this.#isTurned ? undefined : this.#strings.direction
  }

  /** The language of the words, unless the same is said around. */
  get unsaid(): string | undefined {
    const { language } = this.#strings
    return this.#said.toLowerCase().startsWith(language) ? undefined : language
  }

  /** The language around, where the words are in another one: what is said is not in theirs. */
  get around(): string | undefined {
    return this.unsaid === undefined || this.#said === '' ? undefined : this.#said
  }

  hostConnected(): void {
    for (const element of around(this.#host)) {
      this.#watch.observe(element, { attributeFilter: ['lang', 'dir'] })
    }
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#watch.disconnect()
  }

  hostUpdate(): void {
    this.#look()
    this.asked = [this.#said, ...navigator.languages, this.#server() ?? '']
    const wanted = catalogueOf(this.asked)
    const loaded = wanted ? wanted.loaded() : en
    if (loaded) this.#strings = loaded
    else {
      void wanted?.load().then((isThere) => {
        if (isThere || !this.isSettled) this.#host.requestUpdate()
      })
    }
    this.isSettled = Boolean(loaded ?? wanted?.hasFailed())
  }

  #look(): void {
    // The attribute follows the property only after this.
    this.#said = this.#own()
    this.#isTurned = this.#host.hasAttribute('dir')
    for (const element of around(this.#host)) {
      if (this.#said) return
      this.#said = element.getAttribute('lang') ?? ''
      this.#isTurned ||= element.hasAttribute('dir')
    }
  }
}
