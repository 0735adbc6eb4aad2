import type { FinishReason, Usage } from '../protocol/events.ts'
import { isRecord, itemsOf, type JsonRecord } from './json.ts'

/** Other words for the same; what is not listed counts as `stop`. */
const FINISH_REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['content_filter', 'content_filter'],
  ['error', 'error'],
])

/** The reason in our words; `undefined` for none. */
export function finishReasonOf(value: unknown): FinishReason | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return FINISH_REASONS.get(value) ?? 'stop'
}

/** Servers announce calls that they do not make, and make calls that they do not announce. */
export function reasonOf(reason: FinishReason, wroteCalls: boolean): FinishReason {
  if (wroteCalls) return reason === 'stop' ? 'tool_calls' : reason
  return reason === 'tool_calls' ? 'stop' : reason
}

/** Only the first one counts. */
export function firstChoice(chunk: JsonRecord): JsonRecord | undefined {
  for (const choice of itemsOf(chunk.choices)) {
    if (isRecord(choice) && (choice.index ?? 0) === 0) return choice
  }
  return undefined
}

/** What was counted. */
export function usageOf(counted: JsonRecord): Usage {
  const usage: { -readonly [Key in keyof Usage]: Usage[Key] } = {}
  const { prompt_tokens, completion_tokens, total_tokens } = counted
  if (typeof prompt_tokens === 'number') usage.prompt_tokens = prompt_tokens
  if (typeof completion_tokens === 'number') usage.completion_tokens = completion_tokens
  if (typeof total_tokens === 'number') usage.total_tokens = total_tokens
  return usage
}
