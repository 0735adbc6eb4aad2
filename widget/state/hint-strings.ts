/** What a visitor reads when a conversation that is opened again is not what it was. */
export interface StoredHintStrings {
  readonly busy: string
  readonly changed: string
  readonly replaced: string
  readonly files: string
}

/** English. */
export const storedHintStrings: StoredHintStrings = {
  busy: 'This conversation is being answered in another window. Your text is still here; send it afterwards.',
  changed:
    'That message was changed in another window. Your text is still here; send it to go on from there.',
  replaced: 'That answer was replaced in another window.',
  files: 'Your message was not sent. Add its files again.',
}
