/** Where the words that were looked for stand in a text. */
import { foldText } from '../../server/protocol/fold-text.ts'

/** A piece of the text, and whether it is one of the words. */
export interface Piece {
  readonly text: string
  readonly isMatch: boolean
}

/** A letter with its marks, which are folded together; half-width kana have marks of their own. */
const LETTER = /\P{M}[\p{M}\uff9e\uff9f]*|\p{M}+/gu

/** The text in pieces; all of it is there, in order. Words are compared as the server compares them. */
export function highlight(text: string, query: string): readonly Piece[] {
  const words = foldText(query)
    .split(/\s+/u)
    .filter((word) => word !== '')
  let folded = ''
  /** Where the letter of each unit of the folded text begins: `ß` has two, a mark has none. */
  const places: number[] = []
  for (const { 0: letter, index } of text.matchAll(LETTER)) {
    folded += foldText(letter)
    while (places.length < folded.length) places.push(index)
  }
  places.push(text.length)
  const marked: boolean[] = Array.from({ length: text.length }, () => false)
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      let end = at + word.length
      // A letter is marked whole.
      while (places[end] === places[end - 1]) end += 1
      marked.fill(true, places[at], places[end])
    }
  }
  const pieces: Piece[] = []
  let start = 0
  for (let at = 1; at <= text.length; at += 1) {
    if (at < text.length && marked[at] === marked[start]) continue
    pieces.push({ text: text.slice(start, at), isMatch: marked[start] === true })
    start = at
  }
  return pieces
}
