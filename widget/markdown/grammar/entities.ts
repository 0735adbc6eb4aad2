/** Character references in text. */
import { sanitizer } from '../render/raw-html.ts'

/** The names that are common, each with its character; a browser knows two thousand others. */
const COMMON: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&nbsp;': '\u00a0',
}
const ENTITY = /&(?:#(\d{1,7})|#x([a-f0-9]{1,6})|\w{2,31});/gi

/** No character at all, half of one, or too large a number. */
const isNone = (code: number) =>
  code === 0 || (code >= 0xd8_00 && code <= 0xdf_ff) || code > 0x10_ff_ff

const fromCode = (code: number) => (isNone(code) ? '\ufffd' : String.fromCodePoint(code))

function decode(entity: string, decimal: string | undefined, hex: string | undefined): string {
  const code = decimal ?? (hex && `0x${hex}`)
  if (code !== undefined) return fromCode(Number(code))
  return COMMON[entity] ?? sanitizer.use()?.sanitizeHtml(entity)?.textContent ?? entity
}

const MARKED_OR_ENTITY = /\\([!-/:-@[-`{-~])|&#?\w{1,31};/g

/** What is written in an address, a title or behind a fence, as it is meant. */
export const unescapeText = (text: string) =>
  text.replaceAll(
    MARKED_OR_ENTITY,
    (all, marked: string | undefined) => marked ?? decodeEntities(all),
  )

/** Text with its character references resolved. */
export const decodeEntities = (text: string) =>
  text.includes('&') ? text.replaceAll(ENTITY, decode) : text
