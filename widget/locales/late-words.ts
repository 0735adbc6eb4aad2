/** English words that come with what says them, by their place in the catalogue. */
const groups: Record<string, object> = {}

/** Words that have come late; what replaces words finds them here. */
export const lateWords: Readonly<Record<string, object>> = groups

/** Tells where in the catalogue words stand that come with what says them. */
export function comeLate<Words extends object>(place: string, words: Words): Words {
  groups[place] = words
  return words
}
