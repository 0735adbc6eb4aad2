import type { FinishReason, Usage } from '../protocol/events.ts'
import { CallIds } from './call-ids.ts'
import { BatchReader, type EventReader } from './event-reader.ts'
import {
  failureInList,
  failureOf,
  isFailure,
  looksLikeFailure,
  reportedFailure,
} from './failure.ts'
import { isRecord, parseJson, type JsonRecord } from './json.ts'
import { createReasoningKeeper, type ReasoningKeeper } from './openai-carry.ts'
import { finishReasonOf, firstChoice, reasonOf, usageOf } from './openai-chunk.ts'
import {
  readDelta,
  type DeltaSink,
  type ReasoningField,
  type ToolCallPiece,
} from './openai-delta.ts'
import { suggestionsOf } from './suggestions.ts'
import { TaggedWriter } from './tagged-writer.ts'
import { createToolCallGatherer, type ToolCallGatherer } from './tool-calls.ts'

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
export function createOpenaiReader(options: OpenaiReaderOptions = {}): EventReader {
  return new OpenaiReader(options)
}

class OpenaiReader extends BatchReader implements DeltaSink {
  readonly #writer = new TaggedWriter()
  #eventLength = 0
  /** Characters that are kept and not emitted at once. */
  #gathered = 0
  #wroteText = false
  #wroteCalls = false
  /** There from the first call on. */
  #calls: ToolCallGatherer | undefined
  #callIds: CallIds | undefined
  readonly #kept: ReasoningKeeper | undefined
  #finishReason: FinishReason | undefined
  #usage: Usage | undefined
  readonly #options: OpenaiReaderOptions

  constructor(options: OpenaiReaderOptions) {
    super()
    this.#options = options
    this.#kept = options.keepsReasoning ? createReasoningKeeper() : undefined
  }

  read(data: string): void {
    if (isDone(data)) {
      this.#complete()
      return
    }
    this.#eventLength = data.length
    const chunk = parseJson(data)
    if (isRecord(chunk)) this.#readChunk(chunk)
    else this.#readList(chunk)
    if (this.#gathered > 0) this.#boundGathered()
  }

  readWhole(body: unknown): void {
    const choice = isRecord(body) ? firstChoice(body) : undefined
    if (!isRecord(body) || !choice || isFailure(body)) {
      this.#fail(body)
      return
    }
    this.#readChoice(choice, choice.message ?? choice.delta)
    this.#readSuggestions(body)
    if (isRecord(body.usage)) this.#usage = usageOf(body.usage)
    if (this.outcome === 'running') this.#complete()
  }

  end(): void {
    if (this.#finishReason !== undefined) this.#complete()
  }

  reasoning(text: string, field: ReasoningField | undefined): void {
    this.#writeWholeCalls()
    if (this.#kept && field) this.#kept.text(text, field)
    this.#wroteText = true
    this.#emitText(this.#writer.reasoning(text))
  }

  reasoningDetails(details: readonly unknown[]): void {
    if (this.#kept) this.#gathered += this.#kept.details(details, this.#eventLength)
  }

  text(text: string): void {
    this.#writeWholeCalls()
    this.#wroteText = true
    this.#emitText(this.#writer.text(text))
  }

  toolCall(piece: ToolCallPiece): void {
    this.#gathered += 1 + (piece.extra ? this.#eventLength : piece.arguments.length)
    this.#calls ??= createToolCallGatherer()
    this.#calls.add(piece)
  }

  #readChunk(chunk: JsonRecord): void {
    const choice = firstChoice(chunk)
    if (choice) this.#readChoice(choice, choice.delta ?? this.#wholeMessage(choice))
    if (isRecord(chunk.usage)) this.#usage = usageOf(chunk.usage)
    // Not beside tokens, each of which would be looked at for it.
    if (!choice || choice.finish_reason) this.#readSuggestions(chunk)
    if (isFailure(chunk)) this.#fail(chunk)
    else if (!chunk.choices && !chunk.usage && looksLikeFailure(chunk)) this.#fail(chunk)
  }

  #readChoice(choice: JsonRecord, said: unknown): void {
    if (isRecord(said)) readDelta(said, this)
    if (isFailure(choice)) this.#fail(choice)
    else if (choice.finish_reason) this.#readFinish(choice.finish_reason)
  }

  /** Some servers send the whole message as one event; behind its pieces it would be the same again. */
  #wholeMessage({ message }: JsonRecord): unknown {
    return this.#wroteText || this.#calls ? undefined : message
  }

  #readFinish(value: unknown): void {
    const reason = finishReasonOf(value)
    if (reason === undefined) return
    this.#finishReason = reason
    this.saidItsEnd = true
    if (reason === 'error') this.#fail(undefined)
  }

  #readSuggestions(from: JsonRecord): void {
    const suggestions = suggestionsOf(from)
    if (suggestions) this.emit(suggestions)
  }

  #readList(list: unknown): void {
    const failure = failureInList(list)
    if (failure) this.#fail(failure)
  }

  #emitText(text: string): void {
    if (text !== '') this.emit({ type: 'token', text })
  }

  /** A call goes before what comes after it, unless its arguments are still on their way. */
  #writeWholeCalls(): void {
    if (this.#calls && !this.#calls.hasPartial()) this.#writeCalls(this.#calls)
  }

  #writeCalls(calls: ToolCallGatherer): void {
    for (const call of calls.take()) {
      this.#wroteCalls = true
      this.#emitText(this.#writer.toolCall(call))
      this.#callIds ??= new CallIds(this.#options.usedCallIds ?? [])
      this.emit({
        type: 'tool_call',
        call: {
          id: this.#callIds.of(call),
          name: call.name,
          arguments: call.arguments,
          ...(call.extra && { carry: call.extra }),
        },
      })
    }
  }

  #complete(): void {
    if (this.#calls) this.#writeCalls(this.#calls)
    this.#emitText(this.#writer.end())
    const usage = this.#usage
    const carry = this.#wroteCalls ? this.#kept?.carry() : undefined
    this.emit({
      type: 'finish',
      reason: reasonOf(this.#finishReason ?? 'stop', this.#wroteCalls),
      ...(usage && { usage }),
      ...(carry && { carry }),
    })
    this.outcome = 'complete'
  }

  /** Memory is not endless, and what is only kept is not bounded by what readers get. */
  #boundGathered(): void {
    if (this.outcome !== 'running') return
    if (this.#gathered > MOST_GATHERED || (this.#calls?.count ?? 0) > MOST_CALLS) {
      this.outcome = reportedFailure('The model server sent more than an answer can hold.')
    }
  }

  #fail(body: unknown): void {
    this.outcome = failureOf(body)
  }
}

const isDone = (data: string) => data.trim() === '[DONE]'
