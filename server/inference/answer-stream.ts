import { ChatError } from '../core/errors.ts'
import type { InferenceEvent } from '../core/ports.ts'
import { createAnswerDecoder, type CreateEventReader } from './answer-decoder.ts'
import type { UpstreamAnswer } from './upstream.ts'

/** With more events than this waiting, the model server is not read until they are taken. */
const MOST_WAITING = 4_096
/**
 * An answer that has given its finish reason is complete when it says nothing more for this many ms: some
 * servers send no formal end and keep the connection open, with heartbeats even.
 */
export const SILENCE_AT_THE_END = 1_000

type Batch = readonly InferenceEvent[]
type Result = IteratorResult<Batch, undefined>

/**
 * The events of an answer as they come, all that arrived together in one batch. Asks when it is first
 * read, and tells the model server to stop when its reader leaves. For one reader, that waits for each
 * batch before it asks for the next.
 */
export function streamAnswer(
  open: () => Promise<UpstreamAnswer>,
  createReader: CreateEventReader,
): AsyncIterable<Batch> {
  return { [Symbol.asyncIterator]: () => readAnswer(open, createReader) }
}

/** Written out, and not a generator: a token costs one promise, from the socket to the reader. */
function readAnswer(
  open: () => Promise<UpstreamAnswer>,
  createReader: CreateEventReader,
): AsyncIterator<Batch, undefined> {
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

  const deliver = () => {
    if (!reader) return
    const { resolve, reject } = reader
    try {
      const result = take()
      if (!result) return
      reader = undefined
      resolve(result)
    } catch (failure) {
      reader = undefined
      reject(failure)
    }
  }

  const end = (failure: Error | undefined) => {
    if (ended) return
    ended = { failure }
    clearTimeout(endTimer)
    if (decoder.outcome === 'complete') answer?.finish()
    else answer?.abort()
  }

  const accept = (events: Batch) => {
    for (const event of events) waiting.push(event)
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

  return {
    next() {
      if (!started && !ended) void start()
      reader = Promise.withResolvers<Result>()
      const { promise } = reader
      deliver()
      return promise
    },
    async return() {
      end(undefined)
      waiting = []
      return await Promise.resolve({ done: true, value: undefined })
    },
  }
}
