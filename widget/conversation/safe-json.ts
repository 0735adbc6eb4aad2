/** The server takes 64 levels, and the request around a value has some of its own. */
const DEEPEST = 60

/** An escape in JSON; of NUL and of half a character the server wants nothing. */
const ESCAPE = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g

const cleaned = (escape: string) =>
  escape === '\\u0000' ? '' : escape.startsWith('\\ud') ? '\uFFFD' : escape

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

/**
 * The JSON of a value, with nothing in its texts that the server refuses; `undefined` where there is
 * none that it takes: a cycle, a number without a form, or too many levels.
 */
export function safeJson(value: unknown): string | undefined {
  try {
    // Alone it writes half a character as an escape; other escapes are passed over in pairs.
    const json = (JSON.stringify(value) ?? 'null').replaceAll(ESCAPE, cleaned)
    return isDeeper(JSON.parse(json), DEEPEST) ? undefined : json
  } catch {
    return undefined
  }
}
