import type { ApiError } from '../api/api-error.ts'
import { en } from './en.ts'
import type { Strings } from './strings.ts'

/** Languages by their BCP 47 tag; one that is not English is fetched when it is first asked for. */
const catalogues: ReadonlyMap<string, () => Promise<Strings>> = new Map([
  ['en', () => Promise.resolve(en)],
])

/** What is shown until a catalogue is there. */
export const fallbackStrings = en

/** The strings of the nearest language that there is: `de-AT` gives `de`, an unknown one English. */
export async function localize(language: string): Promise<Strings> {
  const tag = language.toLowerCase()
  const load = catalogues.get(tag) ?? catalogues.get(tag.replace(/-.*/, ''))
  return load ? load() : en
}

/** The error as a sentence for a person, never in the server's own words. */
export function errorSentence(strings: Strings, error: ApiError): string {
  const sentence = strings.errors[error.code]
  return error.retryAfter ? `${sentence} ${strings.retryIn(error.retryAfter)}.` : sentence
}
