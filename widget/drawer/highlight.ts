/** Where the words that were looked for stand in a text. */

/** A piece of the text, and whether it is one of the words. */
export interface Piece {
  readonly text: string
  readonly isMatch: boolean
}

/** Accents and capitals do not matter; one letter stays one place, so that places fit the text. */
function fold(text: string): string {
  return Array.from(text, (character) => {
    const folded = character.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
    return folded.length === character.length ? folded : character
  }).join('')
}

/** The text in pieces; all of it is there, in order. */
export function highlight(text: string, query: string): readonly Piece[] {
  const folded = fold(text)
  const words = fold(query)
    .split(/\s+/u)
    .filter((word) => word !== '')
  const marked: boolean[] = Array.from({ length: text.length }, () => false)
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      marked.fill(true, at, at + word.length)
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
