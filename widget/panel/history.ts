import { earlierStrings } from '../words/en/earlier.ts'
import { html, LitElement, nothing, type PropertyValues, css } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { define, adoptSheet, MESSAGE_PARTS } from '../ui/element.ts'

import type { MessageView } from '../answer/message.ts'
import { en } from '../words/en/index.ts'
import type { Strings } from '../words/strings.ts'

import type { ChatMessage } from '../conversation/chat-message.ts'
import type { ConversationState } from '../conversation/conversation-state.ts'
import { paginate, type HistoryPage, type PageNumbers } from './paginate.ts'

interface PageSightOptions {
  /** The beginning of what is there comes near. */
  readonly onTop: () => void
  /** Pages have come near, or gone. */
  readonly onPages: () => void
}

const numberOf = (page: Element) => Number(page.getAttribute('data-page'))

/** Knows which pages of a scrolling area are near to what is in sight. */
class PageSight {
  readonly #options: PageSightOptions
  #observer: IntersectionObserver | undefined
  readonly #watched = new Set<Element>()
  readonly #near = new Map<number, Element>()
  #scroller: Element | undefined

  constructor(options: PageSightOptions) {
    this.#options = options
  }

  /** Watches these, and nothing else, from now on. */
  watch(scroller: Element, top: Element | null, pages: Iterable<Element>): void {
    if (scroller !== this.#scroller) this.stop()
    this.#scroller = scroller
    this.#observer ??= new IntersectionObserver(this.#onSight, {
      root: scroller,
      // One and a half windows above and below.
      rootMargin: '150% 0px',
    })
    const wanted = new Set(pages)
    if (top) wanted.add(top)
    for (const element of this.#watched) {
      if (wanted.has(element)) continue
      this.#observer.unobserve(element)
      this.#watched.delete(element)
      if (this.#near.get(numberOf(element)) === element) this.#near.delete(numberOf(element))
    }
    for (const element of wanted) {
      if (this.#watched.has(element)) continue
      this.#watched.add(element)
      this.#observer.observe(element)
    }
  }

  /** Says again what is near. */
  lookAgain(): void {
    for (const element of this.#watched) this.#observer?.unobserve(element)
    this.#watched.clear()
  }

  stop(): void {
    this.#observer?.disconnect()
    this.#observer = undefined
    this.#watched.clear()
    this.#near.clear()
  }

  /** The near page, of those asked for, that is nearest to the middle of what is in sight. */
  nearest(isWanted: (number: number) => boolean): number | undefined {
    const middle = this.#middle
    let found: { readonly number: number; readonly distance: number } | undefined
    for (const [number, page] of this.#near) {
      if (!isWanted(number)) continue
      const { top, bottom } = page.getBoundingClientRect()
      const distance = Math.max(top - middle, middle - bottom)
      if (!found || distance < found.distance) found = { number, distance }
    }
    return found?.number
  }

  /** Those that are not near, the farthest ones first. */
  farthestFirst(numbers: Iterable<number>): readonly number[] {
    const near = [...this.#near.keys()]
    const distance = (number: number) =>
      near.length === 0 ? 0 : Math.min(...near.map((one) => Math.abs(one - number)))
    return [...numbers]
      .filter((number) => !this.#near.has(number))
      .toSorted((one, other) => distance(other) - distance(one))
  }

  get #middle(): number {
    const box = this.#scroller?.getBoundingClientRect()
    return box ? (box.top + box.bottom) / 2 : 0
  }

  readonly #onSight = (entries: readonly IntersectionObserverEntry[]) => {
    let isTop = false
    for (const { target, isIntersecting } of entries) {
      if (!target.hasAttribute('data-page')) isTop ||= isIntersecting
      else if (isIntersecting) this.#near.set(numberOf(target), target)
      else this.#near.delete(numberOf(target))
    }
    this.#options.onPages()
    if (isTop) this.#options.onTop()
  }
}

/** History stands in the conversation's own tree, and is loaded with what it is drawn by. */
const historyStyles = css`
  samosa-history,
  .page {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--samosa-space);
  }
  .page {
    align-content: start;
    contain: layout style;
  }
  .blank {
    overflow-anchor: none;
  }
  .earlier {
    min-block-size: 36px;
    margin-inline: auto;
    padding-inline: 14px;
    border-radius: 18px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
  }
  .earlier:hover {
    background: var(--_hover);
  }
  @media print {
    .page {
      contain: none;
    }
    .earlier {
      display: none;
    }
  }
`

/**
 * Browsers keep what is read in its place when something above it changes, but not at the very top,
 * and one of them not at all. What is noted before such a change can be put right after it.
 */
interface Place {
  /** Brings what was at the top of the area back there. */
  readonly restore: () => void
}

const scrollsByItself = (scroller: HTMLElement) =>
  CSS.supports('overflow-anchor', 'auto') && scroller.scrollTop > 0

/** Notes the first of `elements` that is in sight, where the browser does not. */
function notePlace(scroller: HTMLElement, elements: Iterable<HTMLElement>): Place | undefined {
  if (scrollsByItself(scroller)) return undefined
  const { top } = scroller.getBoundingClientRect()
  const distance = (element: HTMLElement) =>
    element.getBoundingClientRect().top + scroller.scrollTop
  for (const element of elements) {
    if (element.getBoundingClientRect().bottom <= top) continue
    const before = distance(element)
    return {
      restore() {
        if (element.isConnected) scroller.scrollTop += distance(element) - before
      },
    }
  }
  return undefined
}

/** More pages than this are not drawn at a time, unless they are in sight or in use. */
const MOST_DRAWN = 16

/** A guess at a message's height, in pixels, until it has been drawn. */
const guess = ({ chunks }: ChatMessage) =>
  64 + 0.34 * chunks.reduce((sum, { length }) => sum + length, 0)

/**
 * Messages before the newest ones: drawn page by page as they come near, and only as many as can be
 * read at a time. It stands in the scrolling area, in the tree of what is around it.
 */
export class SamosaHistory extends LitElement {
  static override properties = {
    messages: { attribute: false },
    strings: { attribute: false },
    earlier: { attribute: false },
    onEarlier: { attribute: false },
    viewOf: { attribute: false },
  }
  messages: readonly ChatMessage[] = []
  strings: Strings = en
  earlier: ConversationState['earlier'] = 'none'
  onEarlier = async () => {}
  /** What a message is shown with. */
  viewOf: ((message: ChatMessage) => MessageView) | undefined

  #pages: readonly HistoryPage[] = []
  #numbers: PageNumbers = new Map()
  readonly #drawn = new Set<number>()
  readonly #heights = new Map<number, number>()
  readonly #sight = new PageSight({
    onTop: () => void this.onEarlier(),
    onPages: () => this.#drawLater(),
  })
  #timer: ReturnType<typeof setTimeout> | undefined
  #restore: (() => void) | undefined
  #isPrinting = false

