import type { EarlierStrings } from '../strings.ts'
import { comeLate } from '../late-words.ts'

/** English. */
export const earlierStrings: EarlierStrings = comeLate('earlier', {
  more: 'Earlier messages',
  loading: 'Loading earlier messages…',
  failed: 'Earlier messages could not be loaded. Try again',
})
