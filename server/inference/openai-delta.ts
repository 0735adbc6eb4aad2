import { isRecord, itemsOf, type JsonRecord } from './json.ts'

/** A part of a tool call, as it comes. */
export interface ToolCallPiece {
  readonly index: number | undefined
  readonly id: string | undefined
  readonly name: string | undefined
  /** JSON text, or a part of it. */
  readonly arguments: string
}

/** Takes what a delta holds. */
export interface DeltaSink {
  reasoning(text: string): void
  text(text: string): void
  toolCall(piece: ToolCallPiece): void
}

/**
 * Reads a `delta` (or a whole `message`) of an OpenAI-compatible server: reasoning first, then text,
 * then tool calls. Written by hand and not with a schema: this runs for every token.
 */
export function readDelta(delta: JsonRecord, sink: DeltaSink): void {
  const reasoning = reasoningOf(delta)
  if (reasoning !== '') sink.reasoning(reasoning)
  const { content, refusal } = delta
  if (typeof content === 'string') {
    if (content !== '') sink.text(content)
  } else if (Array.isArray(content)) {
    readParts(content, reasoning === '', sink)
  }
  if (typeof refusal === 'string' && refusal !== '') sink.text(refusal)
  if (delta.tool_calls) {
    for (const call of itemsOf(delta.tool_calls)) readToolCall(call, sink)
  }
  if (isRecord(delta.function_call)) readToolCall({ function: delta.function_call }, sink)
}

/** Servers name it differently, and some send the same text under two names: the first one counts. */
function reasoningOf(delta: JsonRecord): string {
  return (
    nonEmpty(delta.reasoning_content) ??
    nonEmpty(delta.reasoning) ??
    nonEmpty(delta.reasoning_text) ??
    (delta.reasoning_details ? textOfDetails(delta.reasoning_details) : '')
  )
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
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
    if (part.type === 'thinking' || part.type === 'reasoning') {
      const thinking = thinkingOf(part)
      if (withThinking && thinking !== '') sink.reasoning(thinking)
      continue
    }
    const text = nonEmpty(part.text) ?? nonEmpty(part.refusal)
    if (text !== undefined) sink.text(text)
  }
}

/** Mistral nests text parts; others give a string. */
function thinkingOf(part: JsonRecord): string {
  const plain = nonEmpty(part.thinking) ?? nonEmpty(part.reasoning) ?? nonEmpty(part.text)
  return plain ?? textOfDetails(part.thinking)
}

function readToolCall(call: unknown, sink: DeltaSink): void {
  if (!isRecord(call)) return
  const called = isRecord(call.function) ? call.function : {}
  sink.toolCall({
    index: typeof call.index === 'number' ? call.index : undefined,
    id: nonEmpty(call.id),
    name: nonEmpty(called.name),
    arguments: argumentsOf(called.arguments),
  })
}

function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value
  return isRecord(value) ? JSON.stringify(value) : ''
}
