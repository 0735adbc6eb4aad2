import type { FinishReason, Usage } from '../protocol/events.ts'
import { isRecord, itemsOf, type JsonRecord } from './json.ts'

/** Letters of a finish reason; no server has a longer word for it. */
const LONGEST_WORD = 64

/**
 * What servers say for a finish reason, without case, blanks and signs (`FINISH_REASON_MAX_TOKENS`, `maxTokens`
 * and `max-tokens` are one word). The first that fits counts. `undefined`: the answer goes on.
 */
const FINISH_WORDS: readonly (readonly [words: RegExp, reason: FinishReason | undefined])[] = [
  [/^(?:null|none|nil|undefined|nan|na|unspecified|notfinished|inprogress|running)?$/, undefined],
  [/^(?:generating|streaming|processing|pending|continue|continued)$/, undefined],
  [/^(?:stop|stopped|stop(?:ped)?(?:sequence|string|token|word|eos)|normal|natural)$/, 'stop'],
  [/^(?:complete|completed|done|finish|finished|success|succeeded|ok)$/, 'stop'],
  [/^(?:end|endturn|endof(?:turn|text|sequence|message|stream)|eos|eot|eog|imend)$/, 'stop'],
  [/^(?:eos|eot)(?:token|tokenid|id|found)$/, 'stop'],
  [/^(?:tool|function)(?:s|calls?|uses?)?$/, 'tool_calls'],
  [
    /filter|safety|unsafe|moderat|guardrail|blocklist|blocked|prohibited|recitation/,
    'content_filter',
  ],
  [/refusal|^refused$|sensitive|toxic|policy|^spii$|flagged|censor|modelarmor/, 'content_filter'],
  [/length|max\w*token|token\w*limit|limit\w*token|outoftokens|tokenbudget/, 'length'],
  [/context(?:window|limit|size|exceeded|overflow)|outputlimit|truncated|^incomplete$/, 'length'],
  [/^error$/, 'error'],
]

/** The word as the table has it. */
const foldWord = (word: string) =>
  word
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replace(/^(?:finish|stop)reason/, '')

/**
 * The reason in our words; `undefined` for none, and `interrupted` for a word that nobody has told us to be a
 * good end: an answer may be called whole only when it is known to be.
 */
export function finishReasonOf(value: unknown): FinishReason | undefined {
  if (typeof value !== 'string') return undefined
  const word = foldWord(value.slice(0, LONGEST_WORD))
  const known = FINISH_WORDS.find(([words]) => words.test(word))
  return known ? known[1] : 'interrupted'
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
