/**
 * Finds passages by words and by meaning, as one score: what passages are ranked by also tells an answer from
 * none.
 */
import { setImmediate } from 'node:timers/promises'
import MiniSearch, { type Options, type SearchResult } from 'minisearch'
import type { Knowledge, KnowledgeHit, KnowledgeScope, Passage } from '../core/ports/index.ts'
import { queryTermsOf, termsOf, type QueryTerm } from '../text/words.ts'
import { foldText } from '../protocol/fold-text.ts'
import type { Meaning, Nearness, PassageMeaning, PassageCosines } from './meaning.ts'
import type { KnowledgeDocument } from './parse-document.ts'
import type { Personality } from './library.ts'

/**
 * Weights of cosines beside the score of words, which is 1 where a passage has all words of a question. Found on
 * half of MTRAG-UN and three small sites, and confirmed on the other half: there is a wide plateau around them.
 */
const MEANING = 1.25
const WHOLE = 0.5
const HEADINGS = 0.2

/** The logistic curve that puts a balanced share of questions without an answer below `MIN_SCORE` of retrieval.ts. */
const STEEPNESS = 2.5
const MIDDLE = 1.55

/** How near a passage is that is taken for neither near nor far: here the score of words stays at `MIN_SCORE`. */
const NEUTRAL = 0.8

/**
 * From 0 to 1: the score that words alone have, together with how near the passage is in meaning (`undefined` for
 * one without vectors).
 */
function fuse(words: number, cosines: PassageCosines | undefined): number {
  const meaning = cosines
    ? cosines.piece + WHOLE * cosines.whole + HEADINGS * (cosines.path + cosines.heading)
    : NEUTRAL
  return 1 / (1 + Math.exp(-STEEPNESS * (words + MEANING * meaning - MIDDLE)))
}

/** Passages indexed before other work gets its turn. */
const CHUNK_SIZE = 100
/** A question longer than this is cut: no passage has more to offer to it. */
const MAX_QUERY_TERMS = 64
/** How much of a term an inexact match covers. */
const INEXACT = 0.6
/** A term that stands in a heading or title is what the passage is about. */
const IN_HEADING = 1.3
/** The part of a score that only coverage earns; the rest depends on the rank. */
const COVERAGE_SHARE = 0.55
/** Makes rare words count for more still, so that a product's name in a question decides nothing. */
const RARITY = 1.5
/** Edits allowed, as a share of a word's length. */
const FUZZY = 0.2
const MIN_FUZZY_LENGTH = 5
const MIN_PREFIX_LENGTH = 4
/** Passages that stand out by words, or by meaning, and are looked at for both. */
const CANDIDATES = 50

interface WeightedTerm extends QueryTerm {
  readonly weight: number
}

interface IndexedPassage {
  /** A number of its own: while a document changes, the old and the new have passages of one name. */
  readonly id: number
  readonly title: string
  readonly section: string
  readonly text: string
}

/** Tags weigh like the title. */
const titleOf = ({ documentTitle, tags = [] }: Passage) => [documentTitle, ...tags].join('\n')

const indexed = (passage: Passage, id: number): IndexedPassage => ({
  id,
  title: titleOf(passage),
  section: passage.section ?? '',
  text: passage.text,
})

function* chunksOf(passages: readonly Passage[]): Generator<readonly Passage[]> {
  for (let start = 0; start < passages.length; start += CHUNK_SIZE) {
    yield passages.slice(start, start + CHUNK_SIZE)
  }
}

/** A name of a creator or a domain as it is compared: `ada-lovelace` is Ada Lovelace. */
const nameKey = (name: string) => foldText(name.trim()).replaceAll(/[\s_-]+/g, ' ')

const keepTerm = (term: string) => term

/** What follows is nearer than what stands as far before. */
const distance = (place: number, at: number) => (place > at ? place - at - 0.5 : at - place)

/** A section is the path of its headings. */
const lastOf = (section: string) => section.split(' › ').at(-1) ?? section

const isInHeading = ({ match }: SearchResult, term: string) =>
  match[term]?.some((field) => field !== 'text') === true

type Counts = Map<string, number>

/** How many passages have a term: `by` more for each of these. */
function countTerms(passages: readonly Passage[], counts: Counts, by: 1 | -1): void {
  for (const passage of passages) {
    const { title, section, text } = indexed(passage, 0)
    for (const term of new Set(termsOf(`${title}\n${section}\n${text}`))) {
      counts.set(term, (counts.get(term) ?? 0) + by)
    }
  }
}

