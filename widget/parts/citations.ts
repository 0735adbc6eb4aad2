/** Turns `[1]` in an answer's text into a button that leads to source 1. */
import type { Source } from '../../server/protocol/events.ts'
import { sourceWords } from './source-strings.ts'
import type { AnswerStrings } from './strings.ts'

const CITATION = /\[(\d{1,3})\]/g
const NOT_INSIDE = 'a, button, code, pre, .math'

function citationButton(source: Source, strings: AnswerStrings): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'citation'
  button.dataset['source'] = String(source.number)
  button.setAttribute('aria-label', sourceWords(strings).showSource(source.number, source.title))
  button.textContent = String(source.number)
  return button
}

/** Puts buttons into the text; numbers that no source has stay text. */
export function citeSources(
  root: DocumentFragment,
  sources: readonly Source[],
  strings: AnswerStrings,
): void {
  if (sources.length === 0) return
  const byNumber = new Map(sources.map((source) => [source.number, source]))
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts: Text[] = []
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (node instanceof Text && node.data.includes('[')) texts.push(node)
  }
  for (const text of texts) {
    if (text.parentElement?.closest(NOT_INSIDE)) continue
    const pieces: (string | Node)[] = []
    let from = 0
    for (const match of text.data.matchAll(CITATION)) {
      const source = byNumber.get(Number(match[1]))
      if (!source) continue
      pieces.push(text.data.slice(from, match.index), citationButton(source, strings))
      from = match.index + match[0].length
    }
    if (pieces.length > 0) text.replaceWith(...pieces, text.data.slice(from))
  }
}
