import type { AnswerStrings } from './strings.ts'

/** Words of what an answer rests on, in the visitor's language. */
export interface SourceStrings {
  readonly sources: string
  /** Name of a citation's button. */
  readonly showSource: (number: number, title: string) => string
  /** Name of the button that opens a source's passage. */
  readonly showPassage: (number: number) => string
}

/** English. */
export const sourceStrings: SourceStrings = {
  sources: 'Sources',
  showSource: (number, title) => `Source ${number}: ${title}`,
  showPassage: (number) => `Passage of source ${number}`,
}

/** The words of sources in a language. */
export const sourceWords = ({ cited }: AnswerStrings): SourceStrings => cited ?? sourceStrings
