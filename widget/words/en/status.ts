import type { StatusStrings } from '../strings.ts'
import { comeLate } from '../late-words.ts'

/** English. */
export const statusStrings: StatusStrings = comeLate('status', { answerDone: 'Answer complete.' })
