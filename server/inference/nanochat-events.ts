import type { InferenceEvent } from '../core/ports.ts'
import type { EventReader, Made } from './answer-decoder.ts'
import { errorMessageOf, sanitizeErrorMessage } from './error-message.ts'
import { failureInList, looksLikeFailure, reportedFailure } from './failure.ts'
import { isRecord, parseJson, type JsonRecord } from './json.ts'

/**
 * Reads nanochat's events: `{"token":"…","gpu":0}` … `{"done":true}`, or `{"error":"…"}`. A token's text
 * passes through untouched, its other keys as `extra`.
 */
export function createNanochatReader(emit: (event: InferenceEvent) => void): EventReader {
  let lastExtra: Extra | undefined

  /** Mostly the same for each token of an answer, and then one object for all of them. */
  const shared = (extra: Extra | undefined): Extra | undefined => {
    if (!extra || !lastExtra || !isSame(extra, lastExtra)) lastExtra = extra
    return lastExtra
  }

  const fail = (message: string | undefined) => {
    reader.outcome = reportedFailure(message)
  }

  const readRecord = (event: JsonRecord) => {
    if (isFailure(event)) return fail(failureMessage(event))
    if (typeof event.token === 'string') emit(tokenEvent(event.token, shared(extraOf(event))))
    else if (event.done === undefined && looksLikeFailure(event)) return fail(undefined)
    if (event.done !== true) return
    emit({ type: 'finish', reason: 'stop' })
    reader.outcome = 'complete'
  }

  const reader: Made<EventReader> = {
    outcome: 'running',
    // Its last event is the only one that says so.
    saidItsEnd: false,
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
  }
  return reader
}

/** Keys by which our own events are told apart: a model server does not get to say them. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['token', 'done', 'error', 'title', 'sources', 'turn_id', 'tool_request', 'tool_progress'],
  // No key of an event, and assigning to it would do something else.
  '__proto__',
])

type Extra = Readonly<Record<string, unknown>>

/** A loop over the keys, and no lists of them: this runs for every token. */
function extraOf(event: JsonRecord): Extra | undefined {
  let extra: Record<string, unknown> | undefined
  for (const key in event) {
    if (RESERVED.has(key)) continue
    extra ??= {}
    extra[key] = event[key]
  }
  return extra
}

/** Keys in another order are written in another order. */
function isSame(one: Extra, other: Extra): boolean {
  const keys = Object.keys(one)
  const otherKeys = Object.keys(other)
  return (
    keys.length === otherKeys.length &&
    keys.every((key, index) => key === otherKeys[index] && one[key] === other[key])
  )
}

const tokenEvent = (text: string, extra: Extra | undefined): InferenceEvent =>
  extra ? { type: 'token', text, extra } : { type: 'token', text }

const isFailure = (event: JsonRecord) =>
  event.error !== undefined && event.error !== null && event.error !== false

function failureMessage(event: JsonRecord): string | undefined {
  return typeof event.error === 'string' ? sanitizeErrorMessage(event.error) : errorMessageOf(event)
}
