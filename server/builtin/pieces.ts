/**
 * The pieces of passages that can be quoted, sentences, items, rows and code, each with what stands around it, and
 * how near each comes to a question: in its words, in its meaning, and in what is asked for.
 */
import type { KnowledgeHit, Passage } from '../core/ports/index.ts'
import { foldText } from '../protocol/fold-text.ts'
import { quotablesOf, type Quotable } from '../text/quotables.ts'
import { fits, type Asked } from './question.ts'
import { cover, EMPTY, senseOf, union, type Sense, type Term } from './terms.ts'

interface Piece {
  readonly hit: KnowledgeHit
  readonly index: number
  readonly quotable: Quotable
  readonly own: Sense
  /** The sentence that announces a list, table or code. */
  readonly intro: Sense
  /** The heading right above it. */
  readonly heading: Sense
  /** The document's title and the headings above that one. */
  readonly path: Sense
  readonly paragraph: Sense
  readonly passage: Sense
  /** It only repeats a heading, or announces something. */
  readonly isEmpty: boolean
  /** Code follows, which says what it announces. */
  readonly announcesCode: boolean
}

const piecesOfPassage = new WeakMap<Passage, readonly Omit<Piece, 'hit'>[]>()

/** The pieces of a hit; what they speak of is kept as long as the passage is. */
export function piecesOf(hit: KnowledgeHit): readonly Piece[] {
  const known = piecesOfPassage.get(hit.passage) ?? readPieces(hit.passage)
  piecesOfPassage.set(hit.passage, known)
  return known.map((piece) => ({ ...piece, hit }))
}

function readPieces(passage: Passage): readonly Omit<Piece, 'hit'>[] {
  const quotables = quotablesOf(passage.text)
  const senses = quotables.map(({ text }) => senseOf(text))
  const headings = passage.section?.split(' › ') ?? []
  const path = senseOf([passage.documentTitle, ...headings.slice(0, -1)].join('\n'))
  let heading = senseOf(headings.at(-1) ?? passage.documentTitle)
  const whole = union(senses)
  return quotables.map((quotable, index) => {
    const own = senses[index] ?? EMPTY
    // In plain text a heading looks like a paragraph.
    if (isLabel(quotables, index)) heading = own
    const intro = introOf(quotables, index)
    const mates = senses.filter((_, at) => quotables[at]?.block === quotable.block)
    return {
      index,
      quotable,
      own,
      intro: (intro === undefined ? undefined : senses[intro]) ?? EMPTY,
      heading,
      path,
      paragraph: quotable.kind === 'sentence' ? union(mates) : EMPTY,
      passage: whole,
      isEmpty: isLabel(quotables, index) || saysNothing(quotable, passage),
      announcesCode: announces(quotable) && isCode(quotables[index + 1]),
    }
  })
}

const MOST_LABEL_WORDS = 8

/** A line without an end that stands above something else. */
export function isLabel(quotables: readonly Quotable[], index: number): boolean {
  const quotable = quotables[index]
  const next = quotables[index + 1]
  return (
    quotable?.kind === 'sentence' &&
    next !== undefined &&
    next.block !== quotable.block &&
    quotables[index - 1]?.block !== quotable.block &&
    !/[.!?:;…。！？؟।][)"'”’»]*$/.test(quotable.text) &&
    quotable.text.split(/\s+/).length <= MOST_LABEL_WORDS
  )
}

/** The place of the sentence before the list, table or code that a piece belongs to. */
export function introOf(quotables: readonly Quotable[], index: number): number | undefined {
  const piece = quotables[index]
  if (!piece || piece.kind === 'sentence') return undefined
  let before = index - 1
  while (quotables[before]?.block === piece.block) before -= 1
  return quotables[before]?.kind === 'sentence' ? before : undefined
}

/** Whether a piece is code. */
export const isCode = (quotable: Quotable | undefined) => quotable?.kind === 'code'
/** Whether a sentence announces what follows. */
export const announces = (quotable: Quotable | undefined) =>
  quotable?.kind === 'sentence' && quotable.text.endsWith(':')

