/**
 * Chooses the sentences, steps, rows and code of the passages that answer a question, and decides whether they
 * do. What is said is quoted, and each quote has its citation.
 */
import type { Knowledge, KnowledgeHit, Passage, Retrieval } from '../core/ports/index.ts'
import { quotablesOf, quoteMarkdown, type Quotable } from '../text/quotables.ts'
import { sourceOf } from '../core/retrieval.ts'
import { isMistyped, namesIn, queryTermsOf } from '../text/words.ts'
import { foldText } from '../protocol/fold-text.ts'
import type { Source } from '../protocol/events.ts'
import { fits, readQuestion, tellsOfOtherCases, type Asked } from './question.ts'
import { baseStemOf, baseStemsOf, meaningsOf } from '../text/synonyms.ts'

const MOST_SENTENCES = 6
const MOST_SOURCES = 3
const MOST_CODE_BLOCKS = 2
/** A list or table that is longer comes in part. */
const MOST_ITEMS = 12
const MOST_ROWS = 12

export interface Answer {
  readonly sources: readonly Source[]
  /** The passages of the sources, in the same order. */
  readonly passages: readonly Passage[]
  readonly markdown: string
  /** How many pieces are quoted. */
  readonly quotes: number
}

/** What a text speaks of: its words, and what they may mean. */
interface Sense {
  readonly stems: ReadonlySet<string>
  readonly groups: ReadonlySet<number>
}

/** Figures that say what they are about without the word. */
const FIGURES: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/[£$€¥₹]\s?\d|\d\s?[£€¥₹]/, 'price'],
  [/\$\s?\d/, 'dollar'],
  [/€\s?\d|\d\s?€/, 'euro'],
  [/£\s?\d/, 'pound'],
  [/\d\s?[ap]\.?m\b|\b\d{1,2}[.:]\d{2}\b/i, 'hours'],
  [/\d\s?°/, 'temperature'],
  [/\d\s?(?:kg|g|lbs?|stone)\b/, 'weight'],
  [/\S@\S+\.\S/, 'e-mail'],
  [/\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b/, 'day'],
]

function senseOf(text: string): Sense {
  const said = FIGURES.filter(([pattern]) => pattern.test(text)).map(([, word]) => word)
  const stems = baseStemsOf([text, ...said].join(' '))
  return {
    stems: new Set(stems),
    groups: new Set(meaningsOf(stems).flatMap(({ groups }) => [...groups])),
  }
}

const union = (senses: readonly Sense[]): Sense => ({
  stems: new Set(senses.flatMap(({ stems }) => [...stems])),
  groups: new Set(senses.flatMap(({ groups }) => [...groups])),
})

/** A word of the question with what it may mean and how much it tells. */
interface Term {
  readonly stem: string
  readonly groups: ReadonlySet<number>
  readonly weight: number
  readonly isName: boolean
  /** It asks, and does not only tell of the case or stand in an earlier question. */
  readonly asks: boolean
  /** How well texts have it, as far as it was looked for: many pieces stand below one heading. */
  readonly covered: Map<Sense, number>
}

const RELATED = 0.75
const ALIKE = 0.85

/** Whether two stems are forms of one word: `deliver`, `delivery`. */
function isAlike(left: string, right: string): boolean {
  const shortest = Math.min(left.length, right.length)
  if (shortest < 5) return false
  let same = 0
  while (same < shortest && left[same] === right[same]) same += 1
  return same >= Math.max(5, Math.max(left.length, right.length) * 0.7)
}

/** 0–1: how well a text has what a term means. */
function cover(term: Term, sense: Sense): number {
  const known = term.covered.get(sense)
  if (known !== undefined) return known
  const found = lookFor(term, sense)
  term.covered.set(sense, found)
  return found
}

function lookFor({ stem, groups }: Term, sense: Sense): number {
  if (sense.stems.has(stem)) return 1
  for (const other of sense.stems) if (isAlike(stem, other)) return ALIKE
  if (stem.length >= 5) for (const other of sense.stems) if (isMistyped(stem, other)) return ALIKE
  for (const group of groups) if (sense.groups.has(group)) return RELATED
  return 0
}

