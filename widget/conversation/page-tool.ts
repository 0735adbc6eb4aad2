/** One tool that a page gives to its assistant: what it is, and what the server takes of it. */
import type { ClientToolBody } from '../../server/protocol/api.ts'
import { isObject, parseJson, textIn } from '../api/check.ts'

/** Something on the page that the assistant may use. */
export interface PageTool extends ClientToolBody {
  /** What the visitor reads in place of the name. */
  readonly title?: string | undefined
  /** It looks and changes nothing, so it runs without asking the visitor. */
  readonly readOnly?: boolean | undefined
  /**
   * Does it. What it returns, or resolves to, goes to the assistant as JSON; what it throws, as a failure.
   * The arguments are the assistant's own: they may be other than the schema says.
   */
  execute(
    args: Readonly<Record<string, unknown>>,
    options: { readonly signal: AbortSignal },
  ): unknown
}

/** The server takes 64 levels, and the request around a value has some of its own. */
const DEEPEST = 60

/** An escape in JSON; of NUL and of half a character the server wants nothing. */
const ESCAPE = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g

const cleaned = (escape: string) =>
  escape === '\\u0000' ? '' : escape.startsWith('\\ud') ? '\uFFFD' : escape

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)))

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

// What the server takes; a tool that is refused there would take the message with it.
const NAME = /^[\w-]{1,64}$/
const LONGEST_DESCRIPTION = 1024

/** A copy of what the server is told of a tool; `undefined` when it would refuse that. */
export function definitionOf({
  name,
  description,
  parameters,
}: PageTool): ClientToolBody | undefined {
  const told = { name, description, parameters }
  const json = safeJson(told)
  // Half a character is a mistake; putting another in its place would hide it.
  if (json === undefined || json !== JSON.stringify(told)) return undefined
  const copy = parseJson(json)
  if (!isObject(copy) || !isObject(copy['parameters'])) return undefined
  const words = textIn(copy, 'description')
  const isTaken =
    NAME.test(textIn(copy, 'name') ?? '') &&
    words !== undefined &&
    Array.from(words).length <= LONGEST_DESCRIPTION
  return isTaken ? { name, description, parameters: copy['parameters'] } : undefined
}
