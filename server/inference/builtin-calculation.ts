import type { Cancellable, Tool } from '../core/ports.ts'
import { TOOL_CALL_END, TOOL_CALL_START } from '../protocol/tag-names.ts'
import { writeToolResult } from '../protocol/tool-result.ts'
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
  const result = await calculator.run({ expression }, { ...cancellable, cite: () => [] })
  const value = result.success ? valueOf(result.output) : undefined
  const error = result.success ? undefined : result.error
  const call = tagSafeJson({ tool, arguments: { expression } })
  return {
    sources: [],
    thinking: `The question is arithmetic. I read it as ${expression} and hand that to the calculator.`,
    toolParts: [`${TOOL_CALL_START}${call}${TOOL_CALL_END}`, writeToolResult(tool, result)],
    markdown:
      value === undefined
        ? `I cannot calculate that: ${error ?? 'the calculator gave no number'}.`
        : answer(value),
  }
}