/** Words that stand in many questions and tell little of what is asked. */
const LIGHT = new Set(
  `able accept actually add aged along avoid become begin carry connect cover create deal do easy feel fill form get goes hand handle hook join leave link make manage move pick possible provide reach remain return sell serve share special switch turn value various version wear wish write allow allowed already also always anyone anything apply around ask available away back bad best better big bit bring buy call
  change check choose come consider cost day different end enough ever exactly exist fast far find first fit
  follow good great happy hard high hold hope idea include keep kind know large last late lately later least leave
  less like little live long look lot low main matter mean mention minute month need new next nice normal normally
  number offer old open own part people person place plan pay please possible present price problem put quick quickly
  quite read ready really receive right run seem send set short show simple small someone soon sort
  spend start stay still stop support sure take tell thing think thought time today together told tomorrow total try turn
  type use usually using want week well went work working world wrong year yet yesterday zero got getting give`
    .split(/\s+/)
    .map(baseStemOf),
)
const LIGHT_WEIGHT = 0.45
/** Words that ask for whatever there is about a thing, and that no text has to have. */
const ONLY_ASKS = new Set(
  `compare comparison describe description detail duration explain info information list option overview period
  policy procedure process rule show summary summarise summarize term tip way`
    .split(/\s+/)
    .map(baseStemOf),
)
/** What a visitor tells beside the question, and what was asked before it. */
const ASIDE_WEIGHT = 0.35

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

const EMPTY: Sense = { stems: new Set(), groups: new Set() }

const piecesOfPassage = new WeakMap<Passage, readonly Omit<Piece, 'hit'>[]>()

