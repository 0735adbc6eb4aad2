import type { FinishReason, Usage } from '../../protocol/events.ts'
import { isRecord, itemsOf, type JsonRecord } from '../json.ts'

/** Letters of a finish reason; no server has a longer word for it. */
const LONGEST_WORD = 64

/**
 * What servers say for a finish reason, without case, blanks and signs (`FINISH_REASON_MAX_TOKENS`, `maxTokens`
 * and `max-tokens` are one word). The first that fits counts. `undefined`: the answer goes on.
 */
const FINISH_WORDS: readonly (readonly [words: RegExp, reason: FinishReason | undefined])[] = [
  [/^(?:null|none|nil|undefined|nan|na|unspecified|notfinished|inprogress|running)?$/, undefined],
  [/^(?:generating|streaming|processing|pending|continue|continued)$/, undefined],
  [/^stop(?:ped)?(?:(?:sequence|string|str|token|word|eos)(?:id|found)?|id)?$/, 'stop'],
  [/^(?:normal|natural)$/, 'stop'],
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

/** What some servers call the counts of tokens. */
const PROMPT_NAMES = [
  ...['input_tokens', 'promptTokens', 'inputTokens', 'promptTokenCount', 'prompt_token_count'],
]
const COMPLETION_NAMES = [
  ...['output_tokens', 'completionTokens', 'outputTokens'],
  ...['candidatesTokenCount', 'candidates_token_count'],
]
const TOTAL_NAMES = ['totalTokens', 'totalTokenCount', 'total_token_count']

/** What was counted in a chunk, wherever a server has it; `undefined` when nothing was. */
export function usageIn(chunk: JsonRecord, choice: JsonRecord | undefined): Usage | undefined {
  const { usage, x_groq, message, usage_metadata, usageMetadata } = chunk
  const counted =
    recordOf(usage) ??
    recordOf(choice?.usage) ??
    usageBeside(x_groq) ??
    usageBeside(choice?.message) ??
    usageBeside(choice?.delta) ??
    usageBeside(message) ??
    recordOf(usage_metadata) ??
    recordOf(usageMetadata)
  return counted && usageOf(counted)
}

const recordOf = (value: unknown): JsonRecord | undefined => (isRecord(value) ? value : undefined)

const usageBeside = (value: unknown): JsonRecord | undefined =>
  isRecord(value) ? recordOf(value.usage) : undefined

function usageOf(counted: JsonRecord): Usage | undefined {
  const prompt = countOf(counted, 'prompt_tokens', PROMPT_NAMES)
  const completion = countOf(counted, 'completion_tokens', COMPLETION_NAMES)
  const both = prompt === undefined || completion === undefined ? undefined : prompt + completion
  const total = countOf(counted, 'total_tokens', TOTAL_NAMES) ?? both
  if (prompt === undefined && completion === undefined && total === undefined) return undefined
  return {
    ...(prompt !== undefined && { prompt_tokens: prompt }),
    ...(completion !== undefined && { completion_tokens: completion }),
    ...(total !== undefined && { total_tokens: total }),
  }
}

function countOf(counted: JsonRecord, name: string, others: readonly string[]): number | undefined {
  const count = counted[name]
  // Some servers count with every token.
  if (isCount(count)) return count
  return others.map((other) => counted[other]).find(isCount)
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0
