import type { FinishReason, Source, TurnEvent, Usage } from '../protocol/events.ts'
import { ChatError, toChatError } from './errors.ts'
import type { GenerateRequest, Inference, InferenceEvent } from './ports.ts'

/** An answer longer than this is ended as `length`: no model means it, and memory is not endless. */
const LONGEST_ANSWER = 4_000_000

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

export interface GenerationOptions {
  readonly inference: Inference
  readonly request: GenerateRequest
  /** Aborted with an EndReason. */
  readonly signal: AbortSignal
  readonly append: (events: readonly TurnEvent[]) => void
}

/**
 * Runs one generation: passes its events on as they come and gathers the answer. Never throws; what
 * goes wrong is in the result.
 */
export async function generateAnswer(options: GenerationOptions): Promise<GenerationResult> {
  const { inference, request, signal, append } = options
  const parts: string[] = []
  let sources: readonly Source[] = []
  let tokenCount = 0
  let length = 0
  let finish: { reason: FinishReason; usage: Usage | undefined } | undefined
  let error: ChatError | undefined

  const note = (event: InferenceEvent): TurnEvent | undefined => {
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
  }

  try {
    signal.throwIfAborted()
    for await (const batch of inference.generate(request, { signal })) {
      append(batch.map(note).filter((event) => event !== undefined))
      if (finish || signal.aborted) break
      if (length > LONGEST_ANSWER) {
        finish = { reason: 'length', usage: undefined }
        break
      }
    }
    if (!finish && !signal.aborted) {
      throw new ChatError(
        'inference_interrupted',
        'The answer was cut off before it was complete. Please try again.',
      )
    }
    if (parts.length === 0 && !signal.aborted) {
      throw new ChatError('inference_error', 'The model gave an empty answer. Please try again.')
    }
  } catch (thrown) {
    // An abort makes the adapter throw whatever it likes; that is not a failure of the model server.
    if (!signal.aborted) error = toChatError(thrown)
  }

  return {
    content: parts.join(''),
    sources,
    tokenCount,
    finishReason: error ? 'error' : (finish?.reason ?? endReasonOf(signal)),
    usage: finish?.usage,
    error,
  }
}

function endReasonOf(signal: AbortSignal): EndReason {
  return signal.reason === 'stopped' ? 'stopped' : 'interrupted'
}
