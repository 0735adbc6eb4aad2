import { comeLate } from '../late-words.ts'

/** Words on the button above the oldest message that is loaded, in the visitor's language. */
export interface EarlierStrings {
  readonly more: string
  readonly loading: string
  readonly failed: string
}

/** English. */
export const earlierStrings: EarlierStrings = comeLate('earlier', {
  more: 'Earlier messages',
  loading: 'Loading earlier messages…',
  failed: 'Earlier messages could not be loaded. Try again',
})
