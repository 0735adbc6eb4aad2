import { comeLate } from '../late-words.ts'
import type { AnswerStrings, SourceStrings } from '../strings.ts'

/** English. */
export const sourceStrings: SourceStrings = comeLate('answer.cited', {
  sources: 'Sources',
  showSource: (number, title) => `Source ${number}: ${title}`,
  showPassage: (number) => `Passage of source ${number}`,
  alsoFound: 'Also found',
  page: (number) => `Page ${number}`,
  open: 'Open',
  notFound: 'Not found in this source:',
})

/** The words of sources in a language. */
export const sourceWords = ({ cited }: AnswerStrings): SourceStrings => cited ?? sourceStrings
