/** One chunk of an answer in OpenAI's protocol, in the forms that servers give it. */
import type { FinishReason, Usage, SuggestionsEvent } from '../../protocol/events.ts'
import { isRecord, itemsOf, type JsonRecord } from '../../text/json.ts'
import { readInterrupt, type Interrupt } from '../../core/turn/interrupts.ts'
import type { ProvidedFile } from '../../core/ports/index.ts'
import { firstCodePoints } from '../../text/code-points.ts'

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

/** A part of a tool call, as it comes. */
export interface ToolCallPiece {
  readonly index: number | undefined
  readonly id: string | undefined
  readonly name: string | undefined
  /** JSON text, or a part of it. */
  readonly arguments: string
  /** Fields beyond the protocol (a thought's signature); `undefined` for none. */
  readonly extra: JsonRecord | undefined
}

/** The names under which servers send reasoning as text. */
export type ReasoningField = 'reasoning_content' | 'reasoning' | 'reasoning_text' | 'thinking'

/** Takes what a delta holds. */
export interface DeltaSink {
  /** `field` is where the server had it; `undefined` when it came as a part or in details. */
  reasoning(text: string, field: ReasoningField | undefined): void
  /** OpenRouter's list, readable or not. */
  reasoningDetails(details: readonly unknown[]): void
  text(text: string): void
  /** Text that says that the model does not answer. */
  refusal(text: string): void
  /** Text that a sign beside it makes reasoning. */
  textOfThought(text: string): void
  toolCall(piece: ToolCallPiece): void
}

/**
 * Reads a `delta` (or a whole `message`) of an OpenAI-compatible server: reasoning first, then text,
 * then tool calls. Written by hand and not with a schema: this runs for every token.
 */
export function readDelta(delta: JsonRecord, sink: DeltaSink): void {
  const { content, refusal } = delta
  const hasReasoning = readReasoning(delta, sink)
  if (typeof content === 'string') {
    if (content === '') {
      // Nearly every chunk of reasoning has it.
    } else if (isThought(delta)) {
      if (!hasReasoning) sink.textOfThought(content)
    } else sink.text(content)
  } else if (Array.isArray(content)) {
    readParts(content, !hasReasoning, sink)
  } else if (isRecord(content)) {
    readParts([content], !hasReasoning, sink)
  }
  if (isText(refusal)) sink.refusal(refusal)
  if (delta.tool_calls) {
    const calls = isRecord(delta.tool_calls) ? [delta.tool_calls] : itemsOf(delta.tool_calls)
    for (const call of calls) readToolCall(call, sink)
  }
  if (isRecord(delta.function_call)) readToolCall({ function: delta.function_call }, sink)
}

/** Gemini's sign beside the text, those of servers like it, and the channel of gpt-oss. */
const isThought = ({ extra_content, thought, channel }: JsonRecord) =>
  thought === true ||
  channel === 'analysis' ||
  (isRecord(extra_content) &&
    isRecord(extra_content.google) &&
    extra_content.google.thought === true)

/** Servers name it differently, and some send the same text under two names: the first one counts. */
function readReasoning(delta: JsonRecord, sink: DeltaSink): boolean {
  const { reasoning_content, reasoning, reasoning_text, thinking, reasoning_details } = delta
  const details = reasoning_details ? itemsOf(reasoning_details) : []
  if (details.length > 0) sink.reasoningDetails(details)
  if (isText(reasoning_content)) sink.reasoning(reasoning_content, 'reasoning_content')
  else if (isText(reasoning)) sink.reasoning(reasoning, 'reasoning')
  else if (isText(reasoning_text)) sink.reasoning(reasoning_text, 'reasoning_text')
  else if (isText(thinking)) sink.reasoning(thinking, 'thinking')
  else {
    const text = details.length > 0 ? textOfDetails(details) : ''
    if (text === '') return false
    sink.reasoning(text, undefined)
  }
  return true
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function nonEmpty(value: unknown): string | undefined {
  return isText(value) ? value : undefined
}

/** OpenRouter's list; encrypted entries say nothing to a reader. */
function textOfDetails(details: unknown): string {
  return itemsOf(details)
    .map((detail) =>
      isRecord(detail) ? (nonEmpty(detail.text) ?? nonEmpty(detail.summary) ?? '') : '',
    )
    .join('')
}

function readParts(parts: readonly unknown[], withThinking: boolean, sink: DeltaSink): void {
  for (const part of parts) {
    if (typeof part === 'string') {
      if (part !== '') sink.text(part)
      continue
    }
    if (!isRecord(part)) continue
    if (THOUGHT_PARTS.has(part.type) || part.thought === true) {
      const thinking = thinkingOf(part)
      if (withThinking && thinking !== '') sink.reasoning(thinking, undefined)
      continue
    }
    if (isText(part.text)) sink.text(part.text)
    else if (isText(part.refusal)) sink.refusal(part.refusal)
  }
}

const THOUGHT_PARTS: ReadonlySet<unknown> = new Set(['thinking', 'reasoning', 'thought'])

/** Mistral nests text parts, Databricks a summary; others give a string. */
function thinkingOf(part: JsonRecord): string {
  const { thinking, reasoning, thought, text, summary } = part
  const plain = nonEmpty(thinking) ?? nonEmpty(reasoning) ?? nonEmpty(thought) ?? nonEmpty(text)
  return plain ?? textOfDetails([...itemsOf(thinking), ...itemsOf(summary)])
}

function readToolCall(call: unknown, sink: DeltaSink): void {
  if (!isRecord(call)) return
  // Some leave out the field around name and arguments.
  const called = isRecord(call.function) ? call.function : call
  sink.toolCall({
    index: indexOf(call.index),
    id: nonEmpty(call.id),
    name: nonEmpty(called.name),
    arguments: argumentsOf(called.arguments ?? called.parameters ?? called.input),
    extra: extraOf(call),
  })
}

function indexOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value)
  return typeof value === 'number' ? value : undefined
}

