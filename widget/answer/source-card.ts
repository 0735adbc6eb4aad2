import { html, nothing, render } from 'lit'
import type { Source } from '../../server/protocol/events.ts'
import { isComposing } from '../ui/text-field.ts'
import { addressOf } from './citations.ts'
import type { SourceStrings } from '../words/strings.ts'

const GAP = 6
const MARGIN = 8
const MAX_WIDTH = 340
const MAX_HEIGHT = 280
/** A line of the title and its frame. */
const MIN_HEIGHT = 44
/** Shorter than this the pointer is only passing by. */
const DELAY_MS = 120
/** Long enough to move the pointer from a number to its passage. */
const LINGER_MS = 200

/** What a card says of a source. */
export interface CardContent {
  readonly source: Source
  readonly words: SourceStrings
  /** What the passage does not have of the sentence that cites it. */
  readonly unproven: readonly string[]
}

/** A small card with a source's title and passage, beside what points at it; one at a time. */
export interface SourceCard {
  readonly element: HTMLElement
  /** What it is shown for. */
  readonly anchor: Element | undefined
  show(content: CardContent, anchor: Element): void
  /** After a moment, unless the pointer moves on. */
  approach(content: CardContent, anchor: Element): void
  /** After a moment, unless the pointer comes back. */
  leave(): void
  hide(): void
}

/** The conversation around an element, through the shadow trees. */
function logAround(element: Element): Element | null {
  let node: Element | null = element
  while (node) {
    const log: Element | null = node.closest('[role="log"]')
    if (log) return log
    const root: Node = node.getRootNode()
    node = root instanceof ShadowRoot ? root.host : null
  }
  return null
}

/** What of the conversation is in the window; without one, the window. */
function roomIn(log: Element | null) {
  const box = log?.getBoundingClientRect()
  return {
    left: Math.max(0, box?.left ?? 0) + MARGIN,
    right: Math.min(window.innerWidth, box?.right ?? window.innerWidth) - MARGIN,
    top: Math.max(0, box?.top ?? 0) + MARGIN,
    bottom: Math.min(window.innerHeight, box?.bottom ?? window.innerHeight) - MARGIN,
  }
}

/**
 * Puts the card above the anchor where there is room, else on the side with more of it; inside the
 * conversation. False when the anchor itself cannot be seen any more.
 */
function place(element: HTMLElement, anchor: Element, log: Element | null): boolean {
  const room = roomIn(log)
  // Of a number that is broken over two lines, the first.
  const at = anchor.getClientRects()[0]
  if (!at || at.bottom < room.top || at.top > room.bottom) return false
  const { style } = element
  style.maxWidth = `${Math.max(0, Math.min(MAX_WIDTH, room.right - room.left))}px`
  style.maxHeight = `${MAX_HEIGHT}px`
  const wanted = element.getBoundingClientRect().height
  const above = at.top - GAP - room.top
  const below = room.bottom - at.bottom - GAP
  const isAbove = above >= Math.min(wanted, below)
  style.maxHeight = `${Math.max(MIN_HEIGHT, Math.min(MAX_HEIGHT, isAbove ? above : below))}px`
  const { width, height } = element.getBoundingClientRect()
  const isFromRight = getComputedStyle(element).direction === 'rtl'
  const start = isFromRight ? at.right - width : at.left
  style.left = `${Math.max(room.left, Math.min(start, room.right - width))}px`
  style.top = `${isAbove ? at.top - GAP - height : at.bottom + GAP}px`
  return true
}

/** The server that an address leads to, where it is another one than the page's. */
function hostOf(address: string): string {
  const url = URL.parse(address, location.href)
  return url && url.origin !== location.origin ? url.hostname.replace(/^www\./, '') : ''
}

