/** What of a conversation a search looks at, which words that makes, and the passage to show. All pure. */
import { foldText } from '../protocol/fold-text.ts'
import { otherThinking, parseTagged } from '../protocol/tags.ts'
import type { Conversation, Message } from './ports/index.ts'
import { UNSPACED } from '../text/words.ts'

/** Words beyond these make a search slower and no better. */
const MOST_TERMS = 12
/** Occurrences that are looked at to find a word's beginning. */
const MOST_LOOKS = 20
/** UTF-16 units of a passage, and of what stands in it before the first word found. */
const PASSAGE = 160
const PASSAGE_BEFORE = 48
/** Of a message, where a passage is looked for. */
const LONGEST_MESSAGE = 100_000
/** UTF-16 units of one word: what is longer (an address, a key) is cut into pieces that overlap by half. */
const LONGEST_WORD = 48
const OVERLAP = LONGEST_WORD / 2

export interface ConversationQuery {
  /** Folded, each once. */
  readonly terms: readonly string[]
  /** All of it in one, when it is more than one word. */
  readonly phrase: string | undefined
}

/** `undefined` when there is nothing to look for. */
export function readQuery(text: string): ConversationQuery | undefined {
  const words = chunksOf(foldText(text).replaceAll(/\s+/gu, ' '))
  if (words.length === 0) return undefined
  const phrase = words.length > 1 ? words.join(' ') : undefined
  return { terms: [...new Set(words)].slice(0, MOST_TERMS), phrase }
}

/** Marks of sentences and of Markdown, which say nothing of the word that they stand at; by their UTF-16 unit. */
const IS_EDGE = new Uint8Array(0x1_00_00)
for (const mark of `.,;:!?…"'\`()[]{}<>«»“”„‘’‚‹›¿¡*_~|/\\،؛؟。、！？「」『』（）【】।`) {
  IS_EDGE[mark.charCodeAt(0)] = 1
}

/** What stands between spaces, without the marks around it; `c++` and `18%` stay whole. */
function chunksOf(folded: string): string[] {
  const chunks: string[] = []
  for (const chunk of folded.split(' ')) {
    let start = 0
    let end = chunk.length
    while (start < end && IS_EDGE[chunk.charCodeAt(start)]) start += 1
    while (end > start && IS_EDGE[chunk.charCodeAt(end - 1)]) end -= 1
    if (end > start) chunks.push(chunk.slice(start, end))
  }
  return chunks
}

const MAY_BE_UNSPACED = /[\u0e00-\u{10ffff}]/u

/** Gives each chunk, and each run of a script that is written without spaces, in order. */
function forEachPart(
  folded: string,
  onChunk: (chunk: string) => void,
  onRun: (run: readonly string[]) => void,
): void {
  let position = 0
  if (MAY_BE_UNSPACED.test(folded)) {
    for (const { 0: run, index } of folded.matchAll(UNSPACED)) {
      for (const chunk of chunksOf(folded.slice(position, index))) onChunk(chunk)
      onRun([...run])
      position = index + run.length
    }
  }
  for (const chunk of chunksOf(folded.slice(position))) onChunk(chunk)
}

/** Neighbours of a run; a character that is alone stands for itself. */
const pairsOf = (run: readonly string[]) =>
  run.length === 1 ? run : run.slice(1).map((character, at) => `${run[at]}${character}`)

/** The words under which a folded text of one line is found, in order; pairs of characters where there are no spaces. */
export function wordsToFind(folded: string): string[] {
  const words: string[] = []
  const addChunk = (chunk: string) => {
    if (chunk.length <= LONGEST_WORD) words.push(chunk)
    else {
      for (let at = 0; at + OVERLAP < chunk.length; at += OVERLAP) {
        words.push(chunk.slice(at, at + LONGEST_WORD))
      }
    }
  }
  forEachPart(folded, addChunk, (run) => words.push(...pairsOf(run)))
  return words
}

/** What there has to be among the words of a text. */
export interface WordNeed {
  readonly text: string
  /** A word of its own, or else a part of one. */
  readonly isWhole: boolean
}

/** What a text needs to have for a term of a query to be in it, in order. */
export function needsOf(term: string): readonly WordNeed[] {
  const needs: WordNeed[] = []
  const addChunk = (chunk: string) => {
    for (let at = 0; at + OVERLAP < chunk.length; at += OVERLAP) {
      needs.push({ text: chunk.slice(at, at + OVERLAP), isWhole: false })
    }
    needs.push({ text: chunk.slice(-OVERLAP), isWhole: false })
  }
  const addRun = (run: readonly string[]) =>
    needs.push(...pairsOf(run).map((text) => ({ text, isWhole: run.length > 1 })))
  forEachPart(term, addChunk, addRun)
  return needs
}

