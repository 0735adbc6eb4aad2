/** Characters that a terminal obeys or hides; lines and tabs are only laid out. */
const CONTROL = /(?![\n\t])\p{Cc}/gu

/** Prints a text that documents or pages of others may be quoted in: what would steer a terminal is shown as `�`. */
export function print(text: string): void {
  console.log(text.replaceAll(CONTROL, '\u{FFFD}'))
}
