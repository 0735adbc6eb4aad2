import type { RatingStrings, TurnStrings } from '../strings.ts'
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

/** English. */
export const ratingStrings: RatingStrings = comeLate('ratings', {
  up: 'Good answer',
  down: 'Bad answer',
})
