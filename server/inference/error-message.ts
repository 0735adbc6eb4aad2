import { isRecord, itemsOf } from './json.ts'

const LONGEST = 300

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
  [/\b[a-z]:\\[^\s"'<>|]+/gi, '[path]'],
  [/(?<![\w\]/])~?\/(?:[\w.@+-]+\/)*[\w.@+-]+/g, '[path]'],
  [/(?<![\w\]/])\.{1,2}\/[\w.@+/-]+/g, '[path]'],
]

/** Characters that could forge a line or hide text. */
// oxlint-disable-next-line no-control-regex
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]+/g

/**
 * A model server's own words about a failure, fit for a visitor: keys, addresses and paths removed, one
 * line, at most 300 characters. `undefined` when nothing worth saying is left.
 */
export function sanitizeErrorMessage(message: string): string | undefined {
  // A second line is a stack trace or a dump.
  const firstLine = message.slice(0, 4_000).trim().split(/\r?\n/, 1)[0] ?? ''
  if (/^traceback\b/i.test(firstLine) || /^\s*</.test(firstLine)) return undefined
  let text = firstLine
  for (const [pattern, replacement] of REMOVED) text = text.replaceAll(pattern, replacement)
  text = text.replaceAll(INVISIBLE, ' ').replaceAll(/\s+/g, ' ').trim()
  if (!/\p{L}/u.test(text.replaceAll(/\[(?:key|link|path)\]/g, ''))) return undefined
  const points = Array.from(text)
  return points.length <= LONGEST
    ? text
    : `${points
        .slice(0, LONGEST - 1)
        .join('')
        .trimEnd()}…`
}

/** The sanitized `error.message` of a JSON error body (or of a list of them), if it has one. */
export function errorMessageOf(body: unknown): string | undefined {
  if (Array.isArray(body)) return errorMessageOf(itemsOf(body)[0])
  if (!isRecord(body) || !isRecord(body.error)) return undefined
  const { message } = body.error
  return typeof message === 'string' ? sanitizeErrorMessage(message) : undefined
}
