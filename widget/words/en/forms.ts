import type { EditorStrings, FeedbackStrings } from '../strings.ts'
import { comeLate } from '../late-words.ts'
import { formatsIn } from '../formats.ts'

const { count, number } = formatsIn('en')

/** English. */
export const editorStrings: EditorStrings = comeLate('editor', {
  label: 'Edit message',
  cancel: 'Cancel',
  replaces: 'Sending this replaces everything below it.',
  unchanged: 'Change the text to send it.',
  empty: 'Write something to send it.',
  busy: 'Wait for the answer, or stop it.',
})

/** English. */
export const feedbackStrings: FeedbackStrings = comeLate('feedback', {
  rated: 'Rated. You can add a comment.',
  commentUp: 'What was good about it? (optional)',
  commentDown: 'What was wrong with it? (optional)',
  skip: 'Skip',
  tooLong: (over, limit) =>
    `${count(over, { one: '# character', other: '# characters' })} too many: a comment holds ${number(limit)}.`,
  thanks: 'Thank you for your feedback.',
  failed: (sentence) => `Your feedback was not saved. ${sentence}`,
})
