import type { InferenceEvent } from '../../core/ports/index.ts'
import { failureInList, failureOf, looksLikeFailure, saysNothing } from '../failure.ts'
import { isRecord, parseJson, type JsonRecord } from '../json.ts'
import { finishReasonOf, reasonOf } from '../openai/chunk.ts'
import { suggestionsOf } from '../suggestions.ts'
import { BatchReader, type EventReader } from '../transport/event-reader.ts'
import { endedEarly, interrupted } from '../transport/upstream.ts'

/**
 * Reads nanochat's events: `{"token":"…","gpu":0}` … `{"done":true}`, or `{"error":"…"}`. A token's text
 * passes through untouched, its other keys as `extra`.
 */
export function createNanochatReader(): EventReader {
  return new NanochatReader()
}

class NanochatReader extends BatchReader {
  /** Mostly the same for each token of an answer, and then one object for all of them. */
  #extra: Extra | undefined
  #extraKeys: readonly string[] = NO_KEYS
  /** What came last could not be read: it may have been a failure, or text. */
  #isUnread = false

  read(data: string): void {
    const event = parseJson(data)
    if (isRecord(event)) {
      this.#readRecord(event)
      return
    }
    const failure = failureInList(event)
    if (failure) this.#fail(failure)
    else if (!saysNothing(data, event)) this.#isUnread = true
  }

  readWhole(body: unknown): void {
    this.#fail(body)
  }

  /** Its last event is the only one that says so. */
  end(): void {}

  #readRecord(event: JsonRecord): void {
    if (isFailure(event)) {
      this.#fail(event)
      return
    }
    if (typeof event.token === 'string') {
      this.#isUnread = false
      this.emit(tokenEvent(event.token, this.#extraOf(event)))
    } else if (event.done === undefined && looksLikeFailure(event)) {
      this.#fail(event)
      return
    }
    const suggestions = typeof event.token === 'string' ? undefined : suggestionsOf(event)
    if (suggestions) this.emit(suggestions)
    if (event.done !== true) return
    if (this.#isUnread) {
      this.outcome = interrupted()
      return
    }
    this.#finish(event.finish_reason)
  }

  /** nanochat itself gives no reason; a server that speaks like it may. */
  #finish(given: unknown): void {
    const reason = finishReasonOf(given) ?? 'stop'
    if (reason === 'error') this.#fail(undefined)
    else if (reason === 'interrupted') this.outcome = endedEarly(given)
    else {
      this.emit({ type: 'finish', reason: reasonOf(reason, false) })
      this.outcome = 'complete'
    }
  }

  #extraOf(event: JsonRecord): Extra | undefined {
    if (!isSame(event, this.#extra, this.#extraKeys)) {
      this.#extra = extraOf(event)
      this.#extraKeys = this.#extra ? Object.keys(this.#extra) : NO_KEYS
    }
    return this.#extra
  }

  #fail(event: unknown): void {
    this.outcome = failureOf(event)
  }
}

/** Keys by which our own events are told apart: a model server does not get to say them. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['token', 'done', 'error', 'title', 'sources', 'turn_id', 'tool_request', 'tool_progress'],
  ...['progress', 'suggestions'],
  // No key of an event, and assigning to it would do something else.
  '__proto__',
])

type Extra = Readonly<Record<string, unknown>>

const NO_KEYS: readonly string[] = []

function extraOf(event: JsonRecord): Extra | undefined {
  const keys = Object.keys(event).filter((key) => !RESERVED.has(key))
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, event[key]]))
}

/**
 * Whether an event has this extra. Keys in another order are written in another order. A loop over the keys,
 * and no lists of them: this runs for every token.
 */
function isSame(event: JsonRecord, extra: Extra | undefined, keys: readonly string[]): boolean {
  let count = 0
  for (const key in event) {
    if (RESERVED.has(key)) continue
    if (key !== keys[count] || event[key] !== extra?.[key]) return false
    count += 1
  }
  return count === keys.length
}

const tokenEvent = (text: string, extra: Extra | undefined): InferenceEvent =>
  extra ? { type: 'token', text, extra } : { type: 'token', text }

const isFailure = (event: JsonRecord) =>
  event.error !== undefined && event.error !== null && event.error !== false
