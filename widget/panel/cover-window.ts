/** For a chat in a small window, or under a keyboard on the screen: loaded when there is one. */
import { css } from 'lit'
import { adoptSheet } from '../ui/element.ts'

/** Elements that are out of reach by themselves until they are shown, above everything else. */
const SHOWN_ABOVE = 'dialog, [popover]'

/** Pixels that the visual viewport lacks where there is a keyboard; a scrollbar takes less. */
const KEYBOARD_PX = 20
/** Pixels between a keyboard and a floating panel. */
const GAP_PX = 8
/** Pixels of a chat that are worth reading; with less in sight the page scrolls to it. */
const LEAST_PX = 240

/** The list beside a page that is turned keeps a phone's notch free. */
const LIST_STYLES = css`
  .page {
    --_list-size: calc(300px + max(env(safe-area-inset-left), env(safe-area-inset-right)));
  }
`

/** In a low panel header and composer take one line each, so that more than half is left to read in. */
const LOW_STYLES = {
  '.bottom': css`
    @container (max-height: 360px) {
      .panel .bottom {
        padding-block: 2px;
      }
    }
  `,
  'samosa-panel-header': css`
    @container (max-height: 360px) {
      :host {
        min-block-size: 0;
        padding-block: 0;
      }
    }
  `,
  'samosa-composer': css`
    @container (max-height: 360px) {
      .pod {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 0 4px;
        padding: 1px;
      }
      .pod > * {
        flex: 1 0 100%;
      }
      textarea {
        min-block-size: 36px;
        padding-block: 6px;
      }
      textarea:placeholder-shown {
        flex: 99 1 2em;
        block-size: 36px;
        min-inline-size: 0;
        white-space: nowrap;
      }
      .bar {
        flex: 1 0 auto;
        gap: 4px;
      }
      .pill {
        inline-size: 41px;
      }
      @media (pointer: coarse) {
        textarea {
          padding-block: 10px;
        }
      }
    }
  `,
}

function adoptStyles({ shadowRoot }: HTMLElement): void {
  const root = shadowRoot?.querySelector('.root')
  if (root) adoptSheet(root, LIST_STYLES.styleSheet)
  for (const [selector, { styleSheet }] of Object.entries(LOW_STYLES)) {
    const element = shadowRoot?.querySelector(selector)
    const inside = element?.shadowRoot?.firstElementChild ?? element
    if (inside) adoptSheet(inside, styleSheet)
  }
}

/** What keeps a chat in sight, and the page behind it where it is. */
export interface WindowKeeper {
  /** `covers`: the panel covers the window, and nothing behind it can be reached. */
  update(covers: boolean): void
  stop(): void
}

/** Watches over the chat of a host from the first `update` on until `stop`. */
export function createWindowKeeper(host: HTMLElement): WindowKeeper {
  let uncover: (() => void) | undefined
  let watching: AbortController | undefined
  const fit = () => fitPanel(host, uncover !== undefined)

  const watch = () => {
    watching = new AbortController()
    const { signal } = watching
    const options = { signal, passive: true }
    visualViewport?.addEventListener('resize', fit, options)
    visualViewport?.addEventListener('scroll', fit, options)
    window.addEventListener('scroll', fit, options)
    host.addEventListener('focusin', fit, options)
  }

  return {
    update(covers) {
      adoptStyles(host)
      if (watching && covers === (uncover !== undefined)) return
      if (!watching) watch()
      uncover?.()
      uncover = covers ? coverPage(host) : undefined
      fit()
    },
    stop() {
      watching?.abort()
      watching = undefined
      uncover?.()
      uncover = undefined
    },
  }
}

/** Puts everything around an element out of reach, and keeps the page where it is. Returns how to undo it. */
function coverPage(host: HTMLElement): () => void {
  const release = inertPage(host)
  const unlock = lockPage()
  return () => {
    release()
    unlock()
  }
}

