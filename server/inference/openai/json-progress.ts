import { parseJson } from '../json.ts'

/** A number, a word or a text: tried anew with every piece, so no long ones. */
const LONGEST_SCALAR = 1_000

/** Follows JSON text while it comes. */
export interface JsonProgress {
  /** Looks at the next piece of the text. */
  add(piece: string): void
  /** Whether the text, of which all pieces have been looked at, is whole. */
  isWhole(text: string): boolean
}

/**
 * Looks at each character of an object or list once, however often it is asked; and at the text as a whole,
 * which is put together for that, only when it may be whole.
 */
export function createJsonProgress(): JsonProgress {
  let length = 0
  let first = ''
  let depth = 0
  let inText = false
  let isEscaped = false
  /** Where the value ends. */
  let end: number | undefined
  /** Nothing but white space stands behind it. */
  let isLast = true
  let isValid: boolean | undefined

  const read = (character: string) => {
    if (end !== undefined) isLast &&= character.trim() === ''
    else if (isEscaped) isEscaped = false
    else if (character === '"') inText = !inText
    else if (inText) isEscaped = character === '\\'
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      depth -= 1
      if (depth === 0) end = length + 1
    }
  }

  return {
    add(piece) {
      for (const character of piece) {
        if (first === '') first = character.trim()
        read(character)
        length += character.length
      }
    },
    isWhole(text) {
      if (first !== '{' && first !== '[') {
        return length <= LONGEST_SCALAR && parseJson(text) !== undefined
      }
      if (end === undefined || !isLast) return false
      isValid ??= parseJson(text.slice(0, end)) !== undefined
      return isValid
    },
  }
}
