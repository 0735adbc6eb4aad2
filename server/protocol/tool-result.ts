/** How the result of a tool stands in tagged text. */
import { TOOL_RESULT_END, TOOL_RESULT_START } from './tag-names.ts'

/** What a tool gave. */
export type ToolOutcome =
  | { readonly success: true; readonly output: unknown }
  | { readonly success: false; readonly error: string }

/**
 * The result as a tag. No tag can stand inside it: what could begin one is escaped, which is the same JSON.
 * @throws TypeError, RangeError when the output is no JSON, or nested too deeply to be written
 */
export function writeToolResult(tool: string, outcome: ToolOutcome): string {
  const { success } = outcome
  const output = outcome.success ? (outcome.output ?? null) : null
  const error = outcome.success ? null : outcome.error
  const json = JSON.stringify({ tool, success, output, error }).replaceAll('<|', '\\u003c|')
  return TOOL_RESULT_START + json + TOOL_RESULT_END
}
