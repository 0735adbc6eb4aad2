import type { FinishReason, Source, TurnEvent, Usage } from '../protocol/events.ts'
import { ChatError, toChatError } from './errors.ts'
import type { GenerateRequest, Inference, InferenceEvent } from './ports.ts'

/** An answer over these is ended as `length`: no model means it, and memory is not endless. */
const MOST_CHARACTERS = 4_000_000
const MOST_TOKENS = 100_000

/** Why a generation is ended from outside; the reason of the abort signal. */
export type EndReason = 'stopped' | 'interrupted'

export interface GenerationResult {
  /** Tagged text. */
  readonly content: string
  readonly sources: readonly Source[]
  readonly tokenCount: number
  readonly finishReason: FinishReason
  readonly usage: Usage | undefined
  readonly error: ChatError | undefined
}

/** What has come of an answer; read while it is being written. */
export interface AnswerSoFar {
  /** Takes an event in; gives it back when readers are to see it. */
  note(event: InferenceEvent): TurnEvent | undefined
  content(): string
  readonly sources: readonly Source[]
  readonly tokenCount: number
  /** UTF-16 units of the text. */
  readonly length: number
  readonly finish: { readonly reason: FinishReason; readonly usage: Usage | undefined } | undefined
}

export function createAnswerSoFar(): AnswerSoFar {
  const parts: string[] = []
  let sources: readonly Source[] = []
  let tokenCount = 0
  let length = 0
  let finish: AnswerSoFar['finish']
  return {
    note(event) {
      switch (event.type) {
        case 'token':
          if (event.text === '') return undefined
          parts.push(event.text)
          length += event.text.length
          tokenCount += 1
          return event
        case 'sources':
          sources = event.sources
          return event
        case 'finish':
          finish = { reason: event.reason, usage: event.usage }
          return undefined
      }
    },
    content: () => parts.join(''),
    get sources() {
      return sources
    },
    get tokenCount() {
      return tokenCount
    },
    get length() {
      return length
    },
    get finish() {
      return finish
    },
  }
}

export interface GenerationOptions {
  readonly inference: Inference
  readonly request: GenerateRequest
  readonly answer: AnswerSoFar
  /** Aborted with an EndReason. */
  readonly signal: AbortSignal
  readonly append: (events: readonly TurnEvent[]) => void
}

/**
 * Runs one generation: passes its events on as they come and gathers the answer. Never throws; what
 * goes wrong is in the result.
 */
export async function generateAnswer(options: GenerationOptions): Promise<GenerationResult> {
  const { inference, request, answer, signal, append } = options
  let error: ChatError | undefined
  try {
    signal.throwIfAborted()
    for await (const batch of inference.generate(request, { signal })) {
      append(batch.map((event) => answer.note(event)).filter((event) => event !== undefined))
      if (answer.finish || signal.aborted || isTooLong(answer)) break
    }
    if (hasTimedOut(signal)) throw timedOut()
    if (!signal.aborted) checkComplete(answer)
  } catch (thrown) {
    // An abort makes the adapter throw whatever it likes; that is not a failure of the model server.
    if (!signal.aborted) error = toChatError(thrown)
    else if (hasTimedOut(signal)) error = timedOut()
  }
  return {
    content: answer.content(),
    sources: answer.sources,
    tokenCount: answer.tokenCount,
    finishReason: error ? 'error' : finishReasonOf(answer, signal),
    usage: answer.finish?.usage,
    error,
  }
}

const isTooLong = ({ length, tokenCount }: AnswerSoFar) =>
  length > MOST_CHARACTERS || tokenCount > MOST_TOKENS

/** The turn's time is over: the only abort that is not asked for by somebody. */
const hasTimedOut = ({ aborted, reason }: AbortSignal) =>
  aborted && reason instanceof DOMException && reason.name === 'TimeoutError'

const timedOut = () =>
  new ChatError('inference_timeout', 'The model server did not finish its answer in time.')

/** @throws ChatError when what has come cannot be shown as a whole answer */
function checkComplete(answer: AnswerSoFar): void {
  if (!answer.finish && !isTooLong(answer)) {
    throw new ChatError(
      'inference_interrupted',
      'The answer was cut off before it was complete. Please try again.',
    )
  }
  if (answer.tokenCount === 0) {
    throw new ChatError('inference_error', 'The model gave an empty answer. Please try again.')
  }
}

function finishReasonOf(answer: AnswerSoFar, signal: AbortSignal): FinishReason {
  if (answer.finish) return answer.finish.reason
  if (!signal.aborted) return 'length'
  return signal.reason === 'stopped' ? 'stopped' : 'interrupted'
}