/** Ids of passages by the names that they have. */
function groupByName(
  passages: readonly Passage[],
  nameOf: (passage: Passage) => string | null,
): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>()
  for (const passage of passages) {
    const name = nameOf(passage)
    if (name === null) continue
    const group = groups.get(nameKey(name)) ?? new Set()
    groups.set(nameKey(name), group.add(passage.id))
  }
  return groups
}

const namedIn = (groups: ReadonlyMap<string, ReadonlySet<string>>, names: readonly string[]) =>
  new Set(names.flatMap((name) => [...(groups.get(nameKey(name)) ?? [])]))

const OPTIONS = {
  fields: ['title', 'section', 'text'],
  tokenize: termsOf,
  processTerm: keepTerm,
  searchOptions: {
    boost: { title: 1.6, section: 1.8 },
    tokenize: (query: string) => query.split(' '),
    combineWith: 'OR',
    weights: { fuzzy: 0.4, prefix: 0.4 },
    maxFuzzy: 2,
  },
} satisfies Options<IndexedPassage>

/** Passages whose meaning is compared, each by its place among them. */
interface Compared {
  readonly meaning: PassageMeaning
  readonly places: readonly Passage[]
  readonly placeOf: ReadonlyMap<Passage, number>
}

/** An index as it can be kept, for documents that are kept beside it. */
export interface SavedIndex {
  readonly index: string
  readonly counts: readonly (readonly [term: string, passages: number])[]
  /** Of all passages, in the order of the documents. */
  readonly keys: readonly number[]
}

export interface ChangingKnowledge extends Knowledge {
  /**
   * Puts other documents in the place of those that are there. What is the same object is left alone; a search
   * sees the old ones until all is there, and then the new ones. One change at a time.
   */
  change(
    documents: readonly KnowledgeDocument[],
    personalities: readonly Personality[],
  ): Promise<void>
  /** Takes up an index that was saved with those documents; for one that is empty. */
  restore(documents: readonly KnowledgeDocument[], saved: SavedIndex): Promise<void>
  /** Takes time, and nothing else happens meanwhile: not for a server at work. */
  save(): SavedIndex
}

/**
 * Passages of documents, searched by full text, and by meaning where that is given. Of two personalities of one
 * creator, the first counts.
 */
