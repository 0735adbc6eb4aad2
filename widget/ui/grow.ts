/** Makes a text field as high as its text, where `field-sizing` cannot. */
export function growToText(field: HTMLTextAreaElement): void {
  if (globalThis.CSS?.supports('field-sizing', 'content')) return
  field.style.setProperty('height', 'auto')
  field.style.setProperty('height', `${field.scrollHeight}px`)
}
