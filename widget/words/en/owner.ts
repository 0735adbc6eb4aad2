import type { DisclosureStrings } from '../strings.ts'
import { comeLate } from '../late-words.ts'

/** English. */
export const disclosureStrings: DisclosureStrings = comeLate('disclosure', {
  ai: 'You are talking to a machine. Its answers can be wrong.',
  privacy: 'Privacy',
})
