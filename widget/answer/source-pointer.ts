import { render, html, nothing } from 'lit'
import type { Citation, Source } from '../../server/protocol/events.ts'
import { unprovenOf, addressOf } from './citations.ts'
import { createSourceCard } from './source-card.ts'
import { sourceWords } from '../words/en/sources.ts'
import type { AnswerStrings, SourceStrings } from '../words/strings.ts'
import { chevron } from '../ui/action-icons.ts'

// What shows sources comes in one piece, with the first of them.
export { citeSources } from './citations.ts'
export { sourceStyles } from './source.styles.ts'

function renderLabel({ number, title, section }: Source) {
  return html`<span class="source-number">${number}</span>
    <span class="source-title" dir="auto"
      >${title}${section ? html`<span class="source-section"> › ${section}</span>` : nothing}</span
    >`
}

function renderSource(source: Source, words: SourceStrings) {
  const address = addressOf(source)
  return html`<li class="source" data-source=${source.number}>
    ${
      address === undefined
        ? html`<span class="source-name">${renderLabel(source)}</span>`
        : html`<a
            class="source-name"
            href=${address}
            target="_blank"
            rel="noopener noreferrer nofollow"
            >${renderLabel(source)}</a
          >`
    }
    ${
      source.snippet === ''
        ? nothing
        : html`<button
            type="button"
            class="source-passage"
            aria-haspopup="dialog"
            aria-expanded="false"
            aria-label=${words.showPassage(source.number)}
          >
            ${chevron}
          </button>`
    }
  </li>`
}

function renderList(
  name: string,
  heading: string,
  sources: readonly Source[],
  words: SourceStrings,
) {
  if (sources.length === 0) return nothing
  return html`<div class="sources-heading" aria-hidden="true">${heading}</div>
    <ol class=${name} aria-label=${heading}>
      ${sources.map((source) => renderSource(source, words))}
    </ol>`
}

/**
 * The numbered list of what an answer rests on; what its text cites (`used`) first, and what was only
 * found apart from it. A text that cites nothing rests on all of it.
 */
function renderSources(
  sources: readonly Source[],
  used: ReadonlySet<number>,
  strings: AnswerStrings,
) {
  if (sources.length === 0) return nothing
  const words = sourceWords(strings)
  const isUsed = ({ number }: Source) => used.size === 0 || used.has(number)
  const others = sources.filter((source) => !isUsed(source))
  return html`<section class="sources" part="sources" aria-label=${words.sources}>
    ${renderList('used', words.sources, sources.filter(isUsed), words)}
    ${renderList('unused', words.alsoFound, others, words)}
  </section>`
}

/** What an answer rests on. */
export interface Grounds {
  readonly sources: readonly Source[]
  /** What the server says of the citations in the text, once it is whole. */
  readonly citations: readonly Citation[]
  readonly strings: AnswerStrings
}

/** Links the numbers in a text, the list below it and the card that shows a passage. */
export interface SourcePointer {
  /** Brings the marks and the list up to date; `isWhole`: no more text will come. */
  update(isWhole: boolean): void
  stop(): void
}

const sourceElement = (event: Event): HTMLElement | undefined => {
  const { target } = event
  const found = target instanceof Element ? target.closest('[data-source]') : null
  return found instanceof HTMLElement ? found : undefined
}

/** Watches `root`, the frame of an answer, with its list of sources in `below`. */
export function createSourcePointer(
  root: HTMLElement,
  below: HTMLElement,
  grounds: () => Grounds,
): SourcePointer {
  const card = createSourceCard()
  root.append(card.element)
  const listening = new AbortController()
  const { signal } = listening
  let unprovenAt: ReadonlyMap<HTMLElement, readonly string[]> = new Map()

  /** Marks of the answer itself, not of the thinking before it. */
  const marks = () => [...root.querySelectorAll<HTMLElement>('.text .citation')]

  const contentOf = (element: HTMLElement) => {
    const { sources, strings } = grounds()
    const source = sources.find(({ number }) => String(number) === element.dataset['source'])
    const unproven = unprovenAt.get(element) ?? []
    return source && { source, words: sourceWords(strings), unproven }
  }

  const show = (element: HTMLElement, anchor: Element) => {
    const content = contentOf(element)
    if (content) card.show(content, anchor)
  }

  /** Says of each mark what its passage does not have. */
  const markUnproven = () => {
    const { sources, citations, strings } = grounds()
    if (citations.length === 0 && unprovenAt.size === 0) return
    const words = sourceWords(strings)
    const all = marks()
    const unproven = unprovenOf(all, citations)
    unprovenAt = new Map(all.map((mark, index) => [mark, unproven[index] ?? []]))
    for (const [mark, passages] of unprovenAt) {
      const source = sources.find(({ number }) => String(number) === mark.dataset['source'])
      if (!source) continue
      const name = words.showSource(source.number, source.title)
      const lacks = `${name}. ${words.notFound} ${passages.join(', ')}`
      mark.setAttribute('aria-label', passages.length > 0 ? lacks : name)
      mark.toggleAttribute('data-unproven', passages.length > 0)
    }
  }
  // What is drawn again (a formula's code has come, the language is another one) has lost its marks.
  const drawnAgain = new MutationObserver(markUnproven)
  drawnAgain.observe(root, { childList: true, subtree: true, attributeFilter: ['data-unproven'] })

  root.addEventListener(
    'pointerover',
    (event) => {
      if (event.pointerType === 'touch') return
      const element = sourceElement(event)
      const content = element && contentOf(element)
      if (content) card.approach(content, element)
      else if (!event.composedPath().includes(card.element)) card.leave()
    },
    { signal },
  )
  root.addEventListener(
    'pointerleave',
    ({ pointerType }) => {
      if (pointerType !== 'touch') card.leave()
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
  root.addEventListener(
    'focusout',
    ({ relatedTarget }) => {
      const isInCard = relatedTarget instanceof Node && card.element.contains(relatedTarget)
      // Somebody selects text in it, say.
      if (!isInCard && !card.element.matches(':hover')) card.hide()
    },
    { signal },
  )
  /** How a click came about, where the browser does not say. */
  let pressedBy = ''
  root.addEventListener('pointerdown', ({ pointerType }) => (pressedBy = pointerType), { signal })
  root.addEventListener(
    'click',
    (event) => {
      const element = sourceElement(event)
      const control = event.target instanceof Element ? event.target.closest('button, a') : null
      const isTap = pressedBy === 'touch' && event.detail > 0
      pressedBy = ''
      if (!element || !control) return
      // A finger cannot hover: it sees the passage first, and opens it from there.
      if (control.localName === 'a' && !(isTap && control === element)) return
      event.preventDefault()
      if (card.anchor === control) card.hide()
      else show(element, control)
    },
    // Before anybody takes it for a link that is followed.
    { signal, capture: true },
  )
  return {
    update(isWhole) {
      const { sources, strings } = grounds()
      const used = isWhole ? marks().map((mark) => Number(mark.dataset['source'])) : []
      // Below the text once it is whole: a list under growing text would never stand still.
      render(renderSources(isWhole ? sources : [], new Set(used), strings), below)
      markUnproven()
    },
    stop() {
      card.hide()
      card.element.remove()
      drawnAgain.disconnect()
      listening.abort()
    },
  }
}
