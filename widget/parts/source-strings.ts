import type { AnswerStrings } from './strings.ts'

/** Words of what an answer rests on, in the visitor's language. */
export interface SourceStrings {
  readonly sources: string
  /** Name of a citation's button. */
  readonly showSource: (number: number, title: string) => string
  /** Name of the button that opens a source's passage. */
  readonly showPassage: (number: number) => string
  /** What was found for the question and is not in the answer. */
  readonly alsoFound: string
  /** Of a document that has pages. */
  readonly page: (number: number) => string
  readonly open: string
  /** What an answer says with this source, and its passage does not; the words follow. */
  readonly notFound: string
}

/** English. */
export const sourceStrings: SourceStrings = {
  sources: 'Sources',
  showSource: (number, title) => `Source ${number}: ${title}`,
  showPassage: (number) => `Passage of source ${number}`,
  alsoFound: 'Also found',
  page: (number) => `Page ${number}`,
  open: 'Open',
  notFound: 'Not found in this source:',
}

/** The words of sources in a language. */
export const sourceWords = ({ cited }: AnswerStrings): SourceStrings => cited ?? sourceStrings
