import { html, nothing, render } from 'lit'
import type { Source } from '../../server/protocol/events.ts'

const GAP = 6
const MARGIN = 8
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

/** Above the anchor where there is room, else below; never over the window's edge. */
function place(element: HTMLElement, anchor: Element): void {
  const at = anchor.getBoundingClientRect()
  const { width, height } = element.getBoundingClientRect()
  const left = Math.min(Math.max(MARGIN, at.left), window.innerWidth - width - MARGIN)
  const above = at.top - height - GAP
  const top = above >= MARGIN ? above : at.bottom + GAP
  element.style.left = `${Math.max(MARGIN, left)}px`
  element.style.top = `${Math.max(MARGIN, Math.min(top, window.innerHeight - height - MARGIN))}px`
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
