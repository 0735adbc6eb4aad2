/** What a visitor reads when a conversation that is opened again is not what it was. */
export interface StoredHintStrings {
  /** A text is sent while an answer is on its way that was asked for elsewhere. */
  readonly busy: string
  /** An answer is asked for again while another one is on its way. */
  readonly running: string
  readonly changed: string
  readonly replaced: string
  readonly files: string
}

/** English. */
export const storedHintStrings: StoredHintStrings = {
  busy: 'This conversation is being answered in another window. Your text is still here; send it afterwards.',
  running: 'An answer is still being written here. Try again when it is complete.',
  changed:
    'That message was changed in another window. Your text is still here; send it to go on from there.',
  replaced: 'That answer was replaced in another window.',
  files: 'Your message was not sent. Add its files again.',
}
