import type { InferenceEvent } from '../core/ports.ts'
import type { EventReader, Outcome } from './answer-decoder.ts'
import { errorMessageOf, sanitizeErrorMessage } from './error-message.ts'
import { failureInList, looksLikeFailure, reportedFailure } from './failure.ts'
import { isRecord, parseJson, type JsonRecord } from './json.ts'

/**
 * Reads nanochat's events: `{"token":"…","gpu":0}` … `{"done":true}`, or `{"error":"…"}`. A token's text
 * passes through untouched, its other keys as `extra`.
 */
export function createNanochatReader(emit: (event: InferenceEvent) => void): EventReader {
  let outcome: Outcome = 'running'

  const fail = (message: string | undefined) => {
    outcome = reportedFailure(message)
  }

  const readRecord = (event: JsonRecord) => {
    if (isFailure(event)) return fail(failureMessage(event))
    if (typeof event.token === 'string') emit(tokenEvent(event, event.token))
    else if (event.done === undefined && looksLikeFailure(event)) return fail(undefined)
    if (event.done !== true) return
    emit({ type: 'finish', reason: 'stop' })
    outcome = 'complete'
  }

  return {
    read(data) {
      const event = parseJson(data)
      if (isRecord(event)) return readRecord(event)
      const failure = failureInList(event)
      if (failure) fail(failureMessage(failure))
    },
    readWhole(body) {
      fail(isRecord(body) ? failureMessage(body) : undefined)
    },
    end() {},
    get outcome() {
      return outcome
    },
    // Its last event is the only one that says so.
    saidItsEnd: false,
  }
}

/** Keys by which our own events are told apart: a model server does not get to say them. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['token', 'done', 'error', 'title', 'sources', 'turn_id', 'tool_request', 'tool_progress'],
  // No key of an event, and assigning to it would do something else.
  '__proto__',
])

/** A loop over the keys, and no lists of them: this runs for every token. */
function tokenEvent(event: JsonRecord, text: string): InferenceEvent {
  let extra: Record<string, unknown> | undefined
  for (const key of Object.keys(event)) {
    if (RESERVED.has(key)) continue
    extra ??= {}
    extra[key] = event[key]
  }
  return extra ? { type: 'token', text, extra } : { type: 'token', text }
}

const isFailure = (event: JsonRecord) =>
  event.error !== undefined && event.error !== null && event.error !== false

function failureMessage(event: JsonRecord): string | undefined {
  return typeof event.error === 'string' ? sanitizeErrorMessage(event.error) : errorMessageOf(event)
}
