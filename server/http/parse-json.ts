/** JSON from anybody: bounded in depth, and with texts that every store and every model server can take. */
import { ChatError } from '../core/errors.ts'

/** Far deeper than any body that a route takes. */
const DEEPEST = 64
/** Deeper than any body with so many marks. */
export const ANY_DEPTH = Infinity
/**
 * Bytes of everything but the insides of texts, where only quotes count. A large body is large by the files in it; as many small
 * values would take seconds to read, and a hundred times their room.
 */
const MOST_MARKS = 1024 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])

/** UTF-8 has no lone surrogates and JSON no raw NUL: both can only come in as escapes. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/i

/**
 * @throws ChatError `malformed_json`; `too_large` for one with more values than any route takes;
 * `invalid_request` for a text with NUL or half a character in it
 */
export function parseJson(bytes: Uint8Array, deepest = DEEPEST): unknown {
  refuseCostly(bytes, deepest)
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new ChatError('malformed_json', 'The body is not valid JSON.', { cause })
  }
  if (SUSPICIOUS.test(text)) refuseBrokenText(value)
  return value
}

/**
 * Looks at bytes alone: what is deep costs no more than what is flat. A file in a text is long: in a text,
 * only quotes are looked at.
 */
function refuseCostly(bytes: Uint8Array, deepest: number): void {
  let depth = 0
  let marks = 0
  let isText = false
  for (let at = 0; at < bytes.length; at = isText ? nextQuote(bytes, at) : at + 1) {
    marks += 1
    if (marks > MOST_MARKS) {
      throw new ChatError('too_large', 'The request is too large: it has too many values.')
    }
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) isText = !isText || isEscaped(bytes, at)
    else if (OPENING.has(byte)) depth += 1
    else if (CLOSING.has(byte)) depth -= 1
    if (depth > deepest) {
      throw new ChatError('malformed_json', `The body is nested deeper than ${deepest} levels.`)
    }
  }
}

function nextQuote(bytes: Uint8Array, after: number): number {
  const next = bytes.indexOf(QUOTE, after + 1)
  return next < 0 ? bytes.length : next
}

function isEscaped(bytes: Uint8Array, at: number): boolean {
  let escapes = 0
  while (bytes[at - escapes - 1] === BACKSLASH) escapes += 1
  return escapes % 2 === 1
}

/** A value in its place; places are written out for the one that is wrong alone. */
interface Placed {
  readonly value: unknown
  readonly name?: string
  readonly within?: Placed
}

/** Without calling itself: what is deep would take more stack than there is. */
function refuseBrokenText(body: unknown): void {
  const left: Placed[] = [{ value: body }]
  for (let place = left.pop(); place; place = left.pop()) {
    const { value } = place
    if (typeof value === 'string') {
      if (isBroken(value)) throw brokenText(place)
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (isBroken(name)) throw brokenText(place)
        left.push({ value: inner, name, within: place })
      }
    }
  }
}

const isBroken = (text: string) => !text.isWellFormed() || text.includes('\0')

function brokenText(place: Placed): ChatError {
  const names: string[] = []
  for (let at: Placed | undefined = place; at?.name !== undefined; at = at.within) {
    names.push(at.name)
  }
  // As far as anybody would follow it.
  const path = names.toReversed().slice(0, DEEPEST).join('.')
  const message = 'must not contain NUL or half of a surrogate pair'
  return new ChatError('invalid_request', `${path === '' ? 'The body' : path} ${message}.`, {
    errors: [{ path, message }],
  })
}
