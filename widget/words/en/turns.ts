import type { TurnStrings } from '../strings.ts'
import { comeLate } from '../late-words.ts'

/** English. */
export const turnStrings: TurnStrings = comeLate('turns', {
  queue: 'Waiting messages',
  waitsForAnswer: 'Sent when the answer is done',
  waitsForVisitor: 'Not sent yet',
  sendNow: 'Send now',
  takeBack: 'Take back',
  unanswered: 'No answer',
  goOn: 'Continue',
})
