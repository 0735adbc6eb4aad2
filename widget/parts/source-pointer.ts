import type { Source } from '../../server/protocol/events.ts'
import { createSourceTip } from './source-tip.ts'

/** Links the numbers in a text, the list below it and the card that shows a passage. */
export interface SourcePointer {
  /** The card; belongs into the same root. */
  readonly element: HTMLElement
  readonly stop: () => void
}

const CITED_MS = 1_600

const sourceElement = (event: Event): HTMLElement | undefined => {
  const { target } = event
  const found = target instanceof Element ? target.closest('[data-source]') : null
  return found instanceof HTMLElement ? found : undefined
}

/** Watches `root`; `sources` are asked for when somebody points at one. */
export function createSourcePointer(
  root: HTMLElement,
  sources: () => readonly Source[],
): SourcePointer {
  const tip = createSourceTip()
  const listening = new AbortController()
  const { signal } = listening

  const show = (element: HTMLElement, anchor: Element) => {
    const source = sources().find(({ number }) => String(number) === element.dataset['source'])
    if (source) tip.show(source, anchor)
  }

  /** Takes the reader to the source in the list, or shows it here where there is no list yet. */
  const follow = (citation: HTMLElement) => {
    const number = citation.dataset['source'] ?? ''
    const entry = root.querySelector(`.source[data-source="${CSS.escape(number)}"]`)
    if (!(entry instanceof HTMLElement)) return show(citation, citation)
    tip.hide()
    entry.scrollIntoView({ block: 'nearest' })
    entry.classList.add('cited')
    setTimeout(() => entry.classList.remove('cited'), CITED_MS)
    const target = entry.querySelector('a, button')
    if (target instanceof HTMLElement) target.focus({ preventScroll: true })
  }

  root.addEventListener(
    'pointerover',
    (event) => {
      if (event.pointerType === 'touch') return
      const element = sourceElement(event)
      if (element) show(element, element)
    },
    { signal },
  )
  root.addEventListener(
    'pointerout',
    (event) => {
      if (event.pointerType !== 'touch' && sourceElement(event) === tip.anchor) tip.leave()
    },
    { signal },
  )
  root.addEventListener(
    'focusin',
    (event) => {
      const element = sourceElement(event)
      const { target } = event
      if (
        element &&
        target instanceof Element &&
        target.matches('a:focus-visible, .citation:focus-visible')
      ) {
        show(element, target)
      }
    },
    { signal },
  )
  root.addEventListener('focusout', () => tip.hide(), { signal })
  root.addEventListener(
    'click',
    (event) => {
      const element = sourceElement(event)
      const button = event.target instanceof Element ? event.target.closest('button') : null
      if (!element || !button) return
      if (button === element) follow(element)
      else if (tip.anchor === button) tip.hide()
      else show(element, button)
    },
    { signal },
  )
  root.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape' || !tip.anchor) return
      // The panel around the answer closes on Escape too: one thing at a time.
      event.stopPropagation()
      tip.hide()
    },
    { signal },
  )
  return {
    element: tip.element,
    stop() {
      tip.hide()
      listening.abort()
    },
  }
}
