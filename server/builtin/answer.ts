/**
 * Chooses the sentences, steps, rows and code of the passages that answer a question, and decides whether they
 * do. What is said is quoted, and each quote has its citation. Begin with `composeAnswer`; what a question's terms
 * mean is told in terms.ts, how near a piece comes to them in pieces.ts.
 */
import type { Knowledge, KnowledgeHit, Passage, Retrieval } from '../core/ports/index.ts'
import { sourceOf } from '../core/retrieval.ts'
import type { Source } from '../protocol/events.ts'
import { quotablesOf, quoteMarkdown, type Quotable } from '../text/quotables.ts'
import {
  announces,
  coverage,
  introOf,
  isCode,
  isLabel,
  piecesOf,
  rankPieces,
  type Scored,
} from './pieces.ts'
import { fits, readQuestion, tellsOfOtherCases, type Asked } from './question.ts'
import { cover, senseOf, weighTerms, type Sense, type Term } from './terms.ts'

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

/** Quotes the passages that answer a question; `undefined` when nothing in them does. */
export async function composeAnswer(
  questions: readonly string[],
  retrieval: Retrieval,
  compare: Knowledge['compare'],
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
  const sources = chosen.map(([, { hit }], index) => sourceOf(hit, index + 1))
  const markdown = chosen
    .map(([passage, { quotables, chosen: places }], index) =>
      render(passage, quotables, places, index + 1),
    )
    .join('\n\n')
  const quotes = chosen.reduce((sum, [, { chosen: places }]) => sum + places.size, 0)
  return { sources, passages: chosen.map(([passage]) => passage), markdown, quotes }
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
  {
    readonly hit: KnowledgeHit
    readonly quotables: readonly Quotable[]
    readonly chosen: Set<number>
  }
>

function quoteFrom(selection: Selection, hit: KnowledgeHit) {
  const { passage } = hit
  const known = selection.get(passage)
  if (known) return known
  const fresh = { hit, quotables: quotablesOf(passage.text), chosen: new Set<number>() }
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
  ...(['amount', 'count', 'temperature', 'weight', 'length'] as const),
  ...(['colour', 'year', 'phone', 'e-mail', 'name'] as const),
])
/** What is quoted besides because the best is not sure makes an answer no surer. */
const DECIDES = 0.84
