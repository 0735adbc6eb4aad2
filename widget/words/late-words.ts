import type { RefusalStrings } from './strings.ts'

/** The English sentences for what a server refuses, once they are there: see api/refusal.ts. */
export const lateErrors: Partial<RefusalStrings> & { readonly [code: string]: string } = {}

/** English words that come with what says them, by their place in the catalogue. */
const groups: Record<string, object> = {}

/** Words that have come late; what replaces words finds them here. */
export const lateWords: Readonly<Record<string, object>> = groups

/** Tells where in the catalogue words stand that come with what says them. */
export function comeLate<Words extends object>(place: string, words: Words): Words {
  groups[place] = words
  return words
}
