/**
 * The words of one owner's conversations, in memory: how often each conversation has each, so that a search
 * looks through numbers instead of texts. Everything is done in slices.
 */
import { setImmediate } from 'node:timers/promises'
import {
  type ConversationQuery,
  fitOf,
  needsOf,
  saidIn,
  type WordNeed,
  wordsToFind,
} from '../core/conversation-text.ts'
import { foldText } from '../protocol/fold-text.ts'

/** UTF-16 units of texts that are counted in one go; a few milliseconds. */
const COUNTING_SLICE = 20_000
/** Words that are one text to look through, and how many such texts and counts are in one go: a millisecond or two. */
const BLOCK = 4_096
const BLOCKS_SLICE = 8
const COUNTS_SLICE = 200_000
/** Conversations that are weighed in one go. */
const HITS_SLICE = 1_000
/** What a look at a conversation costs, in counts. */
const LOOK = 200
/** Conversations are listed by their words from so many counts on, and anew when such a share has changed. */
const LEAST_LISTED = 50_000
const UNLISTED = 0.1
/** What one query may need; more makes it slower and no better. */
const MOST_NEEDS = 31
/** A number of a word and how often it is there share 32 bits. */
export const COUNT_BITS = 8
export const MOST_COUNTED = (1 << COUNT_BITS) - 1
const MOST_WORDS = 2 ** (32 - COUNT_BITS)
/** Times that a conversation was added to before its counts become one again. */
const MOST_PARTS = 8
/** From so many units on, V8 keeps the whole text for the sake of a part of it. */
const SLICED_FROM = 13

/** How much a word counts that is inside of another, begins one, or is one. */
const WORTH = [0, 0.6, 0.8, 1] as const
/** BM25: the more often a word is there, the less one more says; in a long conversation it says less. */
const SATURATION = 1.2
const LENGTH_SHARE = 0.5
/** Words of an ordinary conversation. A fixed number: how good one is shall depend on no other. */
const ORDINARY_LENGTH = 400
/** What a word in a text is worth at most, when one in a title is worth 1. */
const IN_TEXT = 0.9
/** For all words as they were typed, in the title and in a text. */
const PHRASE_IN_TITLE = 0.25
const PHRASE_IN_TEXT = 0.15
/**
 * With most words: what those that are there must weigh at least, as a share of those that any conversation has,
 * and of all.
 */
const ENOUGH = 0.5
const ENOUGH_OF_ALL = 0.25

/** What a text has: counts of words by their numbers, and hashes of neighbours. */
export interface WordCounts {
  readonly counts: Uint32Array
  /** 16 bits of each pair of neighbours, each once. */
  readonly pairs: Uint16Array
  /** How many words there are. */
  readonly length: number
}

export interface IndexedConversation {
  readonly id: string
  /** Folded. */
  readonly title: string
  /** What answers in it, or has answered. */
  readonly models: readonly string[]
  /** First what stands around its messages (a summary, metadata), then the messages. */
  readonly parts: readonly WordCounts[]
}

export interface WordSearch {
  readonly query: ConversationQuery
  /** Whether a conversation without some words will do, if it has those that tell most. */
  readonly mostWords: boolean
  readonly isWanted: (conversation: IndexedConversation) => boolean
}

export interface RankedConversation {
  readonly id: string
  /** From 0 to a million, whole. */
  readonly score: number
}

/** A score that nothing can surpass. */
export const HIGHEST_SCORE = 1_000_000

export interface WordIndex {
  /** Bytes, about. */
  readonly size: number
  /** How many counts of words all conversations have. */
  readonly counts: number
  /** All words, by their numbers. */
  readonly words: readonly string[]
  readonly conversations: ReadonlyMap<string, IndexedConversation>
  numberOf(word: string): number
  /** Counts the words of texts; neighbours in one text only. */
  count(texts: Iterable<string>): Promise<WordCounts>
  set(conversation: IndexedConversation): void
  delete(id: string): void
  /** In no order. */
  search(search: WordSearch): Promise<RankedConversation[]>
}

