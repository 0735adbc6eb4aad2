import { firstCodePoints } from './history.ts'
import type { ToolResult } from '../ports/index.ts'

/** UTF-16 units of a result's JSON: what a model can still read beside everything else. */
export const LONGEST_OUTPUT = 20_000
/** Unicode code points. */
const LONGEST_ERROR = 2_000

/**
 * The result as a model can use it. A text, or the JSON of anything else, that is longer than
 * `LONGEST_OUTPUT` is cut and says so: the beginning of a page or a list is worth more than nothing.
 * @throws TypeError, RangeError when the output is no JSON, or nested too deeply to be written
 */
export function boundResult(result: ToolResult): ToolResult {
  if (!result.success)
    return { success: false, error: firstCodePoints(result.error, LONGEST_ERROR) }
  const { output = null } = result
  const json = JSON.stringify(output) ?? 'null'
  if (json.length <= LONGEST_OUTPUT) return { success: true, output }
  const text = typeof output === 'string' ? output : json
  return { success: true, output: cut(text) }
}

function cut(text: string): string {
  const note = `\n[cut here; the whole has ${text.length} characters]`
  let length = LONGEST_OUTPUT - note.length
  // Written as JSON a text grows, by its quotes and by every character that is escaped.
  while (JSON.stringify(text.slice(0, length) + note).length > LONGEST_OUTPUT) {
    length = Math.floor(length * 0.9)
  }
  // Never half a surrogate pair.
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '') + note
}
