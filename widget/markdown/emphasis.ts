/** Which runs of `*`, `_` and `~` belong together: CommonMark's rules, in one pass from the front. */
import type { InlineToken } from './tokens.ts'

/** A run of marks that may open or close emphasis. */
export interface Run {
  readonly type: 'run'
  readonly mark: string
  readonly length: number
  readonly opens: boolean
  readonly closes: boolean
  /** Nothing stands behind it. */
  readonly isLast: boolean
}

interface Opener extends Run {
  /** Where it stands among the tokens. */
  readonly at: number
  /** Marks that have not been used. */
  left: number
  /** Tells it from all others; later ones are larger. */
  readonly id: number
}

/** Nobody nests as deep as this but to do harm. */
const MOST_OPENERS = 50
const LONGEST_RUN = 20

const isSpace = (character: string) => !/\S/.test(character)
const isPunctuation = (character: string) => /[\p{P}\p{S}]/u.test(character)

/** A run of marks between two characters, which are empty at the ends of the text. */
export function runBetween(before: string, marks: string, after: string): Run {
  const mark = marks.charAt(0)
  const left =
    !isSpace(after) && (!isPunctuation(after) || isSpace(before) || isPunctuation(before))
  const right =
    !isSpace(before) && (!isPunctuation(before) || isSpace(after) || isPunctuation(after))
  const isBound = mark === '_'
  return {
    type: 'run',
    mark,
    length: marks.length,
    opens: marks.length <= LONGEST_RUN && left && (!isBound || !right || isPunctuation(before)),
    isLast: after === '',
    closes: right && (!isBound || !left || isPunctuation(after)),
  }
}

function belongTogether(opener: Opener, closer: Run, left: number): boolean {
  if (opener.mark !== closer.mark) return false
  if (closer.mark === '~') return opener.left === left && left < 3
  if (!opener.closes && !closer.opens) return true
  return (
    (opener.length + closer.length) % 3 !== 0 ||
    (opener.length % 3 === 0 && closer.length % 3 === 0)
  )
}

/** Text in emphasis as strong as this number of marks makes it. */
function emphasize(mark: string, marks: number, tokens: readonly InlineToken[]): InlineToken {
  if (mark === '~') return { type: 'del', tokens }
  if (marks === 1) return { type: 'em', tokens }
  const strong: InlineToken = { type: 'strong', tokens }
  return marks > 2 ? emphasize(mark, marks - 2, [strong]) : strong
}

/** Closes what an opener that has met no closer opens, where it will most likely be emphasis. */
function closeAtEnd(done: InlineToken[], { at, mark, left, closes }: Opener): void {
  const tokens = done.splice(at + 1)
  const isDoubtful = mark === '~' ? left !== 2 : left === 1 && closes
  if (isDoubtful) done.push(...tokens)
  else done.splice(at, 1, ...(isEmpty(tokens) ? [] : [emphasize(mark, left, tokens)]))
}

const isEmpty = (tokens: readonly InlineToken[]) =>
  tokens.every((token) => typeof token === 'string' && isSpace(token))

/**
 * Tokens with their emphasis; marks that belong to none are text. While the text `isOpen`, emphasis is
 * closed at its end, and marks that nothing follows yet are left out.
 */
export function nest(pieces: readonly (InlineToken | Run)[], isOpen = false): InlineToken[] {
  const done: InlineToken[] = []
  const openers: Opener[] = []
  /** For each kind of closer the last opener that has been tried: no earlier one fits. */
  const tried = new Map<string, number>()
  let id = 0

  const find = (run: Run, left: number): Opener | undefined => {
    const kind = `${run.mark}${run.opens}${run.mark === '~' ? left : run.length % 3}`
    const last = tried.get(kind) ?? 0
    for (let index = openers.length - 1; index >= 0; index -= 1) {
      const opener = openers[index]
      if (!opener || opener.id <= last) break
      if (!belongTogether(opener, run, left)) continue
      openers.length = index + 1
      return opener
    }
    tried.set(kind, id)
    return undefined
  }

  for (const piece of pieces) {
    if (typeof piece === 'string' || piece.type !== 'run') {
      done.push(piece)
      continue
    }
    let left = piece.length
    while (piece.closes && left > 0) {
      const opener = find(piece, left)
      if (!opener) break
      // Half of the marks are there, the others will follow.
      if (isOpen && piece.isLast) left = Math.max(left, opener.left)
      const used = piece.mark === '~' ? left : opener.left > 1 && left > 1 ? 2 : 1
      const tokens = done.splice(opener.at + 1)
      opener.left -= used
      left -= used
      done[opener.at] = opener.mark.repeat(opener.left)
      if (opener.left === 0) {
        done.pop()
        openers.pop()
      }
      done.push(emphasize(piece.mark, used, tokens))
    }
    if (left === 0 || (isOpen && piece.isLast)) continue
    if (piece.opens && openers.length < MOST_OPENERS)
      openers.push({ ...piece, left, at: done.length, id: ++id })
    done.push(piece.mark.repeat(left))
  }
  if (isOpen) for (const opener of openers.toReversed()) closeAtEnd(done, opener)
  return done
}
