import type { ToolCall, ToolResult, ToolRound } from '../../core/ports/index.ts'
import { parseTagged } from '../../protocol/tags.ts'
import { argumentsText, errorText, outputText, type OpenaiMessage } from './history.ts'

/**
 * The rounds of the running turn: what the model said and called, under the ids and with the further
 * fields that came from the server, and what the tools gave.
 */
export function roundMessages(rounds: readonly ToolRound[]): readonly OpenaiMessage[] {
  return rounds.flatMap((round) => [
    answerMessage(round),
    ...round.calls.map((call, index) => resultMessage(call, round.results[index])),
  ])
}

function answerMessage({ text, calls, carry }: ToolRound): OpenaiMessage {
  const content = parseTagged(text)
    .filter(({ kind }) => kind === 'text')
    .map((segment) => segment.content)
    .join('')
    .trim()
  return {
    ...carry,
    role: 'assistant',
    content,
    tool_calls: calls.map((call) => ({
      ...call.carry,
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: argumentsText(call.arguments) },
    })),
  }
}

function resultMessage(call: ToolCall, result: ToolResult | undefined): OpenaiMessage {
  return {
    role: 'tool',
    tool_call_id: call.id,
    content: result?.success ? outputText(result.output) : errorText(result?.error),
  }
}
