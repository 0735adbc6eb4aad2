import type { ToolResultBody } from '../../server/protocol/api.ts'
import type { PageTool } from './page-tools.ts'

type WithoutClaimant<Body> = Body extends unknown ? Omit<Body, 'claimant'> : never

/** What a call gave, in words for the assistant. */
export type ToolOutcome = WithoutClaimant<ToolResultBody>

/** UTF-16 units of JSON; the server shortens further what a model could not read. */
const LONGEST_OUTPUT = 250_000
/** Code points. */
const LONGEST_ERROR = 2_000

/** A failure with its reason, in a text that the server takes. */
export function failure(reason: string): ToolOutcome {
  // A code point is two units at most.
  const start = Array.from(reason.slice(0, 2 * LONGEST_ERROR)).slice(0, LONGEST_ERROR)
  const error = start
    .join('')
    .replaceAll('\0', '')
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
  return { success: false, error }
}

/** Runs a tool of the page; never throws. `jsonOf` writes what it gives, where that has a form. */
export async function runTool(
  tool: PageTool,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  jsonOf: (value: unknown) => string | undefined,
): Promise<ToolOutcome> {
  try {
    const json = jsonOf(await tool.execute(args, { signal }))
    if (json === undefined) return failure('The output of the tool is no JSON, or too deep.')
    if (json.length > LONGEST_OUTPUT) {
      const bound = `${json.length} characters of JSON, at most ${LONGEST_OUTPUT} are allowed`
      return failure(`The output of the tool is too large: ${bound}.`)
    }
    const output: unknown = JSON.parse(json)
    return { success: true, output }
  } catch (error) {
    const text = error instanceof Error ? error.message : error
    return failure(typeof text === 'string' && text !== '' ? text : 'The tool failed.')
  }
}
