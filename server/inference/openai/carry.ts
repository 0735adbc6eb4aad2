import { isRecord, type JsonRecord } from '../json.ts'
import type { ReasoningField } from './delta.ts'

/**
 * Keeps an answer's reasoning as the server sent it: while the model calls tools, some servers want it
 * back, and each under the very name that it uses itself.
 */
export interface ReasoningKeeper {
  text(text: string, field: ReasoningField): void
  /** `eventLength` is that of the event's data. Gives back how many characters are kept, about. */
  details(details: readonly unknown[], eventLength: number): number
  /** The fields that go back beside the answer; `undefined` for none. */
  carry(): JsonRecord | undefined
}

/** What a piece takes even when it says nothing. */
const LEAST = 8

export function createReasoningKeeper(): ReasoningKeeper {
  const texts: Partial<Record<ReasoningField, string[]>> = {}
  const details: JsonRecord[] = []
  return {
    text(text, field) {
      const pieces = texts[field]
      if (pieces) pieces.push(text)
      else texts[field] = [text]
    },
    details(pieces, eventLength) {
      const entries = details.length
      let length = 0
      for (const piece of pieces) {
        if (!isRecord(piece)) continue
        addDetail(details, piece)
        length += LEAST + lengthOf(piece.text) + lengthOf(piece.summary) + lengthOf(piece.data)
      }
      // Of the pieces of one entry only the text adds up; a new one is kept as it is.
      return details.length > entries ? eventLength : length
    },
    carry() {
      // Details say all that the text says, and sign it.
      if (details.length > 0) return { reasoning_details: details }
      const fields = Object.entries(texts).map(
        ([field, pieces]) => [field, pieces.join('')] as const,
      )
      return fields.length > 0 ? Object.fromEntries<string>(fields) : undefined
    },
  }
}

const lengthOf = (value: unknown) => (typeof value === 'string' ? value.length : 0)

/** A text that comes in pieces is one entry; an encrypted one comes whole. */
function addDetail(details: JsonRecord[], piece: JsonRecord): void {
  const last = details.at(-1)
  const continues =
    last !== undefined &&
    last.type === piece.type &&
    (last.index ?? 0) === (piece.index ?? 0) &&
    (typeof piece.text === 'string' || typeof piece.summary === 'string' || isSignature(piece))
  if (!continues) {
    details.push(piece)
    return
  }
  const known = Object.entries(piece).filter(([, value]) => value !== null)
  details[details.length - 1] = {
    ...last,
    ...Object.fromEntries(known),
    ...joined('text', last, piece),
    ...joined('summary', last, piece),
  }
}

/** The signature of a text comes behind it, by itself. */
const isSignature = (piece: JsonRecord) =>
  typeof piece.signature === 'string' && typeof piece.data !== 'string'

function joined(field: 'text' | 'summary', last: JsonRecord, piece: JsonRecord): JsonRecord {
  const [before, after] = [last[field], piece[field]]
  return typeof before === 'string' && typeof after === 'string' ? { [field]: before + after } : {}
}
