/**
 * The model is asked, and asked again with what its tools gave, until the answer ends; then what came of it
 * is named.
 */
import type { ErrorCode, FinishReason, TurnEvent, AnswerOutcome } from '../../protocol/events.ts'
import { parseTagged } from '../../protocol/tags.ts'
import { type AnswerFiles, type AnswerSoFar, takeAll, type TurnOutput } from './answer.ts'
import { takeBehind } from './continuation.ts'
import { ChatError, toChatError } from '../errors.ts'
import type {
  EventBatch,
  GenerateRequest,
  Inference,
  ToolRound,
  KnowledgeHit,
  TakeBatch,
  Tool,
} from '../ports/index.ts'
import { answerCalls, type ToolRoundOptions } from './tools.ts'
import { wantsPerson } from '../../text/person-wanted.ts'
import type { TurnPlan } from './plan.ts'

/** An answer over these is ended as `length`: no model means it, and memory is not endless. */
const MOST_CHARACTERS = 4_000_000
const MOST_TOKENS = 100_000
/** UTF-16 units of a provider's chunks, which are kept beside the text for those who read it again. */
const MOST_PASSED_ON = 64_000_000

/** Why a generation is ended from outside; the reason of the abort signal. */
export type EndReason = 'stopped' | 'interrupted'

/** What came of it, beside what the answer says. */
export interface GenerationResult {
  readonly finishReason: FinishReason
  readonly error: ChatError | undefined
  /** The model has ended its answer without giving one: it declined, or was kept from it, or said nothing. */
  readonly isDeclined: boolean
  /** What it has called, and what that gave. */
  readonly rounds: readonly ToolRound[]
}

/** The signal is aborted with an EndReason. */
export interface GenerationOptions extends ToolRoundOptions {
  readonly inference: Inference
  readonly files: AnswerFiles
  readonly output: TurnOutput
  readonly request: GenerateRequest
  /** What the answer goes on behind. */
  readonly before?: string | undefined
}

/**
 * Generates one answer: passes on what the model says as it comes, gathers it, and asks again with what its
 * tools gave for as long as it calls any. Never throws; what goes wrong is in the result.
 */
export async function generateAnswer(options: GenerationOptions): Promise<GenerationResult> {
  const { inference, answer, signal, before } = options
  let error: ChatError | undefined
  let rounds: readonly ToolRound[] = []
  const taker = new BatchTaker(options)
  const onAbort = () => taker.stop()
  signal.addEventListener('abort', onAbort)
  try {
    signal.throwIfAborted()
    let request: GenerateRequest | undefined = options.request
    while (request) {
      const events = inference.generate(request, { signal })
      const take: TakeBatch = (batch) => taker.take(batch)
      await (before === undefined ? takeAll(events, take) : takeBehind(before, events, take))
      request = await answerCalls(request, options)
      rounds = request?.rounds ?? rounds
    }
    if (hasTimedOut(signal)) throw timedOut()
    if (!signal.aborted) checkComplete(options)
  } catch (thrown) {
    // An abort makes the adapter throw whatever it likes; that is not a failure of the model server.
    if (!signal.aborted) error = toChatError(thrown)
    else if (hasTimedOut(signal)) error = timedOut()
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
  return {
    finishReason: error ? (REASONS[error.code] ?? 'error') : finishReasonOf(answer, signal),
    error,
    isDeclined: isDeclined(answer, error),
    rounds,
  }
}

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class BatchTaker {
  readonly #answer: AnswerSoFar
  readonly #files: AnswerFiles
  readonly #output: TurnOutput
  /** Asking a signal that is made of others costs more than the rest does. */
  #isStopped = false

  constructor({ answer, files, output }: GenerationOptions) {
    this.#answer = answer
    this.#files = files
    this.#output = output
  }

  stop(): void {
    this.#isStopped = true
  }

  /** False: no more is wanted. */
  take(batch: EventBatch): boolean {
    const answer = this.#answer
    const first = batch[0]
    if (first && batch.length === 1 && first.type !== 'files') {
      // By far the most; an array that grows by pushing would take room for many.
      const noted = answer.note(first)
      if (noted) this.#output.append([noted])
    } else {
      this.#takeAll(batch)
    }
    return !answer.finish && !this.#isStopped && !isTooLong(answer)
  }

  #takeAll(batch: EventBatch): void {
    let shown: TurnEvent[] = []
    for (const event of batch) {
      if (event.type === 'files') {
        this.#output.append(shown)
        shown = []
        this.#files.keep(event, this.#output)
        continue
      }
      const noted = this.#answer.note(event)
      if (noted) shown.push(noted)
    }
    this.#output.append(shown)
  }
}

const isTooLong = ({ length, tokenCount, passedOn }: AnswerSoFar) =>
  length > MOST_CHARACTERS || tokenCount > MOST_TOKENS || passedOn > MOST_PASSED_ON

/** The turn's time is over: the only abort that is not asked for by somebody. */
const hasTimedOut = ({ aborted, reason }: AbortSignal) =>
  aborted && reason instanceof DOMException && reason.name === 'TimeoutError'

