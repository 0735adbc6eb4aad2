/** `keydown` of a key that an input method is using (UI Events, section 7.3). */
const IME_KEY_CODE = 229

/** Whether an input method uses the key: the Enter that accepts a suggestion, say. */
export const isComposing = (event: KeyboardEvent): boolean =>
  // Safari reports it after the composition.
  // oxlint-disable-next-line typescript/no-deprecated -- nothing else tells them apart
  event.isComposing || event.keyCode === IME_KEY_CODE

/** Whether the key sends what was written: Enter alone. */
export const isSendKey = (event: KeyboardEvent): boolean =>
  event.key === 'Enter' && !event.shiftKey && !isComposing(event)
