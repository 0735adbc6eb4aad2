import type { KnowledgeHit, Passage, Retrieval } from '../core/ports.ts'
import { MIN_SCORE, sourceOf, termWeights } from '../core/retrieval.ts'
import { stemOf, termsOf } from '../core/words.ts'
import type { Source } from '../protocol/events.ts'
import { quotablesOf, quoteMarkdown, type Quotable } from '../core/quotables.ts'

/** Sentences and list items in one answer; code comes on top. */
const MAX_QUOTES = 5
const MIN_QUOTES = 2
const MAX_SOURCES = 3
const MAX_CODE_BLOCKS = 2
const MAX_LIST_ITEMS = 9
const SHORTEST_LIST = 3
/** A passage this far behind the best one, or a sentence this far behind the best, says something else. */
const PASSAGE_SHARE = 0.7
const SENTENCE_SHARE = 0.55

const WANTS_CODE =
  /\b(?:how|install|installing|embed|embedding|add|example|code|snippet|command|run|start|set|script|import|put|connect)\b/i
const LEANS_ON_PREVIOUS =
  /^(?:it|its|this|these|they|those|that|both|so|then|otherwise|but|and|there|here|instead|also|such|without it)\b/i

interface Candidate {
  readonly hit: KnowledgeHit
  readonly quotables: readonly Quotable[]
}

interface ScoredQuote {
  readonly candidate: Candidate
  readonly index: number
  readonly score: number
}

export interface Answer {
  readonly sources: readonly Source[]
  /** The passages of the sources, in the same order. */
  readonly passages: readonly Passage[]
  readonly markdown: string
  /** How many sentences are quoted. */
  readonly quotes: number
}

/** Hits that are close enough to the best one, and to the question, to answer from. */
export function answerable(hits: readonly KnowledgeHit[]): readonly KnowledgeHit[] {
  const best = hits[0]?.score ?? 0
  return hits.filter(({ score }) => score >= MIN_SCORE && score >= best * PASSAGE_SHARE)
}

function scoreQuotes(
  candidates: readonly Candidate[],
  { terms }: Retrieval,
): readonly ScoredQuote[] {
  const weights = termWeights(
    terms,
    candidates.flatMap(({ quotables }) => quotables.map(({ text }) => text)),
  )
  return candidates
    .flatMap((candidate) => {
      const { passage, score: passageScore } = candidate.hit
      const heading = new Set(termsOf(`${passage.documentTitle} ${passage.section ?? ''}`))
      return candidate.quotables.map((quotable, index) => {
        const own = new Set(termsOf(quotable.text))
        let score = 0
        for (const [term, weight] of weights) {
          if (own.has(term)) score += weight
          // What the heading asks, the first sentences answer without repeating its words.
          else if (heading.has(term)) score += weight * (index < 2 ? 0.5 : 0.2)
        }
        return { candidate, index, score: score * passageScore * (1 - Math.min(index, 6) * 0.03) }
      })
    })
    .filter(({ candidate, index }) => candidate.quotables[index]?.kind !== 'code')
    .toSorted((left, right) => right.score - left.score)
}

type Selection = Map<Candidate, Set<number>>

const countQuotes = (selection: Selection) =>
  [...selection.values()].reduce((sum, indexes) => sum + indexes.size, 0)

function isNew({ candidate, index }: ScoredQuote, selection: Selection): boolean {
  const text = candidate.quotables[index]?.text
  for (const [{ quotables }, indexes] of selection) {
    for (const known of indexes) if (quotables[known]?.text === text) return false
  }
  return true
}

/** Takes the best quotes, with the sentence before where one leans on it. */
function select(ranked: readonly ScoredQuote[]): Selection {
  const selection: Selection = new Map()
  const best = ranked[0]?.score ?? 0
  for (const quote of ranked) {
    const { candidate, index, score } = quote
    if (countQuotes(selection) >= MAX_QUOTES || score <= 0) break
    if (score < best * SENTENCE_SHARE || !isNew(quote, selection)) continue
    if (!selection.has(candidate) && selection.size >= MAX_SOURCES) continue
    const indexes = selection.get(candidate) ?? new Set()
    selection.set(candidate, indexes.add(index))
    const previous = candidate.quotables[index - 1]
    if (
      previous?.kind === 'sentence' &&
      LEANS_ON_PREVIOUS.test(candidate.quotables[index]?.text ?? '') &&
      countQuotes(selection) < MAX_QUOTES
    ) {
      indexes.add(index - 1)
    }
  }
  return selection
}