/** Also of screen readers: what stands beside the element and beside each of its ancestors. */
function inertPage(element: Element): () => void {
  const changed: HTMLElement[] = []
  let node = element
  while (node !== document.body) {
    const parent = node.parentNode
    if (!(parent instanceof Element || parent instanceof ShadowRoot)) break
    for (const sibling of parent.children) {
      const isOther = sibling !== node && sibling instanceof HTMLElement && !sibling.inert
      if (!isOther || sibling.matches(SHOWN_ABOVE)) continue
      sibling.inert = true
      changed.push(sibling)
    }
    node = parent instanceof ShadowRoot ? parent.host : parent
  }
  return () => {
    for (const sibling of changed) sibling.inert = false
  }
}

/** Keeps the page from scrolling and bouncing, and where it is; a scrollbar keeps its place. */
function lockPage(): () => void {
  const { documentElement: root } = document
  const { style } = root
  const before = { x: scrollX, y: scrollY, href: location.href, width: innerWidth }
  const locked: Record<string, string> = { overflow: 'hidden', 'overscroll-behavior': 'none' }
  if (innerWidth > root.clientWidth) locked['scrollbar-gutter'] = 'stable'
  const restore = Object.entries(locked).map(([name, value]) => {
    const [old, priority] = [style.getPropertyValue(name), style.getPropertyPriority(name)]
    style.setProperty(name, value, 'important')
    return () => style.setProperty(name, old, priority)
  })
  return () => {
    for (const undo of restore) undo()
    // A page that was turned, or has gone on to another place meanwhile, is where it should be.
    if (location.href !== before.href || innerWidth !== before.width) return
    scrollTo({ left: before.x, top: before.y, behavior: 'instant' })
  }
}

/** Fits a panel into what a keyboard on the screen leaves free. */
function fitPanel(host: HTMLElement, covers: boolean): void {
  const panel = host.shadowRoot?.querySelector<HTMLElement>('.panel')
  const view = globalThis.visualViewport
  if (!panel || !view) return
  // Zoomed in by the reader: the panel has the height that the keyboard leaves of the whole, and is panned over.
  const height = view.height * view.scale
  const top = view.scale > 1.05 ? 0 : view.offsetTop
  const isNarrowed = innerHeight - height > KEYBOARD_PX
  place(panel, undefined)
  // The rest of the panel is no way to move the page.
  panel.style.setProperty('touch-action', covers ? 'pinch-zoom' : '')
  panel.style.setProperty('overscroll-behavior', covers ? 'contain' : '')
  if (covers) place(panel, { start: top, size: height, isNarrowed })
  else if (isNarrowed && !isElsewhere(host)) fitInto(panel, host, { top, height })
}

/** Somebody types into a field of the page. */
const isElsewhere = (host: Element) =>
  document.activeElement !== document.body && !host.matches(':focus-within')

interface View {
  readonly top: number
  readonly height: number
}

/** Where the panel does not cover the window, it takes what is seen of its place. */
function fitInto(panel: HTMLElement, host: HTMLElement, { top, height }: View): void {
  const floats = getComputedStyle(panel).position === 'fixed'
  const gap = floats ? GAP_PX : 0
  const seen = () => {
    const whole = panel.getBoundingClientRect()
    const end = Math.min(whole.bottom, top + height - gap)
    const start = Math.max(floats ? end - whole.height : whole.top, top + gap)
    return { whole, start, size: end - start }
  }
  let { whole, start, size } = seen()
  if (size < Math.min(LEAST_PX, whole.height)) {
    if (!floats) host.scrollIntoView({ block: 'start', behavior: 'instant' })
    ;({ whole, start, size } = seen())
  }
  if (size <= 0) return
  place(panel, { start: floats ? start : start - whole.top, size, isNarrowed: true })
}

interface Place {
  /** Pixels from where it would be, or from the top of the window where it is fixed. */
  readonly start: number
  readonly size: number
  /** The keyboard stands between it and the end of the screen. */
  readonly isNarrowed: boolean
}

function place({ style }: HTMLElement, at: Place | undefined): void {
  style.setProperty('inset-block', at ? `${at.start}px auto` : '')
  // The launcher's room, which is not part of the place.
  style.setProperty('margin-block', at ? '0' : '')
  style.setProperty('block-size', at ? `${at.size}px` : '')
  style.setProperty('min-block-size', at ? '0' : '')
  style.setProperty('padding-block-end', at?.isNarrowed ? '0' : '')
}