  override connectedCallback(): void {
    super.connectedCallback()
    adoptSheet(this, historyStyles.styleSheet)
    addEventListener('beforeprint', this.#onPrint)
    addEventListener('afterprint', this.#onPrint)
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('beforeprint', this.#onPrint)
    removeEventListener('afterprint', this.#onPrint)
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sight.stop()
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override render() {
    return html`${this.#renderTop()}
    ${repeat(
      this.#pages,
      ({ number }) => number,
      ({ number, messages }) =>
        html`<div class="page" data-page=${number}>
          ${
            this.#isDrawn(number)
              ? repeat(messages, ({ key }) => key, this.#renderMessage)
              : nothing
          }
        </div>`,
    )}`
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('messages')) {
      const { pages, numbers } = paginate(this.messages, this.#numbers)
      this.#pages = pages
      this.#numbers = numbers
      this.#forget(new Set(pages.map(({ number }) => number)))
    }
    const scroller = this.#scroller
    if (!scroller || this.#restore) return
    this.#restore = notePlace(scroller, scroller.querySelectorAll('samosa-message'))?.restore
  }

  protected override updated(changed: PropertyValues<this>): void {
    for (const [page, element] of this.#elements()) this.#giveHeight(page, element)
    const scroller = this.#scroller
    if (!scroller) return
    // Asked again with every page that came: there may be room for one more.
    if (changed.has('earlier') && this.earlier === 'more') this.#sight.lookAgain()
    const top = this.querySelector('.earlier')
    this.#sight.watch(scroller, top, this.querySelectorAll('.page'))
    // By then what is new has drawn itself.
    requestAnimationFrame(this.#putBack)
  }

  readonly #renderMessage = (message: ChatMessage) => {
    const view = this.viewOf?.(message)
    if (!view) return nothing
    return html`<samosa-message
      part="message"
      exportparts=${MESSAGE_PARTS}
      .view=${view}
    ></samosa-message>`
  }

  #renderTop() {
    const { earlier, strings } = this
    if (earlier === 'none') return nothing
    const words = (strings.earlier ?? earlierStrings)[earlier]
    return html`<button
      class="earlier"
      type="button"
      aria-disabled=${earlier === 'loading'}
      @click=${() => this.onEarlier()}
    >
      ${words}
    </button>`
  }

  get #scroller(): HTMLElement | null {
    return this.closest<HTMLElement>('.scroller')
  }

  #isDrawn(number: number): boolean {
    return this.#isPrinting || this.#drawn.has(number)
  }

  #element(number: number): HTMLElement | null {
    return this.querySelector<HTMLElement>(`[data-page="${number}"]`)
  }

  /** Each page with what shows it. */
  *#elements(): Generator<readonly [HistoryPage, HTMLElement]> {
    const elements = this.querySelectorAll<HTMLElement>('.page')
    for (const [at, page] of this.#pages.entries()) {
      const element = elements[at]
      if (element) yield [page, element]
    }
  }

  /** What is not drawn takes the room that it had, or may have. */
  #giveHeight({ number, messages }: HistoryPage, element: HTMLElement): void {
    const height =
      this.#heights.get(number) ?? messages.reduce((sum, message) => sum + guess(message), 0)
    const wanted = this.#isDrawn(number) ? '' : `${Math.round(height)}px`
    if (element.style.blockSize === wanted) return
    element.style.blockSize = wanted
    // The browser holds on to what stands at the top, which must not be what is drawn just now.
    element.classList.add('blank')
  }

  /** One page a task, so that nothing else waits for long. */
  #drawLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const next = this.#sight.nearest((number) => !this.#drawn.has(number))
      if (next !== undefined) this.#drawn.add(next)
      const isLess = this.#eraseFar()
      if (next === undefined && !isLess) return
      this.requestUpdate()
      if (next !== undefined) this.#drawLater()
    })
  }

  /** Takes what is far away off the screen; says whether there was anything. */
  #eraseFar(): boolean {
    // What the reader has selected may reach over many pages.
    if (document.getSelection()?.type === 'Range') return false
    const before = this.#drawn.size
    for (const number of this.#sight.farthestFirst(this.#drawn)) {
      if (this.#drawn.size <= MOST_DRAWN) break
      const element = this.#element(number)
      if (!element || isInUse(element)) continue
      this.#heights.set(number, element.offsetHeight)
      this.#drawn.delete(number)
    }
    return this.#drawn.size < before
  }

  #forget(known: ReadonlySet<number>): void {
    for (const number of this.#drawn) if (!known.has(number)) this.#drawn.delete(number)
    for (const number of this.#heights.keys()) if (!known.has(number)) this.#heights.delete(number)
  }

  readonly #putBack = () => {
    this.#restore?.()
    this.#restore = undefined
    // Laid out before it counts as something to hold on to.
    void this.offsetHeight
    for (const [{ number }, element] of this.#elements()) {
      if (this.#isDrawn(number)) element.classList.remove('blank')
    }
  }

  readonly #onPrint = (event: Event) => {
    this.#isPrinting = event.type === 'beforeprint'
    this.requestUpdate()
  }
}

/** Somebody writes there, or was about to press something. */
const isInUse = (page: HTMLElement) =>
  [...page.children].some(
    ({ shadowRoot }) =>
      shadowRoot?.activeElement || shadowRoot?.querySelector('samosa-text-form, [commenting]'),
  )

define('samosa-history', SamosaHistory)
