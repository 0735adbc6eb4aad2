import { html, nothing } from 'lit'
import type { Source } from '../../server/protocol/events.ts'
import type { AnswerStrings, SourceStrings } from './strings.ts'
import { chevron } from '../ui/action-icons.ts'
import { addressOf } from './citations.ts'
import { sourceWords } from './source-strings.ts'

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
export function renderSources(
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
