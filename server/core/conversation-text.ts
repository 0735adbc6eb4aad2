/** What of a conversation a search looks at, how well it fits, and the passage to show. All pure. */
import { parseTagged } from '../protocol/tags.ts'
import { foldText } from './words.ts'

/** Words beyond these make a search slower and no better. */
const MOST_TERMS = 12
/** Occurrences that are looked at to find a word's beginning. */
const MOST_LOOKS = 20
/** UTF-16 units of a passage, and of what stands in it before the first word found. */
const PASSAGE = 160
const PASSAGE_BEFORE = 48
/** Of a message, where a passage is looked for. */
const LONGEST_MESSAGE = 100_000

export interface ConversationQuery {
  /** Folded, each once. */
  readonly terms: readonly string[]
  /** All of it in one, when it is more than one word. */
  readonly phrase: string | undefined
}

/** `undefined` when there is nothing to look for. */
export function readQuery(text: string): ConversationQuery | undefined {
  const words = foldText(text)
    .split(/\s+/u)
    .filter((word) => word !== '')
  if (words.length === 0) return undefined
  const phrase = words.length > 1 ? words.join(' ') : undefined
  return { terms: [...new Set(words)].slice(0, MOST_TERMS), phrase }
}

/** The text of a message as it is written, without thinking and tools. */
export function textIn(content: string): string {
  return content.includes('<') ? textsIn(content).join('').trim() : content
}

const textsIn = (content: string): readonly string[] =>
  parseTagged(content)
    .filter(({ kind }) => kind === 'text')
    .map((segment) => segment.content)

/** What a message says to a person: no thinking, no tools, no marks of Markdown, on one line. */
export function saidIn(content: string): string {
  const text = content.includes('<') ? textsIn(content).join(' ') : content
  return text
    .replaceAll(/^[ \t]*(?:#{1,6}|>|[-*+]|```.*)(?=\s|$)|\*\*|__|`/gm, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
}

const isWordCharacter = (text: string, at: number) => /[\p{L}\p{N}]/u.test(text.charAt(at))

/** 0: not there; 1: inside a word; 2: where one begins; 3: a word of its own. */
function fit(folded: string, term: string): number {
  let best = 0
  let at = folded.indexOf(term)
  for (let looks = 0; at >= 0 && looks < MOST_LOOKS; looks += 1) {
    const begins = at === 0 || !isWordCharacter(folded, at - 1)
    const ends = !isWordCharacter(folded, at + term.length)
    best = Math.max(best, begins ? (ends ? 3 : 2) : 1)
    if (best === 3) return best
    at = folded.indexOf(term, at + 1)
  }
  return best
}

const IN_TITLE = 3
const PHRASE = 4

/** How well a conversation fits, from its folded title and its folded text; 0 when a word is missing. */
export function scoreOf({ terms, phrase }: ConversationQuery, title: string, said: string): number {
  let score = 0
  for (const term of terms) {
    const inTitle = fit(title, term) * IN_TITLE
    const best = Math.max(inTitle, inTitle > 3 ? 0 : fit(said, term))
    if (best === 0) return 0
    score += best
  }
  if (phrase === undefined) return score
  if (title.includes(phrase)) return score + PHRASE * IN_TITLE
  return said.includes(phrase) ? score + PHRASE : score
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
