/** Makes a text field as high as its text, where `field-sizing` cannot. */
export function growToText(field: HTMLTextAreaElement): void {
  if (globalThis.CSS?.supports('field-sizing', 'content')) return
  field.style.setProperty('height', 'auto')
  field.style.setProperty('height', `${field.scrollHeight}px`)
}

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

/** Length of a text as the server counts it: in Unicode code points. */
export function countCodePoints(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    const isPair =
      unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00
    if (isPair) index += 1
    count += 1
  }
  return count
}
