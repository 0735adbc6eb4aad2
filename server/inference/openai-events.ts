import { ChatError } from '../core/errors.ts'
import type { InferenceEvent } from '../core/ports.ts'
import type { FinishReason, Usage } from '../protocol/events.ts'
import type { EventReader, Outcome } from './answer-decoder.ts'
import { errorMessageOf } from './error-message.ts'
import { isRecord, itemsOf, parseJson, type JsonRecord } from './json.ts'
import { readDelta, type DeltaSink } from './openai-delta.ts'
import { createTaggedWriter } from './tagged-writer.ts'
import { createToolCallGatherer } from './tool-calls.ts'

const UNNAMED_FAILURE = 'The model server reported an error.'

/** Other words for the same; what is not listed counts as `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  tool_use: 'tool_calls',
  content_filter: 'content_filter',
  error: 'error',
}

/**
 * Reads `chat.completion.chunk` events into tagged text. Only choice 0 counts. The answer is complete with
 * `[DONE]`, or when the stream ends after a finish reason.
 */
export function createOpenaiReader(emit: (event: InferenceEvent) => void): EventReader {
  let outcome: Outcome = 'running'
  let finishReason: FinishReason | undefined
  let usage: Usage | undefined
  let called = false
  const calls = createToolCallGatherer()
  const writer = createTaggedWriter((text) => emit({ type: 'token', text }))

  const writeCalls = () => {
    for (const call of calls.take()) writer.toolCall(call)
  }
  /** A call goes before what comes after it, unless its arguments are still on their way. */
  const writeWholeCalls = () => {
    if (called && !calls.hasPartial()) writeCalls()
  }

  const sink: DeltaSink = {
    reasoning(text) {
      writeWholeCalls()
      writer.reasoning(text)
    },
    text(text) {
      writeWholeCalls()
      writer.text(text)
    },
    toolCall(piece) {
      called = true
      calls.add(piece)
    },
  }

  const fail = (body: unknown) => {
    outcome = new ChatError('inference_error', errorMessageOf(body) ?? UNNAMED_FAILURE)
  }

  const complete = () => {
    writeCalls()
    writer.end()
    const reason = finishReason ?? 'stop'
    emit({
      type: 'finish',
      reason: called && reason === 'stop' ? 'tool_calls' : reason,
      ...(usage ? { usage } : {}),
    })
    outcome = 'complete'
  }

  const readFinish = (value: unknown) => {
    if (typeof value !== 'string' || value === '') return
    finishReason = FINISH_REASONS[value] ?? 'stop'
    if (finishReason === 'error') fail(undefined)
  }

  const readChoice = (choice: JsonRecord, said: unknown) => {
    if (isRecord(said)) readDelta(said, sink)
    if (isFailure(choice)) fail(choice)
    else readFinish(choice.finish_reason)
  }

  const readChunk = (chunk: JsonRecord) => {
    const choice = firstChoice(chunk)
    if (choice) readChoice(choice, choice.delta)
    if (isRecord(chunk.usage)) usage = usageOf(chunk.usage)
    if (isFailure(chunk)) fail(chunk)
  }

  return {
    read(data) {
      if (data.trim() === '[DONE]') return complete()
      const chunk = parseJson(data)
      if (isRecord(chunk)) readChunk(chunk)
    },
    readWhole(body) {
      const choice = isRecord(body) ? firstChoice(body) : undefined
      if (!isRecord(body) || !choice || isFailure(body)) return fail(body)
      readChoice(choice, choice.message)
      if (isRecord(body.usage)) usage = usageOf(body.usage)
      if (outcome === 'running') complete()
    },
    end() {
      if (finishReason !== undefined) complete()
    },
    get outcome() {
      return outcome
    },
  }
}

/** An `error` object may come alone, beside choices, or inside one; some servers send a typed event. */
function isFailure(body: JsonRecord): boolean {
  if (body.error) return true
  return body.object === 'error' || body.type === 'error'
}

function firstChoice(chunk: JsonRecord): JsonRecord | undefined {
  for (const choice of itemsOf(chunk.choices)) {
    if (isRecord(choice) && (choice.index ?? 0) === 0) return choice
  }
  return undefined
}

function usageOf(counted: JsonRecord): Usage {
  const usage: { -readonly [Key in keyof Usage]: Usage[Key] } = {}
  const { prompt_tokens, completion_tokens, total_tokens } = counted
  if (typeof prompt_tokens === 'number') usage.prompt_tokens = prompt_tokens
  if (typeof completion_tokens === 'number') usage.completion_tokens = completion_tokens
  if (typeof total_tokens === 'number') usage.total_tokens = total_tokens
  return usage
}
