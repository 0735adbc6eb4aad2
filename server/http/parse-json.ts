/** JSON from anybody: bounded in depth, and with texts that every store and every model server can take. */
import { ChatError } from '../core/errors.ts'

/** Far deeper than any body that a route takes. */
const DEEPEST = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])

/** UTF-8 has no lone surrogates and JSON no raw NUL: both can only come in as escapes. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/i

/** @throws ChatError `malformed_json`; `invalid_request` for a text with NUL or half a character in it */
export function parseJson(bytes: Uint8Array): unknown {
  if (isTooDeep(bytes)) {
    throw new ChatError('malformed_json', `The body is nested deeper than ${DEEPEST} levels.`)
  }
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new ChatError('malformed_json', 'The body is not valid JSON.', { cause })
  }
  if (SUSPICIOUS.test(text)) refuseBrokenText(value, [])
  return value
}

/** Looks at bytes alone: what is deep costs no more than what is flat. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) at = endOfText(bytes, at)
    else if (OPENING.has(byte)) depth += 1
    else if (CLOSING.has(byte)) depth -= 1
    if (depth > DEEPEST) return true
  }
  return false
}

/** Where the text that begins at a quote ends. A file in a text is long, and is not looked at byte by byte. */
function endOfText(bytes: Uint8Array, begin: number): number {
  let end = bytes.indexOf(QUOTE, begin + 1)
  while (end >= 0) {
    let escapes = 0
    while (bytes[end - escapes - 1] === BACKSLASH) escapes += 1
    if (escapes % 2 === 0) return end
    end = bytes.indexOf(QUOTE, end + 1)
  }
  return bytes.length
}

function refuseBrokenText(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string') {
    if (value.isWellFormed() && !value.includes('\0')) return
    const message = 'must not contain NUL or half of a surrogate pair'
    const name = path.join('.')
    throw new ChatError('invalid_request', `${name === '' ? 'The body' : name} ${message}.`, {
      errors: [{ path: name, message }],
    })
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    refuseBrokenText(key, path)
    refuseBrokenText(inner, [...path, key])
  }
}
