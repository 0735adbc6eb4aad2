/** Lengths as people count them: in code points, an emoji being one, and not in JavaScript's units. */

/** Number of code points; half a surrogate pair counts as one. */
export function countCodePoints(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    const next = text.charCodeAt(index + 1)
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) index += 1
    count += 1
  }
  return count
}

/** At most `limit` code points, never half a surrogate pair. */
export function firstCodePoints(text: string, limit: number): string {
  return Array.from(text.slice(0, limit * 2))
    .slice(0, limit)
    .join('')
}
