import { comeLate } from '../late-words.ts'

/** Words of questions that wait or got no answer, and of answers that go on, in the visitor's language. */
export interface TurnStrings {
  /** The list of messages that wait. */
  readonly queue: string
  /** Why one waits. */
  readonly waitsForAnswer: string
  readonly waitsForVisitor: string
  readonly sendNow: string
  /** Puts one that waits back into the text field. */
  readonly takeBack: string
  /** Below a question. */
  readonly unanswered: string
  /** On the button below an answer that reached its length limit. */
  readonly goOn: string
}

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
