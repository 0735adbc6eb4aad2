/** Code points; the longest address that mail can be sent to, and the longest part before the `@`. */
const LONGEST = 254
const LONGEST_LOCAL_PART = 64

/**
 * What stands on both sides of the `@` may be of any script, and never a blank, a line break or what quotes. Full
 * stops stand between other signs alone (RFC 5321 section 4.1.2), and no part of a domain has more than 63 signs.
 */
const LOCAL_PART = /^(?!\.|.*\.(?:\.|$))[^\s\p{C}@<>()[\]\\,;:"]+$/u
const DOMAIN = /^(?!-)[\p{L}\p{M}\p{N}-]{1,63}(?<!-)(?:\.(?!-)[\p{L}\p{M}\p{N}-]{1,63}(?<!-))+$/u

/** Whether mail may be sent there: one address, and nothing beside it. */
export function isEmailAddress(value: string): boolean {
  // A code point takes at most two units.
  if (value.length > LONGEST * 2 || [...value].length > LONGEST) return false
  const at = value.lastIndexOf('@')
  const local = value.slice(0, Math.max(0, at))
  return (
    [...local].length <= LONGEST_LOCAL_PART &&
    LOCAL_PART.test(local) &&
    DOMAIN.test(value.slice(at + 1))
  )
}
