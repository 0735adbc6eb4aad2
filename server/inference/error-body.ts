/** What the error body of a model server says, and how much of it may be shown to whom. */
import { isRecord, itemsOf, type JsonRecord } from '../text/json.ts'
import type { ResponseHeaders } from './transport/content-coding.ts'

const LONGEST = 300

const PATHS: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z]:\\[^\s"'<>|]+/gi, '[path]'],
  [/(?<![\w\]/])~?\/(?:[\w.@+-]+\/)*[\w.@+-]+/g, '[path]'],
  [/(?<![\w\]/])\.{1,2}\/[\w.@+/-]+/g, '[path]'],
]

/**
 * What must not reach a visitor, and what stands in its place. Order matters: a URL is taken whole
 * before its path could be taken for a file's.
 */
const REMOVED: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, '[link]'],
  [/\b(bearer|basic)\s+[\w.~+/=*-]+/gi, '$1 [key]'],
  [/\b(?:sk|pk|rk|gsk|xai|hf|ghp|glpat|nvapi|tvly|key|tok)[-_][\w*-]{4,}/gi, '[key]'],
  [/\beyJ[\w-]+(?:\.[\w-]*){1,2}/g, '[key]'],
  [
    /((?:api|access|auth|secret|private)?[-_ ]?(?:key|token|secret|passw(?:or)?d|authorization)["']?(?: provided)?\s*[:=]\s*)(?:"[^"]*"?|'[^']*'?|[^\s,;]+)/gi,
    '$1[key]',
  ],
  // Long and mixed: a key, whoever it belongs to. A model's name has hyphens and stays.
  [/\b(?=[\w+/=]*\d)(?=[\w+/=]*[a-z])[\w+/=]{24,}/gi, '[key]'],
  [/\b(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{40,}/g, '[key]'],
  ...PATHS,
]

/** Characters that could forge a line or hide text. */
// oxlint-disable-next-line no-control-regex
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]+/g

const remove = (text: string, removed: typeof REMOVED) =>
  removed.reduce((left, [pattern, replacement]) => left.replaceAll(pattern, replacement), text)

/** Whether a text is a page or another document, and no sentence; some servers begin theirs with `<400>`. */
export const isPage = (text: string) => /^\s*<[a-z!?/]/i.test(text)

/** The text with `[path]` for every path of a file. */
export const removePaths = (text: string) => remove(text, PATHS)

/**
 * A model server's own words about a failure, fit for a visitor: keys, addresses and paths removed, one
 * line, at most 300 characters. `undefined` when nothing worth saying is left.
 */
export function sanitizeErrorMessage(message: string): string | undefined {
  // A second line is a stack trace or a dump.
  const firstLine = message.slice(0, 4_000).trim().split(/\r?\n/, 1)[0] ?? ''
  if (/^traceback\b/i.test(firstLine) || isPage(firstLine)) return undefined
  const text = remove(firstLine, REMOVED).replaceAll(INVISIBLE, ' ').replaceAll(/\s+/g, ' ').trim()
  if (!/\p{L}/u.test(text.replaceAll(/\[(?:key|link|path)\]/g, ''))) return undefined
  const points = Array.from(text)
  return points.length <= LONGEST
    ? text
    : `${points
        .slice(0, LONGEST - 1)
        .join('')
        .trimEnd()}…`
}

/**
 * What an error body says for a person, sanitized, in the forms that servers and frameworks give it: OpenAI's
 * `error.message`, FastAPI's `detail` (a text, or a list of what is wrong where), a bare `message`, a bare
 * `error`, or a list of any of these. `undefined` when it says nothing fit to be shown.
 */
export function errorMessageOf(body: unknown): string | undefined {
  const said = wordsOf(body)
  return said === undefined ? undefined : sanitizeErrorMessage(said)
}

function wordsOf(body: unknown): string | undefined {
  if (Array.isArray(body)) return wordsOf(itemsOf(body)[0])
  if (!isRecord(body)) return undefined
  const { error, detail, message } = body
  const nested = isRecord(error) ? error.message : error
  if (typeof nested === 'string' && nested.trim() !== '') return nested
  if (typeof detail === 'string') return detail
  if (Array.isArray(detail)) return problemsOf(detail)
  if (isRecord(detail)) return wordsOf(detail)
  return typeof message === 'string' ? message : undefined
}

/** What FastAPI finds wrong with a request: `{loc: ['body', 'messages', 0], msg}`. */
function problemsOf(problems: readonly unknown[]): string | undefined {
  const said = problems.flatMap((problem) => {
    if (typeof problem === 'string') return [problem]
    if (!isRecord(problem) || typeof problem.msg !== 'string') return []
    const place = itemsOf(problem.loc).filter((step, at) => at > 0 || step !== 'body')
    return [place.length === 0 ? problem.msg : `${place.map(String).join('.')}: ${problem.msg}`]
  })
  return said.length === 0 ? undefined : said.join('; ')
}

/** No key, a wrong one, one that may not; no money; no such model or address; a proxy that asks who we are. */
const OPERATORS_STATUS: ReadonlySet<number> = new Set([401, 402, 403, 404, 407])
/** The same where servers say it with another status. */
const OPERATORS_CODE =
  /^(?:invalid_api_key|authentication_error|permission_error|permission_denied|unauthenticated|insufficient_quota|insufficient_balance|billing_\w+|account_deactivated|arrearage|invalid_model|model_(?:not_found|not_available|decommissioned|deprecated))$/i
const OPERATORS_WORDS =
  /\bAPI[ _-]?key (?:not valid|is (?:not valid|invalid|missing|required|expired))|\b(?:invalid|incorrect|missing|no|expired) API[ _-]?key\b|\bcredit balance\b|\b(?:not a valid|invalid) model(?: id| name)?\b(?! (?:output|response))|\bfailed to load model\b|\binsufficient (?:balance|credits?|funds|quota)\b/i
/** Said of what a visitor has written. */
const VISITORS_WORDS = /\bflagged\b|\bmoderation\b|\bcontent[ _-](?:policy|filter)/i

/**
 * Whether a failure is one that only the operator can mend. `status`: of the answer; of a failure in an answer
 * that had begun well there is none, but what its error says.
 */
export function isOperatorsTrouble(body: unknown, status?: number): boolean {
  const said = wordsOf(body) ?? ''
  const codes = [status, ...codesOf(body)]
  const isTheirs = codes.some((code) =>
    typeof code === 'number' ? OPERATORS_STATUS.has(code) : OPERATORS_CODE.test(String(code)),
  )
  return (isTheirs || OPERATORS_WORDS.test(said)) && !VISITORS_WORDS.test(said)
}

function codesOf(body: unknown): readonly unknown[] {
  const error = errorOf(body)
  return error ? [error.code, error.type, error.status] : []
}

// Refusals that may be over in a moment, and when to ask again.

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