/** What a call has of the protocol, in all of its forms. */
const CALL_FIELDS: ReadonlySet<string> = new Set([
  ...['index', 'id', 'type', 'function'],
  ...['name', 'arguments', 'parameters', 'input'],
])

function extraOf(call: JsonRecord): JsonRecord | undefined {
  const extra = Object.entries(call).filter(
    ([field, value]) => value !== null && !CALL_FIELDS.has(field),
  )
  return extra.length > 0 ? Object.fromEntries(extra) : undefined
}

function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value
  return isRecord(value) ? JSON.stringify(value) : ''
}

// What providers that run agents put into their chunks, beside the protocol.

/** Characters of what a provider calls something; what is longer is no name. */
const LONGEST_NAME = 512

export interface AgentChunk {
  /** As the provider wrote it. */
  readonly status: string | undefined
  /** What the agent asks, when it stops here to ask something. */
  readonly interrupt: Interrupt | undefined
  readonly files: readonly ProvidedFile[]
}

/** `undefined` for a chunk that no agent has said anything in. */
export function readAgentChunk(chunk: JsonRecord): AgentChunk | undefined {
  const { agent_status: status, message_metadata: metadata } = chunk
  if (typeof status !== 'string' && !isRecord(metadata)) return undefined
  const details = isRecord(metadata) ? metadata : {}
  return {
    status: typeof status === 'string' ? status : undefined,
    interrupt:
      status === 'interrupted'
        ? readInterrupt(details.interrupt_id ?? chunk.interrupt_id, details.interrupt_payload)
        : undefined,
    files: itemsOf(details.attachments).flatMap((entry) => fileOf(entry) ?? []),
  }
}

/** What the provider calls the conversation, wherever it says so. */
export function conversationIdOf({ conversation_id: id, message_metadata: metadata }: JsonRecord) {
  return nameOf(id) ?? (isRecord(metadata) ? nameOf(metadata.conversation_id) : undefined)
}

/** A name that a provider gives; numbers are names too. */
export function nameOf(value: unknown): string | undefined {
  const name = typeof value === 'number' ? String(value) : value
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME) return undefined
  return name
}

/** An entry that holds a file; one that only links to it stays as it is. */
function fileOf(entry: unknown): ProvidedFile | undefined {
  if (!isRecord(entry) || typeof entry.data !== 'string') return undefined
  const [, typeInside, inside] = /^data:([^,;]*)[^,]*;base64,(.*)$/s.exec(entry.data) ?? []
  return {
    filename: textOf(entry.filename, entry.name) ?? 'file',
    contentType: textOf(entry.content_type, entry.media_type, entry.mime_type, typeInside) ?? '',
    base64: inside ?? entry.data,
  }
}

const textOf = (...values: readonly unknown[]) =>
  values.find((value): value is string => typeof value === 'string' && value !== '')

/** The chunk with what the agent asks as its text. */
export function withContent(chunk: JsonRecord, content: string): JsonRecord {
  const [first, ...others] = itemsOf(chunk.choices)
  const choice = isRecord(first) ? first : { index: 0, finish_reason: null }
  const delta = isRecord(choice.delta) ? choice.delta : {}
  return { ...chunk, choices: [{ ...choice, delta: { ...delta, content } }, ...others] }
}

/** The chunk with links in place of its files, in their order; those without a link are left out. */
export function withLinks(chunk: JsonRecord, links: readonly (string | undefined)[]): JsonRecord {
  const metadata = isRecord(chunk.message_metadata) ? chunk.message_metadata : {}
  let next = 0
  const attachments = itemsOf(metadata.attachments).flatMap((entry) => {
    if (!isRecord(entry) || !fileOf(entry)) return [entry]
    const { data: _, ...rest } = entry
    const link = links[next]
    next += 1
    return link === undefined ? [] : [{ ...rest, download_url: link }]
  })
  return { ...chunk, message_metadata: { ...metadata, attachments } }
}

const MOST = 4
/** Unicode code points; a longer one is no question that fits a button. */
const LONGEST = 120

/** The questions that a model server offers beside its answer; `undefined` for none. */
export function suggestionsOf({
  suggestions,
  follow_ups: followUps,
}: JsonRecord): SuggestionsEvent | undefined {
  const texts = itemsOf(suggestions ?? followUps).flatMap((item) => {
    const text = typeof item === 'string' ? item.trim() : ''
    return text !== '' && firstCodePoints(text, LONGEST) === text ? [text] : []
  })
  const offered = [...new Set(texts)].slice(0, MOST)
  return offered.length > 0 ? { type: 'suggestions', suggestions: offered } : undefined
}
