import type { Language } from '../text/languages.ts'
import type { Cancellable, Tool } from '../core/ports/index.ts'
import { TOOL_CALL_END, TOOL_CALL_START } from '../protocol/tag-names.ts'
import { writeToolResult } from '../protocol/tool-result.ts'
import type { Arithmetic } from './arithmetic.ts'
import { formatNumber } from './numbers.ts'
import type { Reply } from './reply.ts'
import { harmless } from './thinking.ts'
import type { Say } from './words.ts'

/** JSON that holds no tag, whatever is in its strings. */
const tagSafeJson = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')

function valueOf(output: unknown): number | undefined {
  const value =
    typeof output === 'object' && output !== null && 'value' in output ? output.value : undefined
  return typeof value === 'number' ? value : undefined
}

export interface CalculationOptions extends Cancellable {
  readonly language: Language
  readonly say: Say
}

/** Has the calculator answer, its call and result shown as tags. */
export async function answerArithmetic(
  { expression, answer }: Arithmetic,
  calculator: Tool,
  { language, say, signal }: CalculationOptions,
): Promise<Reply> {
  const tool = calculator.name
  const result = await calculator.run({ expression }, { signal, cite: () => [] })
  const value = result.success ? valueOf(result.output) : undefined
  const call = tagSafeJson({ tool, arguments: { expression } })
  // Both are questions in English, or in signs that everybody reads.
  const inWords =
    language === 'en' ? answer : (found: number) => `\`${expression}\` = ${formatNumber(found)}`
  const refusal =
    language === 'en' && !result.success
      ? `${say('no_sum').replace(/\.$/, '')}: ${result.error}.`
      : say('no_sum')
  return {
    sources: [],
    thinking: say('think_sum', { expression: harmless(expression) }),
    toolParts: [`${TOOL_CALL_START}${call}${TOOL_CALL_END}`, writeToolResult(tool, result)],
    markdown: value === undefined ? refusal : inWords(value),
  }
}
