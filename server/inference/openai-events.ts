import type { InferenceEvent } from '../core/ports.ts'
import type { FinishReason, Usage } from '../protocol/events.ts'
import type { EventReader, Made } from './answer-decoder.ts'
import {
  failureInList,
  failureOf,
  isFailure,
  looksLikeFailure,
  reportedFailure,
} from './failure.ts'
import { isRecord, itemsOf, parseJson, type JsonRecord } from './json.ts'
import { createReasoningKeeper } from './openai-carry.ts'
import { readDelta, type DeltaSink } from './openai-delta.ts'
import { createTaggedWriter } from './tagged-writer.ts'
import { createToolCallGatherer, type GatheredCall } from './tool-calls.ts'

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

/** Characters that are kept until the answer ends; no model means more. */
const MOST_GATHERED = 4_000_000
const MOST_CALLS = 64

/** What a reader of one answer knows of the turn around it. */
export interface OpenaiReaderOptions {
  /** Ids of calls that the turn has made already. */
  readonly usedCallIds?: Iterable<string>
  /** Whether the answer may end in calls, so that its reasoning may be wanted back. */
  readonly keepsReasoning?: boolean
}

/**
 * Reads `chat.completion.chunk` events into tagged text and tool calls. Only choice 0 counts. The answer is
 * complete with `[DONE]`, or when the stream ends after a finish reason.
 */
export function createOpenaiReader(
  emit: (event: InferenceEvent) => void,
  options: OpenaiReaderOptions = {},
): EventReader {
  let finishReason: FinishReason | undefined
  let usage: Usage | undefined
  let called = false
  /** Characters that are kept and not emitted at once. */
  let gathered = 0
  let eventLength = 0
  let wroteText = false
  let wroteCalls = false
  const calls = createToolCallGatherer()
  const idOf = createCallIds(options.usedCallIds ?? [])
  const kept = options.keepsReasoning ? createReasoningKeeper() : undefined
  const writer = createTaggedWriter((text) => emit({ type: 'token', text }))

  const writeCalls = () => {
    for (const call of calls.take()) {
      wroteCalls = true
      writer.toolCall(call)
      emit({
        type: 'tool_call',
        call: {
          id: idOf(call),
          name: call.name,
          arguments: call.arguments,
          ...(call.extra && { carry: call.extra }),
        },
      })
    }
  }
  /** A call goes before what comes after it, unless its arguments are still on their way. */
  const writeWholeCalls = () => {
    if (called && !calls.hasPartial()) writeCalls()
  }

  const sink: DeltaSink = {
    reasoning(text, field) {
      writeWholeCalls()
      if (kept && field) kept.text(text, field)
      wroteText = true
      writer.reasoning(text)
    },
    reasoningDetails(details) {
      if (kept) gathered += kept.details(details, eventLength)
    },
    text(text) {
      writeWholeCalls()
      wroteText = true
      writer.text(text)
    },
    toolCall(piece) {
      called = true
      gathered += 1 + (piece.extra ? eventLength : piece.arguments.length)
      calls.add(piece)
    },
  }

  const fail = (body: unknown) => {
    reader.outcome = failureOf(body)
  }

  const complete = () => {
    writeCalls()
    writer.end()
    const carry = wroteCalls ? kept?.carry() : undefined
    emit({
      type: 'finish',
      reason: reasonOf(finishReason ?? 'stop', wroteCalls),
      ...(usage && { usage }),
      ...(carry && { carry }),
    })
    reader.outcome = 'complete'
  }

  const readFinish = (value: unknown) => {
    if (typeof value !== 'string' || value === '') return
    finishReason = FINISH_REASONS.get(value) ?? 'stop'
    reader.saidItsEnd = true
    if (finishReason === 'error') fail(undefined)
  }

  const readChoice = (choice: JsonRecord, said: unknown) => {
    if (isRecord(said)) readDelta(said, sink)
    if (isFailure(choice)) fail(choice)
    else readFinish(choice.finish_reason)
  }

  /** Some servers send the whole message as one event; behind its pieces it would be the same again. */
  const wholeMessage = ({ message }: JsonRecord): unknown =>
    wroteText || called ? undefined : message

  const readChunk = (chunk: JsonRecord) => {
    const choice = firstChoice(chunk)
    if (choice) readChoice(choice, choice.delta ?? wholeMessage(choice))
    if (isRecord(chunk.usage)) usage = usageOf(chunk.usage)
    if (isFailure(chunk)) fail(chunk)
    else if (!chunk.choices && !chunk.usage && looksLikeFailure(chunk)) fail(chunk)
  }

  const readList = (list: unknown) => {
    const failure = failureInList(list)
    if (failure) fail(failure)
  }

  /** Memory is not endless, and what is only kept is not bounded by what readers get. */
  const boundGathered = () => {
    if (reader.outcome !== 'running') return
    if (gathered > MOST_GATHERED || calls.count > MOST_CALLS) {
      reader.outcome = reportedFailure('The model server sent more than an answer can hold.')
    }
  }

  const reader: Made<EventReader> = {
    outcome: 'running',
    saidItsEnd: false,
    read(data) {
      if (data.trim() === '[DONE]') return complete()
      eventLength = data.length
      const chunk = parseJson(data)
      if (isRecord(chunk)) readChunk(chunk)
      else readList(chunk)
      if (gathered > 0) boundGathered()
    },
    readWhole(body) {
      const choice = isRecord(body) ? firstChoice(body) : undefined
      if (!isRecord(body) || !choice || isFailure(body)) return fail(body)
      readChoice(choice, choice.message ?? choice.delta)
      if (isRecord(body.usage)) usage = usageOf(body.usage)
      if (reader.outcome === 'running') complete()
    },
    end() {
      if (finishReason !== undefined) complete()
    },
  }
  return reader
}

/** Servers announce calls that they do not make, and make calls that they do not announce. */
function reasonOf(reason: FinishReason, wroteCalls: boolean): FinishReason {
  if (wroteCalls) return reason === 'stop' ? 'tool_calls' : reason
  return reason === 'tool_calls' ? 'stop' : reason
}

/** The server's own ids; one that is missing, or used already in the turn, is replaced. */
function createCallIds(usedBefore: Iterable<string>): (call: GatheredCall) => string {
  const used = new Set(usedBefore)
  return ({ id }) => {
    let unique = id
    for (let count = used.size + 1; unique === undefined || used.has(unique); count += 1) {
      // Nine letters and digits: the narrowest rule that a server has for these ids.
      unique = `turn${String(count).padStart(5, '0')}`
    }
    used.add(unique)
    return unique
  }
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
