/** Longer than any id, and than the name of any file served. */
const LONGEST_SEGMENT = 64
const MOST_SEGMENTS = 12

const isTelling = (segment: string) => segment.length > LONGEST_SEGMENT || /@|%40/.test(segment)

/** A path as the log may have it: anybody may ask for any, with a token or an e-mail address in it. */
export function loggedPath(path: string): string {
  return path
    .split('/', MOST_SEGMENTS)
    .map((segment) => (isTelling(segment) ? '…' : segment))
    .join('/')
}
