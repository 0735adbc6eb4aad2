import type { Cancellable, Tool } from '../core/ports.ts'
import {
  TOOL_CALL_END,
  TOOL_CALL_START,
  TOOL_RESULT_END,
  TOOL_RESULT_START,
} from '../protocol/tags.ts'
import type { Arithmetic } from './builtin-arithmetic.ts'
import type { Reply } from './builtin-reply.ts'

/** JSON that holds no tag, whatever is in its strings. */
const tagSafeJson = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')

function valueOf(output: unknown): number | undefined {
  const value =
    typeof output === 'object' && output !== null && 'value' in output ? output.value : undefined
  return typeof value === 'number' ? value : undefined
}

/** Has the calculator answer, its call and result shown as tags. */
export async function answerArithmetic(
  { expression, answer }: Arithmetic,
  calculator: Tool,
  cancellable: Cancellable,
): Promise<Reply> {
  const tool = calculator.name
  const result = await calculator.run({ expression }, cancellable)
  const output = result.success ? result.output : null
  const error = result.success ? null : result.error
  const value = valueOf(output)
  const call = tagSafeJson({ tool, arguments: { expression } })
  const outcome = tagSafeJson({ tool, success: result.success, output, error })
  return {
    sources: [],
    thinking: `The question is arithmetic. I read it as ${expression} and hand that to the calculator.`,
    toolParts: [
      `${TOOL_CALL_START}${call}${TOOL_CALL_END}`,
      `${TOOL_RESULT_START}${outcome}${TOOL_RESULT_END}`,
    ],
    markdown:
      value === undefined
        ? `I cannot calculate that: ${error ?? 'the calculator gave no number'}.`
        : answer(value),
  }
}
