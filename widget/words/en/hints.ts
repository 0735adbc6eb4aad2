import type { StoredHintStrings } from '../strings.ts'

/** English. */
export const storedHintStrings: StoredHintStrings = {
  busy: 'This conversation is being answered in another window. Your text is still here; send it afterwards.',
  running: 'An answer is still being written here. Try again when it is complete.',
  changed:
    'That message was changed in another window. Your text is still here; send it to go on from there.',
  replaced: 'That answer was replaced in another window.',
  files: 'Your message was not sent. Add its files again.',
}
