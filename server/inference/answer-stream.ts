import { ChatError } from '../core/errors.ts'
import type { AnswerEvents, EventBatch, InferenceEvent } from '../core/ports.ts'
import { createAnswerDecoder, type CreateEventReader } from './answer-decoder.ts'
import type { UpstreamAnswer } from './upstream.ts'

/** With more events than this waiting, the model server is not read until they are taken. */
const MOST_WAITING = 4_096
/**
 * An answer that has given its finish reason is complete when it says nothing more for this many ms: some
 * servers send no formal end and keep the connection open, with heartbeats even.
 */
export const SILENCE_AT_THE_END = 1_000

type Result = IteratorResult<EventBatch, undefined>

/**
 * The events of an answer as they come, all that arrived together in one batch. Asks when it is first
 * read, and tells the model server to stop when its reader leaves. For one reader, that waits for each
 * batch before it asks for the next.
 */
export function streamAnswer(
  open: () => Promise<UpstreamAnswer>,
  createReader: CreateEventReader,
): AnswerEvents {
  return {
    [Symbol.asyncIterator]: () => readAnswer(open, createReader).batches,
    push: (take) => readAnswer(open, createReader).push(take),
  }
}

type Take = (batch: EventBatch) => boolean

interface Pushing {
  readonly take: Take
  readonly over: PromiseWithResolvers<void>
}

interface AnswerReading {
  readonly batches: AsyncIterator<EventBatch, undefined>
  readonly push: (take: Take) => Promise<void>
}

/** Written out, and not a generator: this runs for every token. */
function readAnswer(
  open: () => Promise<UpstreamAnswer>,
  createReader: CreateEventReader,
): AnswerReading {
  const decoder = createAnswerDecoder(createReader)
  let started = false
  let answer: UpstreamAnswer | undefined
  let waiting: InferenceEvent[] = []
  let ended: { failure: Error | undefined } | undefined
  let reader: PromiseWithResolvers<Result> | undefined
  let endTimer: NodeJS.Timeout | undefined

  const take = (): Result | undefined => {
    if (waiting.length > 0) {
      const value = waiting
      waiting = []
      if (value.length > MOST_WAITING) answer?.resume()
      return { done: false, value }
    }
    if (!ended) return undefined
    const { failure } = ended
    ended.failure = undefined
    if (failure !== undefined) throw failure
    return { done: true, value: undefined }
  }

  /** Where batches are pushed, nothing waits. */
  let pushing: Pushing | undefined

  const deliver = () => {
    if (pushing) return settle(pushing)
    if (!reader) return undefined
    const { resolve, reject } = reader
    try {
      const result = take()
      if (!result) return undefined
      reader = undefined
      resolve(result)
    } catch (failure) {
      reader = undefined
      reject(failure)
    }
    return undefined
  }

  const end = (failure: Error | undefined) => {
    if (ended) return
    ended = { failure }
    clearTimeout(endTimer)
    if (decoder.outcome === 'complete') answer?.finish()
    else answer?.abort()
  }

  const accept = (events: readonly InferenceEvent[]) => {
    if (pushing) give(pushing, events)
    else for (const event of events) waiting.push(event)
    const { outcome } = decoder
    if (outcome === 'complete') end(undefined)
    else if (outcome instanceof ChatError) end(outcome)
  }

  const awaitEnd = () => {
    clearTimeout(endTimer)
    endTimer = setTimeout(() => {
      accept(decoder.end())
      deliver()
    }, SILENCE_AT_THE_END)
  }

  const receiver = {
    chunk(bytes: Uint8Array) {
      if (ended) return
      const events = decoder.push(bytes)
      accept(events)
      if (decoder.saidItsEnd && !ended && (!endTimer || events.length > 0)) awaitEnd()
      if (waiting.length > MOST_WAITING) answer?.pause()
      deliver()
    },
    end(failure: Error | undefined) {
      if (ended) return
      accept(decoder.end())
      end(failure ?? decoder.incomplete())
      deliver()
    },
  }

  const start = async () => {
    started = true
    try {
      answer = await open()
    } catch (failure) {
      end(failure instanceof Error ? failure : new Error('Nothing was asked.', { cause: failure }))
      return deliver()
    }
    if (ended) answer.abort()
    else answer.receive(receiver)
  }

  const leave = () => {
    end(undefined)
    waiting = []
  }

  const batches: AsyncIterator<EventBatch, undefined> = {
    next() {
      if (!started && !ended) void start()
      reader = Promise.withResolvers<Result>()
      const { promise } = reader
      deliver()
      return promise
    },
    async return() {
      leave()
      return await Promise.resolve({ done: true, value: undefined })
    },
  }

  const give = ({ take: taken, over }: Pushing, events: EventBatch) => {
    if (events.length === 0) return
    try {
      if (!taken(events)) end(undefined)
    } catch (failure) {
      end(undefined)
      over.reject(failure)
    }
  }

  const settle = ({ over }: Pushing) => {
    if (!ended) return
    if (ended.failure) over.reject(ended.failure)
    else over.resolve()
  }

  const push = (taken: Take): Promise<void> => {
    const over = Promise.withResolvers<void>()
    pushing = { take: taken, over }
    void start()
    return over.promise
  }

  return { batches, push }
}
