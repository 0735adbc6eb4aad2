import type { Knowledge, KnowledgeHit, Retrieval } from '../core/ports/index.ts'
import type { Say } from './words.ts'

const LISTED = 3

const percent = (score: number) => `${Math.round(score * 100)}%`

/** Thinking is read as tagged text, so nothing in it may look like a tag or open code. */
export const harmless = (text: string) =>
  text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('`', '’')

function describeHit({ passage, score, meaning, matchedTerms }: KnowledgeHit): string {
  const place = passage.section
    ? `${passage.documentTitle} › ${passage.section}`
    : passage.documentTitle
  const has = matchedTerms.length > 0 ? ` (${matchedTerms.join(', ')})` : ''
  const near = meaning === undefined ? '' : `, ≈ ${percent(meaning)}`
  return `- ${place}: ${percent(score)}${near}${has}`
}

/** What was searched, what was found and what came of it, in true numbers. */
export function describeRetrieval(
  { size }: Knowledge,
  { terms, hits }: Retrieval,
  { isAnswered, say }: { readonly isAnswered: boolean; readonly say: Say },
): string {
  const wordsFrom = (context: boolean) =>
    terms.flatMap((term) => (term.context === context ? [term.word] : [])).join(', ')
  const searched = { count: String(size.passages), words: wordsFrom(false) || '–' }
  const context = wordsFrom(true)
  const lines = [
    terms.length === 0 ? say('think_no_words') : say('think_searched', searched),
    ...(context === '' ? [] : [say('think_context', { words: context })]),
    '',
    ...(hits.length === 0 ? [] : [say('think_best'), '']),
    ...hits.slice(0, LISTED).map(describeHit),
    ...(hits.length === 0 ? [] : ['']),
    say(isAnswered ? 'think_answers' : hits.length === 0 ? 'think_nothing' : 'think_declines'),
  ]
  return harmless(lines.join('\n'))
}