const NOTHING_SAID =
  /^(?:this is what\b.*:|(?:in|on) this (?:section|page|chapter|guide|article|document)\b.*|this (?:section|page|chapter|guide|article|document)\b.*\b(?:describes?|explains?|covers?|is about|shows?|lists?)\b.*|(?:see|read) (?:also|more)\b.*)$/i

const lettersOf = (text: string) =>
  foldText(text)
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()

function saysNothing({ kind, text }: Quotable, { documentTitle, section }: Passage): boolean {
  if (kind !== 'sentence') return false
  const letters = lettersOf(text)
  const headings = [documentTitle, ...(section?.split(' › ') ?? [])].map(lettersOf)
  return letters === '' || headings.includes(letters) || NOTHING_SAID.test(text)
}

/** What a heading says holds for what stands below it, more or less. */
const IN_HEADING = 0.85
const IN_PATH = 0.6
const IN_INTRO = 0.75
const IN_PARAGRAPH = 0.55
const IN_PASSAGE = 0.25

/** 0–1: the part of the terms, by their weight, that a piece has or stands below. */
export function coverage(terms: readonly Term[], piece: Piece): number {
  let covered = 0
  let all = 0
  for (const term of terms) {
    all += term.weight
    covered +=
      term.weight *
      Math.max(
        cover(term, piece.own),
        cover(term, piece.heading) * IN_HEADING,
        cover(term, piece.intro) * IN_INTRO,
        cover(term, piece.path) * IN_PATH,
        cover(term, piece.paragraph) * IN_PARAGRAPH,
        cover(term, piece.passage) * IN_PASSAGE,
      )
  }
  return all === 0 ? 0 : covered / all
}

/** A piece with how near it comes to the question. */
export interface Scored extends Piece {
  /** 0–1: the part of the question's words that it has. */
  readonly words: number
  /** The cosine with the question; absent where meaning is not compared. */
  readonly meaning: number | undefined
  readonly score: number
}

const clamp = (value: number) => Math.min(1, Math.max(0, value))

/** The cosine as 0–1: below the first, texts have nothing to do with each other. */
const FARTHEST = 0.1
const NEAREST = 0.7
const near = (cosine: number) => clamp((cosine - FARTHEST) / (NEAREST - FARTHEST))

function scoreOf(piece: Piece, words: number, meaning: number | undefined, asked: Asked): number {
  const { quotable, hit, index, announcesCode } = piece
  const fitting = fits(asked, quotable.text)
  let score = 0.75 * words + 0.25 * hit.score
  if (meaning !== undefined)
    score =
      0.5 * words + 0.15 * hit.score + 0.35 * near(0.6 * meaning + 0.4 * (hit.meaning ?? meaning))
  if (fitting === true) score += 0.1
  if (fitting === false) score -= 0.08
  if (asked.wanted === 'steps' && /\d/.test(quotable.marker ?? '')) score += 0.08
  if (asked.isNegative && NEGATION.test(quotable.text)) score += 0.05
  // Nearly every "how" wants code: which code, only the words say.
  if (announcesCode && asked.wantsCode) score += 0.12 * words
  else if (quotable.text.endsWith(':')) score -= 0.05
  return score * (1 - Math.min(index, 6) * 0.015)
}

const NEGATION = /\b(?:not|no|never|without|except|unless|cannot|only)\b|n['’]t\b/i

/** The best first, without code and what says nothing. */
export function rankPieces(
  pieces: readonly Piece[],
  terms: readonly Term[],
  meanings: readonly number[] | undefined,
  asked: Asked,
): readonly Scored[] {
  return pieces
    .map((piece, index) => {
      const words = coverage(terms, piece)
      const meaning = meanings?.[index]
      return { ...piece, words, meaning, score: scoreOf(piece, words, meaning, asked) }
    })
    .filter(({ isEmpty, quotable }) => !isEmpty && quotable.kind !== 'code')
    .toSorted((left, right) => right.score - left.score)
}
