import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { SamosaMessage } from '../answer/message.ts'
import { panelExtras } from './panel-room.ts'

/** Nearer than this to the end of the text counts as being there. */
const NEAR_PX = 24
/** Between a question and the top of the area; the room that is made below it knows this too. */
const GAP_PX = 16

/** What a reader is held at: the end, the question that was asked last, or what they have chosen themselves. */
type Place = 'end' | 'question' | 'own'

type Measures = Pick<Element, 'scrollTop' | 'scrollHeight' | 'clientHeight' | 'clientWidth'>

const measure = ({ scrollTop, scrollHeight, clientHeight, clientWidth }: Measures): Measures => ({
  scrollTop,
  scrollHeight,
  clientHeight,
  clientWidth,
})

/** Whether it was the reader who scrolled. */
function isReaders(before: Measures, now: Measures): boolean {
  // Where lines break anew, as on a phone that is turned, the browser moves the area.
  if (now.clientWidth !== before.clientWidth) return false
  const up = before.scrollTop - now.scrollTop
  // So does it where less text, or a higher area, leaves less to scroll: so far, and no farther.
  const higher = Math.max(0, now.clientHeight - before.clientHeight)
  const shorter = Math.max(0, before.scrollHeight - now.scrollHeight)
  return up < 0 || up >= higher + shorter + 1
}

/** Keeps the reader of a scrolling area in their place while its text changes. */
export class ReadingPlace implements ReactiveController {
  place: Place = 'end'
  /** The place is kept from here: then the browser must not do it too. */
  isHeld = true
  /** There is nothing to go down for, or something to be filled in first. */
  seesEnd = true
  /** Off while there is nothing to read: then the area stays at its beginning. */
  isOn = false
  readonly #host: ReactiveControllerHost
  readonly #observer = new ResizeObserver(() => this.look())
  #scroller: HTMLElement | undefined
  #question: HTMLElement | undefined
  /** How the area was when it was looked at last. */
  #last: Measures = { scrollTop: 0, scrollHeight: 0, clientHeight: 0, clientWidth: 0 }

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  /** Watches from now on; the first element in `scroller` is what grows. */
  watch(scroller: HTMLElement): void {
    this.#scroller = scroller
    this.hostConnected()
  }

  hostConnected(): void {
    for (const element of [this.#scroller, this.#content]) {
      if (element) this.#observer.observe(element)
    }
  }

  hostDisconnected(): void {
    this.#observer.disconnect()
  }

  get #content(): Element | null | undefined {
    return this.#scroller?.firstElementChild
  }

  /** Goes to the end, and stays there while the text grows. */
  toEnd(): void {
    this.#go('end')
  }

  /** Makes room for the answer below a question, and brings that to the top if its reader `goesThere`. */
  ask(question: HTMLElement | undefined, goesThere: boolean): void {
    this.#question?.classList.remove('asked')
    question?.classList.add('asked')
    this.#question = question
    if (goesThere) this.#go('question')
  }

  /** Stays where the reader is held, whatever the browser moves until the next frame. */
  stay(): void {
    if (this.isHeld) this.#go(this.place)
  }

  #go(place: Place): void {
    this.place = place
    // Together with the layout that the page needs anyway.
    requestAnimationFrame(() => {
      this.place = place
      this.#keep()
    })
  }

  /** How far the area is scrolled with the question at its top, or with the end of a tall one in its middle. */
  get #questionTop(): number {
    const question = this.#question
    if (!question?.isConnected) return -Infinity
    const { offsetTop, offsetHeight } = question
    const half = (this.#scroller?.clientHeight ?? 0) / 2
    return Math.max(0, offsetTop - GAP_PX, offsetTop + offsetHeight - half)
  }

  /** The area has another size or another text, or was scrolled: events tell of that later than it happens. */
  readonly look = (): void => {
    const scroller = this.#scroller
    if (!scroller) return
    const before = this.#last
    this.#last = measure(scroller)
    // A hidden area has no places.
    if (this.#last.clientHeight === 0) return
    if (isReaders(before, this.#last)) this.place = this.#placeAt(before, this.#last)
    this.#keep()
  }

  #keep(): void {
    const scroller = this.#scroller
    if (!scroller?.clientHeight || !this.isOn) return
    const isHeld = this.place !== 'own'
    const wanted = this.place === 'end' ? scroller.scrollHeight : this.#questionTop
    if (isHeld && wanted >= 0) scroller.scrollTop = wanted
    this.#last = measure(scroller)
    const seesEnd = this.place === 'end' || !this.#leadsDown(scroller)
    if (this.isHeld === isHeld && this.seesEnd === seesEnd) return
    this.isHeld = isHeld
    this.seesEnd = seesEnd
    this.#host.requestUpdate()
  }

  /** Whether there is something to go down for: that the words of the last message go on, at least. */
  #leadsDown(scroller: HTMLElement): boolean {
    const below = this.#below(scroller)
    const message = scroller.querySelector<SamosaMessage>('[last]')
    if (below <= NEAR_PX || !message) return false
    const fold = scroller.getBoundingClientRect().bottom
    const words = message.words.getBoundingClientRect().bottom - fold
    // What leads to the end comes with the first text that goes on out of sight.
    const code = panelExtras.drawn({ requestUpdate: this.look })
    return code?.leadsDown(scroller, words, this.place === 'own' ? below : 0) ?? words > NEAR_PX
  }

  /** So much of the text stands below what is in sight; the room below a short answer is no text. */
  #below({ scrollTop, clientHeight }: Measures): number {
    return (this.#content?.clientHeight ?? 0) - scrollTop - clientHeight
  }

  #placeAt(before: Measures, now: Measures): Place {
    const top = this.#questionTop
    if (this.place === 'question' && Math.abs(now.scrollTop - top) <= 1) return 'question'
    const isDown = now.scrollTop > before.scrollTop
    // At the top of a short answer there is no way down: to be there is not to go to the end.
    const reachesEnd = this.#below(now) <= NEAR_PX && now.scrollTop > top + 1
    return isDown && (reachesEnd || this.place === 'end') ? 'end' : 'own'
  }
}