/** The pieces of a hit; what they speak of is kept as long as the passage is. */
function piecesOf(hit: KnowledgeHit): readonly Piece[] {
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
function isLabel(quotables: readonly Quotable[], index: number): boolean {
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
function introOf(quotables: readonly Quotable[], index: number): number | undefined {
  const piece = quotables[index]
  if (!piece || piece.kind === 'sentence') return undefined
  let before = index - 1
  while (quotables[before]?.block === piece.block) before -= 1
  return quotables[before]?.kind === 'sentence' ? before : undefined
}

/** The stems that ask; where they only say how ("what can you do about it?"), all of the question's. */
function askingStems({ focus }: Asked, terms: Retrieval['terms']): ReadonlySet<string> {
  const stems = queryTermsOf(focus).map(({ word }) => baseStemOf(word))
  if (stems.some((stem) => !LIGHT.has(stem))) return new Set(stems)
  return new Set(terms.filter(({ context }) => !context).map(({ word }) => baseStemOf(word)))
}

/** What each stem of a question may mean, alone or in a phrase that it stands in. */
function meaningsIn(question: string): ReadonlyMap<string, ReadonlySet<number>> {
  const meanings = new Map<string, ReadonlySet<number>>()
  for (const { stems, groups } of meaningsOf(baseStemsOf(question))) {
    for (const stem of stems)
      meanings.set(stem, new Set([...(meanings.get(stem) ?? []), ...groups]))
  }
  return meanings
}

function weighTerms(asked: Asked, { terms }: Retrieval, pieces: readonly Piece[]): readonly Term[] {
  const asking = askingStems(asked, terms)
  const meanings = meaningsIn(`${terms.map(({ word }) => word).join(' ')}\n${asked.focus}`)
  const names = new Set(namesIn(asked.focus).flatMap(baseStemsOf))
  return terms.map(({ word, context }) => {
    const stem = baseStemOf(word)
    const count = pieces.filter(({ own }) => own.stems.has(stem)).length
    const rarity = Math.log(1 + pieces.length / Math.max(1, count))
    const asks = !context && asking.has(stem) && !asked.wantedBy.has(stem) && !ONLY_ASKS.has(stem)
    const isAside = !asks && !(context && asked.pointsBack)
    const isLight = LIGHT.has(stem) || /^\d+$/.test(stem)
    const isName = names.has(stem)
    return {
      stem,
      // A name means nothing but itself.
      groups: isName ? new Set() : (meanings.get(stem) ?? new Set()),
      weight: rarity * (isAside ? ASIDE_WEIGHT : 1) * (isLight ? LIGHT_WEIGHT : 1),
      isName,
      asks,
      covered: new Map(),
    }
  })
}

/** What a heading says holds for what stands below it, more or less. */
const IN_HEADING = 0.85
const IN_PATH = 0.6
const IN_INTRO = 0.75
const IN_PARAGRAPH = 0.55
const IN_PASSAGE = 0.25

function coverage(terms: readonly Term[], piece: Piece): number {
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

interface Scored extends Piece {
  /** 0–1: the part of the question's words that it has. */
  readonly words: number
  /** The cosine with the question; absent where meaning is not compared. */
  readonly meaning: number | undefined
  readonly score: number
}

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

type Compare = Knowledge['compare']

function rankPieces(
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

/** A sentence this short is seldom whole without the one before. */
const SHORT_WORDS = 4

const LEANS_ON_PREVIOUS =
  /^(?:it|its|this|these|they|them|those|that|both|so|then|otherwise|but|and|there(?!\s+(?:is|are|was|were)\b)|here|instead|also|such|without (?:it|them)|in that case|after that|until then|if so|if not)\b/i
const ADDS_AN_EXCEPTION =
  /^(?:but|however|except|unless|only|exceptions?|the exceptions?|not\b|this does not|that does not|otherwise|if you (?:don['’]t|do not)|without)\b|\bexcept(?:ed|ions?)?\b/i

const leans = (text: string) =>
  LEANS_ON_PREVIOUS.test(text) || (/\s/.test(text) && text.split(/\s+/).length <= SHORT_WORDS)

/** The pieces to quote, passage by passage, by their places in it. */
type Selection = Map<
  Passage,
  { readonly quotables: readonly Quotable[]; readonly chosen: Set<number> }
>

function quoteFrom(selection: Selection, { passage }: KnowledgeHit) {
  const known = selection.get(passage)
  if (known) return known
  const fresh = { quotables: quotablesOf(passage.text), chosen: new Set<number>() }
  selection.set(passage, fresh)
  return fresh
}

/** Takes a piece with what it cannot do without: its list or table, what announces it, what it leans on. */
function take(selection: Selection, scored: readonly Scored[], piece: Scored): void {
  const { quotables, chosen } = quoteFrom(selection, piece.hit)
  const { index, quotable } = piece
  chosen.add(index)
  const intro = introOf(quotables, index)
  const mates = [...quotables.keys()].filter((at) => quotables[at]?.block === quotable.block)
  if (quotable.kind === 'item' || quotable.kind === 'row') {
    const most = quotable.kind === 'item' ? MOST_ITEMS : MOST_ROWS
    const wanted =
      mates.length <= most
        ? mates
        : scored
            .filter((other) => other.hit === piece.hit && mates.includes(other.index))
            .filter((other) => other.words >= piece.words * 0.8)
            .slice(0, most)
            .map((other) => other.index)
    for (const at of wanted) chosen.add(at)
    if (intro !== undefined && quotables[intro]?.text.endsWith(':')) chosen.add(intro)
  } else if (quotable.text.endsWith(':')) {
    const next = quotables[index + 1]
    for (const [at, { block }] of quotables.entries()) {
      if (next && block === next.block && at > index && at <= index + MOST_ITEMS) chosen.add(at)
    }
  } else {
    let at = index
    while (
      at > 0 &&
      leans(quotables[at]?.text ?? '') &&
      quotables[at - 1]?.kind === 'sentence' &&
      !isLabel(quotables, at - 1) &&
      index - at < 2
    ) {
      at -= 1
      chosen.add(at)
    }
    const after = quotables[index + 1]
    if (after?.kind === 'sentence' && ADDS_AN_EXCEPTION.test(after.text)) chosen.add(index + 1)
  }
}

function countSentences(selection: Selection): number {
  let count = 0
  for (const { quotables, chosen } of selection.values()) {
    for (const index of chosen) if (quotables[index]?.kind === 'sentence') count += 1
  }
  return count
}

const isQuoted = (selection: Selection, { hit, index, quotable }: Scored) =>
  selection.get(hit.passage)?.chosen.has(index) === true ||
  [...selection.values()].some(({ quotables, chosen }) =>
    [...chosen].some((at) => quotables[at]?.text === quotable.text),
  )

const SAME_PASSAGE_SHARE = 0.72
/** Where the best piece has most of the words, others have to be nearly as good. */
const OTHER_PASSAGE_SHARE = 0.7
const BESIDE_A_SURE_ONE = 0.8
const SURE = 0.8

function select(scored: readonly Scored[], asked: Asked): Selection {
  const selection: Selection = new Map()
  const [best] = scored
  if (!best) return selection
  take(selection, scored, best)
  const others = best.words >= SURE ? BESIDE_A_SURE_ONE : OTHER_PASSAGE_SHARE
  for (const piece of scored.slice(1)) {
    if (countSentences(selection) >= MOST_SENTENCES) break
    const isHere = selection.has(piece.hit.passage)
    const share = piece.hit.passage === best.hit.passage ? SAME_PASSAGE_SHARE : others
    if (piece.score < best.score * share || isQuoted(selection, piece)) continue
    if (!isHere && selection.size >= MOST_SOURCES) continue
    take(selection, scored, piece)
  }
  addNext(selection, best, asked)
  return selection
}

/** Takes from the best piece's paragraph what is asked for, where no quote has it; else a lone sentence's next one. */
function addNext(selection: Selection, best: Scored, asked: Asked): void {
  if (best.quotable.kind !== 'sentence') return
  const { quotables, chosen } = quoteFrom(selection, best.hit)
  const mates = [...quotables.keys()].filter(
    (at) => quotables[at]?.block === best.quotable.block && !chosen.has(at),
  )
  const fitsAt = (at: number) => fits(asked, quotables[at]?.text ?? '')
  const lacks = [...chosen].every((at) => fitsAt(at) === false)
  const told = lacks ? mates.find((at) => at > best.index && fitsAt(at)) : undefined
  const isAlone = chosen.size === 1 && countSentences(selection) === 1
  const next = told ?? (isAlone ? mates.find((at) => at === best.index + 1) : undefined)
  if (next !== undefined) chosen.add(next)
}

const isCode = (quotable: Quotable | undefined) => quotable?.kind === 'code'
const announces = (quotable: Quotable | undefined) =>
  quotable?.kind === 'sentence' && quotable.text.endsWith(':')

/** Code that a quoted sentence announces; else, where it is wanted, the next of the best passage. */
function addCode(selection: Selection, wanted: boolean): void {
  let added = 0
  for (const { quotables, chosen } of selection.values()) {
    for (const index of [...chosen]) {
      if (isCode(quotables[index])) added += 1
      else if (
        added < MOST_CODE_BLOCKS &&
        announces(quotables[index]) &&
        isCode(quotables[index + 1])
      ) {
        chosen.add(index + 1)
        added += 1
      }
    }
  }
  const [best] = selection.values()
  if (!best || added > 0 || !wanted) return
  const { quotables, chosen } = best
  const from = Math.min(...chosen)
  const next = quotables.findIndex((quotable, index) => index > from && isCode(quotable))
  const code = next < 0 ? quotables.findIndex(isCode) : next
  if (code < 0) return
  chosen.add(code)
  if (announces(quotables[code - 1])) chosen.add(code - 1)
}

/** The chosen pieces of one passage in its own order, each with its citation. */
function render(
  { section }: Passage,
  quotables: readonly Quotable[],
  chosen: ReadonlySet<number>,
  number: number,
): string {
  const blocks: string[] = []
  const cited = `[${number}]`
  let open: string[] = []
  let last: { readonly index: number; readonly quotable: Quotable } | undefined
  const close = () => {
    if (!last || open.length === 0) return
    const { kind, header } = last.quotable
    if (kind === 'row') blocks.push(`${[header, ...open].join('\n')}\n\n${cited}`)
    else if (kind === 'code') blocks.push(`${open.join('\n')}\n\n${cited}`)
    else blocks.push(open.join(kind === 'item' ? '\n' : ' '))
    open = []
  }
  for (const index of [...chosen].toSorted((left, right) => left - right)) {
    const quotable = quotables[index]
    if (!quotable) continue
    const isSame = last?.quotable.block === quotable.block
    if (!isSame || (quotable.kind === 'sentence' && last && index > last.index + 1)) close()
    last = { index, quotable }
    if (quotable.kind === 'item')
      open.push(`${quotable.marker ?? '- '}${quotable.markdown} ${cited}`)
    else if (quotable.kind === 'sentence') open.push(`${quotable.markdown} ${cited}`)
    else open.push(quotable.markdown)
  }
  close()
  // What a list lists, only its heading says, where no sentence announces it.
  const [first = 0] = [...chosen].toSorted((left, right) => left - right)
  const heading = section?.split(' › ').at(-1)
  if (
    heading !== undefined &&
    isListItem(quotables[first]) &&
    introOf(quotables, first) === undefined
  ) {
    blocks.unshift(`**${quoteMarkdown(heading)}**`)
  }
  return blocks.join('\n\n')
}

const isListItem = (quotable: Quotable | undefined) =>
  quotable?.kind === 'item' && !/\d/.test(quotable.marker ?? '')

/** What of a passage is quoted, and the best piece of it. */
interface Quoted {
  readonly best: Scored
  readonly text: string
}

function quotedOf(scored: readonly Scored[], selection: Selection): readonly Quoted[] {
  return [...selection].flatMap(([passage, { quotables, chosen }]) => {
    const best = scored.find(({ hit, index }) => hit.passage === passage && chosen.has(index))
    if (!best) return []
    return [{ best, text: [...chosen].flatMap((index) => quotables[index]?.text ?? []).join(' ') }]
  })
}

/**
 * What counts for and against an answer: fitted to 340 questions with and without one, so that nine in ten of
 * the latter are declined.
 */
const WORDS = 6.2
const MEANING = 4.8
/** What meaning comes to where it is not compared. */
const meaningBy = (words: number) => 1.3 * words - 0.35
const UNKNOWN = 12.5
const MISFIT = 8
const ENOUGH = 4
/** A term that is covered so well stands there itself; below, another word for it does. */
const ITSELF = 0.85

/** Whether quotes answer the question, and are not only near to it. */
function answers({ best, text }: Quoted, terms: readonly Term[], asked: Asked): boolean {
  const { meaning = meaningBy(best.words) } = best
  const isWhole = !tellsOfOtherPlaces(best.hit.passage, terms, asked)
  // What is told of all places that are not named is told of the one that is asked for.
  const told = isWhole ? terms : terms.filter(({ isName }) => !isName)
  const words = isWhole ? best.words : coverage(told, best)
  const misfit = fits(asked, text) === false ? (SURELY_TOLD.has(asked.wanted) ? 1 : 0.4) : 0
  const missing = missingPart(told, [senseOf(text), best.heading, best.path, best.passage])
  return WORDS * words + MEANING * meaning - UNKNOWN * missing - MISFIT * misfit >= ENOUGH
}

/** "We do not deliver to other countries", "nowhere else": what holds for every place that is not named. */
const TELLS_OF_OTHER_PLACES =
  /\b(?:not|no|never|cannot|only)\b.*\bother (?:countr|place|region|area|cit|town|state|land|island|part|destination)|\b(?:not|never|cannot|only)\b.*\b(?:elsewhere|anywhere else)\b|\bnowhere else\b/i
/** "to Scotland", "in the Netherlands". */
const ASKS_OF_A_PLACE = /\b(?:to|in|into|within|from) (?:the )?\p{Lu}/u

/** Whether a passage says in the question's own words how it is with a place that it does not name. */
function tellsOfOtherPlaces({ text }: Passage, terms: readonly Term[], { focus }: Asked): boolean {
  if (!ASKS_OF_A_PLACE.test(focus) || !TELLS_OF_OTHER_PLACES.test(text)) return false
  const asking = terms.filter(({ asks, isName }) => asks && !isName)
  return quotablesOf(text).some((quotable) => {
    if (!TELLS_OF_OTHER_PLACES.test(quotable.text)) return false
    const sense = senseOf(quotable.text)
    return asking.length > 0 && asking.every((term) => cover(term, sense) >= ITSELF)
  })
}

/**
 * 0–1: how much of a question its weightiest missing term is. Who speaks in the words of the documents and asks
 * for one thing that they never name asks for what they do not have; who speaks in other words altogether may
 * have another word for that thing, too.
 */
function missingPart(terms: readonly Term[], senses: readonly Sense[]): number {
  let all = 0
  let itself = 0
  let related = 0
  let missing = 0
  for (const term of terms) {
    if (!term.asks) continue
    const covered = Math.max(...senses.map((sense) => cover(term, sense)))
    all += term.weight
    if (covered >= ITSELF) itself += term.weight
    else if (covered > 0) related += term.weight
    else missing = Math.max(missing, term.weight * (term.isName ? 2 : 1))
  }
  return missing === 0 || itself === 0 ? 0 : (missing / all) * (itself / (itself + related))
}

/** What is told in a few ways can be told to be missing; a time may be told of in many words. */
const SURELY_TOLD: ReadonlySet<Asked['wanted']> = new Set<Asked['wanted']>([
  'amount',
  'count',
  'temperature',
  'weight',
  'length',
  'colour',
  'year',
  'phone',
  'e-mail',
  'name',
])
/** What is quoted besides because the best is not sure makes an answer no surer. */
const DECIDES = 0.84

/** Quotes the passages that answer a question; `undefined` when nothing in them does. */
export async function composeAnswer(
  questions: readonly string[],
  retrieval: Retrieval,
  compare: Compare,
): Promise<Answer | undefined> {
  const asked = readQuestion(questions)
  const question = questions.at(-1) ?? ''
  const context = retrieval.terms.filter((term) => term.context).map(({ word }) => word)
  const hits = retrieval.hits.filter(({ passage }) => !tellsOfOtherCases(question, passage))
  const pieces = hits.flatMap(piecesOf)
  const terms = weighTerms(asked, retrieval, pieces)
  const meanings = await compare(
    [...context, question].join(' '),
    pieces.map(({ quotable }) => quotable.text),
  )
  const scored = rankPieces(pieces, terms, meanings, asked)
  const selection = select(scored, asked)
  const quoted = quotedOf(scored, selection)
  const least = DECIDES * (scored[0]?.score ?? 0)
  const deciding = quoted.filter(({ best }) => best.score >= least)
  if (!deciding.some((quote) => answers(quote, terms, asked))) return undefined
  addCode(selection, asked.wantsCode)
  const chosen = [...selection]
  const hitOf = new Map(retrieval.hits.map((hit) => [hit.passage, hit]))
  const sources = chosen.flatMap(([passage], index) => {
    const hit = hitOf.get(passage)
    return hit ? [sourceOf(hit, index + 1)] : []
  })
  const markdown = chosen
    .map(([passage, { quotables, chosen: places }], index) =>
      render(passage, quotables, places, index + 1),
    )
    .join('\n\n')
  const quotes = chosen.reduce((sum, [, { chosen: places }]) => sum + places.size, 0)
  return { sources, passages: chosen.map(([passage]) => passage), markdown, quotes }
}
