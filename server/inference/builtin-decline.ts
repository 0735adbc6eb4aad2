import type { Knowledge, Retrieval } from '../core/ports.ts'
import { quoteMarkdown } from '../core/quotables.ts'

const MAX_SUGGESTIONS = 4

/** Says that the documents have no answer, and which of them come closest. */
export function declineAnswer(knowledge: Knowledge, { hits }: Retrieval): string {
  const { documents } = knowledge.size
  if (documents === 0) return 'There are no documents here to answer from yet.'
  const nearest = [...new Set(hits.map(({ passage }) => passage.documentTitle))]
  const titles = nearest.length > 0 ? nearest : knowledge.documentTitles
  return [
    `That is not in these documents: I searched ${documents} and found no answer, so I will not guess.`,
    '',
    nearest.length > 0 ? 'The nearest ones are:' : 'They are about:',
    '',
    ...titles.slice(0, MAX_SUGGESTIONS).map((title) => `- ${quoteMarkdown(title)}`),
  ].join('\n')
}
