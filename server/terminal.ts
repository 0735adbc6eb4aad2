/** What commands are told and what they show: options, and texts that steer no terminal. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { StartError } from './core/errors.ts'

/** @throws StartError that names an option which is not known or lacks its value */
export function parseOptions<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    // Node's first sentence says what is wrong, the others how options are written in general.
    const [reason] = (error instanceof Error ? error.message : String(error)).split(/[.\n]/)
    throw new StartError(`${reason}. See samosa-chat --help.`, { cause: error })
  }
}

/** Characters that a terminal obeys or hides; lines and tabs are only laid out. */
const CONTROL = /(?![\n\t])\p{Cc}/gu

/** Prints a text that documents or pages of others may be quoted in: what would steer a terminal is shown as `�`. */
export function print(text: string): void {
  console.log(text.replaceAll(CONTROL, '\u{FFFD}'))
}
