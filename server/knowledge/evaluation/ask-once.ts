/** One question, to look at: what is found for it, how sure that is, and what a visitor would read. */
import type { Inference, Knowledge, KnowledgeHit } from '../../core/ports/index.ts'
import { retrieve } from '../../core/retrieval.ts'
import { answerTo, visitorSays } from './evaluate.ts'

/** Characters of a passage that are shown. */
const LINE_LENGTH = 100

/** @returns lines to print */
export async function askOnce(
  question: string,
  { knowledge, inference }: { readonly knowledge: Knowledge; readonly inference: Inference },
): Promise<string> {
  const { hits } = await retrieve(knowledge, [question])
  const { markdown, sources } = await answerTo([visitorSays(question)], inference)
  return [
    hits.length === 0 ? 'Nothing is found.' : 'Found, with scores of words and meaning:',
    ...hits.flatMap(describeHit),
    '',
    sources.length > 0
      ? `Answered from ${sources.length === 1 ? 'one of them' : `${sources.length} of them`}:`
      : 'Not answered from the documents:',
    '',
    markdown,
  ].join('\n')
}

function describeHit({ passage, score, meaning }: KnowledgeHit, index: number): readonly string[] {
  const place = [passage.documentTitle, passage.section].filter((part) => part !== null)
  const scores = [score, meaning].map((value) => value?.toFixed(3) ?? '–').join('  ')
  return [
    `${String(index + 1).padStart(2)}. ${scores}  ${place.join(' › ')} (${passage.id})`,
    `    ${firstLine(passage.text)}`,
  ]
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n')
  const characters = [...line]
  if (characters.length <= LINE_LENGTH) return line
  return `${characters
    .slice(0, LINE_LENGTH - 1)
    .join('')
    .trimEnd()}…`
}