export const packed = (number: number, count: number) =>
  number * (MOST_COUNTED + 1) + Math.min(count, MOST_COUNTED)

/** FNV-1a; 32 bits. */
export function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193)
  }
  return hash
}

/** 16 bits. */
function pairOf(left: number, right: number): number {
  const mixed = Math.imul(Math.imul(left, 31) + right, 0x9e3779b1)
  return (mixed ^ (mixed >>> 16)) & 0xffff
}

/** A text in pieces that can be folded one by one: words stay whole, if they have any reasonable length. */
function* piecesOf(text: string): Generator<string> {
  let start = 0
  while (start < text.length) {
    const space = text.indexOf(' ', start + COUNTING_SLICE)
    const isNear = space >= 0 && space < start + COUNTING_SLICE * 2
    const end = isNear ? space : start + COUNTING_SLICE
    yield text.slice(start, end)
    start = end
  }
}

/** Each number once, and how often it was there. */
function countsOfAll(numbers: readonly number[]): Uint32Array {
  const sorted = Uint32Array.from(numbers).toSorted()
  const counts = new Uint32Array(sorted.length)
  let length = 0
  for (let start = 0; start < sorted.length;) {
    const number = sorted[start] ?? 0
    let end = start + 1
    while (sorted[end] === number) end += 1
    counts[length] = packed(number, end - start)
    length += 1
    start = end
  }
  return counts.slice(0, length)
}

function merged(parts: readonly WordCounts[]): WordCounts {
  const [first] = parts
  if (first && parts.length === 1) return first
  const counts = new Map<number, number>()
  for (const part of parts) {
    for (const entry of part.counts) {
      const number = entry >>> COUNT_BITS
      counts.set(number, (counts.get(number) ?? 0) + (entry & MOST_COUNTED))
    }
  }
  return {
    counts: Uint32Array.from(counts, ([number, count]) => packed(number, count)).toSorted(),
    pairs: Uint16Array.from(new Set(parts.flatMap(({ pairs }) => [...pairs]))),
    length: parts.reduce((sum, { length }) => sum + length, 0),
  }
}

/** The parts with one more of messages; what was added to often is put together again. */
export function withPart(parts: readonly WordCounts[], part: WordCounts): readonly WordCounts[] {
  if (parts.length < MOST_PARTS) return [...parts, part]
  const [head, ...said] = parts
  return [...(head ? [head] : []), merged([...said, part])]
}

const bytesOf = ({ parts }: IndexedConversation) =>
  parts.reduce((sum, { counts, pairs }) => sum + counts.byteLength + pairs.byteLength, 400)

const countsOf = ({ parts }: IndexedConversation) =>
  parts.reduce((sum, { counts }) => sum + counts.length, 0)

/** Some words in one text, one a line, and where each begins. */
interface Block {
  readonly joined: string
  readonly starts: Uint32Array
}

/** The line that a place in a block is in, at or after a line. */
function lineOf(starts: Uint32Array, at: number, from: number): number {
  let low = from
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle
  }
  return low
}

/** How a term of a query is found. */
interface Term {
  readonly term: string
  /** Places of its needs among all needs of the query. */
  readonly needs: readonly number[]
  readonly pairs: readonly number[]
}

/** Counts of words as a search wants them: for each word, in which conversations it is. */
interface Listed {
  /** Where each word begins among the entries; one more for the end. */
  readonly starts: Uint32Array
  /** Places of conversations, and how often the word is there. */
  readonly entries: Uint32Array
  /** One that was changed since is another object. */
  readonly places: ReadonlyMap<IndexedConversation, number>
}

