import { isRecord, itemsOf, type JsonRecord } from '../json.ts'

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