const timedOut = () =>
  new ChatError('inference_timeout', 'The model server did not finish its answer in time.')

/** @throws ChatError when what has come cannot be shown as a whole answer */
function checkComplete({ answer, files, request }: GenerationOptions): void {
  if (!answer.finish && !isTooLong(answer)) {
    throw new ChatError(
      'inference_interrupted',
      'The answer was cut off before it was complete. Please try again.',
    )
  }
  // The chunks of a thread's provider say themselves how its answer ended.
  const isToldBeside = request.thread !== undefined && answer.tokenCount > 0
  if (!answer.interrupt && !files.hasAny && !isToldBeside) checkSaysSomething(answer)
}

/** What an answer that says nothing has refused with, where the model server said why it ended. */
const REASONS: Readonly<Partial<Record<ErrorCode, FinishReason>>> = {
  inference_length: 'length',
  inference_filtered: 'content_filter',
}

/**
 * Thinking is no answer, and neither are calls of tools that were cut short.
 * @throws ChatError which says why there is none
 */
function checkSaysSomething(answer: AnswerSoFar): void {
  const tagged = answer.content()
  if (hasText(tagged)) return
  // Without a finish it was too long for us.
  const reason = answer.finish?.reason ?? 'length'
  if (reason === 'length') {
    throw new ChatError(
      'inference_length',
      'The length limit was used up before an answer came, perhaps by thinking. Please ask for less at once.',
    )
  }
  if (reason === 'content_filter') {
    throw new ChatError(
      'inference_filtered',
      'A content filter withheld the answer. Please ask in other words.',
    )
  }
  const kinds = new Set(parseTagged(tagged).map(({ kind }) => kind))
  if (kinds.has('tool_call') || kinds.has('tool_result')) return
  throw new ChatError(
    'inference_error',
    kinds.has('think')
      ? 'The model thought about it, but gave no answer. Please try again.'
      : 'The model gave an empty answer. Please try again.',
  )
}

/** An answer that was cut short may have become one. */
function isDeclined({ finish }: AnswerSoFar, error: ChatError | undefined): boolean {
  if (!finish) return false
  // What can fail once the model has ended its answer is that there is nothing in it.
  if (error) return error.code === 'inference_filtered' || error.code === 'inference_error'
  return finish.declines || finish.reason === 'content_filter'
}

function hasText(tagged: string): boolean {
  // Without tags there is nothing to look for, which takes as long as the answer is.
  if (!tagged.includes('<')) return tagged.trim() !== ''
  return parseTagged(tagged).some(({ kind, content }) => kind === 'text' && content.trim() !== '')
}

function finishReasonOf(answer: AnswerSoFar, signal: AbortSignal): FinishReason {
  const leavesCalls = signal.aborted && answer.calls.length > 0
  if (answer.finish && !leavesCalls) {
    const { reason } = answer.finish
    // Calls that are not run any more: what stands beside them is the answer.
    if (reason !== 'tool_calls') return reason
    return hasText(answer.roundText()) ? 'stop' : 'length'
  }
  if (!signal.aborted) return 'length'
  return signal.reason === 'stopped' ? 'stopped' : 'interrupted'
}

// What came of a question, where the visitor needs a way on.

interface AnswerEnd {
  readonly plan: Pick<TurnPlan, 'grounding' | 'pageTools' | 'userMessage'>
  readonly result: Pick<GenerationResult, 'finishReason' | 'isDeclined' | 'rounds'>
  /** What this server's tools are. */
  readonly tools: readonly Tool[]
  /** What the model had to answer from; none of an engine that tells itself when it declines. */
  readonly passages: readonly KnowledgeHit[]
  readonly quotesPassages: boolean
}

/**
 * `undefined` for most answers. Of a model's own words none are judged: it counts as unanswered when the model
 * or its server says so, when it was told to answer from documents that have nothing on the question, and when
 * all that its tools did was to look into the documents and find nothing.
 */
export function outcomeOf(end: AnswerEnd): AnswerOutcome | undefined {
  const { plan, result, quotesPassages, passages } = end
  if (wantsPerson(plan.userMessage.content)) return 'wants_person'
  if (result.isDeclined) return 'unanswered'
  const isWhole = result.finishReason === 'stop'
  if (!isWhole || quotesPassages || passages.length > 0) return undefined
  return hadToCite(plan) || searchedInVain(end) ? 'unanswered' : undefined
}

/** A greeting has no words to look for, and is answered without any document. */
const hadToCite = ({ grounding }: AnswerEnd['plan']) =>
  grounding !== undefined && !grounding.isOptional && grounding.terms.length > 0

function searchedInVain({ plan, result, tools }: AnswerEnd): boolean {
  const succeeded = result.rounds.flatMap(({ calls, results }) =>
    calls.filter((_, index) => results[index]?.success === true),
  )
  const isOfPage = (wanted: string) => plan.pageTools.some(({ name }) => name === wanted)
  const searches = new Set(
    tools.flatMap(({ name, readsDocuments }) => (readsDocuments && !isOfPage(name) ? [name] : [])),
  )
  return succeeded.length > 0 && succeeded.every(({ name }) => searches.has(name))
}