async function forEachCount(
  places: ReadonlyMap<IndexedConversation, number>,
  take: (entry: number, place: number) => void,
): Promise<void> {
  let looked = 0
  for (const [conversation, place] of places) {
    for (const { counts } of conversation.parts) {
      for (const entry of counts) take(entry, place)
    }
    looked += countsOf(conversation)
    if (looked < COUNTS_SLICE) continue
    looked = 0
    await setImmediate()
  }
}

interface Hit {
  readonly conversation: IndexedConversation
  /** Of each term, from 0 to 1. */
  readonly fits: readonly number[]
}

export function createWordIndex(): WordIndex {
  const words: string[] = []
  const numbers = new Map<string, number>()
  const blocks: Block[] = []
  const conversations = new Map<string, IndexedConversation>()
  let listed: Listed | undefined
  let size = 0
  let counted = 0

  const numberOf = (word: string) => {
    const known = numbers.get(word)
    if (known !== undefined) return known
    const own = word.length < SLICED_FROM ? word : Buffer.from(word, 'utf16le').toString('utf16le')
    const number = words.push(own) - 1
    numbers.set(own, number)
    size += 100 + own.length
    return number
  }

  const blockOf = (block: number) => {
    const known = blocks[block]
    if (known) return known
    const own = words.slice(block * BLOCK, (block + 1) * BLOCK)
    const starts = new Uint32Array(own.length)
    for (let line = 1; line < own.length; line += 1) {
      starts[line] = (starts[line - 1] ?? 0) + (own[line - 1]?.length ?? 0) + 1
    }
    const made = { joined: own.join('\n'), starts }
    // The last one is still growing.
    if (own.length === BLOCK) blocks[block] = made
    return made
  }

  const remove = (id: string) => {
    const known = conversations.get(id)
    if (!known) return
    size -= bytesOf(known)
    counted -= countsOf(known)
    conversations.delete(id)
  }

  /** How well each word meets a need, by the word's number. */
  const fitsOf = async ({ text, isWhole }: WordNeed) => {
    const fits = new Uint8Array(words.length)
    if (isWhole) {
      const number = numbers.get(text)
      if (number !== undefined) fits[number] = 3
      return fits
    }
    for (let block = 0; block * BLOCK < fits.length; block += 1) {
      const { joined, starts } = blockOf(block)
      let line = 0
      for (
        let at = joined.indexOf(text);
        at >= 0;
        at = joined.indexOf(text, starts[line] ?? joined.length)
      ) {
        line = lineOf(starts, at, line)
        const number = block * BLOCK + line
        fits[number] = fitOf(words[number] ?? '', text)
        line += 1
      }
      if (block % BLOCKS_SLICE === BLOCKS_SLICE - 1) await setImmediate()
    }
    return fits
  }

  /** How often each need is met in a conversation, weighed by how well. */
  const metIn = ({ parts }: IndexedConversation, fits: readonly Uint8Array[]) => {
    const met = fits.map(() => 0)
    for (const { counts } of parts) {
      for (const entry of counts) {
        for (let need = 0; need < fits.length; need += 1) {
          const worth = WORTH[fits[need]?.[entry >>> COUNT_BITS] ?? 0] ?? 0
          met[need] = (met[need] ?? 0) + worth * (entry & MOST_COUNTED)
        }
      }
    }
    return met
  }

  /** The same of all conversations that are listed by their words, by their places. */
  const metByPlace = async ({ starts, entries, places }: Listed, fits: Uint8Array) => {
    const met = new Float32Array(places.size)
    let looked = 0
    for (let number = 0; number + 1 < starts.length; number += 1) {
      const worth = WORTH[fits[number] ?? 0] ?? 0
      if (worth === 0) continue
      const end = starts[number + 1] ?? 0
      for (let at = starts[number] ?? 0; at < end; at += 1) {
        const entry = entries[at] ?? 0
        const place = entry >>> COUNT_BITS
        met[place] = (met[place] ?? 0) + worth * (entry & MOST_COUNTED)
      }
      looked += end - (starts[number] ?? 0)
      if (looked < COUNTS_SLICE) continue
      looked = 0
      await setImmediate()
    }
    return met
  }

  /** Turns counts by conversations into counts by words, if enough of them have changed to be worth it. */
  const list = async () => {
    let changed = 0
    for (const conversation of conversations.values()) {
      if (!listed?.places.has(conversation)) changed += countsOf(conversation)
    }
    if (changed < LEAST_LISTED || changed < counted * UNLISTED) return
    const places = new Map<IndexedConversation, number>()
    for (const conversation of conversations.values()) places.set(conversation, places.size)
    const starts = new Uint32Array(words.length + 1)
    let all = 0
    await forEachCount(places, (entry) => {
      const next = (entry >>> COUNT_BITS) + 1
      starts[next] = (starts[next] ?? 0) + 1
      all += 1
    })
    for (let number = 1; number < starts.length; number += 1) {
      starts[number] = (starts[number] ?? 0) + (starts[number - 1] ?? 0)
    }
    const entries = new Uint32Array(all)
    const ends = starts.slice()
    await forEachCount(places, (entry, place) => {
      const number = entry >>> COUNT_BITS
      const at = ends[number] ?? 0
      entries[at] = packed(place, entry & MOST_COUNTED)
      ends[number] = at + 1
    })
    listed = { starts, entries, places }
  }

  const hasPairs = ({ parts }: IndexedConversation, pairs: readonly number[]) =>
    pairs.every((pair) => parts.some((part) => part.pairs.includes(pair)))

  const fitsIn = (
    conversation: IndexedConversation,
    terms: readonly Term[],
    met: readonly number[],
  ) => {
    const length = conversation.parts.reduce((sum, part) => sum + part.length, 0)
    const half = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * length) / ORDINARY_LENGTH)
    return terms.map(({ term, needs, pairs }) => {
      const inTitle = WORTH[fitOf(conversation.title, term)]
      const often = needs.length > 0 ? Math.min(...needs.map((need) => met[need] ?? 0)) : 0
      if (often === 0 || !hasPairs(conversation, pairs)) return inTitle
      // A part of a word, however often it is there, is no better than the word once.
      const best = Math.min(1, often) * IN_TEXT
      return Math.max(inTitle, best * (0.5 + (0.5 * often) / (often + half)))
    })
  }

  const scoreOf = (
    { conversation, fits }: Hit,
    weights: readonly number[],
    phrase: { readonly text: string; readonly pairs: readonly number[] } | undefined,
  ) => {
    const all = weights.reduce((sum, weight) => sum + weight, 0)
    const fit = fits.reduce((sum, each, place) => sum + each * (weights[place] ?? 0), 0) / all
    if (!phrase) return fit
    const inTitle = conversation.title.includes(phrase.text) && PHRASE_IN_TITLE
    const bonus = inTitle || (hasPairs(conversation, phrase.pairs) && PHRASE_IN_TEXT) || 0
    return (fit + bonus) / (1 + PHRASE_IN_TITLE)
  }

  return {
    get size() {
      return size + (listed?.entries.byteLength ?? 0) + (listed?.starts.byteLength ?? 0)
    },
    get counts() {
      return counted
    },
    words,
    conversations,
    numberOf,
    async count(texts) {
      const parts: WordCounts[] = []
      let found: number[] = []
      let pairs: number[] = []
      let length = 0
      let slice = 0
      const finish = () => {
        const each = new Set(pairs)
        parts.push({ counts: countsOfAll(found), pairs: Uint16Array.from(each), length })
        found = []
        pairs = []
        length = 0
        slice = 0
      }
      for (const text of texts) {
        let before: number | undefined
        for (const piece of piecesOf(saidIn(text))) {
          for (const word of wordsToFind(foldText(piece))) {
            const hash = hashOf(word)
            if (before !== undefined) pairs.push(pairOf(before, hash))
            before = hash
            length += 1
            const number = numbers.get(word) ?? (words.length < MOST_WORDS ? numberOf(word) : -1)
            if (number >= 0) found.push(number)
          }
          slice += piece.length
          if (slice < COUNTING_SLICE) continue
          finish()
          await setImmediate()
        }
      }
      finish()
      return merged(parts)
    },
    set(conversation) {
      remove(conversation.id)
      conversations.set(conversation.id, conversation)
      size += bytesOf(conversation)
      counted += countsOf(conversation)
    },
    delete: remove,
    async search({ query, mostWords, isWanted }) {
      const needs = query.terms.map(needsOf)
      const terms: Term[] = []
      const fits: Uint8Array[] = []
      for (const [place, term] of query.terms.entries()) {
        const own = (needs[place] ?? []).slice(0, MOST_NEEDS - fits.length)
        const hashes = own.map(({ text }) => hashOf(text))
        // Characters that are written without spaces stand side by side in pairs of pairs.
        const isRun = own.every(({ isWhole }) => isWhole)
        terms.push({
          term,
          needs: own.map((_, at) => fits.length + at),
          pairs: isRun ? neighboursOf(hashes) : [],
        })
        for (const need of own) fits.push(await fitsOf(need))
      }
      await list()
      const byPlace: Float32Array[] = []
      // It is another one once some other search of the owner has listed them anew.
      const known = listed
      if (known) for (const each of fits) byPlace.push(await metByPlace(known, each))
      const hits: Hit[] = []
      const found = query.terms.map(() => 0)
      let looked = 0
      // As they are now: others may come and go between the slices.
      for (const conversation of [...conversations.values()]) {
        if (isWanted(conversation)) {
          const place = known?.places.get(conversation)
          const met =
            place === undefined
              ? metIn(conversation, fits)
              : byPlace.map((each) => each[place] ?? 0)
          const own = fitsIn(conversation, terms, met)
          for (const [at, fit] of own.entries()) if (fit > 0) found[at] = (found[at] ?? 0) + 1
          const isFound = mostWords ? own.some((fit) => fit > 0) : own.every((fit) => fit > 0)
          if (isFound) hits.push({ conversation, fits: own })
          looked += place === undefined ? countsOf(conversation) : 0
        }
        looked += LOOK
        if (looked < COUNTS_SLICE) continue
        looked = 0
        await setImmediate()
      }
      const { size: all } = conversations
      const weights = found.map((count) =>
        mostWords ? Math.log(1 + (all - count + 0.5) / (count + 0.5)) : 1,
      )
      const weigh = (isCounted: (at: number) => boolean) =>
        weights.reduce((sum, weight, at) => sum + (isCounted(at) ? weight : 0), 0)
      const least = Math.max(
        ENOUGH * weigh((at) => (found[at] ?? 0) > 0),
        ENOUGH_OF_ALL * weigh(() => true),
      )
      const isEnough = ({ fits: own }: Hit) => weigh((at) => (own[at] ?? 0) > 0) >= least
      const phrase =
        query.phrase === undefined
          ? undefined
          : {
              text: query.phrase,
              pairs: neighboursOf(wordsToFind(query.phrase).map(hashOf)),
            }
      const ranked: RankedConversation[] = []
      for (const [at, hit] of hits.entries()) {
        if (at % HITS_SLICE === HITS_SLICE - 1) await setImmediate()
        if (mostWords && !isEnough(hit)) continue
        const score = Math.max(1, Math.round(scoreOf(hit, weights, phrase) * HIGHEST_SCORE))
        ranked.push({ id: hit.conversation.id, score })
      }
      return ranked
    },
  }
}

const neighboursOf = (hashes: readonly number[]) =>
  hashes.slice(1).map((hash, at) => pairOf(hashes[at] ?? 0, hash))
