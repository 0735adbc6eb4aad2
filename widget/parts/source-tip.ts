import { html, nothing, render } from 'lit'
import type { Source } from '../../server/protocol/events.ts'

const GAP = 6
const MARGIN = 8
const MAX_WIDTH = 340
const MAX_HEIGHT = 220
/** A line of the title and its frame. */
const MIN_HEIGHT = 44
/** Long enough to move the pointer from a number to its passage. */
const LINGER_MS = 140

/** A small card with a source's title and passage, beside what points at it. */
export interface SourceTip {
  readonly element: HTMLElement
  show(source: Source, anchor: Element): void
  /** After a moment, unless the pointer comes back. */
  leave(): void
  hide(): void
  /** What it is shown for. */
  readonly anchor: Element | undefined
}

/** What of the conversation around an element is in the window; without one, the window. */
function roomAround(element: Element) {
  let node: Element | null = element
  let log: Element | null = null
  while (node && !log) {
    log = node.closest('[role="log"]')
    const root: Node = node.getRootNode()
    node = root instanceof ShadowRoot ? root.host : null
  }
  const box = log?.getBoundingClientRect()
  return {
    left: Math.max(0, box?.left ?? 0) + MARGIN,
    right: Math.min(window.innerWidth, box?.right ?? window.innerWidth) - MARGIN,
    top: Math.max(0, box?.top ?? 0) + MARGIN,
    bottom: Math.min(window.innerHeight, box?.bottom ?? window.innerHeight) - MARGIN,
  }
}

/** Above the anchor where there is room, else on the side with more of it; inside the conversation. */
function place(element: HTMLElement, anchor: Element): void {
  const room = roomAround(anchor)
  const at = anchor.getBoundingClientRect()
  const { style } = element
  style.maxWidth = `${Math.max(0, Math.min(MAX_WIDTH, room.right - room.left))}px`
  style.maxHeight = `${MAX_HEIGHT}px`
  const wanted = element.getBoundingClientRect().height
  const above = at.top - GAP - room.top
  const below = room.bottom - at.bottom - GAP
  const isAbove = above >= Math.min(wanted, below)
  style.maxHeight = `${Math.max(MIN_HEIGHT, Math.min(MAX_HEIGHT, isAbove ? above : below))}px`
  const { width, height } = element.getBoundingClientRect()
  style.left = `${Math.max(room.left, Math.min(at.left, room.right - width))}px`
  style.top = `${isAbove ? at.top - GAP - height : at.bottom + GAP}px`
}

export function createSourceTip(): SourceTip {
  const element = document.createElement('div')
  element.className = 'source-tip'
  element.id = 'source-tip'
  element.setAttribute('role', 'tooltip')
  element.popover = 'manual'
  let anchor: Element | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const hide = () => {
    clearTimeout(timer)
    if (!anchor) return
    anchor.removeAttribute('aria-describedby')
    if (anchor.hasAttribute('aria-expanded')) anchor.setAttribute('aria-expanded', 'false')
    anchor = undefined
    element.hidePopover()
  }

  const leave = () => {
    clearTimeout(timer)
    timer = setTimeout(hide, LINGER_MS)
  }

  element.addEventListener('pointerenter', () => clearTimeout(timer))
  element.addEventListener('pointerleave', leave)
  return {
    element,
    show(source, next) {
      clearTimeout(timer)
      if (anchor === next) return
      hide()
      const { title, section, snippet } = source
      render(
        html`<div class="tip-title" dir="auto">${title}${section ? ` › ${section}` : nothing}</div>
          ${snippet === '' ? nothing : html`<div class="tip-passage" dir="auto">${snippet}</div>`}`,
        element,
      )
      anchor = next
      anchor.setAttribute('aria-describedby', element.id)
      if (anchor.hasAttribute('aria-expanded')) anchor.setAttribute('aria-expanded', 'true')
      element.showPopover()
      place(element, next)
    },
    leave,
    hide,
    get anchor() {
      return anchor
    },
  }
}