function renderCard({ source, words, unproven }: CardContent) {
  const { number, title, section, snippet, page } = source
  const address = addressOf(source)
  return html`<div class="card-head">
      <span class="source-number" aria-hidden="true">${number}</span>
      <span class="card-title" id="source-card-title" dir="auto"
        >${title}${section ? html`<span class="source-section"> › ${section}</span>` : nothing}</span
      >
    </div>
    <div id="source-card-text">
      ${page === undefined ? nothing : html`<div class="card-page">${words.page(page)}</div>`}
      ${snippet === '' ? nothing : html`<div class="card-passage" dir="auto">${snippet}</div>`}
      ${
        unproven.length === 0
          ? nothing
          : html`<div class="card-unproven">
              <span class="unproven-sign" aria-hidden="true">?</span>
              <div>
                ${words.notFound}
                <ul>
                  ${unproven.map((passage) => html`<li dir="auto">${passage}</li>`)}
                </ul>
              </div>
            </div>`
      }
    </div>
    ${
      address === undefined
        ? nothing
        : html`<a
            class="card-open"
            href=${address}
            target="_blank"
            rel="noopener noreferrer nofollow"
            tabindex="-1"
            ><span>${words.open}</span
            ><span class="card-host" dir="ltr">${hostOf(address)}</span></a
          >`
    }`
}

/** Makes a card, to be put into the root of what it is shown for. */
export function createSourceCard(): SourceCard {
  const element = document.createElement('div')
  element.className = 'source-card'
  // Not a tooltip: what is in it can be reached.
  element.setAttribute('role', 'dialog')
  element.setAttribute('aria-labelledby', 'source-card-title')
  element.popover = 'manual'
  let anchor: Element | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let watching = new AbortController()
  /** A pointer opened it: without one it goes again. */
  let isHovered = false

  const hide = () => {
    clearTimeout(timer)
    if (!anchor) return
    watching.abort()
    anchor.removeAttribute('aria-describedby')
    if (anchor.hasAttribute('aria-expanded')) anchor.setAttribute('aria-expanded', 'false')
    anchor = undefined
    if (element.isConnected) element.hidePopover()
  }

  const later = (action: () => void, wait: number) => {
    clearTimeout(timer)
    timer = setTimeout(action, wait)
  }

  /** Stays beside its anchor, and goes when the reader turns to something else. */
  const watch = (shownFor: Element) => {
    watching = new AbortController()
    const { signal } = watching
    const log = logAround(shownFor)
    const follow = () => {
      if (!shownFor.isConnected || !place(element, shownFor, log)) hide()
    }
    log?.addEventListener('scroll', follow, { signal, passive: true })
    addEventListener('scroll', follow, { signal, passive: true })
    addEventListener('resize', follow, { signal })
    addEventListener(
      'pointerdown',
      (event) => {
        const path = event.composedPath()
        if (!path.includes(element) && !path.includes(shownFor)) hide()
      },
      { signal, capture: true },
    )
    addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || isComposing(event)) return
        // The panel around the answer closes on Escape too: one thing at a time.
        event.stopPropagation()
        event.preventDefault()
        hide()
      },
      { signal, capture: true },
    )
    follow()
  }

  const show = (content: CardContent, next: Element, byPointer = false) => {
    clearTimeout(timer)
    if (anchor === next) return
    hide()
    isHovered = byPointer
    if (!element.isConnected) return
    render(renderCard(content), element)
    element.scrollTop = 0
    anchor = next
    anchor.setAttribute('aria-describedby', 'source-card-text')
    if (anchor.hasAttribute('aria-expanded')) anchor.setAttribute('aria-expanded', 'true')
    element.showPopover()
    watch(next)
  }

  const leave = () => {
    if (!anchor) clearTimeout(timer)
    else if (isHovered) later(hide, LINGER_MS)
  }

  element.addEventListener('pointerenter', () => clearTimeout(timer))
  element.addEventListener('pointerleave', ({ pointerType }) => {
    if (pointerType !== 'touch') leave()
  })
  return {
    element,
    get anchor() {
      return anchor
    },
    show: (content, next) => show(content, next),
    approach(content, next) {
      if (anchor === next) clearTimeout(timer)
      else later(() => show(content, next, true), DELAY_MS)
    },
    leave,
    hide,
  }
}
