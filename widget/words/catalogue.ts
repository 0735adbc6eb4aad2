import type { AnswerStrings, Strings } from './strings.ts'

/** The words of a language that comes when it is asked for: with all that English has in several chunks. */
export type Catalogue = Required<Strings> & {
  readonly answer: Required<AnswerStrings>
  readonly errors: Required<Strings['errors']>
  readonly hints: Required<Strings['hints']>
}
