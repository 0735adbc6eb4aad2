import { html, nothing } from 'lit'
import type { Source } from '../../server/protocol/events.ts'
import { safeUrl } from '../markdown/safe-url.ts'
import type { AnswerStrings } from './strings.ts'
import { chevron } from './chevron.ts'
import { sourceWords, type SourceStrings } from './source-strings.ts'

function renderLabel({ number, title, section }: Source) {
  return html`<span class="source-number">${number}</span>
    <span class="source-title" dir="auto"
      >${title}${section ? html`<span class="source-section"> › ${section}</span>` : nothing}</span
    >`
}

function renderSource(source: Source, strings: SourceStrings) {
  const address = source.url === null ? undefined : safeUrl(source.url)
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
            aria-expanded="false"
            aria-label=${strings.showPassage(source.number)}
          >
            ${chevron}
          </button>`
    }
  </li>`
}

/** The numbered list of what an answer rests on. */
export function renderSources(sources: readonly Source[], strings: AnswerStrings) {
  if (sources.length === 0) return nothing
  const words = sourceWords(strings)
  return html`<section class="sources" part="sources" aria-label=${words.sources}>
    <div class="sources-heading" aria-hidden="true">${words.sources}</div>
    <ol>
      ${sources.map((source) => renderSource(source, words))}
    </ol>
  </section>`
}
