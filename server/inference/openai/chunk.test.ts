import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finishReasonOf } from './chunk.ts'

const WORDS = {
  stop: [
    ...['stop', 'stopped', 'stop_sequence', 'end_turn', 'end_of_turn', 'end', 'eos', 'eos_token'],
    ...['eos_found', 'eot', '<|im_end|>', 'complete', 'completed', 'done', 'finish', 'finished'],
    ...['success', 'normal', 'stop_str', 'stop_id', 'stop_token_found', 'stop_string_found'],
  ],
  tool_calls: ['tool_calls', 'tool_call', 'function_call', 'tool_use', 'tool', 'function'],
  length: [
    ...['length', 'max_tokens', 'max_output_tokens', 'max_new_tokens', 'max_completion_tokens'],
    ...['model_length', 'max_length', 'model_context_window_exceeded', 'context_length_exceeded'],
    ...['token_limit', 'max_tokens_reached', 'length_limit', 'context_limit', 'truncated'],
    'incomplete',
  ],
  content_filter: [
    ...['content_filter', 'content_filtered', 'safety', 'recitation', 'blocklist', 'blocked'],
    ...['prohibited_content', 'spii', 'refusal', 'guardrail', 'guardrail_intervened', 'sensitive'],
    ...['image_safety', 'model_armor', 'moderation', 'content_policy_violation', 'error_toxic'],
  ],
  error: ['error'],
  interrupted: [
    ...['abort', 'aborted', 'insufficient_system_resource', 'network_error', 'error_limit'],
    ...['timeout', 'cancelled', 'canceled', 'server_error', 'unknown', 'other', 'overloaded'],
    ...[
      'malformed_function_call',
      'unexpected_tool_call',
      'pause_turn',
      'rate_limit',
      'time_limit',
    ],
    ...[
      'language',
      'preempted',
      'failed',
      'not_stopped',
      'stop_failed',
      'constructor',
      '停止',
      '1',
    ],
  ],
} as const

/** Servers spell one word in all of these ways. */
function spellingsOf(word: string): readonly string[] {
  const parts = word.split('_')
  const upper = word.toUpperCase()
  const pascal = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
  return [
    ...[word, upper, pascal, pascal.charAt(0).toLowerCase() + pascal.slice(1)],
    ...[parts.join('-'), parts.join(' '), ` ${word}\n`, `"${word}"`],
    ...[`FINISH_REASON_${upper}`, `FinishReason.${upper}`, `finish_reason: ${word}`],
    ...[`STOP_REASON_${upper}`, `stopReason${pascal}`],
  ]
}

describe('a finish reason', () => {
  for (const [reason, words] of Object.entries(WORDS)) {
    it.each(words)(`means ${reason}, however it is spelt: %s`, (word) => {
      for (const spelling of spellingsOf(word)) {
        expect({ spelling, reason: finishReasonOf(spelling) }).toEqual({ spelling, reason })
      }
    })
  }

  it.each([
    ...['', ' ', 'null', 'None', 'nil', 'undefined', 'NaN', 'N/A', '-', 'not_finished'],
    ...['FINISH_REASON_UNSPECIFIED', 'FinishReason.NONE', 'in_progress', 'running', 'generating'],
    ...[null, undefined, false, true, 0, 1, {}, []],
  ])('is none: %j', (value) => {
    expect(finishReasonOf(value)).toBeUndefined()
  })

  it('is no good end where a good word is a part of it only, and never takes long to read', () => {
    const { stop, tool_calls } = WORDS
    const property = fc.property(
      fc.constantFrom(...stop, ...tool_calls),
      fc.constantFrom(...WORDS.interrupted, ...WORDS.length, ...WORDS.content_filter),
      (good, bad) => {
        for (const word of [`${good}_${bad}`, `${bad}_${good}`, `${bad}: ${good}`]) {
          expect(['stop', 'tool_calls']).not.toContain(finishReasonOf(word))
        }
      },
    )
    fc.assert(property)
    expect(finishReasonOf('max'.repeat(1_000_000))).toBe('interrupted')
  })
})
