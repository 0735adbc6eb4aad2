/** Refusals that may be over in a moment, and when to ask again. */
import { isRecord, type JsonRecord } from '../json.ts'
import type { ResponseHeaders } from './content-coding.ts'

/**
 * Too many requests, not ready, overloaded; and a gateway that had no answer from the server behind it. One that
 * waited for it in vain (504) is left alone: the server may be at work on the request still, and a visitor has
 * waited long enough.
 */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 529])

/** Milliseconds to wait where the server says nothing: half of it surely, the rest by chance. */
const USUAL_WAIT = 1_000

/** What does not pass by itself: a plan that is used up. */
const USED_UP_CODE = /insufficient_(?:quota|balance|funds|credits?)|billing|credits?_exhausted/i
const USED_UP_WORDS = /\bquota\b|\bbilling\b|\bcredits?\b|\bbalance\b/i

/** Milliseconds that the server asks for; `undefined` when it does not. */
export function readRetryAfter(headers: ResponseHeaders, wallClock: number): number | undefined {
  const exact = Number(textOf(headers['retry-after-ms']) || Number.NaN)
  if (Number.isFinite(exact) && exact >= 0) return exact
  const said = textOf(headers['retry-after'])
  if (/^\d+(?:\.\d+)?$/.test(said)) return Number(said) * 1_000
  const date = /[a-z]/i.test(said) ? Date.parse(said) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallClock)
}

const textOf = (value: ResponseHeaders[string]) => [value ?? ''].flat()[0]?.trim() ?? ''

/**
 * Milliseconds after which a refused request should be sent once more; `undefined`: not at all. `asked` is what
 * the server asks for.
 */
export function waitBeforeRetry(
  refusal: { readonly status: number; readonly headers: ResponseHeaders; readonly body: unknown },
  asked: number | undefined,
  chance: number,
): number | undefined {
  const { status, headers, body } = refusal
  if (!PASSING.has(status) || isUsedUp(body, asked)) return undefined
  // What OpenAI and those who follow it send when they know better.
  if (textOf(headers['x-should-retry']) === 'false') return undefined
  return asked ?? USUAL_WAIT * (0.5 + chance / 2)
}

/** Words alone may also be said of a limit by the minute, which then has its time. */
function isUsedUp(body: unknown, asked: number | undefined): boolean {
  const error = errorOf(body)
  if (!error) return false
  const says = (key: string, pattern: RegExp) => {
    const said = error[key]
    return typeof said === 'string' && pattern.test(said)
  }
  if (says('code', USED_UP_CODE) || says('type', USED_UP_CODE)) return true
  return asked === undefined && says('message', USED_UP_WORDS)
}

function errorOf(body: unknown): JsonRecord | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body
  if (!isRecord(first)) return undefined
  return isRecord(first.error) ? first.error : first
}
