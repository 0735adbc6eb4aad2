/**
 * Which runs of `*`, `_` and `~` belong together: CommonMark's rules, in one pass from the front, where
 * punctuation beside scripts without spaces parts no words. What they leave may still be emphasis to a
 * reader, and marks that multiply or stand in the names of files are none.
 */
import type { InlineToken } from './tokens.ts'

/** A run of marks that may open or close emphasis. */
export interface Run {
  readonly type: 'run'
  readonly mark: string
  readonly length: number
  opens: boolean
  closes: boolean
  /** The characters in front of it and behind it, empty at the ends of the text. */
  readonly before: string
  readonly after: string
  /** It stands as in `2*3`, `x**2`, `a*b` or `*.ts`. */
  readonly isOperator: boolean
  /** Marks that have not been used. */
  left: number
}

interface Opener {
  readonly run: Run
  /** Where it stands among the tokens. */
  readonly at: number
  /** Tells it from all others; later ones are larger. */
  readonly id: number
}

type Piece = InlineToken | Run

/** Nobody nests as deep as this but to do harm. */
const MOST_OPENERS = 50
const LONGEST_RUN = 20

/**
 * Scripts that put no spaces between words, or write particles against them, with their punctuation: Thai
 * to Burmese, Khmer, Chinese, Japanese, Korean, and full-width forms.
 */
export const UNSPACED = String.raw`\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\u{20000}-\u{3ffff}`
const PARTING_MARK = new RegExp(String.raw`(?![${UNSPACED}])[\p{P}\p{S}]`, 'u')
const OF_WORD = new RegExp(String.raw`[^\s\p{P}\p{S}${UNSPACED}]`, 'u')
const OPERATOR = /[\d)]\*+[\w(]|[\w)]\*+[\d(]|\b[a-z]\*(?:\w|\*[a-z]\b)|\w\*[a-z]\b|\*\.\w|\*\*\//i

const isSpace = (character: string) => !/\S/.test(character)
const isPunctuation = (character: string) => /[\p{P}\p{S}]/u.test(character)

/** Whether emphasis may start in front of a character, or end behind it; the other one is beyond the marks. */
const mayTouch = (inner: string, outer: string) =>
  !isSpace(inner) && !(PARTING_MARK.test(inner) && OF_WORD.test(outer))

/** The run of marks that stands between two places of a text. */
export function runBetween(text: string, at: number, end: number): Run {
  const front = text.slice(Math.max(0, at - 2), at)
  const marks = text.slice(at, end)
  const before = /.?$/su.exec(front)?.[0] ?? ''
  const after = /^.?/su.exec(text.slice(end, end + 2))?.[0] ?? ''
  const left = mayTouch(after, before)
  const right = mayTouch(before, after)
  const isBound = marks.startsWith('_')
  return {
    type: 'run',
    mark: marks.charAt(0),
    length: marks.length,
    opens: marks.length <= LONGEST_RUN && left && (!isBound || !right || isPunctuation(before)),
    closes: right && (!isBound || !left || isPunctuation(after)),
    before,
    after,
    isOperator: marks.startsWith('*') && OPERATOR.test(front + text.slice(at, end + 2)),
    left: marks.length,
  }
}

function belongTogether(opener: Run, closer: Run): boolean {
  if (opener.mark !== closer.mark || (opener.isOperator && closer.isOperator)) return false
  if (closer.mark === '~') return opener.left === 2 && closer.left === 2
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

const isRun = (piece: Piece | undefined): piece is Run =>
  typeof piece === 'object' && piece.type === 'run'

/** A run that belongs to no other one stands as it was written. */
const asText = (piece: Piece): InlineToken => (isRun(piece) ? piece.mark.repeat(piece.left) : piece)

const isEmpty = (tokens: readonly InlineToken[]) =>
  tokens.every((token) => typeof token === 'string' && isSpace(token))

/** Closes what openers that have met no closer open, where it will most likely be emphasis. */
function closeAtEnd(done: Piece[]): void {
  for (let at = done.length - 1; at >= 0; at -= 1) {
    const run = done[at]
    if (!isRun(run) || !run.opens || run.isOperator) continue
    const { mark, left, closes } = run
    if (mark === '~' ? left !== 2 : left === 1 && closes) continue
    const tokens = done.splice(at + 1).map(asText)
    done.splice(at, 1, ...(isEmpty(tokens) ? [] : [emphasize(mark, left, tokens)]))
  }
}

/**
 * A run that CommonMark has left as it stands, with what it may be to a reader: `**Note:**read` ends in a
 * mark of punctuation, `the**(new)** one` starts with one. A comma parts arguments.
 */
function relax(piece: Piece): Piece {
  if (!isRun(piece) || piece.mark === '_' || piece.left < 2) return piece
  piece.opens ||= /[\p{Ps}\p{Pi}"'`]/u.test(piece.after)
  piece.closes ||= isPunctuation(piece.before) && !'([{,'.includes(piece.before)
  return piece
}

/**
 * Tokens with their emphasis; marks that belong to none are text. While the text `isOpen`, emphasis is
 * closed at its end, and marks that nothing follows yet are left out. What is left over is looked at
 * once more, `isRelaxed`.
 */
export function nest(
  pieces: readonly Piece[],
  isOpen = false,
  isRelaxed = false,
): readonly InlineToken[] {
  const done: Piece[] = []
  const openers: Opener[] = []
  /** For each kind of closer the last opener that has been tried: no earlier one fits. */
  const tried = new Map<string, number>()
  let id = 0

  const find = (run: Run): Opener | undefined => {
    const { mark, opens, isOperator, left, length } = run
    const kind = `${mark}${opens}${isOperator}${mark === '~' ? left : length % 3}`
    const last = tried.get(kind) ?? 0
    for (let index = openers.length - 1; index >= 0; index -= 1) {
      const opener = openers[index]
      if (!opener || opener.id <= last) break
      if (!belongTogether(opener.run, run)) continue
      openers.length = index + 1
      return opener
    }
    tried.set(kind, id)
    return undefined
  }

  for (const piece of pieces) {
    if (!isRun(piece)) {
      done.push(piece)
      continue
    }
    const isLast = isOpen && piece.after === ''
    while (piece.closes && piece.left > 0) {
      const opener = find(piece)
      if (!opener) break
      const { at, run } = opener
      // Half of the marks are there, the others will follow.
      if (isLast) piece.left = Math.max(piece.left, run.left)
      const used = run.left > 1 && piece.left > 1 ? 2 : 1
      const tokens = nest(done.splice(at + 1), false, isRelaxed)
      run.left -= used
      piece.left -= used
      if (run.left === 0) {
        done.pop()
        openers.pop()
      }
      done.push(emphasize(piece.mark, used, tokens))
    }
    if (piece.left === 0 || isLast) continue
    piece.opens &&= openers.length < MOST_OPENERS
    if (piece.opens) openers.push({ run: piece, at: done.length, id: ++id })
    done.push(piece)
  }
  if (!isRelaxed) return nest(done.map(relax), isOpen, true)
  if (isOpen) closeAtEnd(done)
  return done.map(asText)
}
