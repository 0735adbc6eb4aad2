import { lazy, type Lazy } from '../ui/lazy.ts'
import { lateErrors } from './late-words.ts'
import type { ApiErrorCode, Strings } from './strings.ts'

/** Languages other than English, which are fetched when they are first asked for. A new one is a file and a line here. */
const catalogues: ReadonlyMap<string, Lazy<Strings>> = new Map([
  ['ar', lazy<Strings>(async () => (await import('./ar.ts')).ar)],
  ['de', lazy<Strings>(async () => (await import('./de.ts')).de)],
  ['es', lazy<Strings>(async () => (await import('./es.ts')).es)],
  ['fr', lazy<Strings>(async () => (await import('./fr.ts')).fr)],
  ['hi', lazy<Strings>(async () => (await import('./hi.ts')).hi)],
  ['ja', lazy<Strings>(async () => (await import('./ja.ts')).ja)],
])

/** The catalogue of the first of some languages (BCP 47) that there is: `de-AT` has `de`; English has none. */
export function catalogueOf(languages: readonly string[]): Lazy<Strings> | undefined {
  const tags = languages.map((language) => language.toLowerCase().replace(/[-_].*/, ''))
  return catalogues.get(tags.find((tag) => tag === 'en' || catalogues.has(tag)) ?? '')
}

/** A failure, as far as words for it go. */
interface Failure {
  readonly code: ApiErrorCode
  /** The server's own words. */
  readonly detail?: string | undefined
  /** Seconds until asking again makes sense. */
  readonly retryAfter?: number | undefined
}

/** What failed, as a sentence for a person; in the server's own words only where there are no others. */
export const whatFailed = ({ errors }: Strings, { code, detail }: Failure): string =>
  errors[code] ?? lateErrors[code] ?? detail ?? errors.internal

/** The same, and when to try again. */
export function errorSentence(strings: Strings, error: Failure): string {
  const sentence = whatFailed(strings, error)
  return error.retryAfter ? `${sentence} ${strings.retryIn(error.retryAfter)}.` : sentence
}
