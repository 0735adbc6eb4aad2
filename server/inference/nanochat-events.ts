import { ChatError } from '../core/errors.ts'
import type { InferenceEvent } from '../core/ports.ts'
import type { EventReader, Outcome } from './answer-decoder.ts'
import { errorMessageOf, sanitizeErrorMessage } from './error-message.ts'
import { isRecord, parseJson, type JsonRecord } from './json.ts'

const UNNAMED_FAILURE = 'The model server reported an error.'

/**
 * Reads nanochat's events: `{"token":"…","gpu":0}` … `{"done":true}`, or `{"error":"…"}`. A token's text
 * passes through untouched, its other keys as `extra`.
 */
export function createNanochatReader(emit: (event: InferenceEvent) => void): EventReader {
  let outcome: Outcome = 'running'

  const fail = (message: string | undefined) => {
    outcome = new ChatError('inference_error', message ?? UNNAMED_FAILURE)
  }

  const readRecord = (event: JsonRecord) => {
    if (isFailure(event)) return fail(failureMessage(event))
    if (typeof event.token === 'string') emit(tokenEvent(event, event.token))
    if (event.done !== true) return
    emit({ type: 'finish', reason: 'stop' })
    outcome = 'complete'
  }

  return {
    read(data) {
      const event = parseJson(data)
      if (isRecord(event)) readRecord(event)
    },
    readWhole(body) {
      fail(isRecord(body) ? failureMessage(body) : undefined)
    },
    end() {},
    get outcome() {
      return outcome
    },
  }
}

/** Keys that mean something in our own events: a model server does not get to say them. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['token', 'done', 'error', 'code', 'retryable', 'title', 'sources'],
  ...['turn_id', 'user_message_id', 'message_id', 'finish_reason', 'token_count'],
  ...['inference_time_ms', 'usage'],
])

function tokenEvent(event: JsonRecord, text: string): InferenceEvent {
  const extra = Object.fromEntries(Object.entries(event).filter(([key]) => !RESERVED.has(key)))
  return Object.keys(extra).length === 0 ? { type: 'token', text } : { type: 'token', text, extra }
}

const isFailure = (event: JsonRecord) =>
  event.error !== undefined && event.error !== null && event.error !== false

function failureMessage(event: JsonRecord): string | undefined {
  return typeof event.error === 'string' ? sanitizeErrorMessage(event.error) : errorMessageOf(event)
}