/** All texts in what a client keeps with a conversation, however deep; their names say nothing. */
function* stringsIn(metadata: unknown): Generator<string> {
  // Not by calling itself: nobody says how deep it may be.
  const left: unknown[] = [metadata]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string') yield value
    if (typeof value !== 'object' || value === null) continue
    const inside: readonly unknown[] = Object.values(value)
    for (const each of inside.toReversed()) left.push(each)
  }
}

/** What is searched of a conversation beside its title and its messages: the summary, and texts of metadata. */
export const textsAround = ({ summary, metadata }: Conversation): readonly string[] =>
  [summary ?? '', ...stringsIn(metadata)].filter((text) => text.trim() !== '')

/** What answers in a conversation, or has answered. */
export function modelsOf(
  { modelTag, metadata = {} }: Conversation,
  messages: readonly Message[],
): readonly string[] {
  const models = new Set([modelTag])
  if (typeof metadata.model === 'string') models.add(metadata.model)
  for (const message of messages) if (message.modelTag !== null) models.add(message.modelTag)
  return [...models]
}

const isTagged = (content: string) => content.includes('<') || otherThinking(content) !== undefined

/** The text of a message as it is written, without thinking and tools. */
export function textIn(content: string): string {
  return isTagged(content) ? textsIn(content).join('').trim() : content
}

const textsIn = (content: string): readonly string[] =>
  parseTagged(content)
    .filter(({ kind }) => kind === 'text')
    .map((segment) => segment.content)

/** What a message says to a person: no thinking, no tools, no marks of Markdown, on one line. */
export function saidIn(content: string): string {
  const text = isTagged(content) ? textsIn(content).join(' ') : content
  return text
    .replaceAll(/^[ \t]*(?:#{1,6}|>|[-*+]|```.*)(?=\s|$)|\*\*|__|`/gm, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
}

/** Of a folded text; most characters are plain, and looked at very often. */
function isWordCharacter(folded: string, at: number): boolean {
  const unit = folded.charCodeAt(at)
  if (unit < 0x80) return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39)
  return /[\p{L}\p{N}]/u.test(folded.charAt(at))
}

/** 0: not there; 1: inside a word; 2: where one begins; 3: a word of its own. */
export type Fit = 0 | 1 | 2 | 3

/** How a term stands in a folded text, where it stands best. */
export function fitOf(folded: string, term: string): Fit {
  let best: Fit = 0
  let at = folded.indexOf(term)
  for (let looks = 0; at >= 0 && looks < MOST_LOOKS; looks += 1) {
    const begins = at === 0 || !isWordCharacter(folded, at - 1)
    const ends = !isWordCharacter(folded, at + term.length)
    if (begins && ends) return 3
    if (begins) best = 2
    else if (best === 0) best = 1
    at = folded.indexOf(term, at + 1)
  }
  return best
}

/** The place in a text of which the folded form has so many units before it. */
function unfold(text: string, units: number): number {
  let folded = 0
  let at = 0
  for (const character of text) {
    if (folded >= units) return at
    folded += foldText(character).length
    at += character.length
  }
  return at
}

function cut(text: string, at: number): string {
  const from = at <= PASSAGE_BEFORE ? 0 : text.indexOf(' ', at - PASSAGE_BEFORE) + 1
  // Without a space anywhere near: a script that has none.
  const start = from > at || (from === 0 && at > PASSAGE_BEFORE) ? at : from
  const end = Math.min(text.length, start + PASSAGE)
  const passage = text.slice(start, end).toWellFormed().replaceAll('\ufffd', '').trim()
  return `${start > 0 ? '…' : ''}${passage}${end < text.length ? '…' : ''}`
}

/** The passage to show: from the message with most of the words; `null` when none has any. */
export function passageOf(query: ConversationQuery, contents: Iterable<string>): string | null {
  let best: { readonly said: string; readonly folded: string; readonly at: number } | undefined
  const all = query.terms.length + (query.phrase === undefined ? 0 : 1)
  let most = 0
  for (const content of contents) {
    const said = saidIn(content.slice(0, LONGEST_MESSAGE))
    const folded = foldText(said)
    const there = query.terms.filter((term) => folded.includes(term))
    const phraseAt = query.phrase === undefined ? -1 : folded.indexOf(query.phrase)
    const worth = there.length + (phraseAt >= 0 ? 1 : 0)
    if (worth <= most) continue
    most = worth
    const firstAt = Math.min(...there.map((term) => folded.indexOf(term)))
    best = { said, folded, at: phraseAt >= 0 ? phraseAt : firstAt }
    // None can have more, and folding all that follows takes its time.
    if (worth === all) break
  }
  if (!best) return null
  return cut(
    best.said,
    best.folded.length === best.said.length ? best.at : unfold(best.said, best.at),
  )
}
