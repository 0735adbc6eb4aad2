import type { Knowledge, KnowledgeHit, Retrieval } from '../core/ports.ts'
import type { Answer } from './builtin-answer.ts'

const LISTED = 3

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`

const percent = (score: number) => `${Math.round(score * 100)}%`

/** Thinking is read as tagged text, so nothing in it may look like a tag or open code. */
const harmless = (text: string) =>
  text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('`', '’')

function describeHit({ passage, score, meaning, matchedTerms }: KnowledgeHit): string {
  const place = passage.section
    ? `${passage.documentTitle} › ${passage.section}`
    : passage.documentTitle
  const has = matchedTerms.length > 0 ? `, has ${matchedTerms.join(', ')}` : ''
  const near = meaning === undefined ? '' : `, near in meaning by ${percent(meaning)}`
  return harmless(`- ${place}: ${percent(score)}${has}${near}`)
}

const NO_MODEL =
  'No model is configured: I search the documents and quote what answers the question, word for word.'

/** What was searched, what was found and why it was chosen, in true numbers. */
export function describeRetrieval(
  knowledge: Knowledge,
  { terms, hits }: Retrieval,
  answer: Answer | undefined,
): string {
  const { documents, passages } = knowledge.size
  const own = terms.filter(({ context }) => !context).map(({ word }) => word)
  const context = terms.filter((term) => term.context).map(({ word }) => word)
  const searched =
    terms.length === 0
      ? 'The question has no words to search for.'
      : `I searched ${count(passages, 'passage')} of ${count(documents, 'document')} for: ${own.join(', ') || 'nothing new'}` +
        `${context.length > 0 ? `; from the question before: ${context.join(', ')}` : ''}.`
  const lines = [NO_MODEL, '', harmless(searched)]
  if (hits.length > 0) {
    lines.push('', 'The best matches, by how well they cover the question:', '')
    lines.push(...hits.slice(0, LISTED).map(describeHit))
  }
  lines.push('', conclusion(hits, answer))
  return lines.join('\n')
}

function conclusion(hits: readonly KnowledgeHit[], answer: Answer | undefined): string {
  if (answer) {
    return (
      `I quote ${count(answer.quotes, 'piece')} from ${count(answer.sources.length, 'passage')}: those that have ` +
      'most of the question’s words and meaning.'
    )
  }
  return hits.length === 0
    ? 'Nothing matches, so the documents have no answer.'
    : 'What they say is near to the question, but does not answer it, so I decline.'
}
