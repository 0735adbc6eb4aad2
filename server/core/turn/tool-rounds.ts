import { closeTagged } from '../../protocol/tag-closing.ts'
import { writeToolResult } from '../../protocol/tool-result.ts'
import type { AnswerSoFar } from './answer-so-far.ts'
import type { GenerateRequest, ToolResult, TurnWriter } from '../ports/index.ts'
import type { TurnTools } from './tools.ts'

/** Rounds of tools in a turn; after them the model has to answer with what it has. */
const MOST_ROUNDS = 5
/** Calls of one round that are run; no model means more at once. */
const MOST_CALLS = 16

export interface ToolRoundOptions {
  readonly answer: AnswerSoFar
  readonly tools: TurnTools
  readonly signal: AbortSignal
  readonly output: TurnWriter
}

/**
 * Answers what the model has called in a round: runs the calls side by side and writes their results into
 * the answer, in the order of the calls, each as soon as those before it are there.
 * @returns what the model is to be asked next; `undefined` when the answer ends here
 */
export async function answerCalls(
  request: GenerateRequest,
  { answer, tools, signal, output }: ToolRoundOptions,
): Promise<GenerateRequest | undefined> {
  const { calls, finish } = answer
  if (!finish || calls.length === 0 || signal.aborted) return undefined
  const text = answer.roundText()
  const refusal = refusalOf(request, finish.reason)
  const running = calls.map(async (call, index) => {
    if (refusal !== undefined) return failed(refusal)
    return index < MOST_CALLS ? tools.run(call, { signal }) : failed('Too many calls at once.')
  })
  const results: ToolResult[] = []
  for (const [index, call] of calls.entries()) {
    const result = await running[index]
    if (!result) return undefined
    const closing = index === 0 ? closeTagged(text) : ''
    const written = answer.note({
      type: 'token',
      text: closing + writeToolResult(call.name, result),
    })
    if (written) output.append([written])
    results.push(result)
  }
  if (refusal !== undefined) return undefined
  const { carry } = finish
  answer.startRound()
  const rounds = [...request.rounds, { text, calls, results, ...(carry && { carry }) }]
  return { ...request, rounds, mayCallTools: rounds.length < MOST_ROUNDS }
}

/** Why calls are not run, if they are not. */
function refusalOf(request: GenerateRequest, reason: string): string | undefined {
  if (!request.mayCallTools) return 'No more tools can be used in this answer.'
  if (reason === 'tool_calls' || reason === 'stop') return undefined
  return 'The answer ended before the call was complete.'
}

const failed = (error: string): ToolResult => ({ success: false, error })
