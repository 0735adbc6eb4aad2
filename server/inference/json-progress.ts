import { parseJson } from './json.ts'

/** A number, a word or a text: tried anew with every piece, so no long ones. */
const LONGEST_SCALAR = 1_000

/** Follows JSON text while it comes. */
export interface JsonProgress {
  /** Whether the text, of which the earlier calls have seen the beginning, is whole. */
  isWhole(text: string): boolean
}

/** Looks at each character of an object or list once, however often it is asked. */
export function createJsonProgress(): JsonProgress {
  let scanned = 0
  let depth = 0
  let inText = false
  /** Where the value ends. */
  let end: number | undefined
  let isValid = false

  /** Reads on to the end of the value, or of what has come. */
  const scan = (text: string) => {
    for (; scanned < text.length && end === undefined; scanned += 1) {
      const character = text.charAt(scanned)
      if (character === '"') inText = !inText
      else if (inText) {
        // What an escape begins is no end; one that is cut off is looked at again.
        if (character === '\\') {
          if (scanned + 1 === text.length) return
          scanned += 1
        }
      } else if (character === '{' || character === '[') depth += 1
      else if (character === '}' || character === ']') {
        depth -= 1
        if (depth === 0) end = scanned + 1
      }
    }
  }

  return {
    isWhole(text) {
      const first = text.trimStart().charAt(0)
      if (first !== '{' && first !== '[') {
        return text.length <= LONGEST_SCALAR && parseJson(text) !== undefined
      }
      if (end === undefined) {
        scan(text)
        if (end === undefined) return false
        isValid = parseJson(text.slice(0, end)) !== undefined
      }
      // What follows a whole value makes it none.
      if (isValid && text.length > end && text.slice(end).trim() !== '') isValid = false
      return isValid
    },
  }
}
