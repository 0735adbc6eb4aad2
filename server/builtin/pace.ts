import { setTimeout as sleep } from 'node:timers/promises'
import type { Cancellable } from '../core/ports/index.ts'

/** Waits between two batches of words; resolves early when the signal aborts. */
export type Pace = (milliseconds: number, options: Cancellable) => Promise<void>

const PAUSE_MS = 12
const WORDS_PER_BATCH = 3
/** A long answer is cut into this many batches, so that no answer takes much longer than a second. */
const MAX_BATCHES = 90

/** Characters; scripts without spaces would otherwise arrive as one word. */
const LONGEST_WORD = 24

function pieces(word: string): readonly string[] {
  if (word.length <= LONGEST_WORD) return [word]
  return word.match(new RegExp(`.{1,${LONGEST_WORD / 2}}`, 'gsu')) ?? [word]
}

/** A text cut into words, each with the space before it; together they are the text again. */
export function wordsOfText(text: string): readonly string[] {
  return (text.match(/\s*\S+(?:\s+$)?/g) ?? []).flatMap(pieces)
}

/** Real time. */
export const naturalPace: Pace = async (milliseconds, { signal }) => {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Tokens in batches at reading pace, the first at once; ends when the signal aborts. */
export async function* paced(
  tokens: readonly string[],
  pace: Pace,
  { signal }: Cancellable,
): AsyncGenerator<readonly string[]> {
  const size = Math.max(WORDS_PER_BATCH, Math.ceil(tokens.length / MAX_BATCHES))
  for (let start = 0; start < tokens.length; start += size) {
    if (start > 0) await pace(PAUSE_MS, { signal })
    if (signal.aborted) return
    yield tokens.slice(start, start + size)
  }
}