export async function createKnowledge(
  firstDocuments: readonly KnowledgeDocument[],
  personalities: readonly Personality[] = [],
  meaning?: Meaning,
): Promise<ChangingKnowledge> {
  let index = new MiniSearch<IndexedPassage>(OPTIONS)
  let nextKey = 1
  const keys = new Map<Passage, number>()
  const counts: Counts = new Map()
  let documents: readonly KnowledgeDocument[] = []
  let passages: readonly Passage[] = []
  let byKey: ReadonlyMap<number, Passage> = new Map()
  let byId: ReadonlyMap<string, Passage> = new Map()
  let byCreator = groupByName([], ({ creator }) => creator)
  let byDomain = byCreator
  /** Ids of what is found without naming a creator; `undefined` for all that there are. */
  let together: ReadonlySet<string> | undefined
  let documentOf: ReadonlyMap<string, KnowledgeDocument> = new Map()
  let voices: ReadonlyMap<string, string> = new Map()
  let compared: Compared | undefined

  const keyOf = (passage: Passage) => keys.get(passage) ?? 0
  const indexedOf = (passage: Passage) => indexed(passage, keyOf(passage))

  /** From here on these are searched. */
  const show = (next: readonly KnowledgeDocument[], nextPersonalities: readonly Personality[]) => {
    documents = next
    const before = passages
    passages = next.flatMap((document) => document.passages)
    const isSame =
      passages.length === before.length && passages.every((it, at) => it === before[at])
    if (meaning && !(compared && isSame)) {
      const placeOf = new Map(passages.map((passage, place) => [passage, place]))
      compared = { meaning: meaning.of(passages), places: passages, placeOf }
    }
    byKey = new Map(passages.map((passage) => [keyOf(passage), passage]))
    byId = new Map(passages.map((passage) => [passage.id, passage]))
    byCreator = groupByName(passages, ({ creator }) => creator)
    byDomain = groupByName(passages, ({ domain }) => domain)
    const open = passages.filter(({ isSeparate }) => !isSeparate)
    together = open.length === passages.length ? undefined : new Set(open.map(({ id }) => id))
    documentOf = new Map(
      next.flatMap((document) => document.passages.map(({ id }) => [id, document] as const)),
    )
    voices = new Map(
      nextPersonalities.toReversed().map(({ creator, text }) => [nameKey(creator), text] as const),
    )
  }

  const change: ChangingKnowledge['change'] = async (next, nextPersonalities) => {
    const before = new Set(documents)
    const after = new Set(next)
    const added = next
      .filter((document) => !before.has(document))
      .flatMap((document) => document.passages)
    const removed = documents
      .filter((document) => !after.has(document))
      .flatMap((document) => document.passages)
    const difference: Counts = new Map()
    for (const chunk of chunksOf(added)) {
      for (const passage of chunk) keys.set(passage, nextKey++)
      index.addAll(chunk.map(indexedOf))
      countTerms(chunk, difference, 1)
      await setImmediate()
    }
    for (const chunk of chunksOf(removed)) {
      countTerms(chunk, difference, -1)
      await setImmediate()
    }
    for (const [term, by] of difference) {
      const count = (counts.get(term) ?? 0) + by
      if (count > 0) counts.set(term, count)
      else counts.delete(term)
    }
    show(next, nextPersonalities)
    for (const chunk of chunksOf(removed)) {
      index.removeAll(chunk.map(indexedOf))
      for (const passage of chunk) keys.delete(passage)
      await setImmediate()
    }
  }

  /** How telling a term is; one that no passage has is the most telling of all. */
  const weightOf = (term: string) => {
    const count = counts.get(term) ?? countAlike(term)
    return Math.log(1 + (passages.length - count + 0.5) / (count + 0.5)) ** RARITY
  }

  /** A misspelt word weighs what the word weighs that it stands for. */
  const countAlike = (term: string) => {
    if (term.length < MIN_FUZZY_LENGTH) return 0
    const alike = index.search(term, { fuzzy: FUZZY }).flatMap(({ terms }) => terms)
    return Math.max(0, ...alike.map((known) => counts.get(known) ?? 0))
  }

  const search = (terms: readonly QueryTerm[], within: ReadonlySet<string> | undefined) =>
    index.search(terms.map(({ term }) => term).join(' '), {
      filter: ({ id }: SearchResult) => {
        const passage = byKey.get(Number(id))
        return passage !== undefined && (!within || within.has(passage.id))
      },
      // Fuzzy and prefix are what makes a search slow, so only where they can be of use.
      fuzzy: (term) => (counts.has(term) || term.length < MIN_FUZZY_LENGTH ? false : FUZZY),
      prefix: (term, at, all) => at === all.length - 1 && term.length >= MIN_PREFIX_LENGTH,
    })

  /** Ids of the passages of a scope; `undefined` for all that there are. */
  const idsIn = ({ creator, domains }: KnowledgeScope): ReadonlySet<string> | undefined => {
    const ofCreator = creator === undefined ? undefined : namedIn(byCreator, [creator])
    const ofDomains = domains && namedIn(byDomain, domains)
    if (ofCreator && ofDomains) return new Set([...ofCreator].filter((id) => ofDomains.has(id)))
    if (ofCreator) return ofCreator
    const known = together
    if (!known || !ofDomains) return known ?? ofDomains
    return new Set([...ofDomains].filter((id) => known.has(id)))
  }

  const toHit = (
    result: SearchResult,
    terms: readonly WeightedTerm[],
    best: number,
  ): KnowledgeHit[] => {
    const passage = byKey.get(Number(result.id))
    if (!passage) return []
    const exact = new Set(result.terms)
    const matched = new Set(result.queryTerms)
    let covered = 0
    let asked = 0
    for (const { term, weight } of terms) {
      asked += weight
      if (exact.has(term)) covered += weight * (isInHeading(result, term) ? IN_HEADING : 1)
      else if (matched.has(term)) covered += weight * INEXACT
    }
    const rank = COVERAGE_SHARE + (1 - COVERAGE_SHARE) * (result.score / best)
    return [
      {
        passage,
        score: asked === 0 ? 0 : Math.min(1, covered / asked) * rank,
        matchedTerms: terms.filter(({ term }) => matched.has(term)).map(({ word }) => word),
      },
    ]
  }

  /** Best first. */
  const byWords = (
    asked: readonly QueryTerm[],
    within: ReadonlySet<string> | undefined,
  ): KnowledgeHit[] => {
    const terms = asked.map((term) => ({ ...term, weight: weightOf(term.term) }))
    const results = search(terms, within)
    const best = results[0]?.score ?? 1
    return results
      .flatMap((result) => toHit(result, terms, best))
      .toSorted((left, right) => right.score - left.score)
  }

  /** Passages that stand out by words or by meaning, scored by both. */
  const byBoth = (
    hits: readonly KnowledgeHit[],
    nearness: Nearness,
    { places, placeOf }: Compared,
  ): KnowledgeHit[] => {
    const found = new Map(hits.map((hit) => [hit.passage, hit]))
    const candidates = new Map([...found].slice(0, CANDIDATES))
    for (const place of nearness.nearest(CANDIDATES)) {
      const passage = places[place]
      if (!passage) continue
      candidates.set(passage, found.get(passage) ?? { passage, score: 0, matchedTerms: [] })
    }
    return [...candidates.values()]
      .map((hit) => {
        const cosines = nearness.of(placeOf.get(hit.passage) ?? -1)
        return { ...hit, score: fuse(hit.score, cosines), meaning: cosines?.piece }
      })
      .toSorted((left, right) => right.score - left.score)
  }

  await change(firstDocuments, personalities)
  return {
    change,
    async restore(restored, saved) {
      index = await MiniSearch.loadJSONAsync<IndexedPassage>(saved.index, OPTIONS)
      for (const [term, count] of saved.counts) counts.set(term, count)
      for (const [at, passage] of restored.flatMap((document) => document.passages).entries()) {
        const key = saved.keys[at] ?? 0
        if (!index.has(key)) throw new Error('the saved index is of other documents')
        keys.set(passage, key)
        nextKey = Math.max(nextKey, key + 1)
      }
      show(restored, [])
    },
    save: () => ({ index: JSON.stringify(index), counts: [...counts], keys: passages.map(keyOf) }),
    async search(query, { limit, byWords: isByWords = false, ...scope }) {
      const within = idsIn(scope)
      if (within?.size === 0) return []
      const asked = queryTermsOf(query).slice(0, MAX_QUERY_TERMS)
      // Words that nobody typed are not misspelt.
      const terms = isByWords ? asked.filter(({ term }) => counts.has(term)) : asked
      if (terms.length === 0) return []
      const hits = byWords(terms, within)
      // While meaning is compared, the documents may change.
      const prepared = compared
      const isWanted = within && ((place: number) => within.has(prepared?.places[place]?.id ?? ''))
      const nearness = isByWords ? undefined : await prepared?.meaning.near(query, isWanted)
      return (prepared && nearness ? byBoth(hits, nearness, prepared) : hits).slice(0, limit)
    },
    compare: async (question, texts) => await compared?.meaning.compare(question, texts),
    meaning: () => compared?.meaning.status() ?? { kind: 'off' },
    settled: async () => await compared?.meaning.settled(),
    domainsOf(creator) {
      const ids = byCreator.get(nameKey(creator)) ?? []
      const domains = [...ids].flatMap((id) => byId.get(id)?.domain ?? [])
      return [...new Set(domains)]
    },
    titlesOf(creator) {
      const ids = byCreator.get(nameKey(creator)) ?? new Set()
      const own = documents.filter(({ passages: all }) => all.some(({ id }) => ids.has(id)))
      return own.map(({ title }) => title)
    },
    personalityOf: (creator) => voices.get(nameKey(creator)),
    headingsNear(passage) {
      const { passages: all = [] } = documentOf.get(passage.id) ?? {}
      const at = all.findIndex(({ id }) => id === passage.id)
      const placed = all.map(({ section }, place) => ({ section, place }))
      const nearest = placed.toSorted((a, b) => distance(a.place, at) - distance(b.place, at))
      const headings = nearest.flatMap(({ section }) =>
        section === null || section === passage.section ? [] : [lastOf(section)],
      )
      return [...new Set(headings)]
    },
    get documentTitles() {
      const isTogether = ({ passages: all }: KnowledgeDocument) =>
        !together || all.some(({ id }) => together?.has(id))
      return documents.filter(isTogether).map(({ title }) => title)
    },
    get size() {
      return { documents: documents.length, passages: passages.length }
    },
  }
}
