/** What a model server repeats of a conversation in its errors, and how that is taken out. */

/** Characters of a conversation's end that are looked at. */
const LONGEST_REPEATED = 100_000
const REPEATED_WORDS = 5
const REPEATED_BEHIND_A_QUOTE = 3
const REPEATED_IN_QUOTES = 2
const WORD = /[\p{L}\p{N}_]+(?:['’.-][\p{L}\p{N}_]+)*/gu
const QUOTE = /["'`“”‘’«»]/

/** The words of a conversation in a row, lower case, with a space around each. */
export type OwnWords = string

export function ownWordsOf(texts: readonly string[]): OwnWords {
  const end = texts.join('\n').slice(-LONGEST_REPEATED)
  return ` ${Array.from(end.matchAll(WORD), ([word]) => word.toLowerCase()).join(' ')} `
}

/**
 * A sentence of a server without what it repeats of a conversation: what a person has asked is no reason of
 * the server's, and no business of the log's. `fewest` words in a row are a repetition; in quotes, two are.
 */
export function withoutOwnWords(sentence: string, own: OwnWords, fewest = REPEATED_WORDS): string {
  const words = [...sentence.matchAll(WORD)]
  const kept: string[] = []
  let end = 0
  for (let from = 0; from < words.length; from += 1) {
    const first = words[from]
    if (!first) break
    let to = from
    let run = ` ${first[0].toLowerCase()}`
    while (to < words.length && own.includes(`${run} `)) {
      to += 1
      run += ` ${words[to]?.[0].toLowerCase()}`
    }
    const length = to - from
    const last = words[to - 1]
    if (!last || length === 0) continue
    const lastEnd = last.index + last[0].length
    const opened = QUOTE.test(sentence.slice(Math.max(0, first.index - 1), first.index))
    const closed = /^[^\p{L}\p{N}\s]{0,3}/u.exec(sentence.slice(lastEnd))?.[0].match(QUOTE)
    const least = opened ? (closed ? REPEATED_IN_QUOTES : REPEATED_BEHIND_A_QUOTE) : fewest
    if (length < least) continue
    kept.push(sentence.slice(end, first.index))
    end = lastEnd
    from = to - 1
  }
  return kept.join('…') + sentence.slice(end)
}