/** A list that was asked for comes whole, as far as it fits; one item of it would mislead. */
function completeList({ hit, quotables }: Candidate, indexes: Set<number>): void {
  const items = [...quotables.keys()].filter((index) => quotables[index]?.kind === 'item')
  const isList = items.length >= SHORTEST_LIST && items.length * 2 >= quotables.length
  const announced = [...indexes].some(
    (index) => quotables[index]?.text.endsWith(':') && quotables[index + 1]?.kind === 'item',
  )
  const section = new Set(termsOf(hit.passage.section ?? ''))
  const asked =
    items.some((index) => indexes.has(index)) ||
    hit.matchedTerms.some((word) => section.has(stemOf(word)))
  if (!announced && !(isList && asked)) return
  for (const index of items.slice(0, MAX_LIST_ITEMS)) indexes.add(index)
}

/** A lone sentence takes the one after it, or before it, along. */
function addNeighbour({ quotables }: Candidate, indexes: Set<number>): void {
  const [index = 0] = indexes
  const neighbour = [index + 1, index - 1].find((at) => quotables[at]?.kind === 'sentence')
  if (neighbour !== undefined) indexes.add(neighbour)
}

const byPassage = (selection: Selection) =>
  [...selection].toSorted(([left], [right]) => right.hit.score - left.hit.score)

function complete(selection: Selection): void {
  const [best] = byPassage(selection)
  if (!best) return
  completeList(...best)
  if (countQuotes(selection) < MIN_QUOTES) addNeighbour(...best)
}

const isCode = (quotable: Quotable | undefined) => quotable?.kind === 'code'

const announces = (quotable: Quotable | undefined) =>
  quotable?.kind === 'sentence' && quotable.text.endsWith(':')

/** Code that a quoted sentence announces; else, where it is wanted, the best passage's next code block. */
function addCode(selection: Selection, wanted: boolean): void {
  let added = 0
  for (const [{ quotables }, indexes] of selection) {
    for (const index of [...indexes]) {
      if (added >= MAX_CODE_BLOCKS || !announces(quotables[index])) continue
      if (!isCode(quotables[index + 1])) continue
      indexes.add(index + 1)
      added += 1
    }
  }
  const [best] = byPassage(selection)
  if (!best || added > 0 || !wanted) return
  const [{ quotables }, indexes] = best
  const from = Math.min(...indexes)
  const next = quotables.findIndex((quotable, index) => index > from && isCode(quotable))
  const code = next < 0 ? quotables.findIndex(isCode) : next
  if (code < 0) return
  indexes.add(code)
  if (announces(quotables[code - 1])) indexes.add(code - 1)
}

/** The chosen pieces of one passage in its own order; every run of sentences ends in its citation. */
function render({ quotables }: Candidate, indexes: ReadonlySet<number>, number: number): string {
  const blocks: string[] = []
  let run: string[] = []
  let list: string[] = []
  const flush = () => {
    if (run.length > 0) blocks.push(`${run.join(' ')} [${number}]`)
    if (list.length > 0) blocks.push(list.join('\n'))
    run = []
    list = []
  }
  let previous = -1
  for (const index of [...indexes].toSorted((left, right) => left - right)) {
    const quotable = quotables[index]
    if (!quotable) continue
    if (index !== previous + 1 || (list.length > 0 && quotable.kind !== 'item')) flush()
    previous = index
    if (quotable.kind === 'code') {
      flush()
      blocks.push(quotable.markdown)
    } else if (quotable.kind === 'item') {
      if (run.length > 0) flush()
      list.push(`- ${quotable.markdown} [${number}]`)
    } else {
      run.push(quotable.markdown)
    }
  }
  flush()
  return blocks.join('\n\n')
}

function leadIn(sources: readonly Source[]): string {
  const titles = [...new Set(sources.map(({ title }) => title))]
  return titles.length === 1
    ? `This is what “${quoteMarkdown(titles[0] ?? '')}” says:`
    : 'This is what the documents say:'
}

/** Quotes the passages that answer a question; `undefined` when nothing in them can be quoted. */
export function composeAnswer(question: string, retrieval: Retrieval): Answer | undefined {
  const candidates = answerable(retrieval.hits).map((hit) => ({
    hit,
    quotables: quotablesOf(hit.passage.text),
  }))
  const selection = select(scoreQuotes(candidates, retrieval))
  if (selection.size === 0) return undefined
  complete(selection)
  const quotes = countQuotes(selection)
  addCode(selection, WANTS_CODE.test(question))
  const chosen = byPassage(selection)
  const sources = chosen.map(([{ hit }], index) => sourceOf(hit, index + 1))
  const body = chosen.map(([candidate, indexes], index) => render(candidate, indexes, index + 1))
  const passages = chosen.map(([{ hit }]) => hit.passage)
  return { sources, passages, markdown: [leadIn(sources), ...body].join('\n\n'), quotes }
}
